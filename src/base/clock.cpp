#include "base/clock.hpp"

#include <chrono>

#include <fmt/format.h>

namespace zhili {

std::string time_text(int64_t microseconds, int digits) {
  using std::chrono::floor;
  const std::chrono::sys_time<std::chrono::microseconds> at{std::chrono::microseconds(microseconds)};
  const auto day = floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(at - day);
  std::string out = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                time.hours().count(), time.minutes().count(), time.seconds().count());
  if (digits > 0) {
    const std::string fraction = fmt::format("{:06}", time.subseconds().count());
    out += "." + fraction.substr(0, static_cast<size_t>(digits));
  }
  return out + "Z";
}

}  // namespace zhili
