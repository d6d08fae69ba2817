#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "fuse/snapshot.hpp"

namespace zhili::fuse {
namespace {

namespace fs = std::filesystem;

/// Flushed now and then, so that the end does not flush gigabytes at once and others' flushes are short.
constexpr uint64_t kFlushEvery = uint64_t{8} << 20;
constexpr size_t kLengthBytes = 8;

std::unexpected<Error> io_failure(const fs::path& path, std::string_view what) {
  const int error = errno;
  return fail(error == ENOSPC ? ErrorCode::kDiskFull : ErrorCode::kIo, {path.string(), 0, 0},
              "Check the disk's space and permissions.", "cannot {}: {}", what, std::strerror(error));
}

std::string context_of(const std::string& context, uint64_t piece, bool last) {
  return fmt::format("{}|{}|{}", context, piece, last ? "last" : "more");
}

fs::path unfinished(const fs::path& path) { return path.string() + ".part"; }

}  // namespace

Result<std::unique_ptr<SealedFileWriter>> SealedFileWriter::create(const fs::path& path, std::string context,
                                                                   Sealing& sealing) {
  constexpr mode_t kOwnerOnly = 0600;
  const int fd = ::open(unfinished(path).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kOwnerOnly);
  if (fd < 0) return io_failure(path, "be made");
  return std::unique_ptr<SealedFileWriter>(new SealedFileWriter(path, std::move(context), sealing, fd));
}

SealedFileWriter::~SealedFileWriter() {
  if (fd_ < 0) return;
  ::close(fd_);
  std::error_code ignored;
  fs::remove(unfinished(path_), ignored);
}

Status SealedFileWriter::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return io_failure(path_, "be written");
    bytes.remove_prefix(static_cast<size_t>(written));
    unflushed_ += static_cast<uint64_t>(written);
  }
  if (unflushed_ < kFlushEvery) return {};
  unflushed_ = 0;
  return ::fdatasync(fd_) == 0 ? Status{} : Status{io_failure(path_, "be flushed")};
}

/// An empty piece is the last.
Status SealedFileWriter::add(std::string_view piece) {
  ZHILI_ASSIGN(const auto sealed, sealing_.seal(context_of(context_, pieces_++, piece.empty()), piece));
  std::array<char, kLengthBytes> length{};
  const uint64_t size = sealed.size() << 1 | (piece.empty() ? 1 : 0);
  std::memcpy(length.data(), &size, length.size());
  ZHILI_TRY(write({length.data(), length.size()}));
  return write(sealed);
}

Status SealedFileWriter::finish() {
  ZHILI_TRY(add({}));
  if (::fsync(fd_) != 0) return io_failure(path_, "be flushed");
  ::close(fd_);
  fd_ = -1;
  if (::rename(unfinished(path_).c_str(), path_.c_str()) != 0) return io_failure(path_, "be given its name");
  const int dir = ::open(path_.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (dir < 0) return io_failure(path_.parent_path(), "be opened");
  const bool flushed = ::fsync(dir) == 0;
  ::close(dir);
  return flushed ? Status{} : Status{io_failure(path_.parent_path(), "be flushed")};
}

Result<std::unique_ptr<SealedFileReader>> SealedFileReader::open(const fs::path& path, std::string context,
                                                                 Sealing& sealing) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return io_failure(path, "be opened");
  ::posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  return std::unique_ptr<SealedFileReader>(new SealedFileReader(path, std::move(context), sealing, fd));
}

SealedFileReader::~SealedFileReader() { ::close(fd_); }

/// False where the file ends before.
Result<bool> SealedFileReader::read(std::string& into, size_t size) {
  into.resize(size);
  for (size_t done = 0; done < size;) {
    const ssize_t n = ::read(fd_, into.data() + done, size - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return io_failure(path_, "be read");
    if (n == 0) return false;
    done += static_cast<size_t>(n);
  }
  return true;
}

Result<std::string> SealedFileReader::next() {
  constexpr uint64_t kMostBytes = uint64_t{1} << 30;
  const auto damaged = [&] {
    return fail(ErrorCode::kInput, {path_.string(), 0, 0}, "An older snapshot or a batch run takes its place.",
                "is cut off, or was changed");
  };
  std::string bytes;
  ZHILI_ASSIGN(const bool more, read(bytes, kLengthBytes));
  if (!more) return damaged();
  uint64_t size = 0;
  std::memcpy(&size, bytes.data(), sizeof size);
  const bool last = (size & 1) != 0;
  if (size >> 1 > kMostBytes) return damaged();
  ZHILI_ASSIGN(const bool whole, read(bytes, size >> 1));
  if (!whole) return damaged();
  auto piece = sealing_.open(context_of(context_, pieces_++, last), bytes);
  if (!piece || piece->empty() != last) return damaged();
  return std::move(*piece);
}

}  // namespace zhili::fuse
