#include "table/encoding.hpp"

#include <array>
#include <bit>
#include <cstring>
#include <memory>
#include <vector>

#include <simdjson.h>
#include <unicode/ucnv.h>

namespace zhili::table {
namespace {

constexpr size_t kTrails = 190;           // Trail bytes of a two-byte code.
constexpr size_t kPairs = 126 * kTrails;  // Two-byte codes.
constexpr size_t kBmpQuads = 39420;       // Four-byte codes 81308130 to 8431A439.
constexpr uint32_t kAstralQuad = 189000;  // Place of 90308130 among four-byte codes: U+10000.
constexpr uint32_t kBmp = 0x10000;

uint32_t quad_place(uint8_t a, uint8_t b, uint8_t c, uint8_t d) {
  return ((uint32_t{a} - 0x81) * 10 + (uint32_t{b} - 0x30)) * 1260 + (uint32_t{c} - 0x81) * 10 + (uint32_t{d} - 0x30);
}

size_t pair_place(uint8_t lead, uint8_t trail) {
  return size_t{lead - 0x81U} * kTrails + (trail - (trail < 0x7F ? 0x40U : 0x41U));
}

bool is_lead(uint8_t c) { return c >= 0x81 && c <= 0xFE; }
bool is_digit_trail(uint8_t c) { return c >= 0x30 && c <= 0x39; }
bool is_trail(uint8_t c) { return c >= 0x40 && c <= 0xFE && c != 0x7F; }

struct Gb18030Tables {
  std::array<uint16_t, kPairs> pairs{};     // Two-byte code to character, 0 where none.
  std::array<uint16_t, kBmpQuads> quads{};  // Four-byte code to character, 0 where none.
  std::array<uint32_t, kBmp> codes{};       // Character to code, first byte highest; 0 where none.
};

// ICU knows the mapping; one pass over the basic plane turns it into tables that decode some ten times faster than its
// converter and tell exactly which byte is bad.
std::unique_ptr<const Gb18030Tables> build_tables() {
  auto tables = std::make_unique<Gb18030Tables>();
  UErrorCode status = U_ZERO_ERROR;
  UConverter* converter = ucnv_open("gb18030", &status);
  if (U_FAILURE(status)) return tables;
  std::u16string characters;
  for (uint32_t c = 0x80; c < kBmp; ++c) {
    if (c < 0xD800 || c > 0xDFFF) characters.push_back(static_cast<char16_t>(c));
  }
  std::vector<char> bytes(characters.size() * 4 + 8);
  const int32_t size = ucnv_fromUChars(converter, bytes.data(), static_cast<int32_t>(bytes.size()), characters.data(),
                                       static_cast<int32_t>(characters.size()), &status);
  ucnv_close(converter);
  if (U_FAILURE(status)) return tables;
  const auto* p = reinterpret_cast<const uint8_t*>(bytes.data());
  const auto* end = p + size;
  for (const char16_t c : characters) {
    if (end - p >= 4 && is_digit_trail(p[1])) {
      const uint32_t place = quad_place(p[0], p[1], p[2], p[3]);
      if (place < kBmpQuads) tables->quads[place] = c;
      tables->codes[c] = uint32_t{p[0]} << 24 | uint32_t{p[1]} << 16 | uint32_t{p[2]} << 8 | p[3];
      p += 4;
    } else if (end - p >= 2 && is_lead(p[0]) && is_trail(p[1])) {
      tables->pairs[pair_place(p[0], p[1])] = c;
      tables->codes[c] = uint32_t{p[0]} << 8 | p[1];
      p += 2;
    } else {
      ++p;  // ICU's substitute for a character without a code.
    }
  }
  return tables;
}

const Gb18030Tables& tables() {
  static const std::unique_ptr<const Gb18030Tables> built = build_tables();
  return *built;
}

char* put_utf8(uint32_t c, char* to) {
  if (c < 0x80) {
    *to++ = static_cast<char>(c);
  } else if (c < 0x800) {
    *to++ = static_cast<char>(0xC0 | c >> 6);
    *to++ = static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < kBmp) {
    *to++ = static_cast<char>(0xE0 | c >> 12);
    *to++ = static_cast<char>(0x80 | (c >> 6 & 0x3F));
    *to++ = static_cast<char>(0x80 | (c & 0x3F));
  } else {
    *to++ = static_cast<char>(0xF0 | c >> 18);
    *to++ = static_cast<char>(0x80 | (c >> 12 & 0x3F));
    *to++ = static_cast<char>(0x80 | (c >> 6 & 0x3F));
    *to++ = static_cast<char>(0x80 | (c & 0x3F));
  }
  return to;
}

// Length of the run of ASCII bytes at p, counted in whole words; 0 to 7 more may follow.
size_t ascii_run(const uint8_t* p, const uint8_t* end) {
  const uint8_t* start = p;
  uint64_t word = 0;
  while (end - p >= 8) {
    std::memcpy(&word, p, 8);
    if ((word & 0x8080808080808080ULL) != 0) break;
    p += 8;
  }
  return static_cast<size_t>(p - start);
}

// The character of a four-byte code; 0 where none.
uint32_t quad_character(const Gb18030Tables& table, const uint8_t* p) {
  const uint32_t place = quad_place(p[0], p[1], p[2], p[3]);
  if (place < kBmpQuads) return table.quads[place];
  if (place < kAstralQuad || place - kAstralQuad > 0xFFFFF) return 0;
  return kBmp + (place - kAstralQuad);
}

// How many bytes the character at p has, 0 when p[0] starts none, and -1 when the bytes end before it is clear.
int gb_length(const uint8_t* p, const uint8_t* end) {
  if (p[0] < 0x80) return 1;
  if (!is_lead(p[0])) return 0;
  if (end - p < 2) return -1;
  if (is_trail(p[1])) return 2;
  if (!is_digit_trail(p[1])) return 0;
  if (end - p >= 3 && !is_lead(p[2])) return 0;
  if (end - p < 4) return -1;
  return is_digit_trail(p[3]) ? 4 : 0;
}

size_t decode_gb18030(std::string_view from, bool at_end, char* to, size_t& used) {
  const auto& table = tables();
  const auto* p = reinterpret_cast<const uint8_t*>(from.data());
  const auto* start = p;
  const auto* end = p + from.size();
  char* out = to;
  while (p < end) {
    if (*p < 0x80) {
      const size_t run = ascii_run(p, end);
      std::memcpy(out, p, run);
      p += run;
      out += run;
      while (p < end && *p < 0x80) *out++ = static_cast<char>(*p++);
      continue;
    }
    if (end - p >= 2 && is_lead(p[0]) && is_trail(p[1])) {
      const uint32_t c = table.pairs[pair_place(p[0], p[1])];
      if (c != 0) {
        out = put_utf8(c, out);
        p += 2;
        continue;
      }
    }
    const int length = gb_length(p, end);
    if (length < 0 && !at_end) break;
    const uint32_t c = length == 4 ? quad_character(table, p) : *p == 0x80 ? 0x20AC : 0;
    if (c == 0) {
      *out++ = kBadByte;
      ++p;
    } else {
      out = put_utf8(c, out);
      p += length == 4 ? 4 : 1;
    }
  }
  used = static_cast<size_t>(p - start);
  return static_cast<size_t>(out - to);
}

size_t decode_utf16(std::string_view from, bool big, bool at_end, char* to, size_t& used) {
  const auto* p = reinterpret_cast<const uint8_t*>(from.data());
  const size_t units = from.size() / 2;
  const auto unit = [&](size_t i) {
    return big ? uint32_t{p[2 * i]} << 8 | p[2 * i + 1] : uint32_t{p[2 * i + 1]} << 8 | p[2 * i];
  };
  char* out = to;
  size_t i = 0;
  for (; i < units; ++i) {
    const uint32_t c = unit(i);
    if (c < 0xD800 || c > 0xDFFF) {
      out = put_utf8(c, out);
      continue;
    }
    if (c < 0xDC00 && i + 1 == units && !at_end) break;
    const uint32_t low = c < 0xDC00 && i + 1 < units ? unit(i + 1) : 0;
    if (low < 0xDC00 || low > 0xDFFF) {
      *out++ = kBadByte;
      continue;
    }
    out = put_utf8(kBmp + ((c - 0xD800) << 10) + (low - 0xDC00), out);
    ++i;
  }
  used = 2 * i;
  if (at_end && used < from.size()) {
    *out++ = kBadByte;
    used = from.size();
  }
  return static_cast<size_t>(out - to);
}

// The character at `at` and its length; 0 where no whole UTF-8 character starts there.
uint32_t utf8_character(std::string_view bytes, size_t at, size_t& length) {
  const auto byte = [&](size_t i) { return i < bytes.size() ? static_cast<uint8_t>(bytes[i]) : 0U; };
  const auto more = [&](size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const uint32_t a = byte(at);
  length = 0;
  if (a < 0x80) {
    length = 1;
    return a;
  }
  if (a >= 0xC2 && a <= 0xDF && more(at + 1)) {
    length = 2;
    return (a & 0x1F) << 6 | (byte(at + 1) & 0x3F);
  }
  if (a >= 0xE0 && a <= 0xEF && more(at + 1) && more(at + 2)) {
    const uint32_t c = (a & 0x0F) << 12 | (byte(at + 1) & 0x3F) << 6 | (byte(at + 2) & 0x3F);
    if (c >= 0x800 && (c < 0xD800 || c > 0xDFFF)) length = 3;
    return c;
  }
  if (a >= 0xF0 && a <= 0xF4 && more(at + 1) && more(at + 2) && more(at + 3)) {
    const uint32_t c =
        (a & 0x07) << 18 | (byte(at + 1) & 0x3F) << 12 | (byte(at + 2) & 0x3F) << 6 | (byte(at + 3) & 0x3F);
    if (c >= kBmp && c <= 0x10FFFF) length = 4;
    return c;
  }
  return 0;
}

struct Tally {
  uint64_t good = 0;
  uint64_t bad = 0;
  uint64_t low_trail = 0;  // Two-byte codes whose second byte is ASCII.
};

Tally tally_utf8(std::string_view sample) {
  Tally tally;
  for (size_t at = 0; at < sample.size();) {
    const size_t length = utf8_length(sample, at);
    if (length == 0 && sample.size() - at < 4) break;  // Cut by the sample's end.
    if (length > 1) ++tally.good;
    if (length == 0) ++tally.bad;
    at += length == 0 ? 1 : length;
  }
  return tally;
}

Tally tally_gb18030(std::string_view sample) {
  Tally tally;
  const auto* p = reinterpret_cast<const uint8_t*>(sample.data());
  const auto* end = p + sample.size();
  while (p < end) {
    const int length = gb_length(p, end);
    if (length < 0) break;
    if (length > 1) ++tally.good;
    if (length == 0) ++tally.bad;
    if (length == 2 && p[1] < 0x80) ++tally.low_trail;
    p += length == 0 ? 1 : length;
  }
  return tally;
}

}  // namespace

std::string_view charset_name(Charset charset) {
  switch (charset) {
    case Charset::kUtf8:
      return "UTF-8";
    case Charset::kGb18030:
      return "GB18030";
    case Charset::kUtf16Le:
      return "UTF-16LE";
    case Charset::kUtf16Be:
      return "UTF-16BE";
  }
  return "";
}

size_t decode(Charset charset, std::string_view from, bool at_end, char* to, size_t& used) {
  switch (charset) {
    case Charset::kGb18030:
      return decode_gb18030(from, at_end, to, used);
    case Charset::kUtf16Le:
      return decode_utf16(from, false, at_end, to, used);
    case Charset::kUtf16Be:
      return decode_utf16(from, true, at_end, to, used);
    case Charset::kUtf8:
      break;
  }
  std::memcpy(to, from.data(), from.size());
  used = from.size();
  return used;
}

size_t encode_gb18030(std::string_view utf8, char* to) {
  const auto& table = tables();
  char* out = to;
  for (size_t at = 0; at < utf8.size();) {
    const auto* p = reinterpret_cast<const uint8_t*>(utf8.data()) + at;
    if (*p < 0x80) {
      *out++ = static_cast<char>(*p);
      ++at;
      continue;
    }
    size_t length = 0;
    const uint32_t c = utf8_character(utf8, at, length);
    uint32_t code = 0;
    if (length == 4) {
      const uint32_t place = c - kBmp + kAstralQuad;
      code = (place / 12600 + 0x81) << 24 | (place / 1260 % 10 + 0x30) << 16 | (place / 10 % 126 + 0x81) << 8 |
             (place % 10 + 0x30);
    } else if (length > 0) {
      code = table.codes[c];
    }
    if (code == 0) return kNotUtf8;
    if (code > 0xFFFF) {
      *out++ = static_cast<char>(code >> 24);
      *out++ = static_cast<char>(code >> 16);
    }
    *out++ = static_cast<char>(code >> 8);
    *out++ = static_cast<char>(code);
    at += length;
  }
  return static_cast<size_t>(out - to);
}

size_t utf8_length(std::string_view bytes, size_t at) {
  size_t length = 0;
  utf8_character(bytes, at, length);
  return length;
}

size_t first_invalid_utf8(std::string_view bytes) {
  if (simdjson::validate_utf8(bytes.data(), bytes.size())) return std::string_view::npos;
  for (size_t at = 0; at < bytes.size();) {
    const size_t length = utf8_length(bytes, at);
    if (length == 0) return at;
    at += length;
  }
  return std::string_view::npos;
}

bool is_ascii(std::string_view bytes) {
  const auto* p = reinterpret_cast<const uint8_t*>(bytes.data());
  const auto* end = p + bytes.size();
  p += ascii_run(p, end);
  while (p < end && *p < 0x80) ++p;
  return p == end;
}

bool is_surely_utf8(std::string_view sample) {
  const Tally utf8 = tally_utf8(sample);
  return utf8.bad == 0 && utf8.good >= 8;
}

Guess guess_charset(std::string_view sample) {
  if (is_ascii(sample)) return Guess::kAscii;
  // Two-byte pieces of GB18030 pass for UTF-8 in one of five cases, so a UTF-8 file with some bad bytes stands out.
  const Tally utf8 = tally_utf8(sample);
  if (utf8.bad == 0 || utf8.good >= 4 * utf8.bad) return Guess::kUtf8;
  const Tally gb = tally_gb18030(sample);
  if (gb.bad * 4 > gb.good) return Guess::kOther;
  // An accented letter before a plain one makes a valid pair; in Chinese text most second bytes are over 0x7F.
  if (gb.low_trail * 2 > gb.good) return Guess::kOther;
  return Guess::kGb18030;
}

}  // namespace zhili::table
