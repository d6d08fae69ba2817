#include "base/base64.hpp"

#include <array>
#include <cstdint>

namespace zhili {
namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr uint8_t kNoDigit = 0xff;

constexpr std::array<uint8_t, 256> kValues = [] {
  std::array<uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (size_t i = 0; i < kDigits.size(); ++i) values[static_cast<uint8_t>(kDigits[i])] = static_cast<uint8_t>(i);
  return values;
}();

uint32_t byte_at(std::string_view bytes, size_t i) { return static_cast<uint8_t>(bytes[i]); }

}  // namespace

std::string to_base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t left = bytes.size() - i;
    const uint32_t word = (byte_at(bytes, i) << 16) | (left > 1 ? byte_at(bytes, i + 1) << 8 : 0) |
                          (left > 2 ? byte_at(bytes, i + 2) : 0);
    out += kDigits[word >> 18];
    out += kDigits[(word >> 12) & 63];
    out += left > 1 ? kDigits[(word >> 6) & 63] : '=';
    out += left > 2 ? kDigits[word & 63] : '=';
  }
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  std::string out;
  out.reserve(text.size() / 4 * 3);
  for (size_t i = 0; i < text.size(); i += 4) {
    const size_t digits = i + 4 == text.size() ? 4 - padding : 4;
    uint32_t word = 0;
    for (size_t d = 0; d < 4; ++d) {
      const uint8_t value = d < digits ? kValues[static_cast<uint8_t>(text[i + d])] : 0;
      if (value == kNoDigit) return std::nullopt;
      word = (word << 6) | value;
    }
    const uint32_t unused = digits == 4 ? 0 : digits == 3 ? word & 0xff : word & 0xffff;
    if (unused != 0) return std::nullopt;
    out += static_cast<char>(word >> 16);
    if (digits > 2) out += static_cast<char>((word >> 8) & 0xff);
    if (digits > 3) out += static_cast<char>(word & 0xff);
  }
  return out;
}

}  // namespace zhili
