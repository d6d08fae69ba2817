#include "text/confusable.hpp"

#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "text/shared_data.hpp"
#include "text/utf8.hpp"

namespace zhili::text {
namespace {

TEST(Confusable, WellKnownLookAlikes) {
  const std::pair<char32_t, char32_t> pairs[] = {{U'己', U'已'}, {U'未', U'末'}, {U'日', U'曰'}, {U'士', U'土'},
                                                 {U'侯', U'候'}, {U'戊', U'戌'}, {U'佘', U'余'}, {U'傅', U'傳'},
                                                 {U'阎', U'闾'}, {U'王', U'玉'}, {U'大', U'太'}, {U'洋', U'泮'}};
  int known = 0;
  for (const auto& [a, b] : pairs) known += look_alike(a, b);
  EXPECT_GE(known, 10);
  EXPECT_FALSE(look_alike(U'张', U'李'));
  EXPECT_FALSE(look_alike(U'张', U'张'));
  EXPECT_TRUE(look_alikes(U'a').empty());
}

TEST(Confusable, TheRelationIsSymmetric) {
  size_t pairs = 0;
  for (char32_t c = 0x3400; c <= 0x9FFF; ++c) {
    for (const char32_t other : look_alikes(c)) {
      EXPECT_TRUE(look_alike(other, c));
      EXPECT_NE(other, c);
      ++pairs;
    }
    EXPECT_LE(look_alikes(c).size(), 20u);
  }
  EXPECT_EQ(pairs, 80000u);
}

TEST(Confusable, SoundAlike) {
  EXPECT_TRUE(sound_alike(U'张', U'章'));
  EXPECT_TRUE(sound_alike(U'曾', U'增'));
  EXPECT_TRUE(sound_alike(U'乐', U'月'));
  EXPECT_FALSE(sound_alike(U'张', U'脏'));
  EXPECT_TRUE(sound_alike_loosely(U'张', U'脏'));
  EXPECT_TRUE(sound_alike_loosely(U'刘', U'牛'));
  EXPECT_TRUE(sound_alike_loosely(U'陈', U'程'));
  EXPECT_FALSE(sound_alike_loosely(U'张', U'李'));
  EXPECT_FALSE(sound_alike(U'a', U'a'));
}

/// Pairs of the reference file "X ABC": X may be taken for A, B and C. Counts those that `known` confirms.
template <class Known>
std::pair<int, int> recall(std::ifstream& file, Known known) {
  int all = 0;
  int found = 0;
  for (std::string line; std::getline(file, line);) {
    const std::u32string chars = decode(line);
    for (size_t i = 2; i < chars.size(); ++i) {
      if (!is_han(chars[i])) continue;
      ++all;
      found += known(chars[0], chars[i]);
    }
  }
  return {all, found};
}

TEST(Confusable, RecallAgainstTheReferenceOfLookAlikes) {
  std::ifstream file(shared_data() / "variants/shape.txt");
  if (!file) GTEST_SKIP() << "shared reference data is not here";
  const auto [all, found] = recall(file, look_alike);
  RecordProperty("pairs", all);
  RecordProperty("found", found);
  EXPECT_GT(found, all / 4) << found << " of " << all;
}

TEST(Confusable, RecallAgainstTheReferenceOfSoundAlikes) {
  std::ifstream file(shared_data() / "variants/sound.txt");
  if (!file) GTEST_SKIP() << "shared reference data is not here";
  const auto [all, found] = recall(file, sound_alike_loosely);
  RecordProperty("pairs", all);
  RecordProperty("found", found);
  EXPECT_GT(found, all * 95 / 100) << found << " of " << all;
}

}  // namespace
}  // namespace zhili::text
