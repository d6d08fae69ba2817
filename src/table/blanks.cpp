#include "table/blanks.hpp"

namespace zhili::table {
namespace {

constexpr std::string_view kNoBreakSpace = "\xC2\xA0";
constexpr std::string_view kFullWidthSpace = "\xE3\x80\x80";

bool plain_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Bytes of the blank at the front or the back; 0 where there is none.
size_t front_blank(std::string_view text) {
  if (plain_blank(text.front())) return 1;
  if (text.starts_with(kNoBreakSpace)) return kNoBreakSpace.size();
  return text.starts_with(kFullWidthSpace) ? kFullWidthSpace.size() : 0;
}

size_t back_blank(std::string_view text) {
  if (plain_blank(text.back())) return 1;
  if (text.ends_with(kNoBreakSpace)) return kNoBreakSpace.size();
  return text.ends_with(kFullWidthSpace) ? kFullWidthSpace.size() : 0;
}

}  // namespace

std::string_view trim_edges(std::string_view text) {
  for (size_t size = 0; !text.empty() && (size = front_blank(text)) > 0;) text.remove_prefix(size);
  for (size_t size = 0; !text.empty() && (size = back_blank(text)) > 0;) text.remove_suffix(size);
  return text;
}

}  // namespace zhili::table
