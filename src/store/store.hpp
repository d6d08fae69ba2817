#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.hpp"
#include "base/limits.hpp"
#include "base/result.hpp"
#include "store/migration.hpp"
#include "store/rows.hpp"
#include "store/url.hpp"
#include "store/value.hpp"

namespace zhili::store {

class Connection;
class ReadPool;
class Writer;
struct ChangeState;

/// How appended rows are numbered without a gap, over all servers: `counter` has one row for each key, with the number
/// that comes next. A group takes its numbers at its end with one statement a key, and gives them to its rows in the
/// order in which they were appended. Tables that share a counter get the same numbers, so a change appends as many
/// rows with a key to the one as to the other.
struct Numbering {
  std::string counter;            ///< A table,
  std::string next;               ///< its column with the next number,
  std::vector<std::string> keys;  ///< and its key, by names that the appended table has too.
  std::string column;             ///< Of the appended table: it is given the number, whatever the row holds there.
};

/// A table to which changes append rows that nobody reads or changes in the same group: a ledger, a log, an outbox.
/// Make one a table, which outlives the store (a static constant).
class Appendable {
 public:
  /// The names stand in SQL as they are.
  Appendable(std::string table, std::vector<std::string> columns);
  /// The same with numbers: `columns` names those of `numbering`. The counter's row must be there.
  Appendable(std::string table, std::vector<std::string> columns, const Numbering& numbering);

  const std::string& table() const { return table_; }
  const std::vector<std::string>& columns() const { return columns_; }
  const std::string& insert_sql() const { return insert_sql_; }
  const std::string& copy_sql() const { return copy_sql_; }
  /// Takes $1 numbers of the key $2, …; returns the one behind them. Empty where rows are not numbered.
  const std::string& number_sql() const { return number_sql_; }
  size_t number_column() const { return number_column_; }
  const std::vector<size_t>& key_columns() const { return key_columns_; }

 private:
  std::string table_;
  std::vector<std::string> columns_;
  std::string insert_sql_;
  std::string copy_sql_;
  std::string number_sql_;
  size_t number_column_ = 0;
  std::vector<size_t> key_columns_;
};

/// What a change reads and writes through. It sees the changes before it and its own. Changes run one after the other,
/// over all servers: what one has read stays true until it is done.
class Transaction {
 public:
  /// Runs one statement and gives its rows; also INSERT … RETURNING. After a failed statement the change fails,
  /// whatever it returns.
  Result<Rows> query(std::string_view sql, Params params = {});
  /// Runs one statement; returns the number of rows that it changed.
  Result<int64_t> execute(std::string_view sql, Params params = {});
  /// Hands over a row to be inserted with the whole group's rows, behind all its changes: many times cheaper than
  /// execute(). If the row can't be inserted, this change alone fails.
  Status append(const Appendable& table, std::vector<Value> row);
  /// Writes an event to the outbox (outbox.hpp), where it appears with this change and in the order of commits. The
  /// payload is text, such as JSON, of at most limits::kEventBytes.
  Status publish(std::string topic, std::string payload);

 private:
  friend class Writer;
  explicit Transaction(ChangeState& state) : state_(state) {}
  ChangeState& state_;
};

/// Makes one change; an error undoes it and is the answer. It runs on the writer's thread and may run several times
/// (after a lost connection, say): it has no effect but through the transaction and on what its caller alone looks at
/// after the answer, and is quick. It does not wait for another change.
using Change = std::move_only_function<Status(Transaction&)>;
/// Is told, exactly once, what became of a change. Runs on the writer's thread (or, when the queue is full, the
/// caller's): it is quick, and waits for nothing.
using Done = std::move_only_function<void(Status)>;

struct ReadOptions {
  std::chrono::milliseconds time_limit = limits::kQueryTime;  ///< Of one query.
  uint64_t row_limit = limits::kQueryRows;                    ///< Of one query.
  const Cancel* cancel = nullptr;                             ///< Ends a running query.
};

/// One state of the data, read by any number of queries: what is committed meanwhile does not show. The first error
/// ends it: later queries are refused (kInternal). Belongs to one thread at a time; hold it shortly, as it keeps a
/// connection.
class Snapshot {
 public:
  Snapshot(Snapshot&& other) noexcept;
  Snapshot& operator=(Snapshot&&) = delete;
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  ~Snapshot();

