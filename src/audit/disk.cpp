#include "audit/disk.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace zhili::audit {
namespace fs = std::filesystem;
namespace {

constexpr const char* kLockName = ".lock";

std::unexpected<Error> io_error(const fs::path& path, std::string_view what, int error) {
  std::string hint;
  if (error == ENOSPC || error == EDQUOT) hint = "Free some space on this disk.";
  if (error == EACCES || error == EPERM || error == EROFS) hint = "Check the permissions.";
  const auto code = error == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo;
  return fail(code, {path.string(), 0, 0}, hint, "{}: {}", what, std::strerror(error));
}

/// Closes a file at the end of a block.
class File {
 public:
  File(const fs::path& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  bool open() const { return fd_ >= 0; }
  int get() const { return fd_; }

 private:
  int fd_;
};

Status sync_path(const fs::path& path) {
  const File file(path, O_RDONLY);
  if (!file.open()) return io_error(path, "cannot open for flushing", errno);
  if (::fsync(file.get()) != 0) return io_error(path, "cannot flush to disk", errno);
  return {};
}

Result<int> take_lock(const fs::path& directory) {
  const fs::path path = directory / kLockName;
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return io_error(path, "cannot create", errno);
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
  const int error = errno;
  ::close(fd);
  if (error != EWOULDBLOCK) return io_error(path, "cannot lock", error);
  return fail(ErrorCode::kIo, {directory.string(), 0, 0}, "Only one process may append to a log: end the other one.",
              "another process is writing to this log");
}

}  // namespace

Result<PosixDisk> PosixDisk::open(const fs::path& directory, Access access) {
  std::error_code ec;
  if (access == Access::kWrite) {
    fs::create_directories(directory, ec);
    if (ec) return io_error(directory, "cannot create directory", ec.value());
    ZHILI_ASSIGN(const int lock, take_lock(directory));
    return PosixDisk(directory, lock);
  }
  if (!fs::is_directory(directory, ec)) {
    return fail(ErrorCode::kNotFound, {directory.string(), 0, 0},
                "Name the directory that holds the file 'checkpoint'.", "is no directory");
  }
  return PosixDisk(directory, -1);
}

PosixDisk::PosixDisk(PosixDisk&& other) noexcept
    : root_(std::move(other.root_)), lock_(std::exchange(other.lock_, -1)) {}

PosixDisk::~PosixDisk() {
  if (lock_ >= 0) ::close(lock_);
}

Result<std::string> PosixDisk::read(const std::string& path, uint64_t limit) const {
  const fs::path full = root_ / path;
  const File file(full, O_RDONLY | O_NONBLOCK);  // A pipe of this name must not keep us waiting.
  if (!file.open()) return io_error(full, "cannot read", errno);
  struct stat facts{};
  if (::fstat(file.get(), &facts) != 0) return io_error(full, "cannot read", errno);
  if (!S_ISREG(facts.st_mode)) return fail(ErrorCode::kIo, {full.string(), 0, 0}, "", "is no regular file");
  if (static_cast<uint64_t>(facts.st_size) > limit) {
    return fail(ErrorCode::kLimit, {full.string(), 0, 0}, "", "is {} bytes long; the limit is {}", facts.st_size,
                limit);
  }
  std::string bytes(static_cast<size_t>(facts.st_size), '\0');
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = ::read(file.get(), bytes.data() + done, bytes.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return io_error(full, "cannot read", errno);
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

Result<std::vector<std::string>> PosixDisk::list(const std::string& path) const {
  std::vector<std::string> names;
  std::error_code ec;
  for (fs::directory_iterator it(root_ / path, ec), end; !ec && it != end; it.increment(ec)) {
    names.push_back(it->path().filename().string());
  }
  if (ec && ec != std::errc::no_such_file_or_directory && ec != std::errc::not_a_directory) {
    return io_error(root_ / path, "cannot list", ec.value());
  }
  std::ranges::sort(names);
  return names;
}

Status PosixDisk::write(const std::string& path, std::string_view bytes) {
  const fs::path full = root_ / path;
  const File file(full, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file.open()) return io_error(full, "cannot create", errno);
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return io_error(full, "cannot write", errno);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  // Lets the disk begin; the flush that follows for many files at once then finds most of the work done.
  ::sync_file_range(file.get(), 0, 0, SYNC_FILE_RANGE_WRITE);
  return {};
}

Status PosixDisk::sync_files(std::span<const std::string> paths) {
  for (const std::string& path : paths) ZHILI_TRY(sync_path(root_ / path));
  return {};
}

Status PosixDisk::make_directory(const std::string& path) {
  const fs::path full = root_ / path;
  if (::mkdir(full.c_str(), 0755) != 0 && errno != EEXIST) return io_error(full, "cannot create directory", errno);
  return {};
}

Status PosixDisk::rename(const std::string& from, const std::string& to) {
  const fs::path target = root_ / to;
  if (::rename((root_ / from).c_str(), target.c_str()) != 0) return io_error(target, "cannot put in place", errno);
  return {};
}

Status PosixDisk::remove(const std::string& path) {
  std::error_code ec;
  fs::remove(root_ / path, ec);
  if (ec) return io_error(root_ / path, "cannot remove", ec.value());
  return {};
}

Status PosixDisk::sync_directory(const std::string& path) { return sync_path(path.empty() ? root_ : root_ / path); }

}  // namespace zhili::audit
