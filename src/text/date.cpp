#include "text/date.hpp"

#include <algorithm>
#include <cstddef>

#include "text/utf8.hpp"

namespace zhili::text {
namespace {

constexpr int kFirstYear = 1000;
constexpr int kLastYear = 2199;
// No spelling of a date is longer; what follows is time of day or remarks.
constexpr size_t kMostChars = 48;

// Characters as the scanner sees them: ASCII letters and digits, ' ' for any space, '-' for any separator, 'Y' 'M' 'D'
// for 年 月 日 (Latin letters come as lower-case), and Chinese numerals as kNumeral + value.
constexpr unsigned char kNumeral = 0x80;
constexpr unsigned char kTen = kNumeral + 10;
constexpr unsigned char kOther = 0xFF;

unsigned char numeral_class(char32_t c) {
  switch (c) {
    case U'〇':
    case U'零':
    case U'○':
    case U'Ｏ':
      return kNumeral;
    case U'一':
    case U'壹':
      return kNumeral + 1;
    case U'二':
    case U'贰':
    case U'貳':
      return kNumeral + 2;
    case U'三':
    case U'叁':
    case U'參':
      return kNumeral + 3;
    case U'四':
    case U'肆':
      return kNumeral + 4;
    case U'五':
    case U'伍':
      return kNumeral + 5;
    case U'六':
    case U'陆':
    case U'陸':
      return kNumeral + 6;
    case U'七':
    case U'柒':
      return kNumeral + 7;
    case U'八':
    case U'捌':
      return kNumeral + 8;
    case U'九':
    case U'玖':
      return kNumeral + 9;
    case U'十':
    case U'拾':
      return kTen;
    case U'廿':
      return kNumeral + 20;
    case U'卅':
      return kNumeral + 30;
    default:
      return kOther;
  }
}

unsigned char classify(char32_t c) {
  if (c >= 0xFF01 && c <= 0xFF5E) {
    if (c == U'Ｏ') return kNumeral;
    c -= 0xFEE0;
  }
  if (c >= 'A' && c <= 'Z') return static_cast<unsigned char>(c + 32);
  if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) return static_cast<unsigned char>(c);
  switch (c) {
    case '-':
    case '/':
    case '.':
    case ',':
    case '\\':
    case '_':
    case U'、':
    case U'。':
    case U'·':
    case U'‐':
    case U'‑':
    case U'–':
    case U'—':
    case U'−':
      return '-';
    case ' ':
    case '\t':
    case '\r':
    case '\n':
    case U'\u3000':
    case U'\u00A0':
      return ' ';
    case U'年':
      return 'Y';
    case U'月':
      return 'M';
    case U'日':
    case U'号':
    case U'號':
      return 'D';
    default:
      return numeral_class(c);
  }
}

/// A run of digits or Chinese numerals.
struct Number {
  int value = 0;
  int digits = 0;          ///< Figures written; 0 where 十 is among them.
  unsigned char mark = 0;  ///< 'Y', 'M' or 'D' right behind.
};

class Scanner {
 public:
  explicit Scanner(std::string_view text) {
    const char* p = text.data();
    const char* const end = p + text.size();
    while (p < end && size_ < kMostChars) {
      const char32_t c = next_char(p, end);
      if (c == U'\uFEFF' || c == U'\u200B') continue;
      const unsigned char next = classify(c);
      if (next == ' ' && (size_ == 0 || chars_[size_ - 1] == ' ')) continue;
      chars_[size_++] = next;
    }
    while (size_ > 0 && chars_[size_ - 1] == ' ') --size_;
  }

  bool at_end() const { return at_ == size_; }
  unsigned char peek() const { return at_ < size_ ? chars_[at_] : static_cast<unsigned char>(0); }
  bool at_digit() const { return peek() >= '0' && peek() <= '9'; }
  bool at_numeral() const { return peek() >= kNumeral && peek() < kOther; }
  bool at_letter() const { return peek() >= 'a' && peek() <= 'z'; }
  size_t digit_run() const {
    size_t n = 0;
    while (at_ + n < size_ && chars_[at_ + n] >= '0' && chars_[at_ + n] <= '9') ++n;
    return n;
  }

