#include "cli/text_table.hpp"

#include <gtest/gtest.h>

namespace zhili::cli {
namespace {

TEST(TextTable, WidthCountsWideCharactersTwice) {
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("姓名a"), 5U);
  EXPECT_EQ(display_width("Ａ"), 2U);
  EXPECT_EQ(display_width(""), 0U);
}

TEST(TextTable, ShortensByCellsAndKeepsOneLine) {
  EXPECT_EQ(shortened("abcdef", 6), "abcdef");
  EXPECT_EQ(shortened("abcdefg", 6), "abcde…");
  EXPECT_EQ(shortened("中国人民", 8), "中国人民");
  EXPECT_EQ(shortened("中国人民", 7), "中国人…");
  EXPECT_EQ(shortened("中国人民", 6), "中国…");
  EXPECT_EQ(shortened("a\nb\x1b[31m", 10), "a b [31m");
}

TEST(TextTable, AlignsByCells) {
  EXPECT_EQ(aligned({{"姓名", "x", "end"}, {"a", "longer", ""}, {"b"}}, "  "),
            "  姓名  x       end\n"
            "  a     longer\n"
            "  b\n");
  EXPECT_EQ(aligned({}, "  "), "");
}

}  // namespace
}  // namespace zhili::cli
