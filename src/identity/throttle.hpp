#pragma once

#include <cstdint>
#include <string>

#include "identity/ground.hpp"

namespace zhili::identity {

/// How failures to sign in slow down what comes next.
struct ThrottleLimits {
  int64_t free;      ///< Failures that cost nothing.
  int64_t longest;   ///< Delay; it doubles from one second up to this. Microseconds, as all here.
  int64_t forgiven;  ///< One failure is forgotten in so much time.
};

inline constexpr ThrottleLimits kAccountThrottle{5, 15 * kMinute, kHour};
inline constexpr ThrottleLimits kAddressThrottle{30, 15 * kMinute, kMinute};

/// Counts attempts under a name, in the store, so that all servers share the count. An attempt is charged before its
/// outcome is known: many at once gain nothing.
///
/// Within a change: charges one attempt and gives 0; or, where it is too early, the moment from which one is allowed,
/// and charges nothing.
Result<int64_t> charge_attempt(store::Transaction& tx, const std::string& name, const ThrottleLimits& limits,
                               int64_t now);
/// Within a change: the attempt was right; takes one charge back.
Status refund_attempt(store::Transaction& tx, const std::string& name);
/// Within a change: forgets all charges.
Status forget_attempts(store::Transaction& tx, const std::string& name);
/// Within a change: removes what was last charged before a moment, `most` of it; gives how many that were.
Result<int64_t> sweep_attempts(store::Transaction& tx, int64_t before, int64_t most);

/// The address that attempts are counted under: of IPv6 the first 64 bits, which one household or office has; IPv4
/// written as IPv6 is IPv4. What is no address stands for itself.
std::string throttled_address(const std::string& address);

}  // namespace zhili::identity