  Result<Rows> query(std::string_view sql, Params params = {});
  /// Gives row by row, without a limit on their number; an error of `visit` ends it. `visit` runs no query here.
  Status each(std::string_view sql, Params params, const std::function<Status(const Row&)>& visit);

 private:
  friend class Store;
  friend class Backup;
  Snapshot(ReadPool& pool, std::unique_ptr<Connection> connection, const ReadOptions& options);
  template <class Work>
  Status first_or_again(Work&& work);
  Status require_going() const;

  ReadPool* pool_;
  std::unique_ptr<Connection> connection_;
  ReadOptions options_;
  bool touched_ = false;  // Something was read: a new connection would show another state.
  bool over_ = false;
};

/// Microseconds since 1970 UTC by the machine's clock.
int64_t system_now();

struct StoreOptions {
  bool read_only = false;  ///< Only looks: changes are refused, SQLite's file may be another program's meanwhile.
  unsigned readers = 8;    ///< Connections for reading, at most limits::kReadConnections.
  size_t queue = limits::kWriteQueue;                           ///< Changes that may wait.
  size_t group_changes = limits::kGroupChanges;                 ///< Changes that one commit makes durable, at most.
  size_t group_bytes = limits::kGroupBytes;                     ///< Appended bytes in one group, about.
  std::chrono::milliseconds change_time = limits::kChangeTime;  ///< Of one statement in a change.
  std::chrono::milliseconds connect_time = limits::kConnectTime;
  std::function<int64_t()> now = system_now;
};

/// What the store did since it was opened.
struct StoreCounts {
  uint64_t groups = 0;    ///< Commits.
  uint64_t changes = 0;   ///< Made durable.
  uint64_t appended = 0;  ///< Rows.
  uint64_t failed = 0;    ///< Changes that were answered with an error, those for which the queue was full included.
  uint64_t repeated = 0;  ///< Groups that had to be run again.
  uint64_t waiting = 0;   ///< Changes in the queue now.
};

/// A SQL database, SQLite's file in this process or a server that speaks PostgreSQL's protocol; the same SQL, values
/// and errors on both. One writer makes many waiting changes durable by one commit. All functions may be called from
/// any thread.
class Store {
 public:
  /// Opens the database (SQLite: makes the file), and brings its tables forward by `migrations`, of all rooms in the
  /// order in which they stand on each other; the store adds its own. Errors: kBusy where another program writes to the
  /// file, kUnavailable, kConfig where the database is newer than the program or was made by another one.
  static Result<std::unique_ptr<Store>> open(const StoreUrl& url, const std::vector<Migration>& migrations,
                                             StoreOptions options = {});
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  /// Stops, see stop().
  ~Store();

  /// Makes a change and returns when it is durable, or was not made. Errors: the change's own; kConflict, kConstraint,
  /// kInput (the data's fault); kBusy, kUnavailable, kDiskFull, kIo (nothing was done); kOutcomeUnknown. Not to be
  /// called from a change or an answer.
  Status commit(Change change);
  /// The same without waiting. Where the queue is full or the store stops, `done` is called before it returns.
  void submit(Change change, Done done);

  /// Begins to read. Waits for a free connection for options.time_limit at most; then kBusy.
  Result<Snapshot> read(ReadOptions options = {});
  /// One query by itself.
  Result<Rows> query(std::string_view sql, Params params = {}, ReadOptions options = {});

  /// Waits until this store has published an event behind `position`, at most so long; false where it has not. Other
  /// servers' events do not wake it: look at the outbox anyway then.
  bool wait_for_events(int64_t position, std::chrono::milliseconds time);

  /// Takes no more changes, makes all that wait, and returns. Reading goes on.
  void stop();

  const StoreUrl& url() const { return url_; }
  /// Microseconds since 1970 UTC, by the clock that was passed in.
  int64_t now() const { return options_.now(); }
  StoreCounts counts() const;

 private:
  Store(StoreUrl url, StoreOptions options);

  StoreUrl url_;
  StoreOptions options_;
  std::unique_ptr<ReadPool> pool_;
  std::unique_ptr<Writer> writer_;
};

}  // namespace zhili::store
