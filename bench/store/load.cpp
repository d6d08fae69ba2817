// One measured run: changes from many threads against a store, or what a program without it would do. Prints one line
// of JSON.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fcntl.h>
#include <libpq-fe.h>
#include <sqlite3.h>
#include <unistd.h>

#include "store/store.hpp"

namespace {

using Clock = std::chrono::steady_clock;
using namespace zhili;  // NOLINT(google-build-using-namespace)

struct Options {
  std::string way = "store";  ///< store, sqlite, postgres, flush
  std::string url;
  std::string change = "mixed";  ///< mixed: one statement and two appended rows; append: two appended rows.
  int producers = 1;
  double seconds = 3;
};

const std::vector<store::Migration> tables = {
    {"bench", 1,
     "CREATE TABLE thing (area_id BIGINT NOT NULL, id BIGINT NOT NULL, name TEXT NOT NULL, at BIGINT NOT NULL, "
     "PRIMARY KEY (area_id, id));"
     "CREATE TABLE ledger (area_id BIGINT NOT NULL, id BIGINT NOT NULL, actor TEXT NOT NULL, purpose TEXT NOT NULL, "
     "field TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (area_id, id));"}};
const store::Appendable ledger("ledger", {"area_id", "id", "actor", "purpose", "field", "at"});

constexpr const char* kThing = "INSERT INTO thing (area_id, id, name, at) VALUES (7, $1, 'a name of some length', $2)";
constexpr const char* kLedger =
    "INSERT INTO ledger (area_id, id, actor, purpose, field, at) VALUES (7, $1, 'clerk-0042', 'allowance application', "
    "'phone', $2)";

struct Measured {
  std::vector<double> latencies;  // Seconds.
  double seconds = 0;
  int64_t rows_each = 0;
};

/// Lets `producers` threads call `once(thread, id)` until the time is over.
template <class Once>
Measured measure(const Options& options, Once&& once) {
  std::vector<std::vector<double>> each(static_cast<size_t>(options.producers));
  std::atomic<int64_t> next{1};
  const auto start = Clock::now();
  const auto end = start + std::chrono::duration<double>(options.seconds);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < options.producers; ++t) {
      threads.emplace_back([&, t] {
        while (Clock::now() < end) {
          const auto begun = Clock::now();
          once(t, next.fetch_add(1));
          each[static_cast<size_t>(t)].push_back(std::chrono::duration<double>(Clock::now() - begun).count());
        }
      });
    }
  }
  Measured measured;
  measured.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  for (const auto& part : each) measured.latencies.insert(measured.latencies.end(), part.begin(), part.end());
  std::ranges::sort(measured.latencies);
  return measured;
}

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(1);
}

Measured through_store(const Options& options) {
  const auto url = store::StoreUrl::parse(options.url);
  if (!url) give_up(url.error().text());
  auto opened = store::Store::open(*url, tables);
  if (!opened) give_up(opened.error().text());
  store::Store& store = **opened;
  const bool mixed = options.change == "mixed";
  auto measured = measure(options, [&](int, int64_t id) {
    const auto done = store.commit([=](store::Transaction& tx) -> Status {
      const int64_t at = 1'795'000'000'000'000 + id;
      if (mixed) ZHILI_TRY(tx.execute(kThing, {id, at}));
      for (const int64_t row : {2 * id, 2 * id + 1}) {
        ZHILI_TRY(tx.append(ledger, {7, row, "clerk-0042", "allowance application", "phone", at}));
      }
      return {};
    });
    if (!done) give_up(done.error().text());
  });
  measured.rows_each = mixed ? 3 : 2;
  return measured;
}

/// SQLite alone: each change a transaction of its own, with the same settings.
Measured through_sqlite(const Options& options) {
  const auto url = store::StoreUrl::parse(options.url);
  if (!url) give_up(url.error().text());
  store::Store::open(*url, tables).value().reset();
  sqlite3* db = nullptr;
  const auto run = [&](const char* sql) {
    if (sqlite3_exec(db, sql, nullptr, nullptr, nullptr) != SQLITE_OK) give_up(sqlite3_errmsg(db));
  };
  if (sqlite3_open(url->path().c_str(), &db) != SQLITE_OK) give_up("cannot open");
  run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  sqlite3_stmt* thing = nullptr;
  sqlite3_stmt* row = nullptr;
  sqlite3_prepare_v2(db, kThing, -1, &thing, nullptr);
  sqlite3_prepare_v2(db, kLedger, -1, &row, nullptr);
  const auto insert = [&](sqlite3_stmt* statement, int64_t id, int64_t at) {
    sqlite3_bind_int64(statement, 1, id);
    sqlite3_bind_int64(statement, 2, at);
    if (sqlite3_step(statement) != SQLITE_DONE) give_up(sqlite3_errmsg(db));
    sqlite3_reset(statement);
  };
  auto measured = measure(options, [&](int, int64_t id) {
    run("BEGIN IMMEDIATE");
    insert(thing, id, id);
    insert(row, 2 * id, id);
    insert(row, 2 * id + 1, id);
    run("COMMIT");
  });
  measured.rows_each = 3;
  sqlite3_finalize(thing);
  sqlite3_finalize(row);
  sqlite3_close(db);
  return measured;
}

