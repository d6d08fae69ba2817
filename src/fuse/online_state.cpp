#include "fuse/online_state.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <limits>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace zhili::fuse {
namespace {

namespace fs = std::filesystem;
using store::Row;

constexpr std::string_view kTables =
    "CREATE TABLE fuse_base /* small */ (area_id BIGINT NOT NULL, kind TEXT NOT NULL, head BIGINT NOT NULL, "
    "snapshot BIGINT NOT NULL, owner BIGINT NOT NULL, beat BIGINT NOT NULL, PRIMARY KEY (area_id, kind));"
    "CREATE TABLE fuse_journal (area_id BIGINT NOT NULL, kind TEXT NOT NULL, number BIGINT NOT NULL, "
    "sealed BYTEA NOT NULL, PRIMARY KEY (area_id, kind, number));";

const store::Appendable& journal_table() {
  static const store::Appendable table("fuse_journal", {"area_id", "kind", "number", "sealed"});
  return table;
}

constexpr uint64_t kForgottenAtOnce = 2000;
constexpr std::string_view kSuffix = ".snapshot";

std::unexpected<Error> taken_over() {
  return fail(ErrorCode::kBusy, {}, "Let one process serve the base.", "another process serves this base");
}

bool is_kind(std::string_view kind) {
  return !kind.empty() && kind.size() <= 64 && std::ranges::all_of(kind, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

}  // namespace

const std::vector<store::Migration>& Online::migrations() {
  static const std::vector<store::Migration> list{{"fuse", 1, kTables}};
  return list;
}

BaseState::BaseState(store::Store& store, const OnlineOptions& options, int lock)
    : store_(store),
      area_(options.area),
      kind_(options.kind),
      dir_(options.dir),
      sealing_(*options.sealing),
      alone_(options.alone),
      lease_(options.lease),
      owner_(static_cast<int64_t>(options.owner & static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))),
      threads_(options.threads),
      lock_(lock) {}

BaseState::~BaseState() { ::close(lock_); }

Result<std::unique_ptr<BaseState>> BaseState::claim(store::Store& store, const OnlineOptions& options) {
  if (!is_kind(options.kind)) {
    return fail(ErrorCode::kInput, {}, "Name it by letters, digits and '-'.", "'{}' names no kind of entity",
                options.kind);
  }
  if (options.sealing == nullptr || options.owner << 1 == 0) {
    return fail(ErrorCode::kInternal, {}, "", "a base needs sealing and an owner's number");
  }
  std::error_code ec;
  fs::create_directories(options.dir, ec);
  const auto path = options.dir / (options.kind + ".lock");
  constexpr mode_t kOwnerOnly = 0600;
  const int lock = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kOwnerOnly);
  if (lock < 0) {
    return fail(ErrorCode::kIo, {path.string(), 0, 0}, "Check the path and its permissions.", "cannot open: {}",
                std::strerror(errno));
  }
  std::unique_ptr<BaseState> out(new BaseState(store, options, lock));
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) return taken_over();
  return out;
}

Status BaseState::require_new() {
  ZHILI_ASSIGN(const auto rows,
               store_.query("SELECT 1 FROM fuse_base WHERE area_id = $1 AND kind = $2", {area_, kind_}));
  if (rows.empty()) return {};
  return fail(ErrorCode::kConflict, {}, "Make it under another name, and let readers turn to that.",
              "there is a base of '{}' already", kind_);
}

Status BaseState::insert() {
  return change("INSERT INTO fuse_base (area_id, kind, head, snapshot, owner, beat) VALUES ($1, $2, 0, 0, 0, 0)",
                {area_, kind_});
}

