#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/limits.hpp"
#include "store/connection.hpp"
#include "store/statement_cache.hpp"
#include "store/store.hpp"

namespace zhili::store {
namespace {

using Clock = std::chrono::steady_clock;

// The progress callback runs so often: some 100 µs apart.
constexpr int kStepsPerLook = 4000;
// Pages of the write-ahead log, 4 KiB each. Every kSlicePages they are copied into the file: writers wait for so long,
// so that slices are small (500 took 10 ms). From kRestartPages on readers are made to leave the log, which then starts
// anew.
constexpr int kSlicePages = 250;
constexpr int kRestartPages = 24'000;
constexpr int kRestartLater = 8000;
constexpr std::chrono::milliseconds kRestartWait{20};
constexpr std::chrono::microseconds kRestartLook{200};

/// A lock beside the file keeps a second program from writing to it: SQLite would bear it, but neither's outbox order
/// nor its waiting would hold.
class FileLock {
 public:
  static Result<FileLock> take(const std::filesystem::path& file) {
    auto path = file;
    path += ".lock";
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) {
      return fail(ErrorCode::kIo, {path.string(), 0, 0}, "Check that the directory exists and may be written to.",
                  "cannot create: {}", std::strerror(errno));
    }
    FileLock lock(fd);
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return lock;
    return fail(ErrorCode::kBusy, {file.string(), 0, 0},
                "Stop the other program first; to only look, open the store read-only. Several servers at once need "
                "PostgreSQL.",
                "another program has this store open for writing");
  }
  FileLock() = default;
  FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileLock& operator=(FileLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  // The file stays: removing it would let two others lock two different ones.
  ~FileLock() {
    if (fd_ >= 0) ::close(fd_);
  }

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

struct Prepared {
  sqlite3_stmt* statement = nullptr;
  std::vector<int> places;  ///< Of $1, $2, … among SQLite's parameters; 0 where it does not occur.
  bool reads_only = false;
};

class SqliteConnection final : public Connection {
 public:
  explicit SqliteConnection(std::string shown) : shown_(std::move(shown)) {}
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;
  ~SqliteConnection() override {
    statements_.clear([](const Prepared& prepared) { sqlite3_finalize(prepared.statement); });
    sqlite3_close_v2(db_);
  }

  Status open(const StoreUrl& url, const ConnectionOptions& options);

  Status begin(Begin kind) override { return execute(kind == Begin::kRead ? "BEGIN" : "BEGIN IMMEDIATE"); }
  Status commit() override;
  void rollback() override {
    if (in_transaction()) (void)execute("ROLLBACK");
  }
  Status savepoint() override { return execute("SAVEPOINT one_change"); }
  Status release() override { return execute("RELEASE one_change"); }
  Status back_to_savepoint() override {
    ZHILI_TRY(execute("ROLLBACK TO one_change"));
    return release();
  }
  Result<int64_t> run(std::string_view sql, std::span<const Value> params, const Bounds& bounds,
                      RowSink* sink) override;
  Status script(const std::string& sql) override;
  Status insert(const Appendable& table, const NextRow& next, std::chrono::milliseconds time) override;
  Result<std::vector<TableInfo>> tables() override;
  bool alive() const override { return true; }
  bool in_transaction() const override { return sqlite3_get_autocommit(db_) == 0; }
  void rest() override;
  std::string transaction_id() const override { return {}; }
  Result<bool> committed(const std::string&) override { return false; }

 private:
  Result<Prepared*> prepare(std::string_view sql);
  Status bind(const Prepared& prepared, std::span<const Value> params);
  Status execute(const char* sql);
  Status give_rows(sqlite3_stmt* statement, RowSink* sink);
  Status collect_columns(TableInfo& table);
  std::unexpected<Error> failure(int code);
  static int on_progress(void* self);
  static int on_commit_to_log(void* self, sqlite3*, const char*, int pages) {
    static_cast<SqliteConnection*>(self)->log_pages_ = pages;
    return SQLITE_OK;
  }

  FileLock lock_;
  sqlite3* db_ = nullptr;
  std::string shown_;
  StatementCache<Prepared> statements_;
  std::vector<Cell> cells_;
  Clock::time_point deadline_ = Clock::time_point::max();
  const Cancel* cancel_ = nullptr;
  int log_pages_ = 0;     // Of the write-ahead log as the last commit left it.
  int copied_pages_ = 0;  // Of these, how many the last checkpoint saw.
  int restart_at_ = kRestartPages;
};

int SqliteConnection::on_progress(void* self) {
  const auto& connection = *static_cast<SqliteConnection*>(self);
  if (connection.cancel_ != nullptr && connection.cancel_->requested()) return 1;
  return Clock::now() >= connection.deadline_ ? 1 : 0;
}

Status SqliteConnection::open(const StoreUrl& url, const ConnectionOptions& options) {
  if (options.writer && !options.read_only) {
    ZHILI_ASSIGN(lock_, FileLock::take(url.path()));
  }
  const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (options.read_only ? SQLITE_OPEN_READONLY
                     : options.writer  ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                       : SQLITE_OPEN_READWRITE);
  if (const int code = sqlite3_open_v2(url.path().c_str(), &db_, flags, nullptr); code != SQLITE_OK) {
    return failure(code);
  }
  sqlite3_busy_timeout(db_, static_cast<int>(options.connect_time.count()));
  sqlite3_db_config(db_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(db_, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  sqlite3_db_config(db_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_limit(db_, SQLITE_LIMIT_LENGTH, static_cast<int>(limits::kValueBytes) * 2);
  // As in PostgreSQL LIKE tells small letters from capitals.
  ZHILI_TRY(script("PRAGMA foreign_keys = ON; PRAGMA case_sensitive_like = ON; PRAGMA temp_store = MEMORY"));
  if (options.writer && !options.read_only) {
    // The log's file keeps its size when it starts anew: what is written over needs no new room on the disk.
    // SQLite walks through the whole cache at a commit whose splits took page 262145 for a moment: with 64 MB, and 5000
    // disclosures a second, an eighth of all processor time.
    ZHILI_TRY(
        script("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; "
               "PRAGMA journal_size_limit = 134217728; PRAGMA cache_size = -16384"));
    sqlite3_wal_hook(db_, on_commit_to_log, this);
  } else {
    ZHILI_TRY(script("PRAGMA query_only = ON; PRAGMA cache_size = -16384"));
  }
  sqlite3_progress_handler(db_, kStepsPerLook, on_progress, this);
  return {};
}

std::unexpected<Error> SqliteConnection::failure(int code) {
  const std::string said = db_ == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(db_);
  const Place place{shown_, 0, 0};
  const bool no_space = db_ != nullptr && sqlite3_system_errno(db_) == ENOSPC;
  switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return fail(ErrorCode::kConflict, {}, "", "{}", said);
    case SQLITE_CONSTRAINT_DATATYPE:
      return fail(ErrorCode::kInput, {}, "", "{}", said);
    default:
      break;
  }
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
      return fail(ErrorCode::kConstraint, {}, "", "{}", said);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return fail(ErrorCode::kBusy, place, "Close the other program that holds the file.", "{}", said);
    case SQLITE_INTERRUPT:
      if (cancel_ != nullptr && cancel_->requested()) {
        return fail(ErrorCode::kCancelled, {}, "", "Stopped on request.");
      }
      return fail(ErrorCode::kLimit, {}, "Ask for less at once.", "the statement took longer than it may");
    case SQLITE_FULL:
      return fail(ErrorCode::kDiskFull, place, "Free some space on this disk.", "{}", said);
    case SQLITE_IOERR:
      if (no_space) return fail(ErrorCode::kDiskFull, place, "Free some space on this disk.", "{}", said);
      return fail(ErrorCode::kIo, place, "Check the disk.", "{}", said);
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return fail(ErrorCode::kIo, place, "Check that the directory exists and may be written to.", "{}", said);
    case SQLITE_NOTADB:
      return fail(ErrorCode::kConfig, place, "Name another file; this one is left as it is.", "{}", said);
    case SQLITE_CORRUPT:
      return fail(ErrorCode::kIo, place, "Check the disk, and restore the last backup.", "{}", said);
    case SQLITE_TOOBIG:
      return fail(ErrorCode::kLimit, {}, "Keep large content in the lake.", "{}", said);
    default:
      return fail(ErrorCode::kInternal, {}, "", "SQLite: {}", said);
  }
}

Result<Prepared*> SqliteConnection::prepare(std::string_view sql) {
  if (Prepared* found = statements_.find(sql)) return found;
  Prepared prepared;
  const char* tail = nullptr;
  const int code = sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                      &prepared.statement, &tail);
  if (code != SQLITE_OK) return failure(code);
  if (prepared.statement == nullptr ||
      std::string_view(tail, sql.data() + sql.size()).find_first_not_of(" \n;") != std::string_view::npos) {
    sqlite3_finalize(prepared.statement);
    return fail(ErrorCode::kInternal, {}, "", "not exactly one statement: {}", sql);
  }
  const int count = sqlite3_bind_parameter_count(prepared.statement);
  for (int number = 1; number <= count; ++number) {
    const int place = sqlite3_bind_parameter_index(prepared.statement, fmt::format("${}", number).c_str());
    if (place == 0) {
      sqlite3_finalize(prepared.statement);
      return fail(ErrorCode::kInternal, {}, "", "parameters are written $1, $2, … without a gap: {}", sql);
    }
    prepared.places.push_back(place);
  }
  prepared.reads_only = sqlite3_stmt_readonly(prepared.statement) != 0;
  return &statements_.add(sql, std::move(prepared), [](const Prepared& old) { sqlite3_finalize(old.statement); });
}

Status SqliteConnection::bind(const Prepared& prepared, std::span<const Value> params) {
  if (params.size() != prepared.places.size()) {
    return fail(ErrorCode::kInternal, {}, "", "{} values for {} parameters: {}", params.size(), prepared.places.size(),
                sqlite3_sql(prepared.statement));
  }
  ZHILI_TRY(check_values(params));
  for (size_t i = 0; i < params.size(); ++i) {
    const Value& value = params[i];
    sqlite3_stmt* statement = prepared.statement;
    const int place = prepared.places[i];
    int code = SQLITE_OK;
    switch (value.type()) {
      case Type::kNull:
        code = sqlite3_bind_null(statement, place);
        break;
      case Type::kInt64:
        code = sqlite3_bind_int64(statement, place, value.int64());
        break;
      case Type::kDouble:
        code = sqlite3_bind_double(statement, place, value.real());
        break;
      case Type::kText:
        // The values outlive the statement's run.
        code = sqlite3_bind_text64(statement, place, value.bytes().data(), value.bytes().size(), SQLITE_STATIC,
                                   SQLITE_UTF8);
        break;
      case Type::kBytes:
        code = value.bytes().empty()
                   ? sqlite3_bind_zeroblob(statement, place, 0)
                   : sqlite3_bind_blob64(statement, place, value.bytes().data(), value.bytes().size(), SQLITE_STATIC);
        break;
    }
    if (code != SQLITE_OK) return failure(code);
  }
  return {};
}

Status SqliteConnection::execute(const char* sql) {
  ZHILI_ASSIGN(const Prepared* prepared, prepare(sql));
  const int code = sqlite3_step(prepared->statement);
  if (code == SQLITE_DONE) {
    sqlite3_reset(prepared->statement);
    return {};
  }
  auto failed = failure(code);
  sqlite3_reset(prepared->statement);
  return failed;
}

Status SqliteConnection::commit() {
  auto done = execute("COMMIT");
  if (!done) rollback();
  return done;
}

Status SqliteConnection::give_rows(sqlite3_stmt* statement, RowSink* sink) {
  const int count = sqlite3_column_count(statement);
  if (sink != nullptr) {
    std::vector<std::string> names;
    names.reserve(static_cast<size_t>(count));
    for (int c = 0; c < count; ++c) names.emplace_back(sqlite3_column_name(statement, c));
    sink->columns(std::move(names));
  }
  for (;;) {
    const int code = sqlite3_step(statement);
    if (code == SQLITE_DONE) return {};
    if (code != SQLITE_ROW) return failure(code);
    if (sink == nullptr) continue;
    cells_.assign(static_cast<size_t>(count), Cell{});
    for (int c = 0; c < count; ++c) {
      Cell& cell = cells_[static_cast<size_t>(c)];
      switch (sqlite3_column_type(statement, c)) {
        case SQLITE_INTEGER:
          cell.type = Type::kInt64;
          cell.integer = sqlite3_column_int64(statement, c);
          break;
        case SQLITE_FLOAT:
          cell.type = Type::kDouble;
          cell.real = sqlite3_column_double(statement, c);
          break;
        case SQLITE_TEXT:
          cell.type = Type::kText;
          cell.bytes = {reinterpret_cast<const char*>(sqlite3_column_text(statement, c)),
                        static_cast<size_t>(sqlite3_column_bytes(statement, c))};
          break;
        case SQLITE_BLOB: {
          cell.type = Type::kBytes;
          const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, c));
          cell.bytes = {bytes, bytes == nullptr ? 0 : static_cast<size_t>(sqlite3_column_bytes(statement, c))};
          break;
        }
        default:
          break;
      }
    }
    ZHILI_TRY(sink->row(cells_));
  }
}

Result<int64_t> SqliteConnection::run(std::string_view sql, std::span<const Value> params, const Bounds& bounds,
                                      RowSink* sink) {
  ZHILI_ASSIGN(const Prepared* prepared, prepare(sql));
  sqlite3_stmt* statement = prepared->statement;
  const bool reads_only = prepared->reads_only;
  deadline_ = Clock::now() + bounds.time;
  cancel_ = bounds.cancel;
  auto done = bind(*prepared, params);
  if (done) done = give_rows(statement, sink);
  deadline_ = Clock::time_point::max();
  cancel_ = nullptr;
  const int64_t changed = reads_only ? 0 : sqlite3_changes64(db_);
  sqlite3_reset(statement);
  if (!done) return std::unexpected(std::move(done).error());
  return changed;
}

Status SqliteConnection::script(const std::string& sql) {
  const int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return failure(code);
  return {};
}

Status SqliteConnection::insert(const Appendable& table, const NextRow& next, std::chrono::milliseconds) {
  ZHILI_ASSIGN(const Prepared* prepared, prepare(table.insert_sql()));
  for (;;) {
    ZHILI_ASSIGN(const std::vector<Value>* row, next());
    if (row == nullptr) return {};
    auto done = bind(*prepared, *row);
    if (done && sqlite3_step(prepared->statement) != SQLITE_DONE) done = failure(sqlite3_extended_errcode(db_));
    sqlite3_reset(prepared->statement);
    if (!done) return done;
  }
}

Status SqliteConnection::collect_columns(TableInfo& table) {
  const Bounds bounds{limits::kQueryTime, limits::kQueryRows, limits::kQueryBytes};
  RowCollector found(bounds);
  ZHILI_TRY(run("SELECT name, type, pk FROM pragma_table_info($1)", std::vector<Value>{table.name}, bounds, &found));
  const Rows columns = found.take();
  for (const Row row : columns) {
    const auto type = row.text(1);
    table.columns.push_back({std::string(row.text(0)), type == "INTEGER" ? Type::kInt64
                                                       : type == "REAL"  ? Type::kDouble
                                                       : type == "BLOB"  ? Type::kBytes
                                                                         : Type::kText});
  }
  for (size_t position = 1; position <= columns.size(); ++position) {
    for (const Row row : columns) {
      if (row.int64(2) == static_cast<int64_t>(position)) table.primary_key.emplace_back(row.text(0));
    }
  }
  return {};
}

Result<std::vector<TableInfo>> SqliteConnection::tables() {
  const Bounds bounds{limits::kQueryTime, limits::kQueryRows, limits::kQueryBytes};
  RowCollector found(bounds);
  ZHILI_TRY(run("SELECT name FROM sqlite_schema WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_' ORDER BY name",
                {}, bounds, &found));
  std::vector<TableInfo> tables;
  for (const Row row : found.take()) {
    auto& table = tables.emplace_back(TableInfo{std::string(row.text(0)), {}, {}});
    ZHILI_TRY(collect_columns(table));
  }
  return tables;
}

/// SQLite's own way of waiting sleeps longer each time, up to 100 ms, and every writer waits with it.
int wait_for_readers(void* until, int /*times*/) {
  if (Clock::now() >= *static_cast<const Clock::time_point*>(until)) return 0;
  std::this_thread::sleep_for(kRestartLook);
  return 1;
}

// The log is copied by the thread that writes it, and by nobody else: two at once would have to agree (SQLite before
// 3.51.3 errs there once in a great while).
void SqliteConnection::rest() {
  if (log_pages_ < copied_pages_) copied_pages_ = 0;  // The log began anew.
  if (log_pages_ - copied_pages_ < kSlicePages) return;
  if (log_pages_ < restart_at_) {
    sqlite3_wal_checkpoint_v2(db_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    copied_pages_ = log_pages_;  // Also where a reader kept some from being copied: not again at once.
    return;
  }
  auto until = Clock::now() + kRestartWait;
  sqlite3_busy_handler(db_, &wait_for_readers, &until);
  const int code = sqlite3_wal_checkpoint_v2(db_, nullptr, SQLITE_CHECKPOINT_RESTART, nullptr, nullptr);
  sqlite3_busy_timeout(db_, static_cast<int>(limits::kConnectTime.count()));
  if (code == SQLITE_OK) log_pages_ = 0;
  copied_pages_ = log_pages_;
  // Where a long reader holds the log, it is tried again when much more has come.
  restart_at_ = code == SQLITE_OK ? kRestartPages : log_pages_ + kRestartLater;
}

}  // namespace

Result<std::unique_ptr<Connection>> open_sqlite(const StoreUrl& url, const ConnectionOptions& options) {
  auto connection = std::make_unique<SqliteConnection>(url.shown());
  ZHILI_TRY(connection->open(url, options));
  return connection;
}

}  // namespace zhili::store
