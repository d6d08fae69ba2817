#pragma once

#include <filesystem>
#include <string>

#include "base/result.hpp"

namespace zhili {

/// A directory that appears whole or not at all. Files are written under `staging()`, a hidden sibling of the target;
/// `publish()` flushes them and swaps the directory in by rename. A stopped or failed run removes the staging
/// directory and leaves an earlier result as it was.
class OutputDir {
 public:
  /// Fails when the target exists and is not a directory, or the parent can't be written.
  static Result<OutputDir> create(const std::filesystem::path& target);

  OutputDir(OutputDir&& other) noexcept;
  OutputDir& operator=(OutputDir&&) = delete;
  OutputDir(const OutputDir&) = delete;
  ~OutputDir();

  const std::filesystem::path& staging() const { return staging_; }
  /// Makes every staged file durable, then replaces the target directory's files. Files of the target that the run did
  /// not write are kept (decisions.csv, for example, is the user's).
  Status publish();

 private:
  OutputDir(std::filesystem::path target, std::filesystem::path staging);

  std::filesystem::path target_;
  std::filesystem::path staging_;
};

/// Writes bytes to a temporary sibling, flushes it and renames it over `path`.
Status write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

/// Reads a whole file of at most `limit` bytes.
Result<std::string> read_file(const std::filesystem::path& path, uint64_t limit);

}  // namespace zhili
