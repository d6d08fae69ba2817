#include "fuse/signature.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "text/similar.hpp"

namespace zhili::fuse {
namespace {

/// Words over few letters, so that many come near each other; now and then a long one.
std::string word(Random& random) {
  std::string out;
  const uint64_t length = random.chance(0.02) ? 200 + random.below(200) : 1 + random.below(14);
  while (out.size() < length) out += static_cast<char>('a' + random.below(5));
  return out;
}

std::string mistyped(std::string text, Random& random) {
  for (uint64_t n = random.below(4); n > 0 && !text.empty(); --n) {
    const size_t at = random.below(text.size());
    switch (random.below(4)) {
      case 0:
        text.erase(at, 1);
        break;
      case 1:
        text.insert(at, 1, 'c');
        break;
      case 2:
        text[at] = static_cast<char>('a' + random.below(26));
        break;
      default:
        std::swap(text[at], text[text.size() - 1 - at]);
    }
  }
  return text.empty() ? "a" : text;
}

TEST(Signature, NeverRulesOutWhatATextWouldMeet) {
  const JaroWinklerScreen high(0.92);
  const JaroWinklerScreen low(0.8);
  Random random(3);
  int ruled_out = 0;
  for (int i = 0; i < 200'000; ++i) {
    const auto a = word(random);
    const auto b = random.chance(0.5) ? mistyped(a, random) : word(random);
    uint32_t words[2][Signature::kWords];
    Signature::of(std::string_view(a)).store(words[0]);
    Signature::of(std::string_view(b)).store(words[1]);
    const auto x = Signature::load(words[0]);
    const auto y = Signature::load(words[1]);
    ASSERT_LE(Signature::fewest_edits(x, y), text::damerau(a, b)) << a << " " << b;
    const double similarity = text::jaro_winkler(a, b);
    if (similarity >= 0.92) {
      ASSERT_TRUE(high.may_reach(x, y)) << a << " " << b;
    }
    if (similarity >= 0.8) {
      ASSERT_TRUE(low.may_reach(x, y)) << a << " " << b;
    }
    ruled_out += high.may_reach(x, y) ? 0 : 1;
  }
  EXPECT_GT(ruled_out, 50'000);
}

TEST(Signature, SeesCharactersBeyondAscii) {
  const auto a = Signature::of(std::u32string_view(U"王建国"));
  const auto b = Signature::of(std::u32string_view(U"王建設"));
  EXPECT_EQ(a.length, 3U);
  EXPECT_EQ(Signature::fewest_edits(a, b), 1);
  EXPECT_GE(Signature::agreeing_head(a, b), 2U);
}

}  // namespace
}  // namespace zhili::fuse
