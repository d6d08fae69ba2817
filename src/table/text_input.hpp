#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "table/batch.hpp"
#include "table/encoding.hpp"
#include "table/reader.hpp"

namespace zhili::table {

/// Bytes of a file, of memory or of a source, read forwards, with a look ahead.
class ByteInput {
 public:
  /// Errors: no such file (hint with the nearest name), a directory, no permission.
  static Result<ByteInput> open(const std::filesystem::path& path);
  static ByteInput from_bytes(std::string name, std::string bytes);
  /// `total`: how many there are, 0 where unknown.
  static ByteInput from_source(std::string name, uint64_t total, ByteSource source);
  ByteInput(ByteInput&& other) noexcept;
  ByteInput& operator=(ByteInput&&) = delete;
  ByteInput(const ByteInput&) = delete;
  ByteInput& operator=(const ByteInput&) = delete;
  ~ByteInput();

  /// The next bytes, up to `size` or the end, without taking them. The view is good until the next call.
  Result<std::string_view> peek(size_t size);
  /// Takes up to `size` bytes; 0 only at the end.
  Result<size_t> read(char* to, size_t size);

  const std::string& name() const { return name_; }
  uint64_t total() const { return total_; }
  uint64_t done() const { return done_; }

 private:
  explicit ByteInput(std::string name) : name_(std::move(name)) {}
  Result<size_t> read_file(char* to, size_t size);

  std::string name_;
  int fd_ = -1;
  ByteSource source_;  // Where there is no file.
  std::string ahead_;  // Bytes read and not taken: ahead_[taken_..].
  size_t taken_ = 0;
  uint64_t total_ = 0;
  uint64_t done_ = 0;
};

/// Bytes that format, charset and delimiter are judged by.
inline constexpr size_t kSampleBytes = size_t{64} << 10;

/// The file's text as UTF-8, whatever its charset.
class TextInput {
 public:
  /// Settles the charset by option, byte order mark and sample; takes the mark. Errors: a binary file, a charset that
  /// is neither.
  static Result<TextInput> create(ByteInput input, Encoding encoding);

  /// Writes the next text to buffer[size..], some `want` bytes, and returns how much; 0 only at the end.
  Result<size_t> read(TextBuffer& buffer, size_t size, size_t want);
  /// The text of the file's first `bytes` as UTF-8, without taking it. `whole` tells whether it is all there is.
  Result<std::string> sample(size_t bytes, bool& whole);

  Charset charset() const { return charset_; }
  const std::string& name() const { return input_.name(); }
  uint64_t total() const { return input_.total(); }
  uint64_t done() const { return input_.done(); }

 private:
  TextInput(ByteInput input, Charset charset, bool settled)
      : input_(std::move(input)), charset_(charset), settled_(settled) {}
  Status settle(std::string_view block, bool head);

  ByteInput input_;
  Charset charset_;
  bool settled_;     // False while all bytes so far were ASCII and nothing else told the charset.
  std::string raw_;  // Bytes that wait for the rest of their character.
};

/// Names the kind of a file that is no text by its first bytes, and the way out; empty kind for text.
struct BinaryKind {
  std::string_view kind;
  std::string_view way_out;
};
BinaryKind binary_kind(std::string_view head);

}  // namespace zhili::table
