#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

/// Codes that change with the time (RFC 6238): SHA-1, six digits, 30 seconds, as every telephone app has them.
namespace zhili::identity {

inline constexpr size_t kTotpSecretBytes = 20;
inline constexpr size_t kTotpDigits = 6;

/// The step of 30 seconds that a moment lies in; microseconds since 1970 UTC.
int64_t totp_step(int64_t now);
Result<std::string> totp_code(std::string_view secret, int64_t step);
/// The step whose code this is: that of now, the one before or behind it, and later than `last`, the step of the last
/// code that was taken; so that no code is good twice. Nothing for a wrong code.
Result<std::optional<int64_t>> match_totp(std::string_view secret, std::string_view code, int64_t now, int64_t last);
/// What a telephone app reads from a picture.
std::string totp_url(std::string_view secret, std::string_view issuer, std::string_view account);

}  // namespace zhili::identity
