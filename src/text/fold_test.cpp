#include "text/fold.hpp"

#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "text/utf8.hpp"

namespace zhili::text {
namespace {

TEST(Fold, AsciiIsLoweredAndItsSpacesCollapse) {
  EXPECT_EQ(fold("  John\t\tSMITH  Jr. \r\n"), "john smith jr.");
  EXPECT_EQ(fold(""), "");
  EXPECT_EQ(fold(" \t "), "");
  EXPECT_EQ(fold(std::string_view("a\0b", 3)), "a b");
}

TEST(Fold, WidthAndCompatibilityForms) {
  EXPECT_EQ(fold("１２３ＡＢＣ（Ｘ）"), "123abc(x)");
  EXPECT_EQ(fold("㈱①Ⅳ㎡"), "(株)1ivm2");
  EXPECT_EQ(fold("⼀⻓"), "一长");  // Kangxi radical, CJK radical
  EXPECT_EQ(fold("\uF900"), "岂");  // compatibility ideograph of 豈
  EXPECT_EQ(fold("ﾊ"), "ハ");
}

TEST(Fold, TraditionalBecomesSimplified) {
  EXPECT_EQ(fold("張偉瀋陽鍾麗餘"), "张伟沈阳钟丽余");
  EXPECT_EQ(fold("乾隆魏徵著名"), "乾隆魏徵著名");
  EXPECT_EQ(fold("衞"), "卫");
  EXPECT_EQ(fold("臺灣"), "台湾");
}

TEST(Fold, LatinLosesCaseAndDiacritics) {
  EXPECT_EQ(fold("ÀÉÎÕÜ Straße Øre Łódź Ægir"), "aeiou strasse ore lodz aegir");
  EXPECT_EQ(fold("e\u0301"), "e");
  EXPECT_EQ(fold("ЁЛКА ΆΘΩΣ"), "елка αθωσ");
  EXPECT_EQ(fold("İstanbul"), "istanbul");
}

TEST(Fold, SpacesOfAllKindsCollapse) {
  EXPECT_EQ(fold("\uFEFF张\u3000\u00A0\u2003三\u200B\u3000"), "张 三");
  EXPECT_EQ(fold("zhang\u00ADsan"), "zhangsan");
}

TEST(Fold, DashesDotsAndQuotes) {
  EXPECT_EQ(fold("3—2－501ー1"), "3-2-501-1");
  EXPECT_EQ(fold("阿卜杜•热合曼・艾力‧A·B"), "阿卜杜·热合曼·艾力·a·b");
  EXPECT_EQ(fold("O’Brien “x”"), "o'brien \"x\"");
  EXPECT_EQ(fold("二○○一"), "二〇〇一");
}

TEST(Fold, OtherScriptsKeepTheirLetters) {
  EXPECT_EQ(fold("བོད་"), "བོད་");
  EXPECT_EQ(fold("각"), "각");
  EXPECT_EQ(fold("ガ"), "ガ");
}

TEST(Fold, InvalidBytesBecomeReplacements) { EXPECT_EQ(fold("a\xFF\xE5z"), "a\uFFFD\uFFFDz"); }

TEST(Fold, IsIdempotentValidAndBoundedForEveryCharacter) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    std::string one;
    append(one, c);
    const std::string once = fold(one);
    ASSERT_EQ(fold(once), once) << std::hex << static_cast<uint32_t>(c);
    ASSERT_TRUE(valid_utf8(once));
    ASSERT_LE(once.size(), 4 * one.size());
  }
}

TEST(Fold, IsIdempotentForRandomText) {
  Random random(11);
  std::string bytes;
  for (int round = 0; round < 20000; ++round) {
    bytes.clear();
    for (uint64_t n = random.below(40); n > 0; --n) {
      if (random.chance(0.1)) {
        bytes.push_back(static_cast<char>(random.below(256)));
      } else {
        append(bytes, static_cast<char32_t>(random.chance(0.5) ? random.below(0x3100) : random.below(0x20000)));
      }
    }
    const std::string once = fold(bytes);
    EXPECT_EQ(fold(once), once);
    EXPECT_TRUE(once.empty() || (once.front() != ' ' && once.back() != ' '));
    EXPECT_EQ(once.find("  "), std::string::npos);
  }
}

TEST(Fold, IntoReusesTheString) {
  std::string out = "old";
  fold_into(std::string(400, 'A') + "張", out);
  EXPECT_EQ(out, std::string(400, 'a') + "张");
  fold_into("B", out);
  EXPECT_EQ(out, "b");
}

}  // namespace
}  // namespace zhili::text
