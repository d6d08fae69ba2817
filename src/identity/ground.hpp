#pragma once

#include <cstdint>
#include <string>

#include "identity/audit_sink.hpp"
#include "identity/entropy.hpp"
#include "identity/password.hpp"
#include "identity/seal.hpp"
#include "store/store.hpp"

namespace zhili::identity {

/// What everything about accounts stands on. All outlive whoever holds a Ground. The store brings the clock.
struct Ground {
  store::Store& store;
  AuditSink& audit;
  Entropy& entropy;
  const SealKeys& seal;
  PasswordHasher& passwords;
};

inline constexpr int64_t kSecond = 1'000'000;  ///< In microseconds.
inline constexpr int64_t kMinute = 60 * kSecond;
inline constexpr int64_t kHour = 60 * kMinute;
inline constexpr int64_t kDay = 24 * kHour;

}  // namespace zhili::identity
