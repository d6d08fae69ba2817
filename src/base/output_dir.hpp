#pragma once

#include <filesystem>
#include <string>

#include "base/result.hpp"

namespace zhili {

/// A directory that appears whole or not at all. Files are written under `staging()`, a hidden sibling of the target;
/// `publish()` flushes them and swaps the directory in by one rename. A stopped or failed run removes the staging
/// directory and leaves an earlier result as it was; what a killed process left is removed by the next run.
///
/// A directory that can't be swapped (a mount point, the current directory) is staged inside itself; then its files
/// are renamed into place one after the other, once all are durable.
class OutputDir {
 public:
  /// Follows symbolic links and creates missing parents. Fails when the target exists and is not a directory, or when
  /// the staging directory can't be created.
  static Result<OutputDir> create(const std::filesystem::path& target);

  OutputDir(OutputDir&& other) noexcept;
  OutputDir& operator=(OutputDir&&) = delete;
  OutputDir(const OutputDir&) = delete;
  ~OutputDir();

  const std::filesystem::path& staging() const { return staging_; }
  /// Makes every staged file durable, then replaces the target directory's files. Files of the target that the run did
  /// not write are kept (decisions.csv, for example, is the user's). Call it once.
  Status publish();

 private:
  OutputDir(std::filesystem::path target, std::filesystem::path staging, bool inside);
  Status swap_whole();
  Status move_in_place();

  std::filesystem::path target_;
  std::filesystem::path staging_;
  bool inside_;
};

/// Writes bytes to a temporary sibling, flushes it and renames it over `path`.
Status write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

/// Reads a whole regular file of at most `limit` bytes.
Result<std::string> read_file(const std::filesystem::path& path, uint64_t limit);

}  // namespace zhili
