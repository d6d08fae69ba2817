#include "text/pinyin.hpp"

#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "text/fold.hpp"
#include "text/shared_data.hpp"
#include "text/utf8.hpp"

namespace zhili::text {
namespace {

TEST(Pinyin, CommonReadings) {
  EXPECT_EQ(reading(U'张'), "zhang");
  EXPECT_EQ(reading(U'吕'), "lv");
  EXPECT_EQ(reading(U'佛'), "fo");
  EXPECT_EQ(reading(U'似'), "si");
  EXPECT_EQ(reading(U'曾'), "ceng");
  EXPECT_EQ(reading(U'〇'), "ling");
  EXPECT_EQ(reading(U'a'), "");
  EXPECT_EQ(reading(U'\U0001F600'), "");
}

TEST(Pinyin, SurnamesReadOtherwise) {
  const std::pair<char32_t, const char*> known[] = {
      {U'曾', "zeng"}, {U'单', "shan"}, {U'解', "xie"},   {U'仇', "qiu"},  {U'区', "ou"},   {U'查', "zha"},
      {U'朴', "piao"}, {U'盖', "ge"},   {U'任', "ren"},   {U'缪', "miao"}, {U'翟', "zhai"}, {U'召', "shao"},
      {U'员', "yun"},  {U'折', "she"},  {U'种', "chong"}, {U'华', "hua"},  {U'王', "wang"}, {U'乐', "yue"}};
  for (const auto& [c, want] : known) EXPECT_EQ(surname_reading(c), want) << encode({&c, 1});
}

TEST(Pinyin, NamesKnowTheirSurname) {
  EXPECT_EQ(name_pinyin("张三丰"), "zhang sanfeng");
  EXPECT_EQ(name_pinyin("欧阳修"), "ouyang xiu");
  EXPECT_EQ(name_pinyin("曾国藩"), "zeng guofan");
  EXPECT_EQ(name_pinyin("尉迟恭"), "yuchi gong");
  EXPECT_EQ(name_pinyin("万俟卨"), "moqi xie");
  EXPECT_EQ(name_pinyin("单雄信"), "shan xiongxin");
  EXPECT_EQ(name_pinyin("欧阳"), "ou yang");
  EXPECT_EQ(name_pinyin("吕布"), "lv bu");
  EXPECT_EQ(name_pinyin("王"), "wang");
  EXPECT_EQ(name_pinyin(""), "");
  EXPECT_EQ(name_pinyin("阿卜杜·热合曼"), "abudu reheman");
  EXPECT_EQ(name_pinyin("john smith"), "john smith");
  EXPECT_EQ(name_pinyin("张a"), "zhang a");
}

TEST(Pinyin, CompoundSurnamesNeedAGivenName) {
  EXPECT_TRUE(is_compound_surname(U'欧', U'阳'));
  EXPECT_FALSE(is_compound_surname(U'张', U'三'));
  EXPECT_EQ(surname_length(U"司马相如"), 2u);
  EXPECT_EQ(surname_length(U"司马"), 1u);
  EXPECT_EQ(surname_length(U""), 0u);
}

TEST(Pinyin, LooseClassesJoinWhatManySpeakersConfuse) {
  const auto first = [](char32_t c) { return loose_class(syllables(c).numbers[0]); };
  EXPECT_EQ(first(U'张'), first(U'脏'));
  EXPECT_EQ(first(U'张'), first(U'赞'));
  EXPECT_EQ(first(U'刘'), first(U'牛'));
  EXPECT_EQ(first(U'英'), first(U'因'));
  EXPECT_NE(first(U'风'), first(U'红'));
  EXPECT_EQ(loose_class(0xFFFF), 0);
}

TEST(Pinyin, CharactersMayHaveSeveralReadings) {
  EXPECT_GE(syllables(U'乐').count, 2);
  EXPECT_EQ(syllables(U'王').count, 1);
  EXPECT_EQ(syllables(U'x').count, 0);
}

TEST(Pinyin, AgreesWithTheListOfTheGeneralStandardCharacters) {
  std::ifstream file(shared_data() / "pinyin/kMandarin_8105.txt");
  if (!file) GTEST_SKIP() << "shared reference data is not here";
  int all = 0;
  int same = 0;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("U+")) continue;
    const auto code = static_cast<char32_t>(std::stoul(line.substr(2), nullptr, 16));
    const size_t at = line.find(": ") + 2;
    std::string want = line.substr(at, line.find_first_of(" \t", at) - at);
    // ü, with or without a tone, is v here; fold() takes the tones away.
    for (const char* umlaut : {"ü", "ǖ", "ǘ", "ǚ", "ǜ"}) {
      if (const size_t u = want.find(umlaut); u != std::string::npos) want.replace(u, 2, "v");
    }
    ++all;
    same += reading(code) == fold(want);
  }
  EXPECT_GT(all, 8000);
  EXPECT_GE(same, all * 995 / 1000) << same << " of " << all;
}

}  // namespace
}  // namespace zhili::text
