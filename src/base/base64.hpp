#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace zhili {

/// Bytes as standard Base 64 with padding (RFC 4648, section 4).
std::string to_base64(std::string_view bytes);
/// The bytes of standard Base 64, or nothing where it is not exactly what `to_base64` writes: padding must be there,
/// and unused bits must be zero, so that no two texts stand for the same bytes.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace zhili
