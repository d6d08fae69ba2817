#include "audit/audit_log.hpp"

#include <algorithm>

#include "audit/checkpoint.hpp"
#include "base/limits.hpp"

namespace zhili::audit {
namespace {

using store::Params;
using store::Transaction;
using store::Value;

constexpr size_t kBatchBytes = size_t{32} << 20;
constexpr int64_t kRowsAtOnce = 250;  // Removed in one change: 5000 held the store's writer up for 20 to 40 ms.
constexpr std::chrono::milliseconds kLookAgain{20};

constexpr std::string_view kTables =
    "CREATE TABLE audit_log /* small */ (area_id BIGINT NOT NULL, log_id TEXT NOT NULL, next_index BIGINT NOT NULL, "
    "pruned BIGINT NOT NULL, holder TEXT NOT NULL, lease_until BIGINT NOT NULL, "
    "PRIMARY KEY (area_id, log_id));"
    "CREATE TABLE audit_entry (area_id BIGINT NOT NULL, log_id TEXT NOT NULL, entry_index BIGINT NOT NULL, "
    "entry TEXT NOT NULL, PRIMARY KEY (area_id, log_id, entry_index));"
    "CREATE TABLE audit_place (area_id BIGINT NOT NULL, log_id TEXT NOT NULL, entry_id TEXT NOT NULL, "
    "entry_index BIGINT NOT NULL, salt BYTEA, PRIMARY KEY (area_id, log_id, entry_id));";

const store::Numbering numbering{"audit_log", "next_index", {"area_id", "log_id"}, "entry_index"};
const store::Appendable entry_rows("audit_entry", {"area_id", "log_id", "entry_index", "entry"}, numbering);
const store::Appendable place_rows("audit_place", {"area_id", "log_id", "entry_id", "entry_index", "salt"}, numbering);

std::unexpected<Error> unknown_entry() {
  return fail(ErrorCode::kNotFound, {}, "An entry's id is told when it is made.", "the log has no entry of this id");
}

}  // namespace

struct AuditLog::Files {
  PosixDisk disk;
  std::unique_ptr<Log> log = {};
};

std::vector<store::Migration> AuditLog::migrations() { return {{"audit", 1, kTables}}; }

AuditLog::AuditLog(store::Store& store, AuditLogOptions options, Hasher hasher)
    : store_(store), options_(std::move(options)), hasher_(std::move(hasher)) {}

Result<std::unique_ptr<AuditLog>> AuditLog::open(store::Store& store, AuditLogOptions options) {
  if (options.keys.empty() || options.server.empty()) {
    return fail(ErrorCode::kInternal, {}, "", "a log needs a key and the server's name");
  }
  ZHILI_ASSIGN(Hasher hasher, Hasher::create(options.hash));
  std::unique_ptr<AuditLog> log(new AuditLog(store, std::move(options), std::move(hasher)));
  const std::vector<Value> key = {log->options_.area_id, log->options_.origin};
  ZHILI_ASSIGN(const auto known, store.query("SELECT pruned FROM audit_log WHERE area_id = $1 AND log_id = $2", key));
  if (!known.empty()) {
    log->pruned_ = static_cast<uint64_t>(known[0].int64(0));
    return log;
  }
  const Status made = store.commit([&](Transaction& transaction) -> Status {
    ZHILI_TRY(
        transaction.execute("INSERT INTO audit_log (area_id, log_id, next_index, pruned, holder, lease_until) "
                            "VALUES ($1, $2, 0, 0, '', 0) ON CONFLICT (area_id, log_id) DO NOTHING",
                            key));
    return {};
  });
  ZHILI_TRY(made);
  return log;
}

AuditLog::~AuditLog() { stop(); }

Result<EntryDraft> AuditLog::draft(Action action, const Ref& actor) const {
  return EntryDraft::begin(hasher_.another(), action, actor, store_.now());
}

Status AuditLog::add(Transaction& transaction, const EntryDraft& entry) const {
  std::string json = entry.json();
  if (json.size() > limits::kLogEntryBytes) {
    return fail(ErrorCode::kLimit, {}, "", "an entry has {} bytes; the limit is {}", json.size(),
                limits::kLogEntryBytes);
  }
  // The store puts the numbers in, once for the whole group.
  ZHILI_TRY(transaction.append(entry_rows, {options_.area_id, options_.origin, 0, std::move(json)}));
  return transaction.append(place_rows,
                            {options_.area_id, options_.origin, entry.id(), 0, store::Bytes{entry.salt().bytes}});
}

Status AuditLog::add(const EntryDraft& entry) const {
  return store_.commit([&](Transaction& transaction) { return add(transaction, entry); });
}

/// Whether this server leads. A leader that gives no sign is replaced: one whose lease this server found the same for a
/// lease's length by its own ticks. No server's clock is held against another's, so they may differ or be set at will.
/// The lock on the files keeps two from writing even then.
Result<bool> AuditLog::take_lease() {
  const auto now = options_.ticks();
  const bool silent = seen_ && now - seen_->since >= options_.lease;
  const SeenLease passed_over = silent ? *seen_ : SeenLease{};
  // For who reads the table; to servers it only says that it changed, as it does each time.
  const int64_t until = store_.now() + std::chrono::microseconds(options_.lease).count();
  int64_t taken = 0;
  SeenLease found;
  const Status made = store_.commit([&](Transaction& transaction) -> Status {
    ZHILI_ASSIGN(taken,
                 transaction.execute("UPDATE audit_log SET holder = $3, lease_until = CASE WHEN lease_until < $4 THEN "
                                     "$4 ELSE lease_until + 1 END WHERE area_id = $1 AND log_id = $2 AND "
                                     "(holder = $3 OR lease_until = 0 OR (holder = $5 AND lease_until = $6) OR $7 = 1)",
                                     {options_.area_id, options_.origin, options_.server, until, passed_over.holder,
                                      passed_over.until, int64_t{options_.alone}}));
    if (taken == 1) return {};
    ZHILI_ASSIGN(const auto rows, transaction.query("SELECT holder, lease_until FROM audit_log WHERE area_id = $1 AND "
                                                    "log_id = $2",
                                                    {options_.area_id, options_.origin}));
    if (rows.empty()) return fail(ErrorCode::kInternal, {}, "", "the store has lost the log's row");
    found = {std::string(rows[0].text(0)), rows[0].int64(1), {}};
    return {};
  });
  ZHILI_TRY(made);
  if (taken == 1) {
    seen_.reset();
  } else if (!seen_ || seen_->holder != found.holder || seen_->until != found.until) {
    found.since = options_.ticks();
    seen_ = std::move(found);
  }
  return taken == 1;
}

Status AuditLog::open_files() {
  if (files_) return {};
  ZHILI_ASSIGN(PosixDisk disk, PosixDisk::open(options_.directory, PosixDisk::Access::kWrite));
  auto files = std::make_unique<Files>(Files{std::move(disk)});
  auto log = Log::open(files->disk, options_.origin, options_.hash, options_.keys);
  if (!log) {
    Error error = std::move(log).error();
    if (!error.place.file.starts_with('/')) error.place.file = (options_.directory / error.place.file).string();
    return fail(std::move(error));
  }
  files->log = std::make_unique<Log>(std::move(*log));
  ZHILI_ASSIGN(const auto row,
               store_.query("SELECT next_index, pruned FROM audit_log WHERE area_id = $1 AND log_id = $2",
                            {options_.area_id, options_.origin}));
  if (row.empty()) return fail(ErrorCode::kInternal, {}, "", "the store has lost the log's row");
  const uint64_t size = files->log->head().size;
  const auto next = static_cast<uint64_t>(row[0].int64(0));
  pruned_ = static_cast<uint64_t>(row[0].int64(1));
  if (size < pruned_ || size > next) {
    return fail(ErrorCode::kInput, {options_.directory.string(), 0, 0},
                "Bring back the copy of the files that belongs to this state of the store.",
                "the log's files have {} entries; the store has {}, and keeps those from {} on", size, next, pruned_);
  }
  files_ = std::move(files);
  return {};
}

/// Appends what is committed, a batch at a time, and signs a checkpoint.
Result<uint64_t> AuditLog::append_committed() {
  Log& log = *files_->log;
  uint64_t appended = 0;
  for (bool more = true; more;) {
    std::vector<std::string> entries;
    size_t bytes = 0;
    uint64_t next = log.head().size;
    more = false;
    {
      ZHILI_ASSIGN(auto snapshot, store_.read());
      const auto read = snapshot.each(
          "SELECT entry_index, entry FROM audit_entry WHERE area_id = $1 AND log_id = $2 AND entry_index >= $3 "
          "ORDER BY entry_index LIMIT $4",
          {options_.area_id, options_.origin, static_cast<int64_t>(next), static_cast<int64_t>(options_.batch)},
          [&](const store::Row& row) -> Status {
            if (static_cast<uint64_t>(row.int64(0)) != next) {
              return fail(ErrorCode::kInput, {}, "Bring the store back from its copy.",
                          "the store lacks entry {} of the log", next);
            }
            entries.emplace_back(row.text(1));
            ++next;
            bytes += entries.back().size();
            if (bytes < kBatchBytes) return {};
            more = true;
            return fail(ErrorCode::kCancelled, {}, "", "enough for one batch");
          });
      if (!read && !more) return fail(read.error());
    }
    more = more || entries.size() == options_.batch;
    if (entries.empty()) break;
    const std::vector<std::string_view> views(entries.begin(), entries.end());
    if (log.head().size - log.checkpoint().head.size + views.size() > limits::kLogAhead) ZHILI_TRY(log.publish());
    ZHILI_TRY(log.append(views));
    appended += views.size();
  }
  if (log.head() != log.checkpoint().head) ZHILI_TRY(log.publish());
  return appended;
}

Status AuditLog::prune(uint64_t published) {
  const uint64_t below = published - std::min(published, options_.keep);
  while (pruned_ < below) {
    const auto until = static_cast<int64_t>(std::min<uint64_t>(below, pruned_ + kRowsAtOnce));
    const Status made = store_.commit([&](Transaction& transaction) -> Status {
      ZHILI_TRY(transaction.execute("DELETE FROM audit_entry WHERE area_id = $1 AND log_id = $2 AND entry_index < $3",
                                    {options_.area_id, options_.origin, until}));
      ZHILI_TRY(transaction.execute("UPDATE audit_log SET pruned = $3 WHERE area_id = $1 AND log_id = $2",
                                    {options_.area_id, options_.origin, until}));
      return {};
    });
    ZHILI_TRY(made);
    pruned_ = static_cast<uint64_t>(until);
  }
  return {};
}

Result<AuditLog::Step> AuditLog::integrate() {
  const std::scoped_lock one_at_a_time(step_);
  ZHILI_ASSIGN(const bool leader, take_lease());
  if (!leader) {
    files_.reset();
    return Step{};
  }
  ZHILI_TRY(open_files());
  Step step{.leader = true};
  auto appended = append_committed();
  if (!appended) {
    files_.reset();  // Opened anew from what is on the disk: nothing of a failed step is built upon.
    return fail(std::move(appended).error());
  }
  step.appended = *appended;
  step.published = files_->log->checkpoint().head;
  ZHILI_TRY(prune(step.published.size));
  return step;
}

void AuditLog::start() {
  const std::scoped_lock lock(mutex_);
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
}

void AuditLog::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    auto step = integrate();
    lock.lock();
    trouble_ = step ? std::nullopt : std::optional<Error>(std::move(step).error());
    stopped_.wait_for(lock, options_.interval, [this] { return stopping_; });
  }
}

