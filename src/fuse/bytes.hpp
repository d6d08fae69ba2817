#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace zhili::fuse {

/// Numbers and texts as bytes: whole numbers take as many as they need.
class ByteWriter {
 public:
  explicit ByteWriter(std::string& out) : out_(out) {}

  void number(uint64_t n) {
    for (; n >= 128; n >>= 7) out_ += static_cast<char>(n | 128);
    out_ += static_cast<char>(n);
  }
  void text(std::string_view text) {
    number(text.size());
    out_ += text;
  }
  void fixed(uint64_t n) {
    char bytes[8];  // NOLINT(modernize-avoid-c-arrays)
    std::memcpy(bytes, &n, sizeof bytes);
    out_.append(bytes, sizeof bytes);
  }
  void real(double x) { fixed(std::bit_cast<uint64_t>(x)); }

 private:
  std::string& out_;
};

/// Reads what a ByteWriter wrote. After the end, or a length beyond it, everything reads as 0 or empty and good() is
/// false.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : left_(bytes) {}

  uint64_t number() {
    uint64_t out = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (left_.empty()) break;
      const auto byte = static_cast<unsigned char>(left_.front());
      left_.remove_prefix(1);
      out |= uint64_t{byte & 127U} << shift;
      if (byte < 128) return out;
    }
    return spoil();
  }
  std::string_view text() {
    const uint64_t size = number();
    if (size > left_.size()) {
      spoil();
      return {};
    }
    const auto out = left_.substr(0, size);
    left_.remove_prefix(size);
    return out;
  }
  uint64_t fixed() {
    uint64_t out = 0;
    if (left_.size() < sizeof out) return spoil();
    std::memcpy(&out, left_.data(), sizeof out);
    left_.remove_prefix(sizeof out);
    return out;
  }
  double real() { return std::bit_cast<double>(fixed()); }
  /// How many entries follow, each of a byte at least.
  uint64_t count() {
    const uint64_t n = number();
    return n <= left_.size() ? n : spoil();
  }
  bool good() const { return good_; }
  bool done() const { return left_.empty(); }

 private:
  uint64_t spoil() {
    left_ = {};
    good_ = false;
    return 0;
  }

  std::string_view left_;
  bool good_ = true;
};

}  // namespace zhili::fuse
