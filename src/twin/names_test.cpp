#include "twin/names.hpp"

#include <map>

#include <gtest/gtest.h>

#include "twin/calendar.hpp"
#include "twin/confusion.hpp"
#include "twin/identifiers.hpp"
#include "twin/spoiler.hpp"

namespace zhili::twin {
namespace {

const Names& names() {
  static const Names table;
  return table;
}

TEST(Names, AFewSurnamesCoverMost) {
  Random random(1);
  std::map<std::string, int> count;
  for (int i = 0; i < 100'000; ++i) ++count[names().surname(random)];
  // The ministry of public security: 王 7.1, 李 7.0, 张 6.7 % (2019 to 2021).
  EXPECT_NEAR(count["王"] / 100'000.0, 0.074, 0.006);
  EXPECT_NEAR(count["李"] / 100'000.0, 0.072, 0.006);
  EXPECT_GT(count["欧阳"], 20);
}

TEST(Names, GenerationsHaveTheirFashions) {
  Random random(2);
  const auto singles = [&](int year) {
    int n = 0;
    for (int i = 0; i < 5000; ++i) n += characters_of(names().given(random, year, Sex::kMale)).size() == 1 ? 1 : 0;
    return n / 5000.0;
  };
  EXPECT_LT(singles(1945), 0.12);
  EXPECT_GT(singles(1985), 0.3);
  EXPECT_LT(singles(2015), 0.12);
  std::map<std::string, int> count;
  for (int i = 0; i < 20'000; ++i) ++count[names().given(random, 1940, Sex::kFemale)];
  EXPECT_GT(count["秀英"], 20 * count["梓涵"] + 50);
}

TEST(Calendar, LunarDatesAreThoseOfTheAlmanacGiveOrTakeADay) {
  const struct {
    Day day;
    Date lunar;
  } known[] = {{to_day(2000, 2, 5), {2000, 1, 1}},
               {to_day(1990, 1, 27), {1990, 1, 1}},
               {to_day(1965, 9, 10), {1965, 8, 15}},
               {to_day(2024, 2, 9), {2023, 12, 30}}};
  for (const auto& [day, expected] : known) {
    const Date got = lunar(day);
    const int difference = (got.month - expected.month) * 30 + got.day - expected.day;
    EXPECT_LE(std::abs(difference) % 359, 2) << dashed(day) << " gives " << got.month << "-" << got.day;
  }
}

TEST(Identifiers, ScrambleIsOneToOne) {
  std::map<uint64_t, int> seen;
  for (uint64_t i = 0; i < 50'000; ++i) EXPECT_EQ(++seen[scramble(i, 9)], 1);
}

TEST(Confusion, FindsLikeCharacters) {
  const Confusion confusion(names());
  Random random(4);
  std::string name = "张伟";
  EXPECT_TRUE(confusion.look_alike(random, name));
  EXPECT_NE(name, "张伟");
  name = "张伟";
  EXPECT_TRUE(confusion.sound_alike(random, name));
  EXPECT_NE(name, "张伟");
  EXPECT_EQ(confusion.traditional("张国华"), "張國華");
  EXPECT_EQ(confusion.traditional("刘云"), "劉雲");
}

TEST(Spoiler, LeavesEverythingAloneAtScaleZero) {
  const Confusion confusion(names());
  Random random(5);
  ErrorCounts counts{};
  Spoiler spoiler(confusion, 0, random, counts);
  const Facts facts{{"王", "秀英"}, Sex::kFemale, to_day(1950, 3, 7), id_number(990101, to_day(1950, 3, 7), 2), "", {}};
  const Entries entries = spoiler.spoil(facts, Register::kGrid);
  EXPECT_EQ(entries.name, "王秀英");
  EXPECT_EQ(entries.birth, "19500307");
  EXPECT_EQ(entries.id, facts.id);
  EXPECT_EQ(spoiler.phone("15400000001", "", Register::kGrid), "15400000001");
}

}  // namespace
}  // namespace zhili::twin
