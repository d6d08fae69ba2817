#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "fuse/resolver.hpp"
#include "fuse/sealing.hpp"

namespace zhili::fuse {

/// A resolver's whole state as pieces of bytes, taken while it goes on: what it was at the moment of `begin`. Slots are
/// kept aside before they change; numbers of values only grow. Belongs to the resolver's thread.
class SnapshotTaker {
 public:
  static constexpr size_t kPiece = size_t{1} << 18;

  /// No step of the resolver is open. `resolver` outlives this.
  explicit SnapshotTaker(Resolver& resolver, size_t piece_bytes = kPiece);
  ~SnapshotTaker();
  SnapshotTaker(const SnapshotTaker&) = delete;
  SnapshotTaker& operator=(const SnapshotTaker&) = delete;

  /// The next piece, of about so many bytes; empty behind the last.
  std::string next();

 private:
  enum class Part : uint8_t;

  void write_values(ByteWriter& out, std::string& bytes);
  void write_numbers(ByteWriter& out, std::string& bytes);
  void write_slots(std::string& bytes);

  Resolver& resolver_;
  size_t piece_;
  uint64_t slots_;
  uint64_t slot_ = 0;                                // The next to be written.
  std::unordered_map<uint32_t, std::string> aside_;  // Slots from there on that have changed since.
  size_t stage_ = 0;
  size_t place_ = 0;            // Attribute, or table of numbers.
  uint64_t done_ = 0;           // Of it.
  std::vector<uint32_t> raws_;  // By attribute: how many there were.
  std::vector<uint32_t> values_;
};

/// Puts a resolver together again from the pieces, in their order.
class SnapshotLoader {
 public:
  /// Errors: kInput for bytes that are no piece, or come from another configuration.
  static Result<std::unique_ptr<Resolver>> load(Config config, unsigned threads, Cancel& cancel,
                                                const std::function<Result<std::string>()>& next);
};

/// A file of sealed pieces. It appears under its name when all of it is on disk.
class SealedFileWriter {
 public:
  static Result<std::unique_ptr<SealedFileWriter>> create(const std::filesystem::path& path, std::string context,
                                                          Sealing& sealing);
  ~SealedFileWriter();
  SealedFileWriter(const SealedFileWriter&) = delete;
  SealedFileWriter& operator=(const SealedFileWriter&) = delete;

  Status add(std::string_view piece);
  Status finish();

 private:
  SealedFileWriter(std::filesystem::path path, std::string context, Sealing& sealing, int fd)
      : path_(std::move(path)), context_(std::move(context)), sealing_(sealing), fd_(fd) {}
  Status write(std::string_view bytes);

  std::filesystem::path path_;
  std::string context_;
  Sealing& sealing_;
  int fd_;
  uint64_t pieces_ = 0;
  uint64_t unflushed_ = 0;
};

class SealedFileReader {
 public:
  static Result<std::unique_ptr<SealedFileReader>> open(const std::filesystem::path& path, std::string context,
                                                        Sealing& sealing);
  ~SealedFileReader();
  SealedFileReader(const SealedFileReader&) = delete;
  SealedFileReader& operator=(const SealedFileReader&) = delete;

  /// The next piece; empty at the end. Errors: kInput where the file is cut off or was changed, kIo.
  Result<std::string> next();

 private:
  SealedFileReader(std::filesystem::path path, std::string context, Sealing& sealing, int fd)
      : path_(std::move(path)), context_(std::move(context)), sealing_(sealing), fd_(fd) {}
  Result<bool> read(std::string& into, size_t size);

  std::filesystem::path path_;
  std::string context_;
  Sealing& sealing_;
  int fd_;
  uint64_t pieces_ = 0;
};

}  // namespace zhili::fuse
