#include "text/credit_code.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "text/utf8.hpp"

namespace zhili::text {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
constexpr size_t kLength = 18;

constexpr std::array<int, 128> kValues = [] {
  std::array<int, 128> values{};
  values.fill(-1);
  for (size_t i = 0; i < kAlphabet.size(); ++i) values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<int>(i);
  return values;
}();

int value_of(char c) { return static_cast<unsigned char>(c) < 128 ? kValues[static_cast<unsigned char>(c)] : -1; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

char credit_check_char(std::string_view first17) {
  int sum = 0;
  int weight = 1;
  for (const char c : first17.substr(0, 17)) {
    const int value = value_of(c);
    if (value < 0) return '?';
    sum += value * weight;
    weight = weight * 3 % 31;
  }
  return kAlphabet[static_cast<size_t>((31 - sum % 31) % 31)];
}

char organisation_check_char(std::string_view first8) {
  static constexpr std::array<int, 8> kWeights = {3, 7, 9, 10, 5, 8, 4, 2};
  if (first8.size() < kWeights.size()) return '?';
  int sum = 0;
  for (size_t i = 0; i < kWeights.size(); ++i) {
    const char c = first8[i];
    if (!is_digit(c) && (c < 'A' || c > 'Z')) return '?';
    sum += (is_digit(c) ? c - '0' : c - 'A' + 10) * kWeights[i];
  }
  return "0X987654321"[sum % 11];
}

bool organisation_code_ok(std::string_view code) {
  if (code.size() == 10 && code[8] == '-') return code[9] == organisation_check_char(code);
  return code.size() == 9 && code[8] == organisation_check_char(code);
}

bool registration_number_ok(std::string_view digits15) {
  if (digits15.size() != 15 || !std::ranges::all_of(digits15, is_digit)) return false;
  int product = 10;
  for (const char c : digits15.substr(0, 14)) {
    const int sum = (product + (c - '0')) % 10;
    product = (sum == 0 ? 10 : sum) * 2 % 11;
  }
  return (product + (digits15[14] - '0')) % 10 == 1;
}

std::optional<CreditCode> parse_credit_code(std::string_view text) {
  std::array<char, kLength> chars;
  size_t size = 0;
  bool corrected = false;
  const char* p = text.data();
  const char* const end = p + text.size();
  while (p < end) {
    char32_t c = next_char(p, end);
    if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;
    if (c == ' ' || c == '-' || c == '\t' || c == '\r' || c == '\n' || c == '\'' || c == U'\u3000' || c == U'\uFEFF' ||
        c == U'\u200B' || c == U'\u00A0') {
      continue;
    }
    if (c >= 'a' && c <= 'z') c -= 32;
    if (c == 'O' || c == 'I') {
      c = c == 'O' ? '0' : '1';
      corrected = true;
    }
    if (c >= 128 || kValues[c] < 0 || size == kLength) return std::nullopt;
    chars[size++] = static_cast<char>(c);
  }
  if (size != kLength || !std::all_of(chars.begin() + 2, chars.begin() + 8, is_digit)) return std::nullopt;
  CreditCode out;
  out.code.assign(chars.data(), kLength);
  out.corrected = corrected;
  out.checksum_ok = out.code[17] == credit_check_char(out.code);
  out.organisation_ok = organisation_code_ok(out.organisation_code());
  return out;
}

}  // namespace zhili::text
