#include "store/store.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "store/connection.hpp"
#include "store/read_pool.hpp"
#include "store/writer.hpp"

namespace zhili::store {
namespace {

std::string joined(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, ", ")); }

std::string numbered(size_t count) {
  std::string out;
  for (size_t i = 1; i <= count; ++i) out += fmt::format("{}${}", i == 1 ? "" : ", ", i);
  return out;
}

/// Gives rows on to a function, one by one.
class RowVisitor final : public RowSink {
 public:
  explicit RowVisitor(const std::function<Status(const Row&)>& visit) : visit_(visit) {}
  void columns(std::vector<std::string>) override {}
  Status row(std::span<const Cell> cells) override { return visit_(Row(cells)); }

 private:
  const std::function<Status(const Row&)>& visit_;
};

}  // namespace

int64_t system_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

Appendable::Appendable(std::string table, std::vector<std::string> columns)
    : table_(std::move(table)),
      columns_(std::move(columns)),
      insert_sql_(fmt::format("INSERT INTO {} ({}) VALUES ({})", table_, joined(columns_), numbered(columns_.size()))),
      copy_sql_(fmt::format("COPY {} ({}) FROM STDIN", table_, joined(columns_))) {}

Appendable::Appendable(std::string table, std::vector<std::string> columns, const Numbering& numbering)
    : Appendable(std::move(table), std::move(columns)) {
  const auto place = [this](const std::string& name) {
    return static_cast<size_t>(std::ranges::find(columns_, name) - columns_.begin());
  };
  number_column_ = place(numbering.column);
  std::string where;
  for (const std::string& key : numbering.keys) {
    key_columns_.push_back(place(key));
    where += fmt::format("{}{} = ${}", where.empty() ? "" : " AND ", key, key_columns_.size() + 1);
  }
  number_sql_ = fmt::format("UPDATE {0} SET {1} = {1} + CAST($1 AS BIGINT) WHERE {2} RETURNING {1}", numbering.counter,
                            numbering.next, where);
}

Snapshot::Snapshot(ReadPool& pool, std::unique_ptr<Connection> connection, const ReadOptions& options)
    : pool_(&pool), connection_(std::move(connection)), options_(options) {}

Snapshot::Snapshot(Snapshot&& other) noexcept
    : pool_(std::exchange(other.pool_, nullptr)),
      connection_(std::move(other.connection_)),
      options_(other.options_),
      touched_(other.touched_),
      over_(other.over_) {}

Snapshot::~Snapshot() {
  if (pool_ == nullptr) return;
  if (connection_->alive() && !connection_->commit()) connection_->rollback();
  pool_->give_back(std::move(connection_));
}

/// A connection that lay idle may have been broken for long; it shows only now.
template <class Work>
Status Snapshot::first_or_again(Work&& work) {
  auto done = work();
  const bool broken = !done && done.error().code == ErrorCode::kUnavailable;
  if (!broken || std::exchange(touched_, true)) return done;
  ZHILI_ASSIGN(auto fresh, pool_->open_new());
  connection_ = std::move(fresh);
  ZHILI_TRY(connection_->begin(Connection::Begin::kRead));
  return work();
}

Status Snapshot::require_going() const {
  if (!over_) return {};
  return fail(ErrorCode::kInternal, {}, "Read in a new snapshot.", "an earlier error has ended this snapshot");
}

Result<Rows> Snapshot::query(std::string_view sql, Params params) {
  ZHILI_TRY(require_going());
  const Bounds bounds{options_.time_limit, options_.row_limit, limits::kQueryBytes, options_.cancel};
  Rows rows;
  const auto once = [&]() -> Status {
    RowCollector collector(bounds);
    ZHILI_TRY(connection_->run(sql, params.values(), bounds, &collector));
    rows = collector.take();
    return {};
  };
  Status done = first_or_again(once);
  touched_ = true;
  over_ = !done;
  if (!done) return std::unexpected(std::move(done).error());
  return rows;
}

