#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace zhili::twin {

/// A day, counted from 1970-01-01.
using Day = int32_t;

struct Date {
  int year = 0;
  int month = 0;
  int day = 0;
};

constexpr Day to_day(int year, int month, int day) {
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  return static_cast<Day>(std::chrono::sys_days{date}.time_since_epoch().count());
}

constexpr Date to_date(Day day) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
  return {static_cast<int>(date.year()), static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day()))};
}

/// 19650307
constexpr uint64_t digits_of(const Date& date) {
  return static_cast<uint64_t>(date.year) * 10'000 + static_cast<uint64_t>(date.month) * 100 +
         static_cast<uint64_t>(date.day);
}

constexpr int year_of(Day day) { return to_date(day).year; }

/// Whole years from birth to a day.
constexpr int age_at(Day birth, Day day) {
  const Date b = to_date(birth);
  const Date d = to_date(day);
  return d.year - b.year - ((d.month < b.month || (d.month == b.month && d.day < b.day)) ? 1 : 0);
}

inline constexpr Day kNever = to_day(9999, 12, 31);
inline constexpr int kFirstYear = 1950;                       ///< The district's story begins on 1 January.
inline constexpr int kLastYear = 2025;                        ///< The registers are read at its end.
inline constexpr Day kReference = to_day(kLastYear, 12, 31);  ///< "Today" of the district.

/// "19650307"
std::string compact(Day day);
/// "1965-03-07"
std::string dashed(Day day);
/// Adds `number` with at least `width` digits.
void append_padded(std::string& out, uint64_t number, int width);

/// The day in the traditional calendar, for people who give their birthday so: the month and the day as numbers, in
/// the solar year that the speaker would name. Computed from the mean new moon, so a day may differ by one from the
/// almanac and leap months are not told apart: good enough to make the error, not for an almanac.
Date lunar(Day day);

}  // namespace zhili::twin
