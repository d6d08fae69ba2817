#include "store/writer.hpp"

#include <algorithm>
#include <exception>

#include "store/outbox_rows.hpp"

namespace zhili::store {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kFirstPause{1};

Error with_message(ErrorCode code, std::string message, std::string hint) {
  return {code, std::move(message), {}, std::move(hint)};
}

/// Failures that say something of the database and not of a change.
bool of_the_database(ErrorCode code) {
  return code == ErrorCode::kBusy || code == ErrorCode::kUnavailable || code == ErrorCode::kDiskFull ||
         code == ErrorCode::kIo;
}

}  // namespace

void AppendedRows::add(const Appendable& table, std::vector<Value> row) {
  for (const Value& value : row) bytes_ += value.size();
  size_t place = 0;
  while (place < tables_.size() && tables_[place].table != &table) ++place;
  if (place == tables_.size()) tables_.push_back({&table, {}});
  tables_[place].rows.push_back(std::move(row));
  order_.push_back(static_cast<uint32_t>(place));
}

void AppendedRows::take_back(size_t mark) {
  while (order_.size() > mark) {
    auto& rows = tables_[order_.back()].rows;
    for (const Value& value : rows.back()) bytes_ -= value.size();
    rows.pop_back();
    order_.pop_back();
  }
}

void AppendedRows::clear() {
  for (auto& table : tables_) table.rows.clear();
  order_.clear();
  bytes_ = 0;
}

Writer::Writer(std::unique_ptr<Connection> connection, Opener opener, Engine engine, const StoreOptions& options)
    : options_(options),
      opener_(std::move(opener)),
      engine_(engine),
      connection_(std::move(connection)),
      thread_([this] { work(); }) {}

void Writer::submit(Change change, Done done) {
  Error refused;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      refused = with_message(ErrorCode::kUnavailable, "the store is stopping", "Try again when it runs again.");
    } else if (queue_.size() >= options_.queue) {
      refused = with_message(ErrorCode::kBusy, fmt::format("{} changes wait already", queue_.size()),
                             "Nothing was done. Try again in a moment.");
    } else {
      queue_.push_back({std::move(change), std::move(done)});
      // The writer looks by itself before it waits.
      if (queue_.size() == 1) came_.notify_one();
      return;
    }
  }
  failed_.fetch_add(1, std::memory_order_relaxed);
  done(fail(std::move(refused)));
}

void Writer::stop() {
  const std::lock_guard once(stop_mutex_);
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  came_.notify_one();
  thread_.join();
}

StoreCounts Writer::counts() const {
  const std::lock_guard lock(mutex_);
  return {.groups = groups_.load(),
          .changes = changes_.load(),
          .appended = rows_.load(),
          .failed = failed_.load(),
          .repeated = repeated_.load(),
          .waiting = queue_.size()};
}

void Writer::work() {
  id_ = std::this_thread::get_id();
  while (gather()) {
    run_group();
    answer();
    connection_->rest();
  }
}

