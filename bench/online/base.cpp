// A base of fused records under load: makes one of a batch run's result, opens it, and sends changes at a rate. Prints
// one line of JSON.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fcntl.h>
#include <unistd.h>

#include "base/random.hpp"
#include "fuse/online.hpp"
#include "fuse/test_sealing.hpp"

namespace {

using Clock = std::chrono::steady_clock;
using namespace zhili;        // NOLINT(google-build-using-namespace)
using namespace zhili::fuse;  // NOLINT(google-build-using-namespace)
namespace fs = std::filesystem;

struct Options {
  fs::path config;
  fs::path data;
  fs::path state;
  double rate = 5000;  ///< Changes a second; 0: as many as it takes, `in_flight` at a time.
  double seconds = 20;
  int in_flight = 1000;
  bool entities = true;    ///< Each changed entity is a row beside, sealed.
  bool snapshots = false;  ///< One is taken during the run.
  unsigned threads = 2;
  uint64_t seed = 1;
};

const std::vector<store::Migration> tables = [] {
  auto out = Online::migrations();
  out.push_back({"bench", 1,
                 "CREATE TABLE bench_entity (area_id BIGINT NOT NULL, id BIGINT NOT NULL, sealed BYTEA NOT NULL, "
                 "PRIMARY KEY (area_id, id));"});
  return out;
}();

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Megabytes resident: now, or at most so far.
double megabytes(std::string_view field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field)) return std::stod(line.substr(field.size() + 1)) / 1024;
  }
  return 0;
}

template <class T>
T must(Result<T> result, const char* what) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "%s: %s\n", what, result.error().text().c_str());
  std::exit(1);
}
void must(const Status& status, const char* what) {
  if (status) return;
  std::fprintf(stderr, "%s: %s\n", what, status.error().text().c_str());
  std::exit(1);
}

std::string blob_of(const EntityChange& entity) {
  std::string out;
  for (const auto& value : entity.values) out += value.value + '\x1f' + value.record + '\x1f' + value.updated + '\x1e';
  for (const auto& [source, record] : entity.members) out += fmt::format("{}:{}\x1e", source, record);
  return out;
}

Status write_entity(store::Transaction& transaction, const EntityChange& entity, TestSealing& sealing) {
  const auto id = static_cast<int64_t>(entity.id.bits);
  if (entity.gone) {
    ZHILI_TRY(transaction.execute("DELETE FROM bench_entity WHERE area_id = 1 AND id = $1", {id}));
    return {};
  }
  ZHILI_ASSIGN(auto sealed, sealing.seal(entity.id.text(), blob_of(entity)));
  ZHILI_TRY(
      transaction.execute("INSERT INTO bench_entity (area_id, id, sealed) VALUES (1, $1, $2) "
                          "ON CONFLICT (area_id, id) DO UPDATE SET sealed = excluded.sealed",
                          {id, store::Bytes{std::move(sealed)}}));
  return {};
}

std::unique_ptr<store::Store> open_store(const Options& options) {
  const auto url = must(store::StoreUrl::parse("sqlite:" + (options.state / "base.db").string()), "url");
  return must(store::Store::open(url, tables), "store");
}

OnlineOptions online_options(const Options& options, TestSealing& sealing) {
  OnlineOptions out;
  out.area = 1;
  out.kind = "person";
  out.dir = options.state / "fuse";
  out.sealing = &sealing;
  out.owner = options.seed | 1;
  out.threads = options.threads;
  out.changes_between_snapshots = 0;
  if (options.entities) {
    out.sink = [&sealing](const Resolver& /*resolver*/, const Resolution& resolution) -> Result<EntityWrite> {
      return [&sealing, entities = resolution.entities](store::Transaction& transaction) -> Status {
        for (const auto& entity : entities) ZHILI_TRY(write_entity(transaction, entity, sealing));
        return {};
      };
    };
  }
  return out;
}

uint64_t nonces() { return static_cast<uint64_t>(Clock::now().time_since_epoch().count()); }

