#include "text/width.hpp"

#include "text/utf8.hpp"

namespace zhili::text {
namespace {

bool turns_direction(char32_t c) {
  return (c >= 0x200E && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x061C;
}

}  // namespace

size_t display_width(char32_t c) {
  const bool none = (c >= 0x0300 && c <= 0x036F) || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
                    (c >= 0x2060 && c <= 0x206F) || (c >= 0xFE00 && c <= 0xFE0F) || c == 0xFEFF ||
                    (c >= 0xE0100 && c <= 0xE01EF);
  if (none) return 0;
  const bool wide = (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) || (c >= 0xAC00 && c <= 0xD7A3) ||
                    (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
                    (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1FAFF) || (c >= 0x20000 && c <= 0x3FFFD);
  return wide ? 2 : 1;
}

size_t display_width(std::string_view text) {
  size_t width = 0;
  each_char(text, [&](char32_t c) { width += display_width(c); });
  return width;
}

std::string shortened(std::string_view text, size_t width) {
  std::u32string characters;
  size_t used = 0;
  size_t kept = 0;  // Characters that leave a cell for the dots.
  each_char(text, [&](char32_t c) {
    if (used > width || turns_direction(c)) return;
    if (c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029) c = U' ';
    characters += c;
    used += display_width(c);
    if (used < width) kept = characters.size();
  });
  if (used <= width) return encode(characters);
  return encode(std::u32string_view(characters).substr(0, kept)) + "…";
}

}  // namespace zhili::text