  int take_digits(size_t n) {
    int value = 0;
    for (; n > 0; --n) value = value * 10 + (chars_[at_++] - '0');
    return value;
  }

  /// A number of at most 4 digits, or Chinese numerals, with the mark behind it.
  std::optional<Number> number() {
    Number out;
    if (at_digit()) {
      const size_t run = digit_run();
      if (run > 4) return std::nullopt;
      out.value = take_digits(run);
      out.digits = static_cast<int>(run);
    } else if (at_numeral()) {
      if (!numerals(out)) return std::nullopt;
    } else {
      return std::nullopt;
    }
    const size_t before = at_;
    skip(' ');
    if (peek() == 'Y' || peek() == 'M' || peek() == 'D') {
      out.mark = chars_[at_++];
    } else {
      at_ = before;
    }
    return out;
  }

  /// 1 to 12 by the first three letters of an English month; all its letters are taken.
  int month_name() {
    static constexpr std::string_view kMonths = "janfebmaraprmayjunjulaugsepoctnovdec";
    if (size_ - at_ < 3) return 0;
    const char key[3] = {static_cast<char>(chars_[at_]), static_cast<char>(chars_[at_ + 1]),
                         static_cast<char>(chars_[at_ + 2])};
    for (size_t i = 0; i < kMonths.size(); i += 3) {
      if (kMonths.substr(i, 3) != std::string_view(key, 3)) continue;
      while (at_letter()) ++at_;
      return static_cast<int>(i / 3) + 1;
    }
    return 0;
  }

  /// The letters of 1st, 2nd, 3rd, 4th.
  void skip_ordinal() {
    if (at_ + 1 >= size_) return;
    const auto a = chars_[at_];
    const auto b = chars_[at_ + 1];
    if ((a == 's' && b == 't') || (a == 'n' && b == 'd') || (a == 'r' && b == 'd') || (a == 't' && b == 'h')) at_ += 2;
  }

  void skip(unsigned char c) {
    while (peek() == c && !at_end()) ++at_;
  }
  /// Spaces and separators; whether there was one.
  bool skip_separators() {
    const size_t before = at_;
    while (!at_end() && (peek() == ' ' || peek() == '-')) ++at_;
    return at_ != before;
  }

 private:
  /// 二〇〇一 by place, 十二 and 二十三 by tens.
  bool numerals(Number& out) {
    const size_t start = at_;
    bool tens = false;
    while (!at_end() && (at_numeral() || peek() == 'o')) {
      const int v = peek() == 'o' ? 0 : peek() - kNumeral;  // 二OO一: the letter for the circle
      ++at_;
      if (v == 10) {
        if (tens || out.value > 9) return false;
        out.value = at_ - start == 1 ? 10 : out.value * 10;
        tens = true;
      } else if (v > 10) {
        if (at_ - start != 1) return false;
        out.value = v;
        tens = true;
      } else {
        out.value = tens ? out.value + v : out.value * 10 + v;
      }
      if (at_ - start > 4) return false;
    }
    out.digits = tens ? 0 : static_cast<int>(at_ - start);
    return true;
  }

