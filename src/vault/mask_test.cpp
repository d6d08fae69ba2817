#include "vault/mask.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "text/utf8.hpp"

namespace zhili::vault {
namespace {

using catalog::MaskKind;
using catalog::ValueType;

TEST(Masks, EachKindHasItsForm) {
  EXPECT_EQ(mask(MaskKind::kName, "张三丰"), "张*丰");
  EXPECT_EQ(mask(MaskKind::kName, "张三"), "张*");
  EXPECT_EQ(mask(MaskKind::kName, "张"), "*");
  EXPECT_EQ(mask(MaskKind::kName, "欧阳小雪"), "欧**雪");
  EXPECT_EQ(mask(MaskKind::kIdNumber, "990101199001011237"), "9901**********1237");
  EXPECT_EQ(mask(MaskKind::kIdNumber, "99010119900101123X"), "9901**********123X");
  EXPECT_EQ(mask(MaskKind::kIdNumber, "护照123456"), "护*******");
  EXPECT_EQ(mask(MaskKind::kPhone, "13800001111"), "138****1111");
  EXPECT_EQ(mask(MaskKind::kPhone, "62345678"), "62*****8");
  EXPECT_EQ(mask(MaskKind::kPhone, "无"), "*");
  EXPECT_EQ(mask(MaskKind::kAddress, "东街街道人民路12号3栋501室"), "东街街道人民路***");
  EXPECT_EQ(mask(MaskKind::kAddress, "望湖家园3号"), "望*****");
  EXPECT_EQ(mask(MaskKind::kYear, "1990-01-01"), "1990");
  EXPECT_EQ(mask(MaskKind::kYear, "不详"), "****");
  EXPECT_EQ(mask(MaskKind::kFirst, "甲乙丙"), "甲**");
  EXPECT_EQ(mask(MaskKind::kNone, "甲乙丙"), "");
  EXPECT_EQ(mask(MaskKind::kName, ""), "");
}

TEST(Masks, NoCharacterIsHalved) {
  // A character beyond the first plane, and a mark on a letter.
  EXPECT_EQ(mask(MaskKind::kName, "𠮷田"), "𠮷*");
  EXPECT_EQ(mask(MaskKind::kName, "e\u0301a"), "e\u0301*");
  Random random(7);
  const std::u32string alphabet = U"张三é𠮷1a ·路号\u0301\u200d９";
  for (int round = 0; round < 20'000; ++round) {
    std::u32string chars;
    for (uint64_t i = random.below(12); i > 0; --i) chars += alphabet[random.below(alphabet.size())];
    const std::string value = text::encode(chars);
    for (const MaskKind kind : {MaskKind::kName, MaskKind::kIdNumber, MaskKind::kPhone, MaskKind::kAddress,
                                MaskKind::kYear, MaskKind::kFirst}) {
      const std::string masked = mask(kind, value);
      EXPECT_TRUE(text::valid_utf8(masked)) << value;
      if (!value.empty() && kind != MaskKind::kYear) {
        EXPECT_NE(masked.find('*'), std::string::npos) << value;
        EXPECT_NE(masked, value);
      }
    }
  }
}

TEST(Masks, SpellingsOfOneValueHaveOneForm) {
  EXPECT_EQ(standard_form(ValueType::kPhone, "+86 138-0000-1111"), standard_form(ValueType::kPhone, "13800001111"));
  EXPECT_EQ(standard_form(ValueType::kIdNumber, "９９0101 19900101 1237"), "990101199001011237");
  EXPECT_EQ(standard_form(ValueType::kPersonName, "張三 先生"), standard_form(ValueType::kPersonName, "张三"));
  EXPECT_EQ(standard_form(ValueType::kText, "ＡＢ　公司"), standard_form(ValueType::kText, "ab 公司"));
}

}  // namespace
}  // namespace zhili::vault