void AuditLog::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  stopped_.notify_all();
  if (thread_.joinable()) thread_.join();
  const std::scoped_lock one_at_a_time(step_);
  if (!files_) return;
  files_.reset();
  // Without it the next leader waits for the lease to end; nothing else is lost.
  const auto given_back = store_.commit([&](Transaction& transaction) -> Status {
    ZHILI_TRY(
        transaction.execute("UPDATE audit_log SET lease_until = 0 WHERE area_id = $1 AND log_id = $2 AND holder = $3",
                            {options_.area_id, options_.origin, options_.server}));
    return {};
  });
  const std::scoped_lock lock(mutex_);
  if (!given_back) trouble_ = given_back.error();
}

std::optional<Error> AuditLog::trouble() const {
  const std::scoped_lock lock(mutex_);
  return trouble_;
}

Result<uint64_t> AuditLog::index_of(std::string_view entry_id) const {
  ZHILI_ASSIGN(const auto rows,
               store_.query("SELECT entry_index FROM audit_place WHERE area_id = $1 AND log_id = $2 AND "
                            "entry_id = $3",
                            {options_.area_id, options_.origin, entry_id}));
  if (rows.empty()) return unknown_entry();
  return static_cast<uint64_t>(rows[0].int64(0));
}

Result<ProofText> AuditLog::prove(std::string_view entry_id, std::chrono::milliseconds wait) const {
  ZHILI_ASSIGN(const uint64_t index, index_of(entry_id));
  const auto deadline = std::chrono::steady_clock::now() + wait;
  std::vector<VerifyKey> keys;
  for (const SignKey& key : options_.keys) {
    ZHILI_ASSIGN(VerifyKey verifier, key.verify_key());
    keys.push_back(std::move(verifier));
  }
  // From the files, not from the leader's memory: any server can answer, and only what is durable is proved.
  ZHILI_ASSIGN(const PosixDisk disk, PosixDisk::open(options_.directory, PosixDisk::Access::kRead));
  for (;;) {
    ZHILI_ASSIGN(std::string note, disk.read(kCheckpointPath, limits::kNoteBytes));
    ZHILI_ASSIGN(const auto opened, open_checkpoint(note, options_.origin, keys));
    const TreeHead& head = opened.checkpoint.head;
    if (index < head.size) {
      ZHILI_ASSIGN(TileReader reader, TileReader::create(disk, options_.hash));
      ZHILI_ASSIGN(Proof proof, reader.inclusion(index, head.size));
      return ProofText{index, std::move(proof), std::move(note)};
    }
    if (std::chrono::steady_clock::now() >= deadline) {
      return fail(ErrorCode::kBusy, {}, "Ask again after the next checkpoint.",
                  "entry {} is durable, but the newest checkpoint covers {} entries", index, head.size);
    }
    std::this_thread::sleep_for(kLookAgain);
  }
}