  unsigned char chars_[kMostChars];
  size_t size_ = 0;
  size_t at_ = 0;
};

/// The parts as written; -1 where not written.
struct Parts {
  int year = -1;
  int year_digits = 0;
  int month = -1;
  int day = -1;
};

void put_figures(char* to, int value, int width) {
  for (int i = width - 1; i >= 0; --i, value /= 10) to[i] = static_cast<char>('0' + value % 10);
}

std::optional<ParsedDate> finish(const Parts& parts) {
  ParsedDate out;
  if (parts.month > 99 || parts.day > 99) return std::nullopt;
  if (parts.year > 0 && parts.year_digits > 2) {
    out.date.year = static_cast<int16_t>(parts.year);
    put_figures(out.digits.data(), parts.year, 4);
  } else if (parts.year >= 0 && parts.year_digits == 2) {
    put_figures(out.digits.data() + 2, parts.year, 2);
  }
  if (parts.month > 0) {
    out.date.month = static_cast<uint8_t>(parts.month);
    put_figures(out.digits.data() + 4, parts.month, 2);
  }
  if (parts.day > 0) {
    out.date.day = static_cast<uint8_t>(parts.day);
    put_figures(out.digits.data() + 6, parts.day, 2);
  }
  if (out.date == PartialDate{} && out.digits[3] == '?') return std::nullopt;
  out.valid = is_possible(out.date);
  return out;
}

bool plausible_year(int year) { return year >= 1800 && year <= kLastYear; }

/// Figures without a separator: 20010203 (and 14 figures with the time), 200102, 850203, 2001.
std::optional<ParsedDate> parse_packed(Scanner& scanner, size_t run, DateOrder order) {
  const auto split = [&](size_t a, size_t b, size_t c) {
    return std::array<int, 3>{scanner.take_digits(a), scanner.take_digits(b), scanner.take_digits(c)};
  };
  const auto in_month = [](int month, int day) { return month >= 1 && month <= 12 && day >= 1 && day <= 31; };
  if (run == 8 || run == 12 || run == 14) {
    if (order != DateOrder::kYearFirst && run == 8) {
      Scanner ahead = scanner;
      const int first = ahead.take_digits(2);
      const int second = ahead.take_digits(2);
      const int year = ahead.take_digits(4);
      const int day = order == DateOrder::kDayFirst ? first : second;
      const int month = order == DateOrder::kDayFirst ? second : first;
      if (plausible_year(year) && in_month(month, day)) return finish({year, 4, month, day});
    }
    const auto [year, month, day] = split(4, 2, 2);
    return finish({year, 4, month, day});
  }
  if (run == 6) {
    Scanner ahead = scanner;
    const int year = ahead.take_digits(4);
    const int month = ahead.take_digits(2);
    if (plausible_year(year) && month <= 12) return finish({year, 4, month, -1});
    const auto [a, b, c] = split(2, 2, 2);
    if (order == DateOrder::kYearFirst) return finish({a, 2, b, c});
    return order == DateOrder::kDayFirst ? finish({c, 2, b, a}) : finish({c, 2, a, b});
  }
  if (run == 4) {
    const int year = scanner.take_digits(4);
    return finish({year, 4, -1, -1});
  }
  return std::nullopt;
}

/// 2001年2月3日, and what is left of it: 2001年2月, 85年3月.
std::optional<ParsedDate> parse_marked(Scanner& scanner, Number number) {
  Parts parts;
  for (;;) {
    if (number.mark == 'Y' && parts.year < 0) {
      parts.year = number.value;
      parts.year_digits = number.digits;
    } else if (number.mark == 'M' && parts.month < 0) {
      parts.month = number.value;
    } else if ((number.mark == 'D' || (number.mark == 0 && parts.month >= 0)) && parts.day < 0) {
      parts.day = number.value;
    } else {
      return std::nullopt;
    }
    if (parts.day >= 0) break;
    scanner.skip(' ');
    if (!scanner.at_digit() && !scanner.at_numeral()) break;
    const auto next = scanner.number();
    if (!next) return std::nullopt;
    number = *next;
  }
  if (parts.year < 0 && parts.month < 0) return std::nullopt;
  return finish(parts);
}

/// Three numbers, or two, by the order and by which of them is written with four figures.
std::optional<ParsedDate> from_numbers(const Number& a, const Number& b, const std::optional<Number>& c,
                                       DateOrder order) {
  if (!c) {
    if (a.digits >= 3) return finish({a.value, a.digits, b.value, -1});
    if (b.digits >= 3) return finish({b.value, b.digits, a.value, -1});
    return std::nullopt;
  }
  if (a.digits >= 3 || (order == DateOrder::kYearFirst && c->digits < 3)) {
    return finish({a.value, a.digits, b.value, c->value});
  }
  if (b.digits >= 3) return std::nullopt;
  const bool day_first = order != DateOrder::kMonthFirst;
  return finish({c->value, c->digits, day_first ? b.value : a.value, day_first ? a.value : b.value});
}

/// 1-Feb-2001, 1 February 2001, February 2001; `day` is what stood before the name.
std::optional<ParsedDate> parse_named(Scanner& scanner, int day) {
  const int month = scanner.month_name();
  if (month == 0) return std::nullopt;
  scanner.skip_separators();
  const auto second = scanner.number();
  if (!second) return day > 0 ? finish({-1, 0, month, day}) : std::nullopt;
  if (day > 0 || second->digits > 2) return finish({second->value, second->digits, month, day});
  scanner.skip_ordinal();
  scanner.skip_separators();
  const auto year = scanner.number();
  if (!year) return finish({-1, 0, month, second->value});
  return finish({year->value, year->digits, month, second->value});
}

std::optional<ParsedDate> parse_numbers(Scanner& scanner, const Number& first, DateOrder order) {
  const bool separated = scanner.skip_separators();
  if (scanner.at_end()) {
    return first.digits == 4 ? finish({first.value, 4, -1, -1}) : std::nullopt;
  }
  if (scanner.at_letter()) {
    if (first.digits == 4) {  // 2001-Feb-01
      const int month = scanner.month_name();
      if (month == 0) return std::nullopt;
      scanner.skip_separators();
      const auto day = scanner.number();
      return finish({first.value, 4, month, day ? day->value : -1});
    }
    scanner.skip_ordinal();
    scanner.skip_separators();
    return parse_named(scanner, first.value);
  }
  if (!separated) return std::nullopt;
  const auto second = scanner.number();
  if (!second) return std::nullopt;
  const bool third_follows = scanner.skip_separators() && (scanner.at_digit() || scanner.at_numeral());
  if (!third_follows) {
    return scanner.at_end() ? from_numbers(first, *second, std::nullopt, order) : std::nullopt;
  }
  const auto third = scanner.number();
  if (!third) return std::nullopt;
  // 2001-02-03-04 is no date; 2001-02-03 04:05 is one with a time.
  if (scanner.peek() == '-') {
    scanner.skip('-');
    if (scanner.at_digit() || scanner.at_numeral()) return std::nullopt;
  }
  return from_numbers(first, *second, third, order);
}

}  // namespace