/// Waits for changes and takes those that wait. False when the store stops and none is left.
bool Writer::gather() {
  std::unique_lock lock(mutex_);
  if (group_.empty()) came_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
  while (!queue_.empty() && group_.size() < options_.group_changes) {
    group_.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return !group_.empty();
}

Status Writer::connect() {
  if (connection_->alive()) return {};
  ZHILI_ASSIGN(connection_, opener_());
  return {};
}

/// Tries until the group is committed or can't be.
void Writer::run_group() {
  bool one_by_one = false;
  auto pause = kFirstPause;
  for (unsigned tries = 1;;) {
    Ended ended = attempt(one_by_one);
    if (ended.kind == Ended::Kind::kNothing) return;
    if (ended.kind == Ended::Kind::kDone) return note_commit();
    if (ended.kind == Ended::Kind::kFailed || tries >= limits::kGroupTries) {
      for (size_t i = 0; i < taken_; ++i) {
        if (!group_[i].left_out) group_[i].failed = ended.error;
      }
      return;
    }
    repeated_.fetch_add(1, std::memory_order_relaxed);
    if (ended.kind == Ended::Kind::kAgainOneByOne) one_by_one = true;
    if (ended.kind != Ended::Kind::kAgain) continue;
    ++tries;
    std::this_thread::sleep_for(pause);
    pause *= 2;
  }
}

void Writer::note_commit() {
  groups_.fetch_add(1, std::memory_order_relaxed);
  rows_.fetch_add(inserted_, std::memory_order_relaxed);
  if (last_event_ == 0) return;
  const std::lock_guard lock(events_mutex_);
  published_ = last_event_;
  events_came_.notify_all();
}

/// Runs the group's changes and commits those that succeed.
Writer::Ended Writer::attempt(bool one_by_one) {
  taken_ = group_.size();
  last_event_ = 0;
  inserted_ = 0;
  appended_.clear();
  if (auto connected = connect(); !connected) return {Ended::Kind::kFailed, connected.error()};
  if (auto begun = connection_->begin(Connection::Begin::kGroup); !begun) return ended_by(begun.error());
  if (auto ended = run_changes(one_by_one)) {
    connection_->rollback();
    return *ended;
  }
  const auto group = std::span(group_).first(taken_);
  if (std::ranges::all_of(group, [](const Waiting& waiting) { return waiting.failed.has_value(); })) {
    connection_->rollback();
    return {Ended::Kind::kNothing};
  }
  return finish();
}

std::optional<Writer::Ended> Writer::run_changes(bool one_by_one) {
  for (size_t i = 0; i < taken_; ++i) {
    if (group_[i].left_out) continue;
    group_[i].failed.reset();
    if (auto ended = run_change(group_[i], one_by_one)) return ended;
    if (appended_.bytes() >= options_.group_bytes) taken_ = i + 1;
  }
  return std::nullopt;
}

/// Runs one change. Gives how the attempt ends where it can't go on.
std::optional<Writer::Ended> Writer::run_change(Waiting& waiting, bool one_by_one) {
  const size_t mark = appended_.mark();
  ChangeState state{.connection = *connection_,
                    .appended = appended_,
                    .bounds = {options_.change_time, limits::kQueryRows, limits::kQueryBytes},
                    .now = options_.now(),
                    .alone = group_.size() == 1};
  Status done = call(waiting.change, state);
  if (done && one_by_one && appended_.mark() > mark) {
    if (!state.alone && !state.savepoint) {
      done = connection_->savepoint();
      state.savepoint = done.has_value();
    }
    if (done) done = insert_appended();
    if (!done) state.failed = done.error();
    appended_.clear();
  }
  if (state.failed.has_value() && of_the_database(state.failed->code)) return ended_by(*state.failed);
  if (done && state.savepoint) done = connection_->release();
  if (done) return std::nullopt;

  appended_.take_back(std::min(mark, appended_.mark()));
  waiting.failed = std::move(done).error();
  // Alone, all is rolled back in the end; without a savepoint there is nothing to undo.
  if (!state.savepoint || (connection_->in_transaction() && connection_->back_to_savepoint())) return std::nullopt;
  if (!connection_->alive()) return ended_by(*waiting.failed);
  waiting.left_out = true;
  return Ended{Ended::Kind::kAgainWithout};
}

Status Writer::call(Change& change, ChangeState& state) {
  Transaction transaction(state);
  Status done;
  // A change is another room's code, and this thread must outlive its mistakes.
  try {
    done = change(transaction);
  } catch (const std::exception& thrown) {
    done = fail(with_message(ErrorCode::kInternal, fmt::format("a change threw: {}", thrown.what()), ""));
  }
  if (done && state.failed.has_value()) return fail(*state.failed);
  return done;
}

/// Numbers the rows of tables that want it: one statement takes the numbers of a counter's row for all of them.
Status Writer::number_appended() {
  struct Taken {
    const std::string* counter;  // The statement stands for the counter.
    std::vector<Value> key;
    int64_t first = 0;
    int64_t count = 0;
    int64_t used = 0;  // By the table at hand.
  };
  std::vector<Taken> all;
  const auto taken = [&](const Appendable& table, const std::vector<Value>& row) -> Taken& {
    std::vector<Value> key;
    for (const size_t column : table.key_columns()) key.push_back(row[column]);
    for (Taken& one : all) {
      if (*one.counter == table.number_sql() && one.key == key) return one;
    }
    return all.emplace_back(Taken{&table.number_sql(), std::move(key)});
  };
  const Bounds bounds{options_.change_time, limits::kQueryRows, limits::kQueryBytes};
  for (auto& [table, rows] : appended_.tables()) {
    if (table->number_sql().empty() || rows.empty()) continue;
    for (Taken& one : all) one.used = 0;
    for (const auto& row : rows) ++taken(*table, row).used;
    for (Taken& one : all) {
      if (*one.counter != table->number_sql()) continue;
      if (one.count == 0) {
        std::vector<Value> params = {one.used};
        params.insert(params.end(), one.key.begin(), one.key.end());
        RowCollector found(bounds);
        ZHILI_TRY(connection_->run(table->number_sql(), params, bounds, &found));
        const Rows next = found.take();
        if (next.size() != 1)
          return fail(with_message(ErrorCode::kInternal, table->table() + ": its rows have no counter", ""));
        one.count = one.used;
        one.first = next[0].int64(0) - one.count;
      }
      if (one.used != one.count) {
        return fail(with_message(ErrorCode::kInternal,
                                 fmt::format("{}: {} rows for {} numbers", table->table(), one.used, one.count), ""));
      }
      one.used = 0;
    }
    for (auto& row : rows) {
      Taken& one = taken(*table, row);
      row[table->number_column()] = one.first + one.used++;
    }
  }
  return {};
}

Status Writer::insert_appended() {
  ZHILI_TRY(number_appended());
  for (auto& [table, rows] : appended_.tables()) {
    if (rows.empty()) continue;
    if (table == &outbox_rows()) ZHILI_TRY(place_events(rows));
    size_t at = 0;
    const auto next = [&]() -> Result<const std::vector<Value>*> { return at < rows.size() ? &rows[at++] : nullptr; };
    ZHILI_TRY(connection_->insert(*table, next, options_.change_time));
    inserted_ += rows.size();
  }
  return {};
}

/// Gives the group's events their positions. The last one's row stays locked until the commit, so that they rise in the
/// order of commits.
Status Writer::place_events(std::vector<std::vector<Value>>& rows) {
  const Bounds bounds{options_.change_time, 1, limits::kQueryBytes};
  RowCollector found(bounds);
  const std::vector<Value> count{static_cast<int64_t>(rows.size())};
  ZHILI_TRY(connection_->run("UPDATE outbox_head SET position = position + $1 WHERE id = 1 RETURNING position", count,
                             bounds, &found));
  const Rows head = found.take();
  if (head.empty()) return fail(ErrorCode::kInternal, {}, "Restore the last backup.", "the outbox has lost its head");
  last_event_ = head[0].int64(0);
  int64_t position = last_event_ - static_cast<int64_t>(rows.size());
  for (auto& row : rows) row[0] = ++position;
  return {};
}

bool Writer::wait_for_events(int64_t position, std::chrono::milliseconds time) {
  std::unique_lock lock(events_mutex_);
  return events_came_.wait_for(lock, time, [&] { return published_ > position; });
}

Writer::Ended Writer::finish() {
  if (auto inserted = insert_appended(); !inserted) {
    Error error = std::move(inserted).error();
    if (of_the_database(error.code)) return ended_by(std::move(error));
    connection_->rollback();
    return {Ended::Kind::kAgainOneByOne, std::move(error)};
  }
  if (auto committed = connection_->commit(); !committed) return ended_by(std::move(committed).error());
  return {Ended::Kind::kDone};
}

Writer::Ended Writer::ended_by(Error error) {
  if (error.code == ErrorCode::kOutcomeUnknown) return settle_unknown(std::move(error));
  connection_->rollback();
  // SQLite has waited for another program's lock already.
  const bool passes =
      error.code == ErrorCode::kUnavailable || (error.code == ErrorCode::kBusy && engine_ == Engine::kPostgres);
  return {passes ? Ended::Kind::kAgain : Ended::Kind::kFailed, std::move(error)};
}

/// The connection broke within COMMIT. The database knows what became of it, once it can be reached.
Writer::Ended Writer::settle_unknown(Error error) {
  const std::string id = connection_->transaction_id();
  const auto until = Clock::now() + options_.connect_time;
  auto pause = kFirstPause;
  while (!id.empty() && Clock::now() < until) {
    if (connect()) {
      const auto committed = connection_->committed(id);
      if (committed) return {*committed ? Ended::Kind::kDone : Ended::Kind::kAgain, error};
      if (connection_->alive()) break;
    }
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, std::chrono::milliseconds(200));
  }
  return {Ended::Kind::kFailed, std::move(error)};
}

/// Tells each change of the group what became of it; what the commit did not hold stays for the next.
void Writer::answer() {
  std::vector<Waiting> rest(std::make_move_iterator(group_.begin() + static_cast<ptrdiff_t>(taken_)),
                            std::make_move_iterator(group_.end()));
  group_.resize(taken_);
  uint64_t failed = 0;
  for (const auto& waiting : group_) failed += waiting.failed.has_value() ? 1 : 0;
  failed_.fetch_add(failed, std::memory_order_relaxed);
  changes_.fetch_add(group_.size() - failed, std::memory_order_relaxed);
  for (auto& waiting : group_) {
    if (waiting.failed.has_value()) {
      waiting.done(fail(std::move(*waiting.failed)));
    } else {
      waiting.done({});
    }
  }
  group_ = std::move(rest);
}

}  // namespace zhili::store