/// PostgreSQL alone: a connection for each thread, each change one transaction in one round trip of prepared
/// statements.
Measured through_postgres(const Options& options) {
  const auto url = store::StoreUrl::parse(options.url);
  if (!url) give_up(url.error().text());
  store::Store::open(*url, tables).value().reset();
  std::vector<PGconn*> connections;
  for (int t = 0; t < options.producers; ++t) {
    PGconn* pg = connections.emplace_back(PQconnectdb(url->uri().c_str()));
    if (PQstatus(pg) != CONNECTION_OK) give_up(PQerrorMessage(pg));
    PQclear(PQprepare(pg, "thing", kThing, 0, nullptr));
    PQclear(PQprepare(pg, "ledger", kLedger, 0, nullptr));
    PQenterPipelineMode(pg);
  }
  auto measured = measure(options, [&](int t, int64_t id) {
    PGconn* pg = connections[static_cast<size_t>(t)];
    const auto send = [&](const char* name, int64_t key) {
      const std::string first = std::to_string(key);
      const std::string second = std::to_string(id);
      const char* values[] = {first.c_str(), second.c_str()};
      PQsendQueryPrepared(pg, name, 2, values, nullptr, nullptr, 0);
    };
    // Without BEGIN: what stands before one sync is one transaction.
    send("thing", id);
    send("ledger", 2 * id);
    send("ledger", 2 * id + 1);
    PQpipelineSync(pg);
    for (bool synced = false; !synced;) {
      PGresult* result = PQgetResult(pg);
      synced = result != nullptr && PQresultStatus(result) == PGRES_PIPELINE_SYNC;
      const bool bad = result != nullptr && !synced && PQresultStatus(result) != PGRES_COMMAND_OK;
      if (bad || PQstatus(pg) != CONNECTION_OK) give_up(PQerrorMessage(pg));
      PQclear(result);
    }
  });
  measured.rows_each = 3;
  for (PGconn* pg : connections) PQfinish(pg);
  return measured;
}

/// What the disk takes for one small durable write.
Measured flushes(const Options& options) {
  const int fd = ::open(options.url.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
  if (fd < 0) give_up("cannot create " + options.url);
  const std::string page(4096, 'x');
  auto measured = measure(options, [&](int, int64_t) {
    if (::write(fd, page.data(), page.size()) != static_cast<ssize_t>(page.size()) || ::fdatasync(fd) != 0) {
      give_up("cannot write");
    }
  });
  ::close(fd);
  return measured;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Measures one way of making many changes durable.");
  app.add_option("--way", options.way)->check(CLI::IsMember({"store", "sqlite", "postgres", "flush"}));
  app.add_option("--url", options.url)->required();
  app.add_option("--change", options.change)->check(CLI::IsMember({"mixed", "append"}));
  app.add_option("--producers", options.producers);
  app.add_option("--seconds", options.seconds);
  CLI11_PARSE(app, argc, argv);
  const Measured measured = options.way == "store"    ? through_store(options)
                            : options.way == "sqlite" ? through_sqlite(options)
                            : options.way == "flush"  ? flushes(options)
                                                      : through_postgres(options);
  const auto& all = measured.latencies;
  if (all.empty()) give_up("nothing was done in the time");
  const auto at = [&](double share) { return all[static_cast<size_t>(share * static_cast<double>(all.size() - 1))]; };
  const double rate = static_cast<double>(all.size()) / measured.seconds;
  std::printf(R"({"changes_per_s": %.0f, "rows_per_s": %.0f, "p50_ms": %.3f, "p99_ms": %.3f})"
              "\n",
              rate, rate * static_cast<double>(measured.rows_each), at(0.5) * 1e3, at(0.99) * 1e3);
  return 0;
}
