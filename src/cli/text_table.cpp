#include "cli/text_table.hpp"

#include <algorithm>

#include "text/utf8.hpp"

namespace zhili::cli {
namespace {

/// East Asian Wide and Fullwidth, in the ranges that names and addresses use (Unicode Standard Annex 11).
size_t cells(char32_t c) {
  const bool wide = (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) || (c >= 0xAC00 && c <= 0xD7A3) ||
                    (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
                    (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1FAFF) || (c >= 0x20000 && c <= 0x3FFFD);
  return wide ? 2 : 1;
}

}  // namespace

size_t display_width(std::string_view text) {
  size_t width = 0;
  text::each_char(text, [&](char32_t c) { width += cells(c); });
  return width;
}

std::string shortened(std::string_view text, size_t width) {
  std::u32string characters = text::decode(text);
  for (char32_t& c : characters) {
    if (c < 0x20 || (c >= 0x7F && c < 0xA0)) c = U' ';
  }
  size_t used = 0;
  size_t kept = 0;  // Characters that leave a cell for the dots.
  for (size_t i = 0; i < characters.size(); ++i) {
    used += cells(characters[i]);
    if (used < width) kept = i + 1;
  }
  if (used <= width) return text::encode(characters);
  return text::encode(std::u32string_view(characters).substr(0, kept)) + "…";
}

std::string aligned(const std::vector<std::vector<std::string>>& rows, std::string_view indent) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i]));
  }
  std::string out;
  for (const auto& row : rows) {
    out += indent;
    for (size_t i = 0; i < row.size(); ++i) {
      out += row[i];
      if (i + 1 < row.size()) out.append(widths[i] - display_width(row[i]) + 2, ' ');
    }
    while (out.ends_with(' ')) out.pop_back();
    out += '\n';
  }
  return out;
}

}  // namespace zhili::cli
