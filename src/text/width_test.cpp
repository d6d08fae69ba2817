#include "text/width.hpp"

#include <gtest/gtest.h>

namespace zhili::text {
namespace {

TEST(Width, CountsWideCharactersTwice) {
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("姓名a"), 5U);
  EXPECT_EQ(display_width("Ａ"), 2U);
  EXPECT_EQ(display_width(""), 0U);
  EXPECT_EQ(display_width("e\u0301\u200B"), 1U);
}

TEST(Width, ShortensByCellsAndKeepsOneLine) {
  EXPECT_EQ(shortened("abcdef", 6), "abcdef");
  EXPECT_EQ(shortened("abcdefg", 6), "abcde…");
  EXPECT_EQ(shortened("中国人民", 8), "中国人民");
  EXPECT_EQ(shortened("中国人民", 7), "中国人…");
  EXPECT_EQ(shortened("中国人民", 6), "中国…");
  EXPECT_EQ(shortened("a\nb\x1b[31m", 10), "a b [31m");
  EXPECT_EQ(shortened("a\u202Eb\u2066c", 10), "abc");
  EXPECT_EQ(shortened(std::string(100'000, 'x'), 3), "xx…");
}

}  // namespace
}  // namespace zhili::text
