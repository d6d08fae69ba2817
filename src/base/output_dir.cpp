#include "base/output_dir.hpp"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <fstream>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace zhili {
namespace fs = std::filesystem;
namespace {

std::unexpected<Error> io_error(const fs::path& path, std::string_view what, int error) {
  std::string hint;
  if (error == ENOSPC) hint = "Free some space on this disk, or choose another directory.";
  if (error == EACCES || error == EPERM || error == EROFS) hint = "Check the permissions, or choose another directory.";
  return fail(ErrorCode::kIo, {path.string(), 0, 0}, hint, "{}: {}", what, std::strerror(error));
}

/// A rename can't replace a mount point, and replacing the current directory would strand the shell that stands in it.
bool can_be_swapped(const fs::path& dir) {
  struct stat own{};
  struct stat parent{};
  if (::stat(dir.c_str(), &own) != 0 || ::stat(dir.parent_path().c_str(), &parent) != 0) return false;
  std::error_code ec;
  return own.st_dev == parent.st_dev && own.st_ino != parent.st_ino && !fs::equivalent(dir, fs::current_path(ec), ec);
}

/// Removes staging directories whose process is gone.
void remove_left_over(const fs::path& parent, const std::string& prefix) {
  std::error_code ec;
  for (fs::directory_iterator it(parent, ec), end; !ec && it != end; it.increment(ec)) {
    const auto name = it->path().filename().string();
    if (!name.starts_with(prefix)) continue;
    pid_t pid = 0;
    const char* last = name.data() + name.size();
    const auto parsed = std::from_chars(name.data() + prefix.size(), last, pid);
    if (parsed.ec != std::errc{} || parsed.ptr != last || pid <= 0) continue;
    if (::kill(pid, 0) == 0 || errno != ESRCH) continue;
    std::error_code ignored;
    fs::remove_all(it->path(), ignored);
  }
}

}  // namespace

Status sync_path(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return io_error(path, "cannot open for flushing", errno);
  const int failed = ::fsync(fd);
  const int error = errno;
  ::close(fd);
  if (failed != 0) return io_error(path, "cannot flush to disk", error);
  return {};
}

Status sync_tree(const fs::path& dir) {
  std::error_code ec;
  for (fs::recursive_directory_iterator it(dir, ec), end; !ec && it != end; it.increment(ec)) {
    const auto type = it->symlink_status(ec).type();
    if (type == fs::file_type::regular || type == fs::file_type::directory) ZHILI_TRY(sync_path(it->path()));
  }
  if (ec) return io_error(dir, "cannot list", ec.value());
  return sync_path(dir);
}

Result<OutputDir::Lock> OutputDir::Lock::take(const fs::path& path, const fs::path& target) {
  for (;;) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0) return io_error(path, "cannot create", errno);
    Lock lock(path, fd);
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
      lock.fd_ = -1;  // It is the other's file: not to be removed.
      ::close(fd);
      return fail(ErrorCode::kIo, {target.string(), 0, 0}, "Wait until it has ended, or choose another directory.",
                  "another run is writing to this directory");
    }
    // The one before may have removed the file after it was opened here; then it keeps nobody out.
    struct stat own{};
    struct stat named{};
    if (::fstat(fd, &own) == 0 && ::stat(path.c_str(), &named) == 0 && own.st_ino == named.st_ino) return lock;
    lock.fd_ = -1;
    ::close(fd);
  }
}

void OutputDir::Lock::release() {
  if (fd_ < 0) return;
  ::unlink(path_.c_str());
  ::close(fd_);
  fd_ = -1;
}

OutputDir::OutputDir(fs::path target, fs::path staging, bool inside, Lock lock)
    : target_(std::move(target)), staging_(std::move(staging)), inside_(inside), lock_(std::move(lock)) {}

OutputDir::OutputDir(OutputDir&& other) noexcept
    : target_(std::move(other.target_)),
      staging_(std::exchange(other.staging_, {})),
      inside_(other.inside_),
      lock_(std::move(other.lock_)) {}

OutputDir::~OutputDir() {
  if (staging_.empty()) return;
  std::error_code ignored;
  fs::remove_all(staging_, ignored);
}

