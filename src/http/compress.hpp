#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace zhili::http {

enum class Coding : unsigned char { kIdentity, kGzip, kBrotli };

/// "gzip"; empty for kIdentity.
std::string_view name_of(Coding coding);
/// The best of the codings that Accept-Encoding takes: brotli, gzip, none.
Coding choose_coding(std::string_view accept_encoding);
/// Whether a media type gets smaller: text, JSON, SVG.
bool is_compressible(std::string_view content_type);
/// The text under a coding; nothing where that fails or makes it no smaller.
std::optional<std::string> compress(std::string_view text, Coding coding);

}  // namespace zhili::http
