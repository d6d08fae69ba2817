#include "text/utf8.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace zhili::text {
namespace {

TEST(Utf8, DecodesEachLength) {
  EXPECT_EQ(decode("aé中𠮷"), U"aé中𠮷");
  EXPECT_EQ(decode(""), U"");
  EXPECT_EQ(count_chars("aé中𠮷"), 4u);
}

// The table of Unicode 15, section 3.9, "U+FFFD substitution of maximal subparts".
TEST(Utf8, ReplacesMaximalIllFormedParts) {
  EXPECT_EQ(decode("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41"), U"\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\x41");
  EXPECT_EQ(decode("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41"), U"\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\x41");
  EXPECT_EQ(decode("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42"), U"\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\x41\uFFFD\uFFFD\x42");
  EXPECT_EQ(decode("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41"), U"\uFFFD\uFFFD\uFFFD\uFFFD\x41");
}

TEST(Utf8, KnowsWhatIsValid) {
  EXPECT_TRUE(valid_utf8("plain words that are longer than one step of eight"));
  EXPECT_TRUE(valid_utf8("张三\xEF\xBF\xBD"));
  EXPECT_FALSE(valid_utf8("\xE5\xBC"));
  EXPECT_FALSE(valid_utf8("\xD5\xC5\xC8\xFD"));  // 张三 in GB18030
  EXPECT_FALSE(valid_utf8("abcdefgh\xFF"));
}

TEST(Utf8, EncodesWhatIsNoCharacterAsReplacement) {
  const char32_t chars[] = {0xD800, 0x110000, U'a'};
  EXPECT_EQ(encode({chars, 3}),
            "\xEF\xBF\xBD\xEF\xBF\xBD"
            "a");
}

TEST(Utf8, RoundTripsEveryCharacter) {
  std::u32string all;
  for (char32_t c = 1; c <= 0x10FFFF; c += (c < 0x3000 ? 1 : 7)) {
    if (c < 0xD800 || c > 0xDFFF) all.push_back(c);
  }
  EXPECT_EQ(decode(encode(all)), all);
}

TEST(Utf8, RandomBytesDecodeToWhatEncodesBackValid) {
  Random random(7);
  for (int round = 0; round < 20000; ++round) {
    std::string bytes(random.below(24), '\0');
    for (char& c : bytes) c = static_cast<char>(random.chance(0.3) ? random.below(256) : random.below(64) + 0x80);
    const std::u32string chars = decode(bytes);
    const std::string again = encode(chars);
    EXPECT_TRUE(valid_utf8(again));
    EXPECT_EQ(decode(again), chars);
    EXPECT_EQ(valid_utf8(bytes), again == bytes);
  }
}

}  // namespace
}  // namespace zhili::text
