#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "store/connection.hpp"
#include "store/store.hpp"

namespace zhili::store {

/// Rows that the changes of a group append, by table.
class AppendedRows {
 public:
  struct Table {
    const Appendable* table;
    std::vector<std::vector<Value>> rows;
  };

  void add(const Appendable& table, std::vector<Value> row);
  /// How much there is; what was added since can be taken back.
  size_t mark() const { return order_.size(); }
  void take_back(size_t mark);
  void clear();
  bool empty() const { return order_.empty(); }
  size_t bytes() const { return bytes_; }
  std::vector<Table>& tables() { return tables_; }

 private:
  std::vector<Table> tables_;    // A handful.
  std::vector<uint32_t> order_;  // For each row, in the order of adding, its place in tables_.
  size_t bytes_ = 0;
};

/// What a Transaction works on: the change that is running.
struct ChangeState {
  Connection& connection;
  AppendedRows& appended;
  Bounds bounds;
  int64_t now;
  bool alone = false;  ///< The group is this one change: it needs no savepoint.
  bool savepoint = false;
  std::optional<Error> failed = {};  ///< The first statement's failure.
};

/// The store's one writer: a thread that takes what waits and commits it together.
class Writer {
 public:
  using Opener = std::function<Result<std::unique_ptr<Connection>>()>;

  Writer(std::unique_ptr<Connection> connection, Opener opener, Engine engine, const StoreOptions& options);
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() { stop(); }

  void submit(Change change, Done done);
  void stop();
  bool wait_for_events(int64_t position, std::chrono::milliseconds time);
  bool is_this_thread() const { return std::this_thread::get_id() == id_.load(); }
  StoreCounts counts() const;

 private:
  struct Waiting {
    Change change;
    Done done;
    std::optional<Error> failed = {};
    bool left_out = false;  ///< It ended a whole transaction: the others are tried without it.
  };
  /// How an attempt at a group ended.
  struct Ended {
    enum class Kind {
      kDone,           ///< Committed.
      kNothing,        ///< No change succeeded.
      kAgain,          ///< The database was in the way.
      kAgainWithout,   ///< A change ended the transaction; it is left out.
      kAgainOneByOne,  ///< An appended row can't be inserted: whose it is will show.
      kFailed,
    } kind;
    Error error = {};
  };

  void work();
  bool gather();
  void run_group();
  void note_commit();
  Ended attempt(bool one_by_one);
  std::optional<Ended> run_changes(bool one_by_one);
  std::optional<Ended> run_change(Waiting& waiting, bool one_by_one);
  static Status call(Change& change, ChangeState& state);
  Status insert_appended();
  Status place_events(std::vector<std::vector<Value>>& rows);
  Status number_appended();
  Ended finish();
  Ended ended_by(Error error);
  Ended settle_unknown(Error error);
  Status connect();
  void answer();

  const StoreOptions options_;
  const Opener opener_;
  const Engine engine_;
  std::unique_ptr<Connection> connection_;

  mutable std::mutex mutex_;
  std::condition_variable came_;
  std::deque<Waiting> queue_;
  bool stopping_ = false;

  // The writer's own.
  std::vector<Waiting> group_;
  size_t taken_ = 0;  // Of group_, how many this commit holds; the rest was too much and comes first next time.
  AppendedRows appended_;

  int64_t last_event_ = 0;  // Of the running group.
  size_t inserted_ = 0;     // Appended rows of the running group.

  std::mutex events_mutex_;
  std::condition_variable events_came_;
  int64_t published_ = 0;  // Position of the last event that was committed here.

  std::atomic<uint64_t> groups_{0};
  std::atomic<uint64_t> changes_{0};
  std::atomic<uint64_t> rows_{0};
  std::atomic<uint64_t> failed_{0};
  std::atomic<uint64_t> repeated_{0};

  std::atomic<std::thread::id> id_{};
  std::mutex stop_mutex_;
  std::thread thread_;  // Last: it uses all of the above.
};

}  // namespace zhili::store
