#include "base/clock.hpp"

#include <gtest/gtest.h>

namespace zhili {
namespace {

TEST(Clock, TellsTimeInUtc) {
  EXPECT_EQ(time_text(0), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(time_text(1'769'846'400'007'089), "2026-01-31T08:00:00.007089Z");
  EXPECT_EQ(time_text(1'769'846'400'007'089, 3), "2026-01-31T08:00:00.007Z");
  EXPECT_EQ(time_text(1'769'846'400'999'999, 0), "2026-01-31T08:00:00Z");
  EXPECT_EQ(time_text(-1), "1969-12-31T23:59:59.999999Z");
}

TEST(Clock, KnowsThatItWasSetBack) {
  EXPECT_FALSE(was_set_back(kClockSlack, 0));
  EXPECT_TRUE(was_set_back(kClockSlack + 1, 0));
  EXPECT_TRUE(is_within(5, 10, 14));
  EXPECT_FALSE(is_within(5, 10, 15));
  EXPECT_FALSE(is_within(5, 10, 4));
}

}  // namespace
}  // namespace zhili
