#include "text/id_number.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "text/utf8.hpp"

namespace zhili::text {
namespace {

constexpr int kFirstBirthYear = 1800;

/// The characters that count, at most one more than a number has. False where something is no part of a number.
bool gather(std::string_view text, std::array<char, 19>& out, size_t& size) {
  const char* p = text.data();
  const char* const end = p + text.size();
  while (p < end) {
    char32_t c = next_char(p, end);
    if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;
    if (c == ' ' || c == '-' || c == '\t' || c == '\r' || c == '\n' || c == '\'' || c == U'\u3000' || c == U'\uFEFF' ||
        c == U'\u200B' || c == U'\u00A0' || c == U'\u202A' || c == U'\u202C' || c == U'\u202D' || c == U'‐' ||
        c == U'–' || c == U'—') {
      continue;
    }
    if (c == 'x' || c == U'×' || c == U'Х' || c == U'х' || c == U'Χ') c = 'X';
    if (((c < '0' || c > '9') && c != 'X') || size == out.size()) return false;
    out[size++] = static_cast<char>(c);
  }
  return true;
}

bool all_digits(std::string_view s) {
  return std::ranges::all_of(s, [](char c) { return c >= '0' && c <= '9'; });
}

int figures(std::string_view s) {
  int value = 0;
  for (const char c : s) value = value * 10 + (c - '0');
  return value;
}

}  // namespace

char id_check_digit(std::string_view first17) {
  static constexpr std::array<int, 17> kWeights = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  int sum = 0;
  for (size_t i = 0; i < kWeights.size(); ++i) sum += (first17[i] - '0') * kWeights[i];
  return "10X98765432"[sum % 11];
}

std::string id_15_to_18(std::string_view digits15) {
  if (digits15.size() != 15 || !all_digits(digits15)) return {};
  std::string out;
  out.reserve(18);
  out += digits15.substr(0, 6);
  out += figures(digits15.substr(12)) >= 996 ? "18" : "19";
  out += digits15.substr(6);
  out += id_check_digit(out);
  return out;
}

std::optional<IdNumber> parse_id_number(std::string_view text) {
  std::array<char, 19> chars;
  size_t size = 0;
  if (!gather(text, chars, size)) return std::nullopt;
  const std::string_view written(chars.data(), size);
  IdNumber out;
  if (size == 15) {
    out.number = id_15_to_18(written);
    if (out.number.empty()) return std::nullopt;
    out.was_15 = true;
  } else if (size == 18 && all_digits(written.substr(0, 17))) {
    out.number = written;
  } else {
    return std::nullopt;
  }
  const std::string_view number = out.number;
  out.checksum_ok = number[17] == id_check_digit(number);
  out.birth = {static_cast<int16_t>(figures(number.substr(6, 4))), static_cast<uint8_t>(figures(number.substr(10, 2))),
               static_cast<uint8_t>(figures(number.substr(12, 2)))};
  out.birth_ok =
      out.birth.year >= kFirstBirthYear && out.birth.month != 0 && out.birth.day != 0 && is_possible(out.birth);
  out.male = (number[16] - '0') % 2 == 1;
  return out;
}

}  // namespace zhili::text
