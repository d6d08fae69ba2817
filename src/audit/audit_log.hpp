#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "audit/disk.hpp"
#include "audit/entry.hpp"
#include "audit/hash.hpp"
#include "audit/key.hpp"
#include "audit/log.hpp"
#include "audit/proof.hpp"
#include "base/result.hpp"
#include "store/store.hpp"

namespace zhili::audit {

struct AuditLogOptions {
  int64_t area_id = 0;              ///< Whose log it is, as all tables of the store have it.
  std::string origin;               ///< The log's name, e.g. "district.example/audit".
  std::filesystem::path directory;  ///< Its files. Servers on one database share it.
  HashKind hash = HashKind::kSha256;
  std::vector<SignKey> keys;  ///< At least one.
  std::string server;         ///< Names this process among those on the database.

  std::chrono::milliseconds interval{1000};  ///< Between checkpoints.
  bool alone = false;  ///< No other server can write to the store: whoever else holds the lease has ended.
  std::chrono::milliseconds lease{15'000};  ///< After so long without a sign, another server takes over.
  /// What `lease` is measured on: a clock that nobody sets. It never meets another server's.
  std::function<std::chrono::steady_clock::time_point()> ticks = [] { return std::chrono::steady_clock::now(); };
  uint64_t batch = 20'000;  ///< Entries that are read and appended at once.
  uint64_t keep = 100'000;  ///< Entries that stay in the store although a checkpoint covers them: files that were
                            ///< brought back from a copy catch up on them.
};

/// Binds a log to the store, so that a change and its entry are one transaction: either both are durable or none is.
/// Entries get their numbers in SQL when their group is committed. One server at a time, holding a lease, brings what
/// is committed into the log's files in the order of the numbers and signs it, so files can always be made up to the
/// same tree: they follow, SQL leads. May be used by many threads at once; the store must outlive it.
class AuditLog {
 public:
  /// The room's tables.
  static std::vector<store::Migration> migrations();

  /// Makes the log known to the store if it is new. Nothing runs in the background before `start`.
  static Result<std::unique_ptr<AuditLog>> open(store::Store& store, AuditLogOptions options);

  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;
  ~AuditLog();

  /// Begins an entry, at the store's time.
  Result<EntryDraft> draft(Action action, const Ref& actor) const;
  /// Puts the entry into a change of the store. It has its place in the log once that change is committed.
  Status add(store::Transaction& transaction, const EntryDraft& entry) const;
  /// A change by itself: returns when the entry is durable.
  Status add(const EntryDraft& entry) const;

  /// What one step of bringing entries into the files came to.
  struct Step {
    bool leader = false;      ///< Another server does it.
    uint64_t appended = 0;    ///< Entries.
    TreeHead published = {};  ///< The checkpoint after it, if this server leads.
  };
  /// Appends everything committed, signs a checkpoint, removes what it covers from the store. Errors: kInput where the
  /// files are not those that the store knows of; of disk and store.
  Result<Step> integrate();
  /// Does that at every interval, until `stop`.
  void start();
  /// Ends the background thread and gives the lease back.
  void stop();
  /// The failure of the last step, if it failed.
  std::optional<Error> trouble() const;

  /// The proof that an entry is in the log, under the newest checkpoint. Waits as long as `wait` for one that covers
  /// it. Errors: kNotFound for an unknown id; kBusy where no checkpoint covers it yet.
  Result<ProofText> prove(std::string_view entry_id, std::chrono::milliseconds wait) const;

  struct Listed {
    uint64_t index = 0;
    std::string entry;  ///< Its bytes, as they were logged.
  };
  struct Page {
    std::vector<Listed> entries;  ///< Newest first.
    uint64_t size = 0;            ///< Entries of the log, those that no checkpoint covers yet included.
  };
  /// Entries below `before`, at most `limit`: from the store, and from the files where the store has them no more.
  Result<Page> list(std::optional<uint64_t> before, uint64_t limit) const;

  /// The salt of an entry; nothing where it was deleted. Errors: kNotFound.
  Result<std::optional<Salt>> salt(std::string_view entry_id) const;
  /// Deletes the salt: from then on nobody can link the entry's digests to values. Errors: kNotFound.
  Status forget(std::string_view entry_id) const;

 private:
  AuditLog(store::Store& store, AuditLogOptions options, Hasher hasher);
  /// The files while this server leads.
  struct Files;

  /// Another server's lease as this one last found it, and since when it has found it so.
  struct SeenLease {
    std::string holder;
    int64_t until = 0;
    std::chrono::steady_clock::time_point since;
  };

  Result<bool> take_lease();
  Status open_files();
  Result<uint64_t> append_committed();
  Status prune(uint64_t published);
  Status list_files(uint64_t end, uint64_t limit, std::vector<Listed>& out) const;
  Result<uint64_t> index_of(std::string_view entry_id) const;
  void run();

  store::Store& store_;
  const AuditLogOptions options_;
  const Hasher hasher_;  ///< Only copied from.

  std::mutex step_;  ///< One step at a time.
  std::optional<SeenLease> seen_;
  std::unique_ptr<Files> files_;
  uint64_t pruned_ = 0;  ///< Entries below are gone from the store.

  mutable std::mutex mutex_;
  std::condition_variable stopped_;
  bool stopping_ = false;
  std::optional<Error> trouble_;
  std::thread thread_;
};

}  // namespace zhili::audit
