#include "table/encoding.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace zhili::table {
namespace {

std::string to_utf8(Charset charset, std::string_view bytes, size_t piece) {
  std::string out;
  std::string waiting;
  size_t at = 0;
  for (bool at_end = false; !at_end; at += piece) {
    at_end = at >= bytes.size();
    if (!at_end) waiting += bytes.substr(at, piece);
    std::string decoded(decoded_bound(waiting.size()), '\0');
    size_t used = 0;
    decoded.resize(decode(charset, waiting, at_end, decoded.data(), used));
    out += decoded;
    waiting.erase(0, used);
  }
  EXPECT_TRUE(waiting.empty());
  return out;
}

std::string to_gb(std::string_view utf8) {
  std::string out(2 * utf8.size(), '\0');
  const size_t size = encode_gb18030(utf8, out.data());
  if (size == kNotUtf8) return "not UTF-8";
  out.resize(size);
  return out;
}

TEST(Encoding, KnowsTheStandardsCharacters) {
  const std::pair<std::string, std::string> pairs[] = {
      {"€", "\xA2\xE3"},
      {"㐀", "\x81\x39\xEE\x39"},
      {"𠮷", "\x95\x34\xB2\x35"},
      {"张", "\xD5\xC5"},
      {"镕", "\xE9\x46"},
      {"é", "\xA8\xA6"},
      {"a", "a"},
      {"\U00010000", "\x90\x30\x81\x30"},
      {"\U0010FFFF", "\xE3\x32\x9A\x35"},
  };
  for (const auto& [utf8, gb] : pairs) {
    EXPECT_EQ(to_gb(utf8), gb) << utf8;
    EXPECT_EQ(to_utf8(Charset::kGb18030, gb, 100), utf8);
  }
  EXPECT_EQ(to_utf8(Charset::kGb18030, "\x80", 1), "€") << "as code page 936 writes it";
}

TEST(Encoding, EveryCharacterComesBackFromGb18030) {
  for (uint32_t c = 1; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    std::string utf8;
    if (c < 0x80) {
      utf8 = {static_cast<char>(c)};
    } else if (c < 0x800) {
      utf8 = {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 0x3F))};
    } else if (c < 0x10000) {
      utf8 = {static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 0x3F)),
              static_cast<char>(0x80 | (c & 0x3F))};
    } else {
      utf8 = {static_cast<char>(0xF0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 0x3F)),
              static_cast<char>(0x80 | (c >> 6 & 0x3F)), static_cast<char>(0x80 | (c & 0x3F))};
    }
    const std::string gb = to_gb(utf8);
    if (gb == "not UTF-8") {
      ADD_FAILURE() << "no code for U+" << std::hex << c;
      continue;
    }
    ASSERT_EQ(to_utf8(Charset::kGb18030, gb, 8), utf8) << std::hex << c;
  }
}

TEST(Encoding, PiecesDecodeLikeTheWhole) {
  Random random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes;
    const uint64_t size = random.below(40);
    for (uint64_t i = 0; i < size; ++i) {
      bytes += static_cast<char>(random.chance(0.5) ? random.below(256) : 0x81 + random.below(0x7E));
    }
    for (const Charset charset : {Charset::kGb18030, Charset::kUtf16Le, Charset::kUtf16Be}) {
      const std::string whole = to_utf8(charset, bytes, 1000);
      for (const size_t piece : {1, 2, 3, 5}) ASSERT_EQ(to_utf8(charset, bytes, piece), whole);
    }
  }
}

TEST(Encoding, MarksBytesThatMeanNothing) {
  EXPECT_EQ(to_utf8(Charset::kGb18030,
                    "a\xFF"
                    "b\xD5",
                    10),
            "a\xFF"
            "b\xFF");
  EXPECT_EQ(to_utf8(Charset::kGb18030, "\xD5 x", 10), "\xFF x");
  EXPECT_EQ(to_gb("bad \xC3("), "not UTF-8");
}

TEST(Encoding, FindsTheFirstBadByte) {
  EXPECT_EQ(first_invalid_utf8("张三 ok"), std::string_view::npos);
  EXPECT_EQ(first_invalid_utf8("张\xD5\xC5"), 3U);
  EXPECT_EQ(first_invalid_utf8("\xC0\x80"), 0U) << "overlong";
  EXPECT_EQ(first_invalid_utf8("ab\xED\xA0\x80"), 2U) << "surrogate";
  EXPECT_EQ(first_invalid_utf8("ab\xE5\xBC"), 2U) << "cut";
}

TEST(Encoding, GuessesFromSamples) {
  EXPECT_EQ(guess_charset("plain"), Guess::kAscii);
  EXPECT_EQ(guess_charset("张三"), Guess::kUtf8);
  EXPECT_EQ(guess_charset(std::string_view("张三").substr(0, 5)), Guess::kUtf8) << "cut within a character";
  EXPECT_EQ(guess_charset("\xD5\xC5\xC8\xFD"), Guess::kGb18030);
  EXPECT_EQ(guess_charset("\xD5\xC5\xC8\xFD\xD5"), Guess::kGb18030) << "cut within a character";
  EXPECT_EQ(guess_charset("\xD6\xEC\xE9\x46\xBB\xF9"), Guess::kGb18030) << "a rare character among others";
  EXPECT_EQ(guess_charset("Jos\xE9, Mu\xF1oz"), Guess::kOther);
  EXPECT_EQ(guess_charset("张三李四王五\xFF"), Guess::kUtf8) << "one bad byte in a UTF-8 file";
}

}  // namespace
}  // namespace zhili::table
