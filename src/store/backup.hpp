#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "base/cancel.hpp"
#include "base/progress.hpp"
#include "base/result.hpp"
#include "store/migration.hpp"
#include "store/store.hpp"
#include "store/url.hpp"

/// Backups: a directory with manifest.json, each table as lines of JSON in tables/, and the lake's files in lake/. The
/// same for both engines, so a backup of the one restores into the other.
namespace zhili::store {

struct BackupSummary {
  uint64_t tables = 0;
  uint64_t rows = 0;
  uint64_t lake_files = 0;
  uint64_t bytes = 0;  ///< Of all files.
};

struct BackupOptions {
  std::optional<std::filesystem::path> lake;  ///< The lake's directory, where the store has one.
  Progress::Mode progress = Progress::Mode::kAuto;
  std::function<int64_t()> now = system_now;
};

/// Writes one state of the store, and of its lake, to the directory `out`, whole or not at all; the store may be in use
/// meanwhile. Errors: kUsage where `out` holds something, or the store has a lake and none is named; kInput where a
/// file of the lake is not what was received.
Result<BackupSummary> backup(const StoreUrl& url, const std::filesystem::path& out, const BackupOptions& options,
                             const Cancel& cancel);

/// Brings a backup into an empty database (SQLite: a file that does not exist), whole or not at all. `migrations` are
/// those of all rooms, as for Store::open; those that came after the backup are applied when the store is opened.
/// Errors: kInput where a checksum differs, kConflict where the target holds something, kConfig where the backup is of
/// a newer program.
Result<BackupSummary> restore(const std::filesystem::path& from, const StoreUrl& url,
                              const std::vector<Migration>& migrations, const BackupOptions& options,
                              const Cancel& cancel);

}  // namespace zhili::store
