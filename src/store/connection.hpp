#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.hpp"
#include "base/result.hpp"
#include "store/rows.hpp"
#include "store/url.hpp"
#include "store/value.hpp"

/// The edge to the engines: for this room alone.
namespace zhili::store {

class Appendable;

/// What one statement may cost.
struct Bounds {
  std::chrono::milliseconds time;
  uint64_t rows;
  size_t bytes;
  const Cancel* cancel = nullptr;
};

/// Takes the rows of a statement. The cells are good during the call.
class RowSink {
 public:
  virtual ~RowSink() = default;
  virtual void columns(std::vector<std::string> names) = 0;
  virtual Status row(std::span<const Cell> cells) = 0;
};

struct ColumnInfo {
  std::string name;
  Type type = Type::kText;
};

struct TableInfo {
  std::string name;
  std::vector<ColumnInfo> columns;
  std::vector<std::string> primary_key;
};

/// Gives row after row; null at the end.
using NextRow = std::function<Result<const std::vector<Value>*>()>;

/// One connection to a database, used by one thread at a time. Its SQL is of the kind that both engines know. An error
/// tells what the engine said, but no value: those may be personal.
class Connection {
 public:
  enum class Begin {
    kRead,   ///< One state of the data for all its statements; nothing can be written.
    kGroup,  ///< The store's one writer over all servers; waits for its turn.
    kAlone,  ///< As kGroup, before the store's own tables exist: for migrations.
  };

  virtual ~Connection() = default;

  virtual Status begin(Begin kind) = 0;
  /// kOutcomeUnknown where the connection broke after COMMIT was sent.
  virtual Status commit() = 0;
  /// Never fails: what can't be rolled back was not committed, and alive() tells of a broken connection.
  virtual void rollback() = 0;
  /// One savepoint at a time.
  virtual Status savepoint() = 0;
  virtual Status release() = 0;
  virtual Status back_to_savepoint() = 0;

  /// Runs one statement; `sink` may be null. Returns the number of rows that it changed.
  virtual Result<int64_t> run(std::string_view sql, std::span<const Value> params, const Bounds& bounds,
                              RowSink* sink) = 0;
  /// Runs statements without parameters, one after the other.
  virtual Status script(const std::string& sql) = 0;
  /// Inserts rows as fast as the engine can, as one statement where the engine has such. After an error nothing since
  /// the last savepoint, or of the transaction, can be kept.
  virtual Status insert(const Appendable& table, const NextRow& next, std::chrono::milliseconds time) = 0;

  /// The tables of the database (PostgreSQL: of the current schema), by name.
  virtual Result<std::vector<TableInfo>> tables() = 0;

  /// Whether a transaction is open; some failures end it.
  virtual bool in_transaction() const = 0;
  /// False once the connection is broken.
  virtual bool alive() const = 0;
  /// Work between groups, such as a checkpoint, in pieces for which writers can wait. Called by the writer.
  virtual void rest() = 0;
  /// What names the running or last kGroup transaction in `committed`; empty where the engine can't tell.
  virtual std::string transaction_id() const = 0;
  /// Whether a transaction of an earlier connection was committed, once it has ended.
  virtual Result<bool> committed(const std::string& transaction_id) = 0;
};

struct ConnectionOptions {
  bool writer = false;
  bool read_only = false;  ///< The file or database is never written, not even by the writer.
  std::chrono::milliseconds connect_time;
};

Result<std::unique_ptr<Connection>> open_sqlite(const StoreUrl& url, const ConnectionOptions& options);
Result<std::unique_ptr<Connection>> open_postgres(const StoreUrl& url, const ConnectionOptions& options);
Result<std::unique_ptr<Connection>> open_connection(const StoreUrl& url, const ConnectionOptions& options);

/// Refuses what only one of the engines could keep: NaN, text that is not UTF-8 or holds NUL.
Status check_values(std::span<const Value> values);

/// Collects rows until a bound is passed.
class RowCollector final : public RowSink {
 public:
  explicit RowCollector(const Bounds& bounds) : bounds_(bounds) {}
  void columns(std::vector<std::string> names) override { rows_.start(std::move(names)); }
  Status row(std::span<const Cell> cells) override;
  Rows take() { return std::move(rows_); }

 private:
  Bounds bounds_;
  Rows rows_;
};

}  // namespace zhili::store
