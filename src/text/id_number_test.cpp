#include "text/id_number.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/random.hpp"

namespace zhili::text {
namespace {

/// What was read, or an empty number that is wrong in every way.
IdNumber read(std::string_view text) { return parse_id_number(text).value_or(IdNumber{}); }

// The two examples of GB 11643-1999, annex A.
TEST(IdNumber, ExamplesOfTheStandard) {
  const IdNumber woman = read("11010519491231002X");
  EXPECT_TRUE(woman.valid());
  EXPECT_EQ(woman.division(), "110105");
  EXPECT_EQ(woman.birth, (PartialDate{1949, 12, 31}));
  EXPECT_FALSE(woman.male);
  EXPECT_FALSE(woman.was_15);

  const IdNumber man = read("440524188001010014");
  EXPECT_TRUE(man.valid());
  EXPECT_TRUE(man.male);
  EXPECT_EQ(man.birth, (PartialDate{1880, 1, 1}));
}

TEST(IdNumber, SpellingsOfOneNumber) {
  for (const char* text :
       {"11010519491231002x", "１１０１０５１９４９１２３１００２Ｘ", " 110105 19491231 002X ", "110105-19491231-002X",
        "11010519491231002×", "'11010519491231002X", "\u202D11010519491231002X\u202C"}) {
    const IdNumber parsed = read(text);
    EXPECT_EQ(parsed.number, "11010519491231002X");
    EXPECT_TRUE(parsed.valid());
  }
}

TEST(IdNumber, FifteenDigitsBecomeEighteen) {
  const IdNumber old = read("110105491231002");
  EXPECT_EQ(old.number, "11010519491231002X");
  EXPECT_TRUE(old.was_15);
  EXPECT_TRUE(old.valid());
  EXPECT_EQ(id_15_to_18("440524800101996").substr(6, 4), "1880");
  EXPECT_EQ(id_15_to_18("11010549123100"), "");
  EXPECT_EQ(id_15_to_18("11010549123100X"), "");
  EXPECT_FALSE(read("110105491331002").valid());
}

TEST(IdNumber, WhatIsWrongIsSaidApart) {
  const IdNumber mistyped = read("110105194912310021");
  EXPECT_FALSE(mistyped.checksum_ok);
  EXPECT_TRUE(mistyped.birth_ok);
  const IdNumber no_day = read("110105194902300000");
  EXPECT_FALSE(no_day.birth_ok);
  EXPECT_EQ(no_day.birth, (PartialDate{1949, 2, 30}));
  EXPECT_FALSE(read("110105000012310025").birth_ok);
}

TEST(IdNumber, OtherShapesAreNone) {
  for (const char* text : {"", "无", "12345", "1101051949123100", "1101051949123100234", "X1010519491231002X",
                           "11010519491231002Y", "110105A9491231002X", "E12345678"}) {
    EXPECT_FALSE(parse_id_number(text)) << text;
  }
}

TEST(IdNumber, EverySingleErrorAndSwapIsFound) {
  Random random(3);
  for (int round = 0; round < 2000; ++round) {
    const auto year = random.between(1900, 2024);
    std::string number = fmt::format("99{:04}{}{:02}{:02}{:03}", random.below(10000), year, random.between(1, 12),
                                     random.between(1, 28), random.below(1000));
    number += id_check_digit(number);
    ASSERT_TRUE(read(number).valid()) << number;
    std::string wrong = number;
    const size_t at = random.below(17);
    wrong[at] = static_cast<char>('0' + (wrong[at] - '0' + 1 + static_cast<int>(random.below(9))) % 10);
    EXPECT_FALSE(read(wrong).checksum_ok);
    std::string swapped = number;
    std::swap(swapped[at], swapped[at == 0 ? 1 : at - 1]);
    EXPECT_EQ(read(swapped).checksum_ok, swapped == number);
  }
}

}  // namespace
}  // namespace zhili::text
