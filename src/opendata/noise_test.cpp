#include "opendata/noise.hpp"

#include <array>
#include <cmath>
#include <map>

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace zhili::opendata {
namespace {

Bits seeded(uint64_t seed) {
  return [random = Random(seed)]() mutable -> Result<uint64_t> { return random.next(); };
}

Epsilon epsilon(std::string_view text) { return Epsilon::parse(text).value_or(Epsilon()); }

TEST(Epsilon, IsReadAsItIsWritten) {
  for (const char* text : {"1", "0.5", "1/3", "20", "0.1", "2.25", "1/7", "0.001"}) {
    const auto read = Epsilon::parse(text);
    ASSERT_TRUE(read) << text << ": " << read.error().text();
    EXPECT_EQ(Epsilon::parse(read->text()).value_or(Epsilon()), *read) << text;
  }
  EXPECT_EQ(epsilon("2/6").text(), "1/3");
  EXPECT_EQ(epsilon("0.50").text(), "0.5");
  EXPECT_EQ(epsilon("1/2"), epsilon("0.5"));
  EXPECT_EQ(epsilon("1/3").units() * 3, Epsilon::kUnits);
}

TEST(Epsilon, OthersAreRefused) {
  for (const char* text : {"", "0", "0/5", "1/0", "-1", "21", "1e3", "0.", ".5", "1/2/3", "1/11", "nan", "0.00000001",
                           "99999999999999999999", "1/99999999999999999999", "1 / 2"}) {
    EXPECT_FALSE(Epsilon::parse(text)) << text;
  }
}

TEST(Noise, NumbersBelowAreEquallyLikely) {
  Noise noise(seeded(1));
  std::array<int, 7> seen{};
  constexpr int kDraws = 70'000;
  for (int i = 0; i < kDraws; ++i) ++seen.at(noise.below(7).value_or(0));
  double chi = 0;
  for (const int count : seen) chi += std::pow(count - kDraws / 7.0, 2) / (kDraws / 7.0);
  EXPECT_LT(chi, 22.46);  // 6 degrees of freedom, 0.1 %.
}

TEST(Noise, CoinsFallAsTheExponentSays) {
  Noise noise(seeded(2));
  for (const auto& [above, below] :
       std::vector<std::pair<uint64_t, uint64_t>>{{0, 1}, {1, 3}, {1, 1}, {7, 3}, {5, 1}}) {
    constexpr int kDraws = 50'000;
    int heads = 0;
    for (int i = 0; i < kDraws; ++i) heads += noise.exp_minus(above, below).value_or(false) ? 1 : 0;
    const double p = std::exp(-static_cast<double>(above) / static_cast<double>(below));
    const double spread = std::sqrt(kDraws * p * (1 - p));
    EXPECT_NEAR(heads, kDraws * p, 4 * spread + 1e-9) << above << "/" << below;
  }
}

/// The distribution as it is: P(z) = (1 - a) / (1 + a) * a^|z| with a = exp(-epsilon).
double chi_square(const std::map<int64_t, int>& seen, double epsilon, int draws, int64_t reach) {
  const double a = std::exp(-epsilon);
  double chi = 0;
  double rest = draws;
  int rest_seen = draws;
  for (int64_t z = -reach; z <= reach; ++z) {
    const double expected = draws * (1 - a) / (1 + a) * std::pow(a, std::abs(static_cast<double>(z)));
    const auto found = seen.find(z);
    const int count = found == seen.end() ? 0 : found->second;
    chi += std::pow(count - expected, 2) / expected;
    rest -= expected;
    rest_seen -= count;
  }
  return chi + std::pow(rest_seen - rest, 2) / rest;
}

TEST(Noise, IsTwoSidedGeometric) {
  // Reach so that each expected count is above 5; the bound is that of chi-square at 0.1 % for 2 * reach + 1 degrees.
  struct Case {
    const char* epsilon;
    double value;
    int64_t reach;
    double bound;
  };
  for (const Case& one : {Case{"1", 1.0, 7, 37.70}, Case{"0.5", 0.5, 14, 58.30}, Case{"1/3", 1.0 / 3, 18, 69.35},
                          Case{"2.5", 2.5, 3, 24.32}}) {
    Noise noise(seeded(3));
    constexpr int kDraws = 40'000;
    std::map<int64_t, int> seen;
    for (int i = 0; i < kDraws; ++i) ++seen[noise.two_sided_geometric(epsilon(one.epsilon)).value_or(1'000'000)];
    EXPECT_LT(chi_square(seen, one.value, kDraws, one.reach), one.bound) << one.epsilon;
    // The test tells another epsilon from this one.
    EXPECT_GT(chi_square(seen, one.value * 1.2, kDraws, one.reach), one.bound) << one.epsilon;
  }
}

TEST(Noise, FailsWhereThereAreNoBits) {
  Noise noise([]() -> Result<uint64_t> { return fail(ErrorCode::kInternal, {}, "", "dry"); });
  EXPECT_FALSE(noise.two_sided_geometric(epsilon("1")));
}

}  // namespace
}  // namespace zhili::opendata
