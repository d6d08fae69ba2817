#include "table/nearest.hpp"

#include <gtest/gtest.h>

#include "table/blanks.hpp"
#include "table/excerpt.hpp"

namespace zhili::table {
namespace {

using Names = std::vector<std::string>;

TEST(Nearest, BestComeFirst) {
  const Names names = {"postcode", "birth_date", "surname", "Surname2", "name"};
  EXPECT_EQ(nearest_names("surnam", names), (Names{"surname", "Surname2"}));
  EXPECT_EQ(nearest_names("SURNAME", names)[0], "surname");
  EXPECT_EQ(nearest_names("dob", names), Names{});
  EXPECT_EQ(nearest_names("证件号", Names{"证件号码", "姓名"}), (Names{"证件号码"}));
  EXPECT_EQ(nearest_names("id", Names{"citizen_id"}), (Names{"citizen_id"})) << "within the other";
}

TEST(Nearest, ListsNames) {
  EXPECT_EQ(quoted_list(Names{"a", "b", "c"}), "\"a\", \"b\", \"c\"");
  EXPECT_EQ(quoted_list(Names{"a", "b", "c"}, 2), "\"a\", \"b\" and 1 more");
  EXPECT_EQ(quoted_list(Names{}), "");
}

TEST(Excerpt, IsOneShortValidLine) {
  EXPECT_EQ(excerpt(" a\tb\r\n"), "a b");
  EXPECT_EQ(excerpt("张\xD5,b"), "张\uFFFD,b");
  const std::string cut = excerpt(std::string(500, 'x'));
  EXPECT_EQ(cut, std::string(120, 'x') + "…");
}

TEST(Blanks, GoFromBothEnds) {
  EXPECT_EQ(trim_blanks(" \t\u00A0　张　三　\r\n"), "张　三");
  EXPECT_EQ(trim_blanks("　"), "");
  EXPECT_EQ(trim_blanks("\xE3\x80"), "\xE3\x80") << "half a blank is none";
  EXPECT_EQ(trim_blanks("〠"), "〠") << "begins like a blank";
  EXPECT_EQ(trim_blanks("一"), "一") << "ends like one";
}

}  // namespace
}  // namespace zhili::table