Status BaseState::take() {
  struct Signs {
    int64_t head;
    int64_t owner;
    int64_t beat;
    bool operator==(const Signs&) const = default;
  };
  const auto look = [&]() -> Result<Signs> {
    ZHILI_ASSIGN(
        const auto rows,
        store_.query("SELECT head, owner, beat FROM fuse_base WHERE area_id = $1 AND kind = $2", {area_, kind_}));
    if (!rows.empty()) return Signs{rows[0].int64(0), rows[0].int64(1), rows[0].int64(2)};
    return fail(ErrorCode::kNotFound, {}, "Make one of a batch run's result.", "there is no base of '{}'", kind_);
  };
  ZHILI_ASSIGN(const auto seen, look());
  if (seen.owner != 0 && !alone_) {
    const auto until = std::chrono::steady_clock::now() + lease_;
    while (std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(lease_ / 10);
      ZHILI_ASSIGN(const auto now, look());
      if (now.owner == 0) break;
      if (now != seen) return taken_over();
    }
  }
  return store_.commit([&](store::Transaction& transaction) -> Status {
    ZHILI_ASSIGN(
        const int64_t taken,
        transaction.execute("UPDATE fuse_base SET owner = $1, beat = beat + 1 WHERE area_id = $2 AND kind = $3 "
                            "AND owner IN ($4, 0)",
                            {owner_, area_, kind_, seen.owner}));
    return taken == 1 ? Status{} : Status{taken_over()};
  });
}

Status BaseState::give_back() {
  return change("UPDATE fuse_base SET owner = 0 WHERE area_id = $1 AND kind = $2 AND owner = $3",
                {area_, kind_, owner_});
}

Status BaseState::beat() {
  return store_.commit([&](store::Transaction& transaction) -> Status {
    ZHILI_ASSIGN(
        const int64_t ours,
        transaction.execute("UPDATE fuse_base SET beat = beat + 1 WHERE area_id = $1 AND kind = $2 AND owner = $3",
                            {area_, kind_, owner_}));
    return ours == 1 ? Status{} : Status{taken_over()};
  });
}

Status BaseState::still_ours() {
  ZHILI_ASSIGN(const auto rows,
               store_.query("SELECT owner FROM fuse_base WHERE area_id = $1 AND kind = $2", {area_, kind_}));
  return !rows.empty() && rows[0].int64(0) == owner_ ? Status{} : Status{taken_over()};
}

Result<uint64_t> BaseState::read_head() {
  ZHILI_ASSIGN(const auto rows,
               store_.query("SELECT head FROM fuse_base WHERE area_id = $1 AND kind = $2", {area_, kind_}));
  return rows.empty() ? 0 : static_cast<uint64_t>(rows[0].int64(0));
}

std::string BaseState::context(std::string_view what, uint64_t number) const {
  return fmt::format("fuse|{}|{}|{}|{}", area_, kind_, what, number);
}

fs::path BaseState::path_of(uint64_t number) const { return dir_ / fmt::format("{}_{:020}{}", kind_, number, kSuffix); }

/// Numbers of the snapshots in the directory, the newest first.
Result<std::vector<uint64_t>> BaseState::snapshots() const {
  std::vector<uint64_t> out;
  std::error_code ec;
  for (const auto& entry : fs::directory_iterator(dir_, ec)) {
    const auto name = entry.path().filename().string();
    if (!name.starts_with(kind_ + "_") || !name.ends_with(kSuffix)) continue;
    uint64_t number = 0;
    const char* const begin = name.data() + kind_.size() + 1;
    const char* const end = name.data() + name.size() - kSuffix.size();
    const auto [stopped, error] = std::from_chars(begin, end, number);
    if (error == std::errc() && stopped == end) out.push_back(number);
  }
  if (ec) return fail(ErrorCode::kIo, {dir_.string(), 0, 0}, "Check the path.", "cannot be listed: {}", ec.message());
  std::ranges::sort(out, std::greater<>{});
  return out;
}

Result<std::unique_ptr<Resolver>> BaseState::load(const Config& config, Opened& opened) {
  ZHILI_ASSIGN(opened.head, read_head());
  ZHILI_ASSIGN(const auto numbers, snapshots());
  Error last{ErrorCode::kInput,
             fmt::format("no snapshot of '{}' is there", kind_),
             {dir_.string(), 0, 0},
             "Restore the directory from a backup, or learn the base anew by a batch run."};
  for (const uint64_t number : numbers) {
    if (number > opened.head) continue;
    auto resolver = load_from(number, config, opened);
    if (resolver) {
      opened.snapshot = number;
      return resolver;
    }
    if (resolver.error().code != ErrorCode::kInput) return resolver;
    last = std::move(resolver).error();
  }
  return fail(std::move(last));
}

