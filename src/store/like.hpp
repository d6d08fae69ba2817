#pragma once

#include <string>
#include <string_view>

namespace zhili::store {

/// Text as it stands in a pattern of LIKE … ESCAPE '!': signs that would stand for something else mean themselves.
inline std::string like_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '!') out += '!';
    out += c;
  }
  return out;
}

/// The pattern of whatever holds the text.
inline std::string like_holding(std::string_view text) { return "%" + like_text(text) + "%"; }

}  // namespace zhili::store
