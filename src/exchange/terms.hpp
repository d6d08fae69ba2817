#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

/// Terms in working days, and the calendar that counts them: what laws ask for, as data with its source.
namespace zhili::exchange {

/// A number of working days, and where it is laid down.
struct Term {
  int days = 1;
  std::string source;
  bool operator==(const Term&) const = default;
};

/// Which days are worked on. Weekends are not, unless moved; holidays are not.
class Calendar {
 public:
  using Day = std::chrono::sys_days;

  void add_holiday(Day day) { holidays_.insert(day); }
  void add_workday(Day day) { workdays_.insert(day); }
  void set_offset(std::chrono::minutes offset) { offset_ = offset; }

  bool is_workday(Day day) const;
  /// The local day of a moment (microseconds since 1970 UTC).
  Day day_of(int64_t moment) const;
  /// The end of the last day of a term that begins at `from`: the day it begins on is not counted (民法典
  /// 第二百零一条).
  int64_t due(int64_t from, int days) const;
  /// Working days from the day of `from`, not counted, to that of `to`, counted; negative where that is past.
  int64_t days_between(int64_t from, int64_t to) const;
  /// Whether the holidays of that year were announced to the program: else only weekends are known.
  bool knows(int64_t moment) const;

 private:
  std::set<Day> holidays_;
  std::set<Day> workdays_;
  std::chrono::minutes offset_{0};
};

/// What an installation goes by; docs/exchange.md describes the file.
struct Terms {
  Term answer_unconditional;                                    ///< To a request for what is shared without condition.
  Term answer_conditional;                                      ///< To one for what is shared on conditions.
  Term deliver;                                                 ///< From the approval to the data.
  Term correct;                                                 ///< To ask for a correction, until it is answered.
  Term object;                                                  ///< To a resident's question or objection.
  std::vector<std::string> officers;                            ///< Roles that answer for a department.
  std::map<std::string, int64_t, std::less<>> withheld;         ///< By legal basis: for how long, in microseconds.
  std::map<std::string, std::string, std::less<>> withheld_by;  ///< And the law that says so.
  Calendar calendar;
};

/// `file` is named in errors. Errors: kConfig with all mistakes, each with its place; kLimit.
Result<Terms> parse_terms(std::string_view yaml, const std::string& file);
/// The file that the program brings along.
std::string_view default_terms_yaml();

}  // namespace zhili::exchange
