#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <utility>

#include <libpq-fe.h>
#include <poll.h>

#include "base/limits.hpp"
#include "store/connection.hpp"
#include "store/pg_text.hpp"
#include "store/statement_cache.hpp"
#include "store/store.hpp"

namespace zhili::store {
namespace {

using Clock = std::chrono::steady_clock;

// How long a wait for the server goes before it looks whether somebody wants it to end.
constexpr std::chrono::milliseconds kLook{50};
// The server ends a statement by itself; a server that doesn't answer even then is taken as lost.
constexpr std::chrono::milliseconds kGrace{5000};
constexpr size_t kCopyPiece = size_t{64} << 10;

struct FreeResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using PgResult = std::unique_ptr<PGresult, FreeResult>;

/// Commands are sent in libpq's pipeline mode: what opens a transaction or a savepoint goes ahead with the first
/// statement in it, so that it costs no round trip of its own.
class PostgresConnection final : public Connection {
 public:
  explicit PostgresConnection(std::string shown) : shown_(std::move(shown)) {}
  PostgresConnection(const PostgresConnection&) = delete;
  PostgresConnection& operator=(const PostgresConnection&) = delete;
  ~PostgresConnection() override { PQfinish(pg_); }

  Status open(const StoreUrl& url, const ConnectionOptions& options);

  Status begin(Begin kind) override;
  Status commit() override;
  void rollback() override;
  Status savepoint() override;
  Status release() override;
  Status back_to_savepoint() override;
  Result<int64_t> run(std::string_view sql, std::span<const Value> params, const Bounds& bounds,
                      RowSink* sink) override;
  Status script(const std::string& sql) override;
  Status insert(const Appendable& table, const NextRow& next, std::chrono::milliseconds time) override;
  Result<std::vector<TableInfo>> tables() override;
  bool in_transaction() const override { return open_; }
  bool alive() const override { return alive_ && PQstatus(pg_) == CONNECTION_OK; }
  void rest() override {}
  std::string transaction_id() const override { return transaction_id_; }
  Result<bool> committed(const std::string& transaction_id) override;

 private:
  enum class Step { kCommand, kTurn, kPrepare };
  struct Lead {
    Step step;
    std::string sql;
  };

  Status apply_settings(const ConnectionOptions& options);
  Status send_leads();
  Status finish_leads();
  Status send_statement(const std::string& name, std::span<const Value> params);
  Status sync();
  Status flush();
  Status wait_for(short events);
  void send_cancel();
  Result<PgResult> next_result();
  Status take_lead(const Lead& lead);
  Status take_rows(RowSink* sink, int64_t& changed);
  Status give_row(const PGresult* result, int row, RowSink& sink);
  Status take_sync();
  Status flush_leads();
  Status put_copy(std::string_view bytes);
  Status put_rows(const NextRow& next);
  Status end_copy(const char* broken);
  std::unexpected<Error> failure(const PGresult* result);
  std::unexpected<Error> lost();
  void bound(const Bounds& bounds);
  void set_timeout(std::chrono::milliseconds time);

