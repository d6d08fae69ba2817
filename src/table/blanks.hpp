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

/// Without the blanks around it: space, tab, CR, LF, no-break space U+00A0 and full-width space U+3000.
inline std::string_view trim_blanks(std::string_view text) {
  const auto plain = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && kBlankEdge[static_cast<uint8_t>(text.front())]) {
    if (plain(text.front())) {
      text.remove_prefix(1);
    } else if (text.starts_with("\xC2\xA0")) {
      text.remove_prefix(2);
    } else if (text.starts_with("\xE3\x80\x80")) {
      text.remove_prefix(3);
    } else {
      break;
    }
  }
  while (!text.empty() && kBlankEdge[static_cast<uint8_t>(text.back())]) {
    if (plain(text.back())) {
      text.remove_suffix(1);
    } else if (text.ends_with("\xC2\xA0")) {
      text.remove_suffix(2);
    } else if (text.ends_with("\xE3\x80\x80")) {
      text.remove_suffix(3);
    } else {
      break;
    }
  }
  return text;
}

}  // namespace zhili::table
