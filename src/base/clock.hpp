#pragma once

#include <cstdint>
#include <string>

/// Moments in microseconds since 1970 UTC by the machine's clock, which people and time servers may set back.
namespace zhili {

/// By so much the clocks of one installation's machines may differ.
inline constexpr int64_t kClockSlack = int64_t{5} * 60 * 1'000'000;

/// Whether `noted`, which was the present once, lies so far ahead of `now` that the clock must have been set back
/// since. What counts from such a moment (a session's end, a lease) would last until the clock is there again.
constexpr bool was_set_back(int64_t noted, int64_t now) { return noted - now > kClockSlack; }

/// Whether less than `span` has gone by since `since`, on a clock that was not set back.
constexpr bool is_within(int64_t since, int64_t span, int64_t now) { return now >= since && now - since < span; }

/// "2026-01-31T08:00:00.007Z": RFC 3339, in UTC, with so many digits behind the second, 0 to 6; what is finer is cut
/// off.
std::string time_text(int64_t microseconds, int digits = 6);

}  // namespace zhili
