#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace zhili::table {

/// Bytes that may begin or end a blank: space, tab, CR, LF, and parts of U+00A0 and U+3000.
inline constexpr auto kBlankEdge = [] {
  std::array<bool, 256> edge{};
  for (const uint8_t c : {0x20, 0x09, 0x0D, 0x0A, 0xC2, 0xA0, 0xE3, 0x80}) edge[c] = true;
  return edge;
}();

/// trim_blanks() for text that may have some.
std::string_view trim_edges(std::string_view text);

/// Without the blanks around it: space, tab, CR, LF, no-break space U+00A0 and full-width space U+3000.
inline std::string_view trim_blanks(std::string_view text) {
  const auto edge = [](char c) { return kBlankEdge[static_cast<uint8_t>(c)]; };
  if (text.empty() || (!edge(text.front()) && !edge(text.back()))) [[likely]]
    return text;
  return trim_edges(text);
}

}  // namespace zhili::table