/// Entries below `end` from the files, newest first, until there are `limit`.
Status AuditLog::list_files(uint64_t end, uint64_t limit, std::vector<Listed>& out) const {
  ZHILI_ASSIGN(const PosixDisk disk, PosixDisk::open(options_.directory, PosixDisk::Access::kRead));
  ZHILI_ASSIGN(TileReader reader, TileReader::create(disk, options_.hash));
  // A full bundle's file stays, whatever the tree has grown to; and what the store has pruned lies in full ones but for
  // the last, for which the checkpoint says how far it goes.
  ZHILI_ASSIGN(const std::string note, disk.read(kCheckpointPath, limits::kNoteBytes));
  std::vector<VerifyKey> keys;
  keys.reserve(options_.keys.size());
  for (const SignKey& key : options_.keys) {
    ZHILI_ASSIGN(VerifyKey verifier, key.verify_key());
    keys.push_back(std::move(verifier));
  }
  ZHILI_ASSIGN(const auto opened, open_checkpoint(note, options_.origin, keys));
  while (end > 0 && out.size() < limit) {
    --end;
    ZHILI_ASSIGN(std::string entry, reader.entry(end, opened.checkpoint.head.size));
    out.push_back({end, std::move(entry)});
  }
  return {};
}

Result<AuditLog::Page> AuditLog::list(std::optional<uint64_t> before, uint64_t limit) const {
  Page page;
  uint64_t end = 0;
  {
    ZHILI_ASSIGN(auto snapshot, store_.read());
    ZHILI_ASSIGN(const auto row, snapshot.query("SELECT next_index FROM audit_log WHERE area_id = $1 AND log_id = $2",
                                                {options_.area_id, options_.origin}));
    if (row.empty()) return fail(ErrorCode::kInternal, {}, "", "the store has lost the log's row");
    page.size = static_cast<uint64_t>(row[0].int64(0));
    end = std::min(before.value_or(page.size), page.size);
    ZHILI_TRY(snapshot.each(
        "SELECT entry_index, entry FROM audit_entry WHERE area_id = $1 AND log_id = $2 AND entry_index < $3 "
        "ORDER BY entry_index DESC LIMIT $4",
        {options_.area_id, options_.origin, static_cast<int64_t>(end), static_cast<int64_t>(limit)},
        [&](const store::Row& row_of) -> Status {
          end = static_cast<uint64_t>(row_of.int64(0));
          page.entries.push_back({end, std::string(row_of.text(1))});
          return {};
        }));
  }
  if (page.entries.size() < limit && end > 0) ZHILI_TRY(list_files(end, limit, page.entries));
  return page;
}

Result<std::optional<Salt>> AuditLog::salt(std::string_view entry_id) const {
  ZHILI_ASSIGN(const auto rows,
               store_.query("SELECT salt FROM audit_place WHERE area_id = $1 AND log_id = $2 AND entry_id = $3",
                            {options_.area_id, options_.origin, entry_id}));
  if (rows.empty()) return unknown_entry();
  if (rows[0].is_null(0)) return std::optional<Salt>();
  return std::optional(Salt{std::string(rows[0].bytes(0))});
}

Status AuditLog::forget(std::string_view entry_id) const {
  int64_t found = 0;
  const Status made = store_.commit([&](Transaction& transaction) -> Status {
    ZHILI_ASSIGN(found, transaction.execute("UPDATE audit_place SET salt = NULL WHERE area_id = $1 AND log_id = $2 AND "
                                            "entry_id = $3",
                                            {options_.area_id, options_.origin, entry_id}));
    return {};
  });
  ZHILI_TRY(made);
  if (found == 0) return unknown_entry();
  return {};
}

}  // namespace zhili::audit