  PGconn* pg_ = nullptr;
  std::string shown_;
  bool alive_ = true;
  bool open_ = false;     // A transaction is open, as far as we were told.
  bool reading_ = false;  // The open transaction is a kRead one.
  bool owed_ = false;     // The answer to a reader's COMMIT was not read yet.
  bool knows_transactions_ = false;
  bool outdated_ = false;            // A prepared statement no longer fits its tables.
  std::vector<std::string> unused_;  // Statements to be dropped at the server.
  std::vector<Lead> leads_;          // To be sent ahead of the next statement.
  StatementCache<std::string> statements_;
  uint64_t names_ = 0;
  std::chrono::milliseconds server_timeout_{0};
  Clock::time_point deadline_ = Clock::time_point::max();
  const Cancel* cancel_ = nullptr;
  bool cancel_sent_ = false;
  std::string transaction_id_;
  std::vector<Cell> cells_;
  std::string scratch_;
};

Status PostgresConnection::open(const StoreUrl& url, const ConnectionOptions& options) {
  const std::string wait = fmt::format("{}", std::max<int64_t>(2, options.connect_time.count() / 1000));
  // What stands in the URL wins over what stands before it, and loses to what follows.
  const char* const keys[] = {"connect_timeout", "application_name", "tcp_user_timeout",
                              "dbname",          "client_encoding",  nullptr};
  const char* const values[] = {wait.c_str(), "zhili", "20000", url.uri().c_str(), "UTF8", nullptr};
  pg_ = PQconnectdbParams(keys, values, 1);
  if (pg_ == nullptr) return fail(ErrorCode::kInternal, {}, "", "libpq has no memory");
  if (PQstatus(pg_) != CONNECTION_OK) {
    alive_ = false;
    return fail(ErrorCode::kUnavailable, {shown_, 0, 0}, "Check that the server runs, and the URL with its password.",
                "{}", one_line(PQerrorMessage(pg_)));
  }
  PQsetNoticeProcessor(pg_, [](void*, const char*) {}, nullptr);
  ZHILI_TRY(apply_settings(options));
  if (PQsetnonblocking(pg_, 1) != 0 || PQenterPipelineMode(pg_) != 1) return lost();
  return {};
}

Status PostgresConnection::apply_settings(const ConnectionOptions& options) {
  // A role's or database's own settings must not weaken what the store promises.
  std::string sql =
      "SET standard_conforming_strings = on; SET client_min_messages = error; SET TimeZone = 'UTC'; "
      "SET extra_float_digits = 1; SET bytea_output = 'hex'; SET default_transaction_isolation = 'read committed'";
  if (options.writer) sql += "; SET synchronous_commit = on";
  if (options.read_only) sql += "; SET default_transaction_read_only = on";
  PgResult result(PQexec(pg_, sql.c_str()));
  if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) return failure(result.get());
  // Engines that only speak PostgreSQL's protocol may not know it.
  result.reset(PQexec(pg_, "SELECT pg_current_xact_id_if_assigned()"));
  knows_transactions_ = PQresultStatus(result.get()) == PGRES_TUPLES_OK;
  if (PQstatus(pg_) != CONNECTION_OK) return lost();
  return {};
}

std::unexpected<Error> PostgresConnection::lost() {
  alive_ = false;
  open_ = false;
  return fail(ErrorCode::kUnavailable, {shown_, 0, 0},
              "Check that the server runs; the store connects again by itself.",
              "the connection to the database broke: {}", one_line(PQerrorMessage(pg_)));
}

std::unexpected<Error> PostgresConnection::failure(const PGresult* result) {
  const char* state_field = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
  if (PQstatus(pg_) != CONNECTION_OK || state_field == nullptr) return lost();
  const std::string_view state = state_field;
  const char* primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  const std::string said = one_line(primary == nullptr ? "" : primary);
  const bool ended =
      state == "57P01" || state == "57P02" || state == "57P03" || (state.starts_with("08") && state != "08P01");
  if (ended) {
    alive_ = false;
    open_ = false;
    return fail(ErrorCode::kUnavailable, {shown_, 0, 0}, "The store connects again by itself.", "{}", said);
  }
  if (state == "57014" && cancel_ != nullptr && cancel_->requested()) {
    return fail(ErrorCode::kCancelled, {}, "", "Stopped on request.");
  }
  if (state == "0A000" || state == "26000") outdated_ = true;
  return std::unexpected(error_of_state(state, said, shown_));
}

Status PostgresConnection::wait_for(short events) {
  for (;;) {
    pollfd watched{PQsocket(pg_), events, 0};
    const int ready = ::poll(&watched, 1, static_cast<int>(kLook.count()));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return lost();
    const auto now = Clock::now();
    if (cancel_ != nullptr && cancel_->requested()) send_cancel();
    if (deadline_ != Clock::time_point::max() && now > deadline_ + kGrace) return lost();
  }
}

void PostgresConnection::send_cancel() {
  if (std::exchange(cancel_sent_, true)) return;
  PGcancel* cancel = PQgetCancel(pg_);
  char ignored[256];
  if (cancel != nullptr) PQcancel(cancel, ignored, sizeof ignored);
  PQfreeCancel(cancel);
}

Status PostgresConnection::flush() {
  for (;;) {
    const int left = PQflush(pg_);
    if (left == 0) return {};
    if (left < 0) return lost();
    // The server may wait for us to read before it reads on.
    ZHILI_TRY(wait_for(POLLIN | POLLOUT));
    if (PQconsumeInput(pg_) != 1) return lost();
  }
}

Result<PgResult> PostgresConnection::next_result() {
  while (PQisBusy(pg_) != 0) {
    ZHILI_TRY(wait_for(POLLIN));
    if (PQconsumeInput(pg_) != 1) return lost();
  }
  return PgResult(PQgetResult(pg_));
}

Status PostgresConnection::sync() {
  if (PQpipelineSync(pg_) != 1) return lost();
  return flush();
}

/// Reads up to the end of what was sent, whatever came between.
Status PostgresConnection::take_sync() {
  for (int nothing = 0; nothing < 2;) {
    ZHILI_ASSIGN(const PgResult result, next_result());
    if (result == nullptr) {
      // One null ends each statement; two in a row mean that the server is gone.
      ++nothing;
      if (PQstatus(pg_) != CONNECTION_OK) return lost();
      continue;
    }
    nothing = 0;
    if (PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) {
      open_ = PQtransactionStatus(pg_) != PQTRANS_IDLE;
      return {};
    }
  }
  return lost();
}

Status PostgresConnection::send_leads() {
  for (const Lead& lead : leads_) {
    const int sent = lead.step == Step::kPrepare
                         ? PQsendPrepare(pg_, fmt::format("s{}", names_).c_str(), lead.sql.c_str(), 0, nullptr)
                         : PQsendQueryParams(pg_, lead.sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0);
    if (sent != 1) return lost();
  }
  return {};
}

Status PostgresConnection::take_lead(const Lead& lead) {
  ZHILI_ASSIGN(const PgResult result, next_result());
  Status done;
  switch (PQresultStatus(result.get())) {
    case PGRES_COMMAND_OK:
      break;
    case PGRES_TUPLES_OK:
      if (lead.step == Step::kTurn) {
        transaction_id_ =
            PQntuples(result.get()) == 1 && PQnfields(result.get()) == 1 ? PQgetvalue(result.get(), 0, 0) : "";
      }
      break;
    default:
      done = failure(result.get());
  }
  ZHILI_ASSIGN(const PgResult end, next_result());
  if (end != nullptr) return lost();
  return done;
}

/// Reads what the leads brought; after a failure the rest is skipped by take_sync().
Status PostgresConnection::finish_leads() {
  const auto leads = std::exchange(leads_, {});
  for (const Lead& lead : leads) ZHILI_TRY(take_lead(lead));
  return {};
}

/// Sends what waits without a statement behind it.
Status PostgresConnection::flush_leads() {
  if (leads_.empty()) return {};
  ZHILI_TRY(send_leads());
  ZHILI_TRY(sync());
  auto done = finish_leads();
  if (!alive()) return done;
  auto synced = take_sync();
  return done ? synced : done;
}

void PostgresConnection::bound(const Bounds& bounds) {
  deadline_ = Clock::now() + bounds.time;
  cancel_ = bounds.cancel;
  cancel_sent_ = false;
}

/// Lets the server end what takes longer.
void PostgresConnection::set_timeout(std::chrono::milliseconds time) {
  if (time == server_timeout_) return;
  leads_.push_back({Step::kCommand, fmt::format("SET statement_timeout = {}", time.count())});
  server_timeout_ = time;
}

Status PostgresConnection::begin(Begin kind) {
  if (std::exchange(owed_, false)) ZHILI_TRY(take_sync());
  transaction_id_.clear();
  leads_.clear();
  switch (kind) {
    case Begin::kRead:
      leads_.push_back({Step::kCommand, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"});
      break;
    case Begin::kAlone:
      leads_.push_back({Step::kCommand, "BEGIN"});
      // Any number that is ours alone will do.
      leads_.push_back({Step::kCommand, "SELECT pg_advisory_xact_lock(8029450132721)"});
      break;
    case Begin::kGroup:
      leads_.push_back({Step::kCommand, "BEGIN"});
      // Every server's groups take turns at this row: what a change reads nobody else changes under it, as on SQLite.
      leads_.push_back({Step::kTurn, std::string("UPDATE store_turn SET turns = turns + 1 WHERE id = 1") +
                                         (knows_transactions_ ? " RETURNING pg_current_xact_id()" : "")});
      break;
  }
  open_ = true;
  reading_ = kind == Begin::kRead;
  return {};
}

Status PostgresConnection::commit() {
  // Nothing reached the server.
  if (!leads_.empty() && leads_.front().sql.starts_with("BEGIN")) {
    leads_.clear();
    open_ = false;
    return {};
  }
  leads_.push_back({Step::kCommand, "COMMIT"});
  Status done = send_leads();
  if (done) done = sync();
  if (reading_) {
    // Nothing hangs on the answer: it is read when the connection is used again.
    leads_.clear();
    open_ = false;
    owed_ = true;
    return done;
  }
  const auto leads = std::exchange(leads_, {});
  for (size_t i = 0; done && i < leads.size(); ++i) {
    if (i + 1 < leads.size()) {
      done = take_lead(leads[i]);
      continue;
    }
    auto result = next_result();
    if (!result) {
      done = std::unexpected(std::move(result).error());
    } else if (PQresultStatus(result->get()) != PGRES_COMMAND_OK) {
      done = failure(result->get());
    } else if (std::strcmp(PQcmdStatus(result->get()), "COMMIT") != 0) {
      done = fail(ErrorCode::kInternal, {}, "", "the database rolled a failed transaction back");
    }
  }
  if (alive()) {
    auto synced = take_sync();
    if (done && synced) {
      open_ = false;
      return {};
    }
    if (!alive() && done) return {};  // The answer came before the connection went.
  }
  if (done) return done;
  if (alive()) {
    rollback();
    return done;
  }
  Error error = std::move(done).error();
  error.code = ErrorCode::kOutcomeUnknown;
  error.hint = "Ask again with the same idempotency key: the change may have been made.";
  return fail(std::move(error));
}

void PostgresConnection::rollback() {
  const bool untouched = !leads_.empty() && leads_.front().sql.starts_with("BEGIN");
  leads_.clear();
  if (!untouched && open_ && alive()) {
    leads_.push_back({Step::kCommand, "ROLLBACK"});
    (void)flush_leads();
  }
  leads_.clear();
  open_ = false;
  server_timeout_ = {};  // Undone with the rest.
}

Status PostgresConnection::savepoint() {
  leads_.push_back({Step::kCommand, "SAVEPOINT one_change"});
  return {};
}

Status PostgresConnection::release() {
  if (!leads_.empty() && leads_.back().sql.starts_with("SAVEPOINT")) {
    leads_.pop_back();
  } else {
    leads_.push_back({Step::kCommand, "RELEASE one_change"});
  }
  return {};
}

Status PostgresConnection::back_to_savepoint() {
  if (!leads_.empty() && leads_.back().sql.starts_with("SAVEPOINT")) {
    leads_.pop_back();
    return {};
  }
  leads_.push_back({Step::kCommand, "ROLLBACK TO one_change"});
  leads_.push_back({Step::kCommand, "RELEASE one_change"});
  server_timeout_ = {};
  return flush_leads();
}

Status PostgresConnection::send_statement(const std::string& name, std::span<const Value> params) {
  std::vector<const char*> values(params.size());
  std::vector<int> lengths(params.size());
  std::vector<int> formats(params.size());
  std::vector<std::string> numbers(params.size());
  for (size_t i = 0; i < params.size(); ++i) {
    const Value& value = params[i];
    switch (value.type()) {
      case Type::kNull:
        continue;
      case Type::kInt64:
        numbers[i] = fmt::format("{}", value.int64());
        break;
      case Type::kDouble:
        numbers[i] = fmt::format("{}", value.real());
        break;
      case Type::kText:
        values[i] = value.bytes().data();  // A string's: NUL stands behind it.
        continue;
      case Type::kBytes:
        values[i] = value.bytes().data();
        lengths[i] = static_cast<int>(value.bytes().size());
        formats[i] = 1;
        continue;
    }
    values[i] = numbers[i].c_str();
  }
  if (PQsendQueryPrepared(pg_, name.c_str(), static_cast<int>(params.size()), values.data(), lengths.data(),
                          formats.data(), 0) != 1) {
    return lost();
  }
  return {};
}

Status PostgresConnection::give_row(const PGresult* result, int row, RowSink& sink) {
  const int count = PQnfields(result);
  cells_.assign(static_cast<size_t>(count), Cell{});
  // Bytes come as hex; they are decoded side by side into memory that must not move meanwhile.
  size_t hex = 0;
  for (int c = 0; c < count; ++c) hex += static_cast<size_t>(PQgetlength(result, row, c));
  scratch_.clear();
  scratch_.reserve(hex);
  for (int c = 0; c < count; ++c) {
    if (PQgetisnull(result, row, c) != 0) continue;
    const std::string_view text(PQgetvalue(result, row, c), static_cast<size_t>(PQgetlength(result, row, c)));
    cells_[static_cast<size_t>(c)] = cell_of_text(PQftype(result, c), text, scratch_);
  }
  return sink.row(cells_);
}

Status PostgresConnection::take_rows(RowSink* sink, int64_t& changed) {
  PQsetSingleRowMode(pg_);
  Status done;
  bool named = false;
  for (;;) {
    ZHILI_ASSIGN(const PgResult result, next_result());
    if (result == nullptr) return done;
    const auto status = PQresultStatus(result.get());
    if (status == PGRES_SINGLE_TUPLE || status == PGRES_TUPLES_OK) {
      if (!named && sink != nullptr) {
        named = true;
        std::vector<std::string> names;
        names.reserve(static_cast<size_t>(PQnfields(result.get())));
        for (int c = 0; c < PQnfields(result.get()); ++c) names.emplace_back(PQfname(result.get(), c));
        sink->columns(std::move(names));
      }
      for (int row = 0; done && sink != nullptr && row < PQntuples(result.get()); ++row) {
        done = give_row(result.get(), row, *sink);
        if (done) continue;
        // The rest is not wanted. A writer reads it nevertheless: it needs its connection for the rest of the group.
        if (reading_) send_cancel();
      }
    }
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
      const std::string_view count = PQcmdTuples(result.get());
      std::from_chars(count.data(), count.data() + count.size(), changed);
      if (std::string_view(PQcmdStatus(result.get())).starts_with("SELECT")) changed = 0;
    } else if (status != PGRES_SINGLE_TUPLE && done) {
      done = failure(result.get());
      if (!alive()) return done;
    }
  }
}

Result<int64_t> PostgresConnection::run(std::string_view sql, std::span<const Value> params, const Bounds& bounds,
                                        RowSink* sink) {
  ZHILI_TRY(check_values(params));
  if (!alive()) return lost();
  if (outdated_) {
    statements_.clear([this](const std::string& old) { unused_.push_back(old); });
    outdated_ = false;
  }
  for (const auto& old : std::exchange(unused_, {})) {
    leads_.push_back({Step::kCommand, fmt::format("DEALLOCATE {}", old)});
  }
  set_timeout(bounds.time);
  bound(bounds);
  std::string name;
  const std::string* known = statements_.find(sql);
  if (known == nullptr) {
    name = fmt::format("s{}", ++names_);
    leads_.push_back({Step::kPrepare, std::string(sql)});
  } else {
    name = *known;
  }
  ZHILI_TRY(send_leads());
  ZHILI_TRY(send_statement(name, params));
  ZHILI_TRY(sync());
  auto done = finish_leads();
  if (done && known == nullptr) {
    statements_.add(sql, name, [this](const std::string& old) { unused_.push_back(old); });
  }
  int64_t changed = 0;
  if (done) done = take_rows(sink, changed);
  if (alive()) {
    auto synced = take_sync();
    if (done) done = std::move(synced);
  }
  deadline_ = Clock::time_point::max();
  cancel_ = nullptr;
  // The cancel may still be on its way and would hit whatever is asked next.
  if (cancel_sent_) alive_ = false;
  if (!done) return std::unexpected(std::move(done).error());
  return changed;
}

Status PostgresConnection::script(const std::string& sql) {
  if (server_timeout_.count() > 0) leads_.push_back({Step::kCommand, "SET statement_timeout = 0"});
  server_timeout_ = {};
  ZHILI_TRY(flush_leads());
  if (PQexitPipelineMode(pg_) != 1) return lost();
  Status done;
  if (PQsendQuery(pg_, sql.c_str()) != 1) return lost();
  ZHILI_TRY(flush());
  for (;;) {
    ZHILI_ASSIGN(const PgResult result, next_result());
    if (result == nullptr) break;
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && done) done = failure(result.get());
    if (!alive()) return done;
  }
  if (PQenterPipelineMode(pg_) != 1) return lost();
  return done;
}

Status PostgresConnection::put_copy(std::string_view bytes) {
  for (;;) {
    const int put = PQputCopyData(pg_, bytes.data(), static_cast<int>(bytes.size()));
    if (put == 1) return {};
    if (put < 0) return lost();
    ZHILI_TRY(wait_for(POLLIN | POLLOUT));
    if (PQconsumeInput(pg_) != 1) return lost();
  }
}

Status PostgresConnection::end_copy(const char* broken) {
  for (;;) {
    const int ended = PQputCopyEnd(pg_, broken);
    if (ended == 1) return flush();
    if (ended < 0) return lost();
    ZHILI_TRY(wait_for(POLLOUT));
  }
}

Status PostgresConnection::put_rows(const NextRow& next) {
  std::string piece;
  for (;;) {
    ZHILI_ASSIGN(const std::vector<Value>* row, next());
    if (row == nullptr) return put_copy(piece);
    ZHILI_TRY(check_values(*row));
    append_copy_line(piece, *row);
    if (piece.size() < kCopyPiece) continue;
    ZHILI_TRY(put_copy(piece));
    piece.clear();
  }
}

Status PostgresConnection::insert(const Appendable& table, const NextRow& next, std::chrono::milliseconds time) {
  set_timeout(time);
  ZHILI_TRY(flush_leads());
  bound({time, 0, 0});
  if (PQexitPipelineMode(pg_) != 1) return lost();
  if (PQsendQuery(pg_, table.copy_sql().c_str()) != 1) return lost();
  ZHILI_TRY(flush());
  ZHILI_ASSIGN(PgResult result, next_result());
  Status done;
  if (PQresultStatus(result.get()) == PGRES_COPY_IN) {
    done = put_rows(next);
    if (!alive()) return done;
    ZHILI_TRY(end_copy(done ? nullptr : "no more rows"));
  } else {
    done = failure(result.get());
    if (!alive()) return done;
  }
  for (;;) {
    ZHILI_ASSIGN(result, next_result());
    if (result == nullptr) break;
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK && done) done = failure(result.get());
    if (!alive()) return done;
  }
  deadline_ = Clock::time_point::max();
  if (PQenterPipelineMode(pg_) != 1) return lost();
  return done;
}

