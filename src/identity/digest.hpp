#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace zhili::identity {

/// 32 bytes.
Result<std::string> sha256(std::string_view bytes);
/// 32 bytes.
Result<std::string> hmac_sha256(std::string_view key, std::string_view bytes);
/// 20 bytes, for RFC 6238 alone.
Result<std::string> hmac_sha1(std::string_view key, std::string_view bytes);
/// Compares in a time that depends on the lengths alone.
bool same_secret(std::string_view a, std::string_view b);
std::string to_hex(std::string_view bytes);

}  // namespace zhili::identity
