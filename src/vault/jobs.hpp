#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "vault/vault.hpp"

namespace zhili::vault {

/// A bulk job under a recorded purpose.
struct Job {
  std::string id;
  std::string work;   ///< intake, rotate, read_lake.
  std::string kind;   ///< Of the subjects; empty for all.
  std::string actor;  ///< Empty for the program itself.
  std::string purpose;
  std::string basis;
  std::vector<std::string> fields;
  std::string state;  ///< running, done, broken_off.
  int64_t started_at = 0;
  std::optional<int64_t> finished_at;
  uint64_t added = 0;
  uint64_t changed = 0;
  uint64_t unchanged = 0;  ///< Of a reading: how many were read.
  uint64_t removed = 0;
  std::string entry;  ///< Id of the audit entry with which it began.
};

/// The vault's jobs, newest first, at most `limit`; those before the job `before`, if it is not empty.
class Jobs {
 public:
  explicit Jobs(const Vault& vault) : vault_(vault) {}
  Result<std::vector<Job>> list(size_t limit = 100, const std::string& before = "") const;

 private:
  const Vault& vault_;
};

// For the room's own jobs.

/// A running job that gave no sign for so long has broken off: another may take its place.
inline constexpr int64_t kJobSilence = 60'000'000;

struct NewJob {
  std::string work;
  std::string kind = {};
  std::string actor;
  std::string purpose;
  std::string basis = {};
  std::string fields = {};
};
/// Where this process alone can write to the store: what runs there by its word has broken off. Called when a vault is
/// opened, before it begins anything.
Status break_off_orphans(const Vault& vault);
/// Begins a job, with an entry in the audit log; gives its id. Error: kBusy where one of the same work and kind runs.
Result<std::string> begin_job(const Vault& vault, const NewJob& job);
/// A job that is done with its beginning: a reading of so many.
Result<std::string> record_job(const Vault& vault, const NewJob& job, uint64_t count);

struct JobSteps {
  uint64_t added = 0;
  uint64_t changed = 0;
  uint64_t unchanged = 0;
  uint64_t removed = 0;
};
/// Within a change. Error: kBusy where the job was taken for broken off.
Status note_progress(store::Transaction& transaction, const Vault& vault, const std::string& id, const JobSteps& steps);
/// `unchanged` is added to what was noted.
Status end_job(const Vault& vault, const std::string& id, const std::string& state, uint64_t unchanged = 0);

}  // namespace zhili::vault
