#include "text/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace zhili::text {
namespace {

constexpr uint64_t kHighBits = 0x8080808080808080ULL;

size_t ascii_prefix(std::string_view bytes) {
  size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    uint64_t word;
    std::memcpy(&word, bytes.data() + i, 8);
    if (word & kHighBits) break;
  }
  while (i < bytes.size() && static_cast<unsigned char>(bytes[i]) < 0x80) ++i;
  return i;
}

}  // namespace

char32_t detail::decode_multibyte(const char*& p, const char* end) {
  const auto at = [&](int i) { return static_cast<unsigned char>(p[i]); };
  const unsigned lead = at(0);
  const auto left = end - p;
  // The allowed range of the second byte rules out overlong forms, surrogates and values above U+10FFFF.
  unsigned low = 0x80;
  unsigned high = 0xBF;
  int length = 0;
  char32_t value = 0;
  if (lead >= 0xE1 && lead <= 0xEF && lead != 0xED) {
    length = 3;
    value = lead & 0x0F;
  } else if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
    value = lead & 0x1F;
  } else if (lead == 0xE0 || lead == 0xED) {
    length = 3;
    value = lead & 0x0F;
    (lead == 0xE0 ? low : high) = lead == 0xE0 ? 0xA0 : 0x9F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    value = lead & 0x07;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
  }
  if (length == 0 || left < 2 || at(1) < low || at(1) > high) {
    ++p;
    return kReplacement;
  }
  value = (value << 6) | (at(1) & 0x3Fu);
  for (int i = 2; i < length; ++i) {
    if (i >= left || (at(i) & 0xC0) != 0x80) {
      p += i;
      return kReplacement;
    }
    value = (value << 6) | (at(i) & 0x3Fu);
  }
  p += length;
  return value;
}

void decode_into(std::string_view bytes, std::u32string& out) {
  out.resize(bytes.size());
  char32_t* write = out.data();
  each_char(bytes, [&](char32_t c) { *write++ = c; });
  out.resize(static_cast<size_t>(write - out.data()));
}

std::u32string decode(std::string_view bytes) {
  std::u32string out;
  decode_into(bytes, out);
  return out;
}

void append(std::string& out, char32_t c) {
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
    return;
  }
  if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) c = kReplacement;
  char buffer[4];
  int n = 0;
  if (c < 0x800) {
    buffer[n++] = static_cast<char>(0xC0 | (c >> 6));
  } else {
    if (c < 0x10000) {
      buffer[n++] = static_cast<char>(0xE0 | (c >> 12));
    } else {
      buffer[n++] = static_cast<char>(0xF0 | (c >> 18));
      buffer[n++] = static_cast<char>(0x80 | ((c >> 12) & 0x3F));
    }
    buffer[n++] = static_cast<char>(0x80 | ((c >> 6) & 0x3F));
  }
  buffer[n++] = static_cast<char>(0x80 | (c & 0x3F));
  out.append(buffer, static_cast<size_t>(n));
}

std::string encode(std::u32string_view chars) {
  std::string out;
  out.reserve(chars.size() * 3);
  for (const char32_t c : chars) append(out, c);
  return out;
}

bool valid_utf8(std::string_view bytes) {
  const char* p = bytes.data();
  const char* const end = p + bytes.size();
  while (p < end) {
    p += ascii_prefix({p, static_cast<size_t>(end - p)});
    if (p == end) return true;
    const char* const start = p;
    // A real U+FFFD is three bytes, EF BF BD; anything else that decodes to it is ill-formed.
    if (next_char(p, end) == kReplacement && (p - start != 3 || std::memcmp(start, "\xEF\xBF\xBD", 3) != 0)) {
      return false;
    }
  }
  return true;
}

bool is_ascii(std::string_view bytes) { return ascii_prefix(bytes) == bytes.size(); }

size_t count_chars(std::string_view bytes) {
  size_t n = 0;
  each_char(bytes, [&](char32_t) { ++n; });
  return n;
}

}  // namespace zhili::text
