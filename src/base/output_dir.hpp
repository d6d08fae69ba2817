#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include "base/result.hpp"

namespace zhili {

/// A directory that appears whole or not at all. Files are written under `staging()`, a hidden sibling of the target;
/// `publish()` flushes them and swaps the directory in by one rename. A stopped or failed run removes the staging
/// directory and leaves an earlier result as it was; what a killed process left is removed by the next run. Until it is
/// published no other process can stage for the same target: both would build on the same earlier result.
///
/// A directory that can't be swapped (a mount point, the current directory) is staged inside itself; then its files
/// are renamed into place one after the other, once all are durable.
class OutputDir {
 public:
  /// Follows symbolic links and creates missing parents. Fails when the target exists and is not a directory, when
  /// another process stages for it, or when the staging directory can't be created.
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
  /// A lock on a hidden file beside the staging directory. Where the file system knows no locks, it locks nothing.
  class Lock {
   public:
    static Result<Lock> take(const std::filesystem::path& path, const std::filesystem::path& target);
    Lock(Lock&& other) noexcept : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}
    Lock& operator=(Lock&&) = delete;
    Lock(const Lock&) = delete;
    ~Lock() { release(); }
    void release();

   private:
    Lock(std::filesystem::path path, int fd) : path_(std::move(path)), fd_(fd) {}
    std::filesystem::path path_;
    int fd_;
  };

  OutputDir(std::filesystem::path target, std::filesystem::path staging, bool inside, Lock lock);
  Status put_in_place();
  Status swap_whole();
  Status move_in_place();

  std::filesystem::path target_;
  std::filesystem::path staging_;
  bool inside_;
  Lock lock_;
};

/// Writes bytes to a temporary sibling, flushes it and renames it over `path`.
Status write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

/// Makes a file's bytes, or a directory's entries, durable.
Status sync_path(const std::filesystem::path& path);
/// Makes a directory and everything in it durable.
Status sync_tree(const std::filesystem::path& dir);

/// Reads a whole regular file of at most `limit` bytes.
Result<std::string> read_file(const std::filesystem::path& path, uint64_t limit);

}  // namespace zhili
