#pragma once

#include <array>
#include <string_view>

/// The keys of the file of terms, for its parser and for the test that holds its schema against them.
namespace zhili::exchange::keys {

inline constexpr std::array<std::string_view, 5> kTop = {"version", "terms", "officers", "withheld", "calendar"};
inline constexpr std::array<std::string_view, 5> kTerms = {"answer_unconditional", "answer_conditional", "deliver",
                                                           "correct", "object"};
inline constexpr std::array<std::string_view, 2> kTerm = {"days", "source"};
inline constexpr std::array<std::string_view, 3> kWithheld = {"basis", "days", "source"};
inline constexpr std::array<std::string_view, 4> kCalendar = {"utc_offset", "source", "holidays", "workdays"};
inline constexpr std::array<std::string_view, 3> kHoliday = {"from", "to", "zh"};

}  // namespace zhili::exchange::keys
