#include <algorithm>

#include "text/address_body.hpp"

namespace zhili::text::detail {
namespace {

bool is_digit(char32_t c) { return c >= '0' && c <= '9'; }
bool is_letter(char32_t c) { return c >= 'a' && c <= 'z'; }

int numeral_value(char32_t c) {
  static constexpr std::u32string_view kNumerals = U"〇一二三四五六七八九十";
  if (c == U'零') return 0;
  if (c == U'两') return 2;
  const size_t at = kNumerals.find(c);
  return at == std::u32string_view::npos ? -1 : static_cast<int>(at);
}

/// A run of Chinese numerals into digits: 五零一 501, 十二 12, 二十 20. Characters taken, 0 where it is no number.
size_t read_numerals(std::u32string_view text, AddressNumber::Part& part) {
  size_t n = 0;
  int value = 0;
  bool tens = false;
  std::array<char, 4> digits;
  size_t digits_size = 0;
  for (; n < text.size(); ++n) {
    const int v = numeral_value(text[n]);
    if (v < 0) break;
    if (n == digits.size()) return 0;
    if (v == 10) {
      if (tens || n > 1) return 0;
      value = (n == 0 ? 1 : value) * 10;
      tens = true;
    } else {
      value = tens ? value + v : value * 10 + v;
      digits[digits_size++] = static_cast<char>('0' + v);
    }
  }
  if (n == 0) return 0;
  if (tens) {
    if (value >= 100) return 0;
    digits[0] = static_cast<char>('0' + value / 10);
    digits[1] = static_cast<char>('0' + value % 10);
    digits_size = 2;
  }
  std::copy_n(digits.begin(), digits_size, part.chars.begin());
  part.size = static_cast<uint8_t>(digits_size);
  return n;
}

/// Letters and digits together, with at least one digit: 12, 12a, d213, th7. Letters come as capitals.
size_t read_alphanumerics(std::u32string_view text, AddressNumber::Part& part, bool& any_digit) {
  size_t n = 0;
  any_digit = false;
  for (; n < text.size() && (is_digit(text[n]) || is_letter(text[n])); ++n) {
    if (n == part.chars.size()) return 0;
    any_digit |= is_digit(text[n]);
    part.chars[n] = static_cast<char>(is_letter(text[n]) ? text[n] - 32 : text[n]);
  }
  part.size = static_cast<uint8_t>(n);
  return n;
}

}  // namespace

size_t AddressNumber::Part::digits() const {
  return static_cast<size_t>(
      std::count_if(chars.begin(), chars.begin() + size, [](char c) { return is_digit(static_cast<char32_t>(c)); }));
}

void AddressNumber::append_to(std::string& out) const {
  switch (prefix) {
    case U'甲':
      out += "甲";
      break;
    case U'乙':
      out += "乙";
      break;
    case U'丙':
      out += "丙";
      break;
    case U'丁':
      out += "丁";
      break;
    case U'附':
      out += "附";
      break;
    default:
      break;
  }
  for (size_t i = 0; i < size; ++i) {
    if (i > 0) out += '-';
    out += parts[i].view();
  }
  if (annex.size > 0) {
    out += "附";
    out += annex.view();
  }
}

AddressNumber read_number(std::u32string_view text) {
  AddressNumber out;
  size_t at = 0;
  if (text.starts_with(U"第")) {
    at = 1;
  } else if (!text.empty() &&
             (text[0] == U'甲' || text[0] == U'乙' || text[0] == U'丙' || text[0] == U'丁' || text[0] == U'附')) {
    out.prefix = text[0];
    at = 1;
  }
  for (; out.size < AddressNumber::kMostParts;) {
    AddressNumber::Part& part = out.parts[out.size];
    bool digit = true;
    size_t n = read_alphanumerics(text.substr(at), part, digit);
    if (n == 0) {
      n = read_numerals(text.substr(at), part);
      out.numerals |= n > 0;
    } else if (!digit) {
      if (out.size > 0 || at > 0 || n > 3) break;
      out.letters = true;
    }
    if (n == 0) break;
    at += n;
    ++out.size;
    out.length = at;
    if (out.letters || at + 1 >= text.size() || text[at] != '-') break;
    ++at;
  }
  if (out.size == 1 && !out.letters && text.substr(out.length).starts_with(U"附")) {
    bool digit = false;
    size_t n = read_alphanumerics(text.substr(out.length + 1), out.annex, digit);
    if (n == 0) n = read_numerals(text.substr(out.length + 1), out.annex);
    if (n > 0) out.length += 1 + n;
  }
  return out;
}

}  // namespace zhili::text::detail
