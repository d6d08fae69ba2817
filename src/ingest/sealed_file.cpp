#include "ingest/sealed_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "store/digest.hpp"

namespace zhili::ingest {
namespace {

constexpr size_t kLengthBytes = 4;
constexpr int kLevel = 1;
constexpr char kPlain = 0;
constexpr char kZstd = 1;
/// A frame is never longer: head, nonce and tag of either cipher, and what zstd adds to what it can't compress.
constexpr size_t kMostStored = kFrameBytes + kFrameBytes / 8 + 1024;

std::unexpected<Error> disk_error(const std::filesystem::path& path, std::string_view what, int error) {
  return fail(error == ENOSPC || error == EDQUOT ? ErrorCode::kDiskFull : ErrorCode::kIo, {path.string(), 0, 0},
              error == ENOSPC ? "Free some space on this disk." : "Check the disk and the directory's permissions.",
              "{}: {}", what, std::strerror(error));
}

std::unexpected<Error> damaged(const std::filesystem::path& path) {
  return fail(ErrorCode::kInput, {path.string(), 0, 0}, "Restore it from the last backup, or let it be sent again.",
              "the file is not what was sealed");
}

/// One byte that tells how, then the bytes.
std::string packed(std::string_view bytes) {
  std::string out(1 + ZSTD_compressBound(bytes.size()), kZstd);
  const size_t size = ZSTD_compress(out.data() + 1, out.size() - 1, bytes.data(), bytes.size(), kLevel);
  if (ZSTD_isError(size) != 0 || size >= bytes.size()) {
    out.assign(1, kPlain);
    return out.append(bytes);
  }
  out.resize(1 + size);
  return out;
}

Status write_at(const std::filesystem::path& path, int fd, std::string_view bytes, uint64_t at) {
  while (!bytes.empty()) {
    const ssize_t done = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return disk_error(path, "cannot write", errno);
    bytes.remove_prefix(static_cast<size_t>(done));
    at += static_cast<uint64_t>(done);
  }
  return {};
}

}  // namespace

Result<SealedFile> SealedFile::open(const std::filesystem::path& path, vault::FileKey key) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return disk_error(path, "cannot open", errno);
  SealedFile out(path, fd, std::move(key));
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    return fail(ErrorCode::kBusy, {}, "Wait for the answer to the part that was sent before.",
                "another part of this upload is being written");
  }
  return out;
}

SealedFile::SealedFile(SealedFile&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)), key_(std::move(other.key_)) {}

SealedFile::~SealedFile() {
  if (fd_ >= 0) ::close(fd_);
}

Status SealedFile::append(Extent& extent, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kFrameBytes);
    bytes.remove_prefix(piece.size());
    ZHILI_ASSIGN(const std::string sealed, key_.seal(extent.frames, packed(piece)));
    std::string frame;
    frame.reserve(kLengthBytes + sealed.size());
    for (size_t i = 0; i < kLengthBytes; ++i) frame += static_cast<char>(sealed.size() >> (8 * i) & 0xFF);
    frame += sealed;
    ZHILI_TRY(write_at(path_, fd_, frame, extent.stored));
    extent.stored += frame.size();
    extent.bytes += piece.size();
    ++extent.frames;
  }
  return {};
}

Status SealedFile::sync() {
  if (::fdatasync(fd_) == 0) return {};
  return disk_error(path_, "cannot make the file durable", errno);
}

Result<uint64_t> SealedFile::size() const {
  struct stat info{};
  if (::fstat(fd_, &info) != 0) return disk_error(path_, "cannot look at the file", errno);
  return static_cast<uint64_t>(info.st_size);
}

struct SealedReader::State {
  State(std::filesystem::path name, int file, vault::FileKey file_key)
      : path(std::move(name)), fd(file), key(std::move(file_key)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (fd >= 0) ::close(fd);
  }

  Status read_whole(char* to, size_t size);
  Result<bool> next();
  Status skip(uint64_t frames);

  std::filesystem::path path;
  int fd;
  vault::FileKey key;
  uint64_t frame = 0;
  uint64_t end = 0;
  std::string sealed;
  std::string bytes;
  size_t used = 0;
  store::Sha256 digest;
};

Status SealedReader::State::read_whole(char* to, size_t size) {
  while (size > 0) {
    const ssize_t got = ::read(fd, to, size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return disk_error(path, "cannot read", errno);
    if (got == 0) return damaged(path);
    to += got;
    size -= static_cast<size_t>(got);
  }
  return {};
}

Status SealedReader::State::skip(uint64_t frames) {
  for (uint64_t i = 0; i < frames; ++i) {
    std::array<unsigned char, kLengthBytes> head{};
    ZHILI_TRY(read_whole(reinterpret_cast<char*>(head.data()), head.size()));
    size_t length = 0;
    for (size_t b = kLengthBytes; b-- > 0;) length = length << 8 | head[b];
    if (::lseek(fd, static_cast<off_t>(length), SEEK_CUR) < 0) return disk_error(path, "cannot read", errno);
  }
  return {};
}

Result<bool> SealedReader::State::next() {
  if (frame == end) return false;
  std::array<unsigned char, kLengthBytes> head{};
  ZHILI_TRY(read_whole(reinterpret_cast<char*>(head.data()), head.size()));
  size_t length = 0;
  for (size_t b = kLengthBytes; b-- > 0;) length = length << 8 | head[b];
  if (length > kMostStored) return damaged(path);
  sealed.resize(length);
  ZHILI_TRY(read_whole(sealed.data(), length));
  auto opened = key.open(frame, sealed);
  if (!opened || opened->empty()) return damaged(path);
  const std::string_view body = std::string_view(*opened).substr(1);
  if (opened->front() == kPlain) {
    bytes.assign(body);
  } else {
    bytes.resize(kFrameBytes);
    const size_t size = ZSTD_decompress(bytes.data(), bytes.size(), body.data(), body.size());
    if (ZSTD_isError(size) != 0) return damaged(path);
    bytes.resize(size);
  }
  used = 0;
  ++frame;
  digest.add(bytes);
  return true;
}

SealedReader::SealedReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
SealedReader::SealedReader(SealedReader&&) noexcept = default;
SealedReader& SealedReader::operator=(SealedReader&&) noexcept = default;
SealedReader::~SealedReader() = default;

Result<SealedReader> SealedReader::open(const std::filesystem::path& path, vault::FileKey key, uint64_t first,
                                        uint64_t end) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    if (errno != ENOENT) return disk_error(path, "cannot open", errno);
    return fail(ErrorCode::kNotFound, {path.string(), 0, 0}, "Restore it from the last backup.", "no such file");
  }
  auto state = std::make_unique<State>(path, fd, std::move(key));
  (void)::posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  ZHILI_TRY(state->skip(first));
  state->frame = first;
  state->end = end;
  return SealedReader(std::move(state));
}

Result<size_t> SealedReader::read(char* to, size_t size) {
  State& state = *state_;
  while (state.used == state.bytes.size()) {
    ZHILI_ASSIGN(const bool more, state.next());
    if (!more) return size_t{0};
  }
  const size_t got = std::min(size, state.bytes.size() - state.used);
  std::copy_n(state.bytes.data() + state.used, got, to);
  state.used += got;
  return got;
}

std::string SealedReader::sha256() { return state_->digest.hex(); }

}  // namespace zhili::ingest