Result<OutputDir> OutputDir::create(const fs::path& target) {
  std::error_code ec;
  auto absolute = fs::weakly_canonical(fs::absolute(target, ec), ec);
  if (ec) return io_error(target, "cannot resolve this path", ec.value());
  if (!absolute.has_filename()) absolute = absolute.parent_path();
  const auto status = fs::status(absolute, ec);
  if (fs::exists(status) && !fs::is_directory(status)) {
    return fail(ErrorCode::kIo, {absolute.string(), 0, 0}, "Name a directory, or a path that does not exist yet.",
                "exists and is not a directory");
  }
  const bool inside = fs::exists(status) && !can_be_swapped(absolute);
  const auto parent = inside ? absolute : absolute.parent_path();
  fs::create_directories(parent, ec);
  if (ec) return io_error(parent, "cannot create directory", ec.value());
  ZHILI_ASSIGN(auto lock, Lock::take(parent / fmt::format(".{}.lock", absolute.filename().string()), absolute));
  const auto prefix = fmt::format(".{}.staging-", absolute.filename().string());
  remove_left_over(parent, prefix);
  auto staging = parent / fmt::format("{}{}", prefix, ::getpid());
  fs::remove_all(staging, ec);
  if (!fs::create_directory(staging, ec) || ec) return io_error(staging, "cannot create directory", ec.value());
  return OutputDir(std::move(absolute), std::move(staging), inside, std::move(lock));
}

Status OutputDir::publish() {
  auto done = put_in_place();
  if (done) lock_.release();
  return done;
}

Status OutputDir::put_in_place() {
  ZHILI_TRY(sync_tree(staging_));
  if (inside_) return move_in_place();
  std::error_code ec;
  if (fs::exists(target_, ec)) return swap_whole();
  fs::rename(staging_, target_, ec);
  if (ec) return io_error(target_, "cannot put the result in place", ec.value());
  staging_.clear();
  return sync_path(target_.parent_path());
}

/// Brings what the user keeps in the target over, then swaps the two directories in one step, so that a reader sees
/// the old result or the new one and never a mixture.
Status OutputDir::swap_whole() {
  std::error_code ec;
  for (fs::directory_iterator it(target_, ec), end; !ec && it != end; it.increment(ec)) {
    const auto kept = staging_ / it->path().filename();
    std::error_code failed;
    if (fs::exists(fs::symlink_status(kept, failed))) continue;
    fs::copy(it->path(), kept, fs::copy_options::recursive | fs::copy_options::copy_symlinks, failed);
    if (failed) return io_error(kept, "cannot keep a file of the earlier result", failed.value());
  }
  if (ec) return io_error(target_, "cannot list", ec.value());
  ZHILI_TRY(sync_tree(staging_));
  if (::renameat2(AT_FDCWD, staging_.c_str(), AT_FDCWD, target_.c_str(), RENAME_EXCHANGE) != 0) {
    // Some network file systems know no exchange.
    if (errno == EINVAL || errno == ENOSYS) return move_in_place();
    return io_error(target_, "cannot put the result in place", errno);
  }
  // staging_ now names the earlier result; the destructor removes it.
  return sync_path(target_.parent_path());
}

Status OutputDir::move_in_place() {
  std::error_code ec;
  std::vector<fs::path> written;
  for (fs::directory_iterator it(staging_, ec), end; !ec && it != end; it.increment(ec)) written.push_back(it->path());
  if (ec) return io_error(staging_, "cannot list", ec.value());
  for (const auto& path : written) {
    const auto final_path = target_ / path.filename();
    // A directory is not replaced by a rename, unless it is empty.
    if (fs::is_directory(fs::symlink_status(path, ec))) fs::remove_all(final_path, ec);
    fs::rename(path, final_path, ec);
    if (ec) return io_error(final_path, "cannot put the result in place", ec.value());
  }
  return sync_path(target_);
}

Status write_file_atomically(const fs::path& path, std::string_view bytes) {
  auto temporary = path;
  temporary += fmt::format(".tmp-{}", ::getpid());
  {
    std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.flush();
    if (!out) {
      const int error = errno;
      std::error_code ignored;
      fs::remove(temporary, ignored);
      return io_error(path, "cannot write", error != 0 ? error : EIO);
    }
  }
  auto durable = sync_path(temporary);
  std::error_code ec;
  if (durable) fs::rename(temporary, path, ec);
  if (!durable || ec) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    if (!durable) return durable;
    return io_error(path, "cannot put the file in place", ec.value());
  }
  return sync_path(path.has_parent_path() ? path.parent_path() : fs::path("."));
}

Result<std::string> read_file(const fs::path& path, uint64_t limit) {
  std::error_code ec;
  const auto size = fs::file_size(path, ec);
  if (ec) {
    const auto code = ec == std::errc::no_such_file_or_directory ? ErrorCode::kNotFound : ErrorCode::kIo;
    return fail(code, {path.string(), 0, 0}, "Check the path.", "cannot read: {}", std::strerror(ec.value()));
  }
  if (size > limit) {
    return fail(ErrorCode::kLimit, {path.string(), 0, 0}, "Check that this is the file you meant.",
                "is {} bytes long; the limit is {}", size, limit);
  }
  std::string bytes(size, '\0');
  std::ifstream in(path, std::ios::binary);
  in.read(bytes.data(), static_cast<std::streamsize>(size));
  if (!in) return io_error(path, "cannot read", errno != 0 ? errno : EIO);
  return bytes;
}

}  // namespace zhili