Result<std::vector<TableInfo>> PostgresConnection::tables() {
  const Bounds bounds{limits::kQueryTime, limits::kQueryRows, limits::kQueryBytes};
  RowCollector found(bounds);
  ZHILI_TRY(
      run("SELECT c.table_name, c.column_name, c.data_type, COALESCE(k.ordinal_position, 0) "
          "FROM information_schema.columns c "
          "JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name "
          "LEFT JOIN information_schema.table_constraints p ON p.table_schema = c.table_schema "
          "AND p.table_name = c.table_name AND p.constraint_type = 'PRIMARY KEY' "
          "LEFT JOIN information_schema.key_column_usage k ON k.constraint_schema = p.constraint_schema "
          "AND k.constraint_name = p.constraint_name AND k.table_name = p.table_name "
          "AND k.column_name = c.column_name "
          "WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' "
          "ORDER BY c.table_name, c.ordinal_position",
          {}, bounds, &found));
  const Rows rows = found.take();
  std::vector<TableInfo> tables;
  for (size_t i = 0; i < rows.size(); ++i) {
    const Row row = rows[i];
    if (tables.empty() || tables.back().name != row.text(0)) tables.push_back({std::string(row.text(0)), {}, {}});
    auto& table = tables.back();
    const auto type = row.text(2);
    table.columns.push_back({std::string(row.text(1)), type == "bigint"             ? Type::kInt64
                                                       : type == "double precision" ? Type::kDouble
                                                       : type == "bytea"            ? Type::kBytes
                                                                                    : Type::kText});
    if (const auto position = static_cast<size_t>(row.int64(3)); position > 0) {
      table.primary_key.resize(std::max(table.primary_key.size(), position));
      table.primary_key[position - 1] = row.text(1);
    }
  }
  return tables;
}

Result<bool> PostgresConnection::committed(const std::string& transaction_id) {
  const Bounds bounds{limits::kChangeTime, 1, limits::kQueryBytes};
  // The other connection's transaction holds the turn until it has ended.
  ZHILI_TRY(begin(Begin::kGroup));
  RowCollector found(bounds);
  auto asked = run("SELECT pg_xact_status(CAST($1 AS xid8))", std::vector<Value>{transaction_id}, bounds, &found);
  rollback();
  if (!asked) return std::unexpected(std::move(asked).error());
  const Rows rows = found.take();
  const std::string_view state = rows.empty() ? "" : rows[0].text(0);
  if (state != "committed" && state != "aborted") {
    return fail(ErrorCode::kOutcomeUnknown, {}, "", "the database does not know what became of a transaction");
  }
  return state == "committed";
}

}  // namespace

Result<std::unique_ptr<Connection>> open_postgres(const StoreUrl& url, const ConnectionOptions& options) {
  auto connection = std::make_unique<PostgresConnection>(url.shown());
  ZHILI_TRY(connection->open(url, options));
  return connection;
}

}  // namespace zhili::store
