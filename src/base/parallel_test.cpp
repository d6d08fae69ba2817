#include "base/parallel.hpp"

#include <set>

#include <gtest/gtest.h>

namespace zhili {
namespace {

// Every number is handed out exactly once, in pieces within the limits.
void expect_covers(uint64_t n, uint64_t grain, unsigned threads) {
  std::vector<std::atomic<int>> seen(n);
  std::atomic<bool> in_limits{true};
  parallel_for(n, grain, threads, [&](uint64_t begin, uint64_t end, unsigned thread) {
    if (begin >= end || end > n || end - begin > std::max<uint64_t>(grain, 1)) in_limits = false;
    if (thread >= std::max(threads, 1U)) in_limits = false;
    for (uint64_t i = begin; i < end; ++i) ++seen[i];
  });
  EXPECT_TRUE(in_limits);
  for (uint64_t i = 0; i < n; ++i) ASSERT_EQ(seen[i], 1) << i << " of " << n << ", grain " << grain;
}

TEST(ParallelFor, HandsOutEachNumberOnce) {
  for (const uint64_t n : {0, 1, 2, 99, 100, 101, 1000}) {
    for (const uint64_t grain : {1, 7, 100, 5000}) {
      for (const unsigned threads : {1U, 2U, 5U}) expect_covers(n, grain, threads);
    }
  }
}

TEST(ParallelFor, BearsZeroGrainAndZeroThreads) {
  expect_covers(10, 0, 2);
  expect_covers(10, 3, 0);
}

TEST(ParallelFor, OneThreadRunsInOrderOnTheCaller) {
  std::vector<uint64_t> begins;
  std::set<std::thread::id> ids;
  parallel_for(10, 4, 1, [&](uint64_t begin, uint64_t, unsigned) {
    begins.push_back(begin);
    ids.insert(std::this_thread::get_id());
  });
  EXPECT_EQ(begins, (std::vector<uint64_t>{0, 4, 8}));
  EXPECT_EQ(ids, std::set{std::this_thread::get_id()});
}

TEST(UsableCores, IsAtLeastOne) { EXPECT_GE(usable_cores(), 1U); }

}  // namespace
}  // namespace zhili