void make(const Options& options) {
  fs::create_directories(options.state);
  Cancel cancel;
  const auto start = Clock::now();
  auto config = must(load_config(options.config, options.data), "configuration");
  auto fusion = must(Fusion::create(std::move(config), options.threads, Progress::Mode::kOff, cancel), "run");
  for (auto step : {&Fusion::read, &Fusion::block, &Fusion::learn, &Fusion::score}) must((*fusion.*step)(), "step");
  must(fusion->group({}), "group");
  const double batch = seconds_since(start);
  Identity identity;
  {
    const Membership membership(fusion->clusters());
    identity = assign_ids(fusion->config(), fusion->records(), membership, nullptr, options.threads);
  }
  const uint64_t records = fusion->records().size();
  const auto store = open_store(options);
  TestSealing sealing(nonces());
  must(Online::create(*store, online_options(options, sealing), std::move(fusion), identity, {}), "base");
  fmt::print("{{\"records\": {}, \"entities\": {}, \"batch_s\": {:.1f}, \"all_s\": {:.1f}, \"peak_mb\": {:.0f}}}\n",
             records, identity.of_cluster.size(), batch, seconds_since(start), megabytes("VmHWM"));
}

/// Puts every entity into the table beside, as whoever keeps them would have done.
void fill(const Options& options) {
  const auto store = open_store(options);
  TestSealing sealing(nonces());
  const auto config = must(load_config(options.config, options.data), "configuration");
  const auto online = must(Online::open(*store, online_options(options, sealing), config), "base");
  std::vector<EntityId> ids;
  must(online->ask([&](const Resolver& resolver) { ids = resolver.ids(); }), "ids");
  constexpr size_t kGroup = 2000;
  for (size_t begin = 0; begin < ids.size(); begin += kGroup) {
    std::vector<EntityChange> group;
    must(online->ask([&](const Resolver& resolver) {
      for (size_t i = begin; i < std::min(ids.size(), begin + kGroup); ++i) group.push_back(*resolver.entity(ids[i]));
    }),
         "entities");
    must(store->commit([&](store::Transaction& transaction) -> Status {
      for (const auto& entity : group) ZHILI_TRY(write_entity(transaction, entity, sealing));
      return {};
    }),
         "rows");
  }
  fmt::print("{{\"entities\": {}}}\n", ids.size());
}

/// Changes as they come in: half of them a record with another phone or spelling, four in ten a record that is new
/// (half of these of somebody who is known), one in ten a record that goes.
std::vector<RecordChange> draw(const Resolver& resolver, size_t count, uint64_t seed) {
  Random random(seed);
  const auto& records = resolver.fusion().records();
  const auto sample = [&](uint32_t record) {
    RecordChange out{records.source(record), std::string(records.id(record)), "", false, {}};
    for (const auto& column : records.columns()) out.values.emplace_back(column.raws[column.raw[record]]);
    return out;
  };
  const auto any = [&] { return static_cast<uint32_t>(random.below(records.size())); };
  std::vector<RecordChange> out;
  out.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    auto change = sample(any());
    change.updated = fmt::format("2030-01-01T{:09}", i);
    const double kind = random.uniform();
    if (kind < 0.1) {
      change.gone = true;
      change.values.clear();
    } else if (kind < 0.3) {
      change.id = fmt::format("new-{}-{}", seed, i);
    } else if (kind < 0.5) {
      // Somebody new: values of several people.
      change.id = fmt::format("new-{}-{}", seed, i);
      for (auto& value : change.values) {
        const auto other = sample(any());
        value = other.values[static_cast<size_t>(&value - change.values.data())];
      }
    } else {
      auto& value = change.values[random.below(change.values.size())];
      value = sample(any()).values[static_cast<size_t>(&value - change.values.data())];
    }
    out.push_back(std::move(change));
  }
  return out;
}

/// Milliseconds of flushing 4 KiB on the disk of the state: at the median and at the 99th percentile.
std::pair<double, double> flush_times(const fs::path& dir) {
  const auto path = dir / "flush";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT, 0600);
  const std::string block(4096, 'x');
  std::vector<double> times;
  for (int i = 0; i < 300; ++i) {
    const auto start = Clock::now();
    if (::pwrite(file, block.data(), block.size(), i * 4096) < 0 || ::fdatasync(file) != 0) break;
    times.push_back(seconds_since(start) * 1000);
  }
  ::close(file);
  fs::remove(path);
  std::ranges::sort(times);
  return {times[times.size() / 2], times[times.size() * 99 / 100]};
}

struct Load {
  std::vector<float> milliseconds;
  double seconds = 0;
  uint64_t failed = 0;
};

