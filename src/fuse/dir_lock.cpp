#include "fuse/dir_lock.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace zhili::fuse {

Result<DirLock> DirLock::take(const std::filesystem::path& dir) {
  for (;;) {
    const int fd = ::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
      return fail(ErrorCode::kIo, {dir.string(), 0, 0}, "Check the path and its permissions.", "cannot open: {}",
                  std::strerror(errno));
    }
    DirLock lock(fd);
    while (::flock(fd, LOCK_EX) != 0) {
      if (errno != EINTR) return lock;
    }
    // While we waited, a run may have put another directory in its place.
    struct stat held{};
    struct stat now{};
    if (::fstat(fd, &held) == 0 && ::stat(dir.c_str(), &now) == 0 && held.st_ino == now.st_ino &&
        held.st_dev == now.st_dev) {
      return lock;
    }
  }
}

DirLock::~DirLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace zhili::fuse