int days_in_month(int year, int month) {
  static constexpr std::array<int, 13> kDays = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12) return 0;
  const bool leap = year == 0 || (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
  return kDays[static_cast<size_t>(month)] + (month == 2 && leap ? 1 : 0);
}

bool is_possible(const PartialDate& date) {
  if (date.year != 0 && (date.year < kFirstYear || date.year > kLastYear)) return false;
  if (date.month > 12) return false;
  return date.day <= (date.month == 0 ? 31 : days_in_month(date.year, date.month));
}

std::optional<int32_t> day_number(const PartialDate& date) {
  if (date.year == 0 || date.month == 0 || date.day == 0 || !is_possible(date)) return std::nullopt;
  // Years begin in March, so that the leap day comes last: Howard Hinnant, chrono-compatible low-level date algorithms.
  const int y = date.year - (date.month <= 2 ? 1 : 0);
  const int era = y / 400;
  const int year_of_era = y - era * 400;
  const int day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
  const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

std::optional<ParsedDate> parse_date(std::string_view text, DateOrder order) {
  Scanner scanner(text);
  if (scanner.at_letter()) return parse_named(scanner, -1);
  const size_t run = scanner.digit_run();
  if (run > 4) return parse_packed(scanner, run, order);
  const auto first = scanner.number();
  if (!first) return std::nullopt;
  if (first->mark != 0) return parse_marked(scanner, *first);
  return parse_numbers(scanner, *first, order);
}

}  // namespace zhili::text
