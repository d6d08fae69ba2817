#include "base/random.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace zhili {
namespace {

// The first numbers of SplitMix64 from 0, as its authors publish them.
TEST(Mix64, MatchesSplitMix64) {
  EXPECT_EQ(mix64(0), 0xe220a8397b1dcdafULL);
  EXPECT_EQ(mix64(0x9e3779b97f4a7c15ULL), 0x6e789e6aa1b965f4ULL);
}

TEST(Random, SameSeedSameNumbers) {
  Random a(7, 3);
  Random b(7, 3);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(a.next(), b.next());
}

// Results of seeded runs are kept in files: these numbers must never change.
TEST(Random, FixedNumbers) {
  Random random(1);
  EXPECT_EQ(random.next(), 0x1fc34a9b65818b35ULL);
  EXPECT_EQ(random.next(), 0x8d40f3b1d8e2f9f4ULL);
  EXPECT_EQ(random.below(1000), 206U);
  EXPECT_DOUBLE_EQ(random.uniform(), 0.68172401426875884);
}

TEST(Random, SeedsAndStreamsDiffer) {
  std::vector<uint64_t> firsts;
  for (uint64_t seed = 0; seed < 64; ++seed) {
    for (uint64_t stream = 0; stream < 64; ++stream) firsts.push_back(Random(seed, stream).next());
  }
  std::ranges::sort(firsts);
  EXPECT_EQ(std::ranges::adjacent_find(firsts), firsts.end());
}

TEST(Random, BelowCoversItsRangeEvenly) {
  Random random(2);
  std::array<int, 10> counts{};
  constexpr int kDraws = 100'000;
  for (int i = 0; i < kDraws; ++i) {
    const auto n = random.below(counts.size());
    ASSERT_LT(n, counts.size());
    ++counts[n];
  }
  // Six standard deviations of a binomial with p = 0.1 are 570.
  for (const int count : counts) EXPECT_LT(std::abs(count - kDraws / 10), 570);
  EXPECT_EQ(random.below(1), 0U);
}

TEST(Random, BetweenHoldsBothEnds) {
  Random random(3);
  bool low = false;
  bool high = false;
  for (int i = 0; i < 1000; ++i) {
    const auto n = random.between(-2, 2);
    ASSERT_GE(n, -2);
    ASSERT_LE(n, 2);
    low |= n == -2;
    high |= n == 2;
  }
  EXPECT_TRUE(low);
  EXPECT_TRUE(high);
  EXPECT_EQ(random.between(5, 5), 5);
}

TEST(Random, BetweenTakesTheWidestRange) {
  Random random(4);
  constexpr auto kMin = std::numeric_limits<int64_t>::min();
  constexpr auto kMax = std::numeric_limits<int64_t>::max();
  int negative = 0;
  for (int i = 0; i < 1000; ++i) negative += random.between(kMin, kMax) < 0 ? 1 : 0;
  EXPECT_GT(negative, 400);
  EXPECT_LT(negative, 600);
}

TEST(Random, UniformStaysBelowOne) {
  Random random(5);
  double sum = 0;
  constexpr int kDraws = 100'000;
  for (int i = 0; i < kDraws; ++i) {
    const double u = random.uniform();
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    sum += u;
  }
  EXPECT_NEAR(sum / kDraws, 0.5, 0.006);
}

TEST(Random, ChanceHoldsAtItsEnds) {
  Random random(6);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_FALSE(random.chance(0));
    ASSERT_TRUE(random.chance(1));
  }
}

TEST(Random, NormalHasMeanZeroAndVarianceOne) {
  Random random(7);
  double sum = 0;
  double squares = 0;
  constexpr int kDraws = 100'000;
  for (int i = 0; i < kDraws; ++i) {
    const double x = random.normal();
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / kDraws, 0, 0.02);
  EXPECT_NEAR(squares / kDraws, 1, 0.03);
}

TEST(Random, PickTakesEveryItem) {
  Random random(8);
  const std::vector<std::string_view> items = {"a", "b", "c"};
  std::array<int, 3> counts{};
  for (int i = 0; i < 300; ++i) ++counts.at(static_cast<size_t>(random.pick(items)[0] - 'a'));
  for (const int count : counts) EXPECT_GT(count, 50);
}

}  // namespace
}  // namespace zhili
