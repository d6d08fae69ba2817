#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace zhili::text {

/// A date of which parts may be unknown: 0 stands for unknown.
struct PartialDate {
  int16_t year = 0;
  uint8_t month = 0;
  uint8_t day = 0;

  bool operator==(const PartialDate&) const = default;
};

/// Which number comes first where a date is written with figures alone and no part has the four figures of a year.
enum class DateOrder : uint8_t { kYearFirst, kDayFirst, kMonthFirst };

struct ParsedDate {
  /// As written, also where no calendar has such a day (1855-86-20 has month 86). A year of two figures is unknown
  /// here: its century is not written.
  PartialDate date;
  /// All known parts can be true together: year 1000 to 2199, a month of the year, a day of that month.
  bool valid = false;
  /// "YYYYMMDD", '?' where unknown: what typing errors are compared by. A year of two figures has "??85".
  std::array<char, 8> digits = {'?', '?', '?', '?', '?', '?', '?', '?'};

  std::string_view digits_view() const { return {digits.data(), digits.size()}; }
  bool operator==(const ParsedDate&) const = default;
};

/// Understands 2001-02-03 and the same with / . or spaces, 20010203, 2001年2月3日, 二〇〇一年二月三日, 二十三日,
/// 2001-02, 200102, 2001, 85.2.3, 1-Feb-2001, February 1, 2001, and figures in the order of `order` (02/03/2001), in
/// any width. What follows the date is ignored where it begins with a space, a T or no digit: time of day, 生. A part
/// written as zeros is unknown. nullopt: not shaped like a date, or nothing of it known.
std::optional<ParsedDate> parse_date(std::string_view text, DateOrder order = DateOrder::kYearFirst);

/// Days of a month in the Gregorian calendar, also before its time; 29 for February where the year is unknown (0).
int days_in_month(int year, int month);

/// All known parts can be true together, see ParsedDate::valid.
bool is_possible(const PartialDate& date);

/// Days since 1970-01-01 of a wholly known, possible date; nullopt otherwise.
std::optional<int32_t> day_number(const PartialDate& date);

}  // namespace zhili::text
