#pragma once

#include <filesystem>
#include <utility>

#include "base/result.hpp"

namespace zhili::fuse {

/// Keeps others who take the same lock out of a directory: a decision that is being written must not get lost while a
/// run puts its new result in the directory's place. The lock lies on the directory itself, leaves no file behind and
/// ends with the process. Where the file system knows no locks, it locks nothing.
class DirLock {
 public:
  /// Waits until the lock is free. Errors: kIo when there is no such directory.
  static Result<DirLock> take(const std::filesystem::path& dir);
  DirLock(DirLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  DirLock& operator=(DirLock&&) = delete;
  DirLock(const DirLock&) = delete;
  DirLock& operator=(const DirLock&) = delete;
  ~DirLock();

 private:
  explicit DirLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace zhili::fuse
