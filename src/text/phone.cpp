#include "text/phone.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "text/utf8.hpp"

namespace zhili::text {
namespace {

constexpr size_t kFewestDigits = 5;
constexpr size_t kMostDigits = 15;
constexpr size_t kMostGroups = 8;

/// Digits of one number, in groups as written.
struct Written {
  std::array<char, 24> digits;
  size_t size = 0;
  std::array<size_t, kMostGroups> group_ends{};
  size_t groups = 0;
  bool international = false;

  void close_group() {
    if (size == (groups == 0 ? 0 : group_ends[groups - 1])) return;
    if (groups < kMostGroups) group_ends[groups++] = size;
  }
  size_t group_size(size_t i) const { return group_ends[i] - (i == 0 ? 0 : group_ends[i - 1]); }
};

enum class Kind { kDigit, kJoint, kSpace, kPlus, kEnd, kOther };

Kind kind_of(char32_t c) {
  if (c >= '0' && c <= '9') return Kind::kDigit;
  switch (c) {
    case '-':
    case '(':
    case ')':
    case '.':
    case '_':
    case '*':
    case '[':
    case ']':
    case U'—':
    case U'–':
    case U'－':
    case U'−':
    case U'‐':
    case U'‑':
    case U'一':
    case U'·':
      return Kind::kJoint;
    case ' ':
    case '\t':
    case U'\u3000':
    case U'\u00A0':
      return Kind::kSpace;
    case '+':
      return Kind::kPlus;
    case '/':
    case ',':
    case ';':
    case '|':
    case '\\':
    case '&':
    case '#':
    case '\n':
    case '\r':
    case U'、':
    case U'或':
    case U'转':
    case U'轉':
    case U'和':
    case U'及':
      return Kind::kEnd;
    default:
      return Kind::kOther;
  }
}

bool is_mobile_digits(const char* p, size_t n) { return n == 11 && p[0] == '1' && p[1] >= '3'; }

/// Whether what has been read is a whole number, so that a space and more digits begin another.
bool complete(const Written& w) {
  const char* p = w.digits.data();
  size_t n = w.size;
  if (n >= 2 && p[0] == '8' && p[1] == '6') {
    p += 2;
    n -= 2;
  }
  return is_mobile_digits(p, n) || (n >= 11 && p[0] == '0');
}

void read_first(std::string_view text, Written& w) {
  const char* p = text.data();
  const char* const end = p + text.size();
  while (p < end) {
    char32_t c = next_char(p, end);
    if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;
    const Kind kind = kind_of(c);
    if (kind == Kind::kDigit) {
      if (w.size == w.digits.size()) return;
      w.digits[w.size++] = static_cast<char>(c);
    } else if (kind == Kind::kPlus) {
      w.international = w.size == 0;
    } else if (kind == Kind::kSpace || kind == Kind::kJoint) {
      w.close_group();
      if (kind == Kind::kSpace && complete(w)) return;
    } else if (w.size >= kFewestDigits) {
      break;
    } else if (kind == Kind::kOther || kind == Kind::kEnd) {
      w = Written{};  // words before the number: "电话2: 62345678"
    }
  }
  w.close_group();
}

/// Removes the first n digits.
void drop_front(Written& w, size_t n) {
  std::copy(w.digits.begin() + static_cast<std::ptrdiff_t>(n), w.digits.begin() + static_cast<std::ptrdiff_t>(w.size),
            w.digits.begin());
  w.size -= n;
  size_t groups = 0;
  for (size_t i = 0; i < w.groups; ++i) {
    if (w.group_ends[i] > n) w.group_ends[groups++] = w.group_ends[i] - n;
  }
  w.groups = groups;
}

bool starts(const Written& w, std::string_view with) {
  return w.size >= with.size() && std::string_view(w.digits.data(), with.size()) == with;
}

/// Drops +86, 0086, or a bare 86 before a mobile number; whether the number is known to be of another country.
bool drop_country(Written& w) {
  if (!w.international && starts(w, "00")) {
    w.international = true;
    drop_front(w, 2);
  }
  if (w.international && starts(w, "86")) {
    drop_front(w, 2);
    w.international = false;
    // +86 21 62345678 leaves out the zero of the area code.
    if (!is_mobile_digits(w.digits.data(), std::min<size_t>(w.size, 11)) && !starts(w, "0") && w.size >= 9 &&
        w.size <= 11) {
      std::copy_backward(w.digits.begin(), w.digits.begin() + static_cast<std::ptrdiff_t>(w.size),
                         w.digits.begin() + static_cast<std::ptrdiff_t>(w.size) + 1);
      w.digits[0] = '0';
      ++w.size;
      for (size_t i = 0; i < w.groups; ++i) ++w.group_ends[i];
    }
  } else if (!w.international && starts(w, "86") && w.size == 13 && is_mobile_digits(w.digits.data() + 2, 11)) {
    drop_front(w, 2);
  }
  return w.international;
}

/// Cuts an extension: digits behind a whole number.
void drop_extension(Written& w) {
  if (starts(w, "0") && w.size >= 2) {
    const size_t area = w.digits[1] <= '2' ? 3 : 4;
    if (w.groups >= 2 && (w.group_size(0) == 3 || w.group_size(0) == 4)) {
      for (size_t i = 1; i < w.groups; ++i) {
        const size_t local = w.group_ends[i] - w.group_ends[0];
        if (local == 7 || local == 8) w.size = w.group_ends[i];
        if (local >= 7) break;
      }
    }
    w.size = std::min(w.size, area + 8);
  } else if (w.groups >= 2 && (w.group_size(0) == 7 || w.group_size(0) == 8)) {
    w.size = w.group_ends[0];
  } else if (w.size > 11 && is_mobile_digits(w.digits.data(), 11)) {
    w.size = 11;
  }
}

}  // namespace

bool is_mobile(std::string_view digits) {
  return is_mobile_digits(digits.data(), digits.size()) &&
         std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
}

std::string standardise_phone(std::string_view text) {
  Written w;
  read_first(text, w);
  std::string out;
  if (drop_country(w)) {
    out = "00";
  } else {
    if (starts(w, "01") && w.size == 12 && w.digits[2] >= '3') drop_front(w, 1);
    drop_extension(w);
  }
  const char* const begin = w.digits.data();
  if (w.size < kFewestDigits || w.size > kMostDigits) return {};
  if (std::all_of(begin, begin + w.size, [&](char c) { return c == *begin; })) return {};
  out.append(begin, w.size);
  return out;
}

}  // namespace zhili::text