Load send(Online& online, std::vector<RecordChange> changes, const Options& options) {
  Load out;
  out.milliseconds.assign(changes.size(), 0);
  std::atomic<uint64_t> failed{0};
  std::atomic<uint64_t> answered{0};
  const auto start = Clock::now();
  const auto end = start + std::chrono::duration<double>(options.seconds);
  size_t sent = 0;
  for (; sent < changes.size() && Clock::now() < end; ++sent) {
    auto due = Clock::now();
    if (options.rate > 0) {
      due = start + std::chrono::duration_cast<Clock::duration>(
                        std::chrono::duration<double>(static_cast<double>(sent) / options.rate));
      std::this_thread::sleep_until(due);
    } else {
      while (sent - answered > static_cast<uint64_t>(options.in_flight)) {
        std::this_thread::sleep_for(std::chrono::microseconds(50));
      }
    }
    online.submit(std::move(changes[sent]), [&, sent, due](const Result<Effect>& effect) {
      out.milliseconds[sent] = static_cast<float>(seconds_since(due) * 1000);
      if (!effect) ++failed;
      ++answered;
    });
  }
  while (answered < sent) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  out.seconds = seconds_since(start);
  out.milliseconds.resize(sent);
  out.failed = failed;
  return out;
}

void load(const Options& options) {
  const auto [flush_p50, flush_p99] = flush_times(options.state);
  const auto store = open_store(options);
  TestSealing sealing(nonces());
  const auto config = must(load_config(options.config, options.data), "configuration");
  const auto start = Clock::now();
  const auto online = must(Online::open(*store, online_options(options, sealing), config), "base");
  const double ready = seconds_since(start);
  const double opened_mb = megabytes("VmRSS");
  const auto counts = online->counts();
  std::vector<RecordChange> changes;
  const double most = options.rate > 0 ? options.rate : 40'000;
  must(online->ask([&](const Resolver& resolver) {
    changes = draw(resolver, static_cast<size_t>(most * options.seconds), options.seed);
  }),
       "changes");
  std::thread taking;
  if (options.snapshots) taking = std::thread([&] { must(online->snapshot(), "snapshot"); });
  const uint64_t steps = online->counts().steps;
  auto loaded = send(*online, std::move(changes), options);
  const uint64_t all_steps = online->counts().steps - steps;
  if (taking.joinable()) taking.join();
  auto& times = loaded.milliseconds;
  const auto sent = times.size();
  std::ranges::sort(times);
  const auto at = [&](double share) { return times[static_cast<size_t>(share * static_cast<double>(sent - 1))]; };
  fmt::print(
      "{{\"records\": {}, \"entities\": {}, \"ready_s\": {:.1f}, \"replayed\": {}, \"opened_mb\": {:.0f}, "
      "\"peak_mb\": {:.0f}, \"sent\": {}, \"failed\": {}, \"per_s\": {:.0f}, \"steps\": {}, \"p50_ms\": {:.2f}, "
      "\"p90_ms\": {:.2f}, \"p99_ms\": {:.2f}, \"p999_ms\": {:.2f}, \"most_ms\": {:.2f}, \"flush_p50_ms\": {:.2f}, "
      "\"flush_p99_ms\": {:.2f}}}\n",
      counts.records, counts.entities, ready, counts.replayed, opened_mb, megabytes("VmHWM"), sent, loaded.failed,
      static_cast<double>(sent) / loaded.seconds, all_steps, at(0.5), at(0.9), at(0.99), at(0.999), times.back(),
      flush_p50, flush_p99);
}

}  // namespace

int main(int count, char** words) {
  CLI::App app("A base of fused records, under load");
  Options options;
  std::string way;
  app.add_option("way", way)->required()->check(CLI::IsMember({"make", "fill", "load"}));
  app.add_option("--config", options.config)->required();
  app.add_option("--data", options.data)->required();
  app.add_option("--state", options.state)->required();
  app.add_option("--rate", options.rate);
  app.add_option("--seconds", options.seconds);
  app.add_option("--in-flight", options.in_flight);
  app.add_option("--entities", options.entities);
  app.add_option("--snapshots", options.snapshots);
  app.add_option("--threads", options.threads);
  app.add_option("--seed", options.seed);
  CLI11_PARSE(app, count, words);
  if (way == "make") make(options);
  if (way == "fill") fill(options);
  if (way == "load") load(options);
  return 0;
}
