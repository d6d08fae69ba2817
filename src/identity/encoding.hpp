#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace zhili::identity {

/// Base 32 in small letters without padding (alphabet of RFC 4648, section 6).
std::string to_base32(std::string_view bytes);
/// Takes capitals too, passes over blanks and hyphens; nothing for what is not Base 32.
std::optional<std::string> from_base32(std::string_view text);

/// Base 64 for URLs without padding (RFC 4648, section 5), as tokens have it.
std::string to_base64url(std::string_view bytes);
/// Exactly what `to_base64url` writes, else nothing.
std::optional<std::string> from_base64url(std::string_view text);

/// For a query or a form: all but letters, digits and "-_.~" as %XX.
std::string to_percent(std::string_view text);

}  // namespace zhili::identity
