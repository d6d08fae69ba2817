#include "table/excerpt.hpp"

#include "table/blanks.hpp"
#include "table/encoding.hpp"

namespace zhili::table {
namespace {
constexpr size_t kMostCharacters = 120;
}

std::string excerpt(std::string_view row) {
  row = trim_blanks(row);
  std::string out;
  size_t characters = 0;
  for (size_t at = 0; at < row.size(); ++characters) {
    if (characters == kMostCharacters) return out + "…";
    const size_t length = utf8_length(row, at);
    if (length == 0) {
      out += "\uFFFD";
      ++at;
    } else if (length == 1 && (static_cast<uint8_t>(row[at]) < 0x20 || row[at] == 0x7F)) {
      out += ' ';
      ++at;
    } else {
      out += row.substr(at, length);
      at += length;
    }
  }
  return out;
}

uint64_t count_characters(std::string_view text) {
  uint64_t count = 0;
  for (const char c : text) count += (static_cast<uint8_t>(c) & 0xC0) != 0x80 ? 1 : 0;
  return count;
}

}  // namespace zhili::table
