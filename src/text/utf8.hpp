#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// UTF-8 as Unicode 15 section 3.9 defines it: shortest form, no surrogates, nothing above U+10FFFF.
namespace zhili::text {

inline constexpr char32_t kReplacement = U'\uFFFD';

namespace detail {
/// Decodes a sequence whose first byte is not ASCII. An ill-formed one yields U+FFFD and consumes its maximal
/// well-formed prefix, at least one byte.
char32_t decode_multibyte(const char*& p, const char* end);
}  // namespace detail

/// Decodes one character at `p` and moves `p` behind it; p < end. Invalid bytes yield U+FFFD.
inline char32_t next_char(const char*& p, const char* end) {
  const auto byte = static_cast<unsigned char>(*p);
  if (byte < 0x80) [[likely]] {
    ++p;
    return byte;
  }
  return detail::decode_multibyte(p, end);
}

/// Calls `visit(char32_t)` for each character; invalid bytes come as U+FFFD.
template <class Visit>
void each_char(std::string_view bytes, Visit&& visit) {
  const char* p = bytes.data();
  const char* const end = p + bytes.size();
  while (p < end) visit(next_char(p, end));
}

/// Invalid bytes become U+FFFD, one for each maximal ill-formed part.
std::u32string decode(std::string_view bytes);
/// As `decode`, into a string whose capacity is reused.
void decode_into(std::string_view bytes, std::u32string& out);

/// Surrogates and values above U+10FFFF are written as U+FFFD.
std::string encode(std::u32string_view chars);
void append(std::string& out, char32_t c);

bool valid_utf8(std::string_view bytes);
bool is_ascii(std::string_view bytes);

/// Characters in `bytes`, counted as `decode` would give them.
size_t count_chars(std::string_view bytes);

/// Han ideographs: the unified block, extensions A to H, compatibility ideographs, and 〇.
constexpr bool is_han(char32_t c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x323AF) ||
         (c >= 0xF900 && c <= 0xFAFF) || c == 0x3007;
}

}  // namespace zhili::text
