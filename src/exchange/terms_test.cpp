#include "exchange/terms.hpp"

#include <gtest/gtest.h>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "base/output_dir.hpp"
#include "exchange/terms_keys.hpp"

namespace zhili::exchange {
namespace {

/// Noon in China of a day of 2026.
int64_t noon(unsigned month, unsigned day) {
  const std::chrono::sys_days date = std::chrono::year(2026) / std::chrono::month(month) / std::chrono::day(day);
  return (int64_t{date.time_since_epoch().count()} * 86'400 + int64_t{4} * 3'600) * 1'000'000;
}

TEST(TermsTest, WorkingDaysLeaveHolidaysOutAndCountWhatIsMadeUp) {
  const auto terms = parse_terms(default_terms_yaml(), "default");
  ASSERT_TRUE(terms) << terms.error().text();
  const Calendar& calendar = terms->calendar;
  const auto due = [&](unsigned month, unsigned day, int days) {
    return time_text(calendar.due(noon(month, day), days), 0);
  };
  // The last moment of the day in China is 15:59:59 UTC.
  EXPECT_EQ(due(3, 2, 1), "2026-03-03T15:59:59Z");
  EXPECT_EQ(due(3, 6, 1), "2026-03-09T15:59:59Z");   // Over a weekend.
  EXPECT_EQ(due(9, 30, 1), "2026-10-08T15:59:59Z");  // Over the national holiday.
  EXPECT_EQ(due(10, 8, 2), "2026-10-10T15:59:59Z");  // A Saturday that is worked.
  EXPECT_EQ(due(2, 13, 10), "2026-03-05T15:59:59Z");
  EXPECT_EQ(calendar.days_between(noon(2, 13), calendar.due(noon(2, 13), 10)), 10);
  EXPECT_EQ(calendar.days_between(noon(10, 10), noon(10, 8)), -2);
  EXPECT_TRUE(calendar.knows(noon(3, 1)));
  EXPECT_FALSE(calendar.knows(noon(3, 1) + int64_t{366} * 86'400 * 1'000'000));
}

TEST(TermsTest, TheDayBeginsByTheLocalClock) {
  const auto terms = parse_terms(default_terms_yaml(), "default");
  ASSERT_TRUE(terms);
  // 17:00 UTC of Monday is Tuesday in China already.
  EXPECT_EQ(time_text(terms->calendar.due(noon(3, 2) + int64_t{13} * 3'600 * 1'000'000, 1), 0), "2026-03-04T15:59:59Z");
}

TEST(TermsTest, MistakesAreToldWithTheirPlace) {
  const auto wrong = parse_terms(
      "version: 1\n"
      "terms:\n"
      "  answer_unconditional: {days: 0, source: law}\n"
      "  answer_conditional: {days: 10}\n"
      "  deliver: {days: 20, source: law}\n"
      "  correct: {days: 10, source: law}\n"
      "  object: {days: 15, source: law}\n"
      "officers: [data_officer]\n"
      "withheld: [{basis: a, days: 3, source: law}, {basis: a, days: 3, source: law}]\n"
      "calendar:\n"
      "  source: law\n"
      "  holidays: [{from: 2026-10-07, to: 2026-10-01}, {from: 2026-02-30, to: 2026-03-01}]\n"
      "  workdays: [2026-10-09]\n",
      "terms.yaml");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().place.line, 3U);
  EXPECT_EQ(wrong.error().others.size(), 5U) << wrong.error().text();
}

/// schemas/exchange.schema.json repeats for editors what the parser knows.
TEST(TermsTest, TheSchemaListsWhatTheParserReads) {
  const auto text = read_file(ZHILI_SOURCE_DIR "/schemas/exchange.schema.json", limits::kYamlBytes);
  ASSERT_TRUE(text) << text.error().text();
  const auto expect = [&](const auto& words) {
    for (const std::string_view word : words) {
      EXPECT_NE(text->find(fmt::format("\"{}\"", word)), std::string::npos) << word;
    }
  };
  expect(keys::kTop);
  expect(keys::kTerms);
  expect(keys::kTerm);
  expect(keys::kWithheld);
  expect(keys::kCalendar);
  expect(keys::kHoliday);
}

}  // namespace
}  // namespace zhili::exchange
