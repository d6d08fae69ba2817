#include "base/progress.hpp"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace zhili {
namespace {

TEST(ProgressLine, ShowsShareRateAndTimeLeft) {
  EXPECT_EQ(Progress::line("scoring", 250'000, 1'000'000, "pairs", 10),
            "scoring [######..................]  25 %  250.0k / 1.00M pairs, 25.0k pairs/s, 0:30 left");
}

TEST(ProgressLine, ShowsTheTimeTakenAtTheEnd) {
  EXPECT_EQ(Progress::line("scoring", 800, 800, "pairs", 4),
            "scoring [########################] 100 %  800 / 800 pairs, 200 pairs/s, took 0:04");
}

TEST(ProgressLine, WithoutATotalShowsCountAndRate) {
  EXPECT_EQ(Progress::line("reading", 5'000, 0, "rows", 2), "reading: 5000 rows, 2500 rows/s, took 0:02");
}

TEST(ProgressLine, HoursAndBillions) {
  EXPECT_EQ(Progress::line("scoring", 1'000'000'000, 8'200'000'000, "pairs", 1000),
            "scoring [##......................]  12 %  1.00G / 8.20G pairs, 1.00M pairs/s, 2:00:00 left");
}

TEST(ProgressLine, BearsATotalThatWasTooLow) {
  EXPECT_EQ(Progress::line("reading", 30, 20, "rows", 1),
            "reading [########################] 100 %  30 / 20 rows, 30 rows/s, took 0:01");
}

TEST(ProgressLine, BearsNoTimeAtAll) {
  EXPECT_EQ(Progress::line("reading", 0, 20, "rows", 0),
            "reading [........................]   0 %  0 / 20 rows, 0 rows/s");
}

TEST(Progress, CountsOverThreads) {
  Progress progress("test", 4000, "rows", Progress::Mode::kOff);
  std::vector<std::jthread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) progress.add(1);
    });
  }
  threads.clear();
  EXPECT_EQ(progress.done(), 4000U);
}

TEST(Progress, QuickWorkStaysSilent) {
  testing::internal::CaptureStderr();
  {
    Progress progress("test", 10, "rows");
    progress.add(10);
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace zhili
