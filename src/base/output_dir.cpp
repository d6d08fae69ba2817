#include "base/output_dir.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <vector>

#include <fcntl.h>
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
  for (const auto& entry : fs::recursive_directory_iterator(dir, ec)) {
    if (entry.is_regular_file() || entry.is_directory()) ZHILI_TRY(sync_path(entry.path()));
  }
  if (ec) return io_error(dir, "cannot list", ec.value());
  return sync_path(dir);
}

}  // namespace

OutputDir::OutputDir(fs::path target, fs::path staging) : target_(std::move(target)), staging_(std::move(staging)) {}

OutputDir::OutputDir(OutputDir&& other) noexcept
    : target_(std::move(other.target_)), staging_(std::exchange(other.staging_, {})) {}

OutputDir::~OutputDir() {
  if (staging_.empty()) return;
  std::error_code ignored;
  fs::remove_all(staging_, ignored);
}

Result<OutputDir> OutputDir::create(const fs::path& target) {
  std::error_code ec;
  auto absolute = fs::absolute(target, ec).lexically_normal();
  if (!absolute.has_filename()) absolute = absolute.parent_path();
  if (fs::exists(absolute, ec) && !fs::is_directory(absolute, ec)) {
    return fail(ErrorCode::kIo, {absolute.string(), 0, 0}, "Name a directory, or a path that does not exist yet.",
                "exists and is not a directory");
  }
  fs::create_directories(absolute.parent_path(), ec);
  if (ec) return io_error(absolute.parent_path(), "cannot create directory", ec.value());
  auto staging = absolute.parent_path() / fmt::format(".{}.staging-{}", absolute.filename().string(), ::getpid());
  fs::remove_all(staging, ec);
  if (!fs::create_directory(staging, ec) || ec) return io_error(staging, "cannot create directory", ec.value());
  return OutputDir(std::move(absolute), std::move(staging));
}

Status OutputDir::publish() {
  ZHILI_TRY(sync_tree(staging_));
  std::error_code ec;
  if (!fs::exists(target_, ec)) {
    fs::rename(staging_, target_, ec);
    if (ec) return io_error(target_, "cannot put the result in place", ec.value());
    staging_.clear();
    return sync_path(target_.parent_path());
  }
  // The target holds an earlier result: bring what the user keeps there over, then swap the two directories in one
  // step, so that a reader sees the old result or the new one and never a mixture.
  for (const auto& entry : fs::directory_iterator(target_, ec)) {
    const auto kept = staging_ / entry.path().filename();
    std::error_code copy_error;
    if (!fs::exists(kept)) fs::copy(entry.path(), kept, fs::copy_options::recursive, copy_error);
    if (copy_error) return io_error(kept, "cannot keep a file of the earlier result", copy_error.value());
  }
  ZHILI_TRY(sync_tree(staging_));
  if (::renameat2(AT_FDCWD, staging_.c_str(), AT_FDCWD, target_.c_str(), RENAME_EXCHANGE) != 0) {
    return io_error(target_, "cannot put the result in place", errno);
  }
  // staging_ now names the earlier result; the destructor removes it.
  return sync_path(target_.parent_path());
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
      return io_error(path, "cannot write", error);
    }
  }
  ZHILI_TRY(sync_path(temporary));
  std::error_code ec;
  fs::rename(temporary, path, ec);
  if (ec) return io_error(path, "cannot put the file in place", ec.value());
  return {};
}

Result<std::string> read_file(const fs::path& path, uint64_t limit) {
  std::error_code ec;
  const auto size = fs::file_size(path, ec);
  if (ec) return fail(ErrorCode::kNotFound, {path.string(), 0, 0}, "Check the path.", "cannot read: {}", ec.message());
  if (size > limit) {
    return fail(ErrorCode::kLimit, {path.string(), 0, 0}, "Check that this is the file you meant.",
                "is {} bytes long; the limit is {}", size, limit);
  }
  std::string bytes(size, '\0');
  std::ifstream in(path, std::ios::binary);
  in.read(bytes.data(), static_cast<std::streamsize>(size));
  if (!in) return io_error(path, "cannot read", errno);
  return bytes;
}

}  // namespace zhili
