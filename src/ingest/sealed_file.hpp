#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "vault/file_keys.hpp"

namespace zhili::ingest {

inline constexpr size_t kFrameBytes = size_t{1} << 20;  ///< Of the sender's bytes, in one frame at most.

/// How far a sealed file goes. Kept in the store: what lies behind it in the file counts for nothing, and is written
/// over.
struct Extent {
  uint64_t bytes = 0;   ///< As the sender sent them.
  uint64_t stored = 0;  ///< In the file.
  uint64_t frames = 0;
};

/// A file that keeps a sender's bytes as they came: in frames, each compressed by zstd where that makes it smaller, and
/// sealed under the file's own key. No byte of the sender's is ever on the disk in clear. A frame: the length of what
/// follows (4 bytes, little end first), then the sealed bytes, of which the first tells whether they are compressed.
/// Belongs to one thread at a time.
class SealedFile {
 public:
  /// Opens the file, makes it where there is none, and keeps others out until this is destroyed. Errors: kIo; kBusy
  /// where another holds it.
  static Result<SealedFile> open(const std::filesystem::path& path, vault::FileKey key);
  SealedFile(SealedFile&& other) noexcept;
  SealedFile& operator=(SealedFile&&) = delete;
  SealedFile(const SealedFile&) = delete;
  SealedFile& operator=(const SealedFile&) = delete;
  ~SealedFile();

  /// Writes bytes behind `extent` and moves it. They are durable after sync().
  Status append(Extent& extent, std::string_view bytes);
  Status sync();
  /// How large the file is.
  Result<uint64_t> size() const;

 private:
  SealedFile(std::filesystem::path path, int fd, vault::FileKey key)
      : path_(std::move(path)), fd_(fd), key_(std::move(key)) {}

  std::filesystem::path path_;
  int fd_;
  vault::FileKey key_;
};

/// Reads a sealed file's bytes, from one frame to another. Belongs to one thread at a time.
class SealedReader {
 public:
  /// Frames [first, end). Errors: kNotFound, kIo.
  static Result<SealedReader> open(const std::filesystem::path& path, vault::FileKey key, uint64_t first, uint64_t end);
  SealedReader(SealedReader&&) noexcept;
  SealedReader& operator=(SealedReader&&) noexcept;
  ~SealedReader();

  /// Writes up to `size` bytes; 0 at the end. Errors: kInput where the file is not what was sealed; kIo.
  Result<size_t> read(char* to, size_t size);
  /// SHA-256 of all that was read so far, in hexadecimal digits. Ends the reading.
  std::string sha256();

 private:
  struct State;
  explicit SealedReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace zhili::ingest