Result<std::unique_ptr<Resolver>> BaseState::load_from(uint64_t snapshot, const Config& config, Opened& opened) {
  static Cancel never;
  ZHILI_ASSIGN(const auto file, SealedFileReader::open(path_of(snapshot), context("snapshot", snapshot), sealing_));
  ZHILI_ASSIGN(auto resolver, SnapshotLoader::load(config, threads_, never, [&] { return file->next(); }));
  opened.changes = 0;
  ZHILI_TRY(replay(*resolver, snapshot, opened.head, opened.changes));
  return resolver;
}

Status BaseState::replay(Resolver& resolver, uint64_t from, uint64_t head, uint64_t& changes) {
  // In groups, so that no long query keeps the store's log from being cut.
  constexpr uint64_t kGroup = 200;
  while (from < head) {
    ZHILI_ASSIGN(
        const auto rows,
        store_.query("SELECT number, sealed FROM fuse_journal WHERE area_id = $1 AND kind = $2 AND number > $3 "
                     "AND number <= $4 ORDER BY number",
                     {area_, kind_, static_cast<int64_t>(from), static_cast<int64_t>(from + kGroup)}));
    for (const auto row : rows) {
      const auto number = static_cast<uint64_t>(row.int64(0));
      if (number != from + 1) break;
      ZHILI_ASSIGN(const auto journal, sealing_.open(context("journal", number), row.bytes(1)));
      ZHILI_ASSIGN(const uint64_t records, resolver.replay(journal));
      changes += records;
      from = number;
    }
    if (rows.size() < std::min(kGroup, head - from) && from < head) {
      return fail(ErrorCode::kInput, {}, "Restore the store from a backup.", "step {} of the journal is missing",
                  from + 1);
    }
  }
  return {};
}

Result<std::string> BaseState::seal(uint64_t number, std::string_view journal) {
  return sealing_.seal(context("journal", number), journal);
}

Status BaseState::write(store::Transaction& transaction, uint64_t number, const std::string& sealed) {
  const auto head = static_cast<int64_t>(number);
  ZHILI_ASSIGN(const int64_t ours,
               transaction.execute("UPDATE fuse_base SET head = $1 WHERE area_id = $2 AND kind = $3 "
                                   "AND owner = $4 AND head = $5",
                                   {head, area_, kind_, owner_, head - 1}));
  if (ours != 1) return taken_over();
  return transaction.append(journal_table(), {area_, kind_, head, store::Bytes{sealed}});
}

Result<std::unique_ptr<SealedFileWriter>> BaseState::begin_snapshot(uint64_t number) {
  return SealedFileWriter::create(path_of(number), context("snapshot", number), sealing_);
}

Status BaseState::change(std::string_view sql, store::Params params) {
  return store_.commit([&](store::Transaction& transaction) -> Status {
    ZHILI_TRY(transaction.execute(sql, params));
    return {};
  });
}

/// In slices, so that nobody waits long behind one.
Status BaseState::forget_journal(uint64_t last) {
  ZHILI_ASSIGN(const auto rows, store_.query("SELECT CAST(min(number) AS BIGINT) FROM fuse_journal WHERE area_id = $1 "
                                             "AND kind = $2",
                                             {area_, kind_}));
  if (rows.empty() || rows[0].is_null(0)) return {};
  for (auto from = static_cast<uint64_t>(rows[0].int64(0)); from <= last; from += kForgottenAtOnce) {
    const auto end = static_cast<int64_t>(std::min(last + 1, from + kForgottenAtOnce));
    ZHILI_TRY(change("DELETE FROM fuse_journal WHERE area_id = $1 AND kind = $2 AND number < $3", {area_, kind_, end}));
  }
  return {};
}

Status BaseState::use_snapshot(uint64_t before, uint64_t number) {
  ZHILI_TRY(change("UPDATE fuse_base SET snapshot = $1 WHERE area_id = $2 AND kind = $3 AND owner = $4",
                   {static_cast<int64_t>(number), area_, kind_, owner_}));
  ZHILI_TRY(forget_journal(before));
  ZHILI_ASSIGN(const auto numbers, snapshots());
  for (const uint64_t old : numbers) {
    std::error_code ignored;
    if (old < before) fs::remove(path_of(old), ignored);
  }
  return {};
}

}  // namespace zhili::fuse
