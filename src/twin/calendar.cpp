#include "twin/calendar.hpp"

#include <algorithm>
#include <cmath>

namespace zhili::twin {
namespace {

constexpr double kMonthDays = 29.530588;
// The new moon of 6 January 2000, 18:14 UTC, in China's time.
constexpr double kKnownNewMoon = to_day(2000, 1, 7) + 2.25 / 24;

double new_moon_index(double day) { return std::floor((day - kKnownNewMoon) / kMonthDays); }
double new_moon(double index) { return kKnownNewMoon + index * kMonthDays; }

// The new year is the new moon nearest to the beginning of spring, about 4 February.
double new_year_index(int year) {
  const double spring = to_day(year, 2, 4);
  const double before = new_moon_index(spring);
  return spring - new_moon(before) <= kMonthDays / 2 ? before : before + 1;
}

}  // namespace

void append_padded(std::string& out, uint64_t number, int width) {
  char digits[20];
  int used = 0;
  do {
    digits[used++] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number > 0);
  for (int i = used; i < width; ++i) out += '0';
  while (used > 0) out += digits[--used];
}

std::string compact(Day day) {
  const Date date = to_date(day);
  std::string out;
  append_padded(out, digits_of(date), 8);
  return out;
}

std::string dashed(Day day) {
  std::string out = compact(day);
  out.insert(6, 1, '-');
  out.insert(4, 1, '-');
  return out;
}

Date lunar(Day day) {
  const double noon = day + 0.99;
  const double index = new_moon_index(noon);
  int year = year_of(day);
  double first = new_year_index(year);
  if (index < first) first = new_year_index(--year);
  const int month = std::min(12, static_cast<int>(index - first) + 1);
  const int of_month = std::clamp(static_cast<int>(std::floor(noon) - std::floor(new_moon(index))) + 1, 1, 30);
  return {year, month, of_month};
}

}  // namespace zhili::twin
