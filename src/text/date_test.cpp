#include "text/date.hpp"

#include <chrono>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/random.hpp"

namespace zhili::text {
namespace {

std::string digits(std::string_view text, DateOrder order = DateOrder::kYearFirst) {
  const auto parsed = parse_date(text, order);
  return parsed ? std::string(parsed->digits_view()) + (parsed->valid ? "" : "!") : "none";
}

PartialDate date(std::string_view text) {
  const auto parsed = parse_date(text);
  return parsed ? parsed->date : PartialDate{};
}

TEST(Date, SpellingsOfOneDay) {
  for (const char* text : {"2001-02-03",           "20010203",           "2001/2/3",           "2001.2.3",
                           "2001年2月3日",         "二〇〇一年二月三日", "2001-2-3",           "2001 02 03",
                           "２００１－０２－０３", "2001年02月03",       "二零零一年二月三号", "二○○一年二月三日",
                           "二OO一年二月三日",     "3-Feb-2001",         "3 February 2001",    "Feb 3, 2001",
                           "February 3rd, 2001",   "2001-Feb-03",        "3rd Feb 2001",       " 2001-02-03\r",
                           "\uFEFF2001-02-03",     "2001—02—03",         "2001年 2月 3日",     "2001、2、3"}) {
    EXPECT_EQ(digits(text), "20010203") << text;
  }
}

TEST(Date, TimeOfDayIsIgnored) {
  for (const char* text : {"2001-02-03 10:20:30", "2001-02-03T10:20:30Z", "20010203102030", "200102031020",
                           "2001年2月3日10时", "2001/2/3 0:00", "2001-02-03 00:00:00.000", "2001年2月3日生"}) {
    EXPECT_EQ(digits(text), "20010203") << text;
  }
}

TEST(Date, PartsMayBeMissing) {
  EXPECT_EQ(digits("2001-02"), "200102??");
  EXPECT_EQ(digits("200102"), "200102??");
  EXPECT_EQ(digits("2001年2月"), "200102??");
  EXPECT_EQ(digits("2001"), "2001????");
  EXPECT_EQ(digits("2001年"), "2001????");
  EXPECT_EQ(digits("2001-00-00"), "2001????");
  EXPECT_EQ(digits("20010000"), "2001????");
  EXPECT_EQ(digits("2月3日"), "????0203");
  EXPECT_EQ(digits("February 2001"), "200102??");
  EXPECT_EQ(digits("02/2001"), "200102??");
}

TEST(Date, TwoFiguresOfAYearLeaveTheCenturyOpen) {
  EXPECT_EQ(digits("85-3-2"), "??850302");
  EXPECT_EQ(digits("85年3月2日"), "??850302");
  EXPECT_EQ(digits("850302"), "??850302");
  EXPECT_EQ(digits("02/03/85", DateOrder::kDayFirst), "??850302");
  EXPECT_EQ(date("85-3-2"), (PartialDate{0, 3, 2}));
}

TEST(Date, OrderDecidesBetweenDayAndMonth) {
  EXPECT_EQ(digits("02/03/2001", DateOrder::kDayFirst), "20010302");
  EXPECT_EQ(digits("02/03/2001", DateOrder::kMonthFirst), "20010203");
  EXPECT_EQ(digits("02/03/2001", DateOrder::kYearFirst), "20010302");
  EXPECT_EQ(digits("02032001", DateOrder::kDayFirst), "20010302");
  EXPECT_EQ(digits("19850302", DateOrder::kDayFirst), "19850302");
  EXPECT_EQ(digits("2001-02-03", DateOrder::kMonthFirst), "20010203");
}

TEST(Date, ImpossibleDaysKeepTheirDigits) {
  EXPECT_EQ(digits("1855-86-20"), "18558620!");
  EXPECT_EQ(digits("19851345"), "19851345!");
  EXPECT_EQ(digits("2001-02-29"), "20010229!");
  EXPECT_EQ(digits("2000-02-29"), "20000229");
  EXPECT_EQ(digits("91871206"), "91871206!");
  EXPECT_EQ(date("1855-86-20"), (PartialDate{1855, 86, 20}));
}

TEST(Date, TensInChineseNumerals) {
  EXPECT_EQ(digits("一九八五年十二月二十三日"), "19851223");
  EXPECT_EQ(digits("一九八五年十月十日"), "19851010");
  EXPECT_EQ(digits("一九八五年十一月卅一日"), "19851131!");
  EXPECT_EQ(digits("一九八五年一月廿五日"), "19850125");
  EXPECT_EQ(digits("1985年十二月三十日"), "19851230");
}

TEST(Date, WhatIsNoDate) {
  for (const char* text : {"", " ", "-", "abc", "不详", "00000000", "0000-00-00", "12345", "1234567", "2001-02-03-04",
                           "123456789", "3-2-501-1", "Foo 3, 2001", "10", "年月日", "十十", "2001x", "13812345678"}) {
    EXPECT_EQ(digits(text), "none") << text;
  }
}

TEST(Date, DayNumberAgreesWithTheStandardLibrary) {
  for (int year = 1000; year <= 2199; year += 7) {
    for (unsigned month = 1; month <= 12; ++month) {
      const auto last = std::chrono::year{year} / std::chrono::month{month} / std::chrono::last;
      const auto days = static_cast<int>(static_cast<unsigned>(last.day()));
      EXPECT_EQ(days_in_month(year, static_cast<int>(month)), days);
      const PartialDate date{static_cast<int16_t>(year), static_cast<uint8_t>(month), static_cast<uint8_t>(days)};
      EXPECT_EQ(day_number(date), std::chrono::sys_days(last).time_since_epoch().count());
    }
  }
  EXPECT_EQ(day_number({2001, 0, 1}), std::nullopt);
  EXPECT_EQ(day_number({2001, 2, 30}), std::nullopt);
}

TEST(Date, EverySpellingOfRandomDaysIsReadBack) {
  Random random(5);
  for (int round = 0; round < 5000; ++round) {
    const auto y = random.between(1800, 2199);
    const auto m = random.between(1, 12);
    const auto d = random.between(1, days_in_month(static_cast<int>(y), static_cast<int>(m)));
    const std::string want = fmt::format("{:04}{:02}{:02}", y, m, d);
    EXPECT_EQ(digits(want), want);
    EXPECT_EQ(digits(fmt::format("{}-{}-{}", y, m, d)), want);
    EXPECT_EQ(digits(fmt::format("{}年{}月{}日", y, m, d)), want);
    EXPECT_EQ(digits(fmt::format("{}/{}/{}", d, m, y), DateOrder::kDayFirst), want);
    EXPECT_EQ(digits(fmt::format("{}/{}/{}", m, d, y), DateOrder::kMonthFirst), want);
  }
}

}  // namespace
}  // namespace zhili::text