Status Snapshot::each(std::string_view sql, Params params, const std::function<Status(const Row&)>& visit) {
  ZHILI_TRY(require_going());
  const Bounds bounds{options_.time_limit, UINT64_MAX, SIZE_MAX, options_.cancel};
  // Rows that were shown can't be taken back, so nothing is tried again.
  touched_ = true;
  RowVisitor visitor(visit);
  auto done = connection_->run(sql, params.values(), bounds, &visitor);
  over_ = !done;
  if (!done) return std::unexpected(std::move(done).error());
  return {};
}

Store::Store(StoreUrl url, StoreOptions options) : url_(std::move(url)), options_(std::move(options)) {}

Store::~Store() { stop(); }

Result<std::unique_ptr<Store>> Store::open(const StoreUrl& url, const std::vector<Migration>& migrations,
                                           StoreOptions options) {
  options.readers = std::clamp(options.readers, 1U, limits::kReadConnections);
  auto all = store_migrations();
  all.insert(all.end(), migrations.begin(), migrations.end());
  const ConnectionOptions writing{.writer = true, .read_only = options.read_only, .connect_time = options.connect_time};
  ConnectionOptions reading = writing;
  reading.writer = false;
  auto store = std::unique_ptr<Store>(new Store(url, std::move(options)));
  ZHILI_ASSIGN(auto connection, open_connection(url, writing));
  const auto mode = writing.read_only ? MigrateMode::kCheckOnly : MigrateMode::kApply;
  ZHILI_TRY(migrate(*connection, url.engine(), all, mode, store->now()));
  store->pool_ = std::make_unique<ReadPool>(url, store->options_.readers, reading);
  if (writing.read_only) return store;
  store->writer_ = std::make_unique<Writer>(
      std::move(connection), [url, writing] { return open_connection(url, writing); }, url.engine(), store->options_);
  return store;
}

Status Store::commit(Change change) {
  if (writer_ != nullptr && writer_->is_this_thread()) {
    return fail(ErrorCode::kInternal, {}, "Hand it over with submit().", "a change waits for another one");
  }
  std::mutex mutex;
  std::condition_variable answered;
  bool done = false;
  Status outcome;
  submit(std::move(change), [&](Status status) {
    // Told under the lock: once it is released, all of this may be gone.
    const std::lock_guard lock(mutex);
    outcome = std::move(status);
    done = true;
    answered.notify_one();
  });
  std::unique_lock lock(mutex);
  answered.wait(lock, [&] { return done; });
  return outcome;
}

void Store::submit(Change change, Done done) {
  if (writer_ == nullptr) {
    done(fail(ErrorCode::kUsage, {}, "Open it for writing.", "the store was opened read-only"));
    return;
  }
  writer_->submit(std::move(change), std::move(done));
}

Result<Snapshot> Store::read(ReadOptions options) {
  ZHILI_ASSIGN(auto connection, pool_->take(options.time_limit));
  Snapshot snapshot(*pool_, std::move(connection), options);
  ZHILI_TRY(snapshot.first_or_again([&] { return snapshot.connection_->begin(Connection::Begin::kRead); }));
  snapshot.touched_ = false;
  return snapshot;
}

Result<Rows> Store::query(std::string_view sql, Params params, ReadOptions options) {
  ZHILI_ASSIGN(auto snapshot, read(options));
  return snapshot.query(sql, params);
}

bool Store::wait_for_events(int64_t position, std::chrono::milliseconds time) {
  if (writer_ != nullptr) return writer_->wait_for_events(position, time);
  std::this_thread::sleep_for(time);
  return false;
}

void Store::stop() {
  if (writer_ != nullptr) writer_->stop();
}

StoreCounts Store::counts() const { return writer_ == nullptr ? StoreCounts{} : writer_->counts(); }

}  // namespace zhili::store
