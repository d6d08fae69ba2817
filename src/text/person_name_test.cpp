#include "text/person_name.hpp"

#include <gtest/gtest.h>

namespace zhili::text {
namespace {

TEST(PersonName, ChineseSpellings) {
  for (const char* text :
       {"张三", " 张  三 ", "張三", "张　三", "张三先生", "张三 女士", "张三（曾用名李四）", "张三(户主)", "姓名：张三",
        "张三/李四", "张三、李四", "张三2", "张三(1)", "张三老师", "张三[已迁出]", "张三：本人", "“张三”", "张三."}) {
    EXPECT_EQ(parse_chinese_name(text).full, "张三") << text;
  }
}

TEST(PersonName, SurnameGivenAndPinyin) {
  const ChineseName plain = parse_chinese_name("曾國藩");
  EXPECT_EQ(plain.surname, "曾");
  EXPECT_EQ(plain.given, "国藩");
  EXPECT_EQ(plain.pinyin, "zeng guofan");
  const ChineseName compound = parse_chinese_name("歐陽 修");
  EXPECT_EQ(compound.surname, "欧阳");
  EXPECT_EQ(compound.given, "修");
  const ChineseName one = parse_chinese_name("王先生");
  EXPECT_EQ(one.full, "王");
  EXPECT_EQ(one.surname, "王");
  EXPECT_EQ(one.given, "");
}

TEST(PersonName, MinorityNames) {
  for (const char* text : {"阿卜杜·热合曼", "阿卜杜•热合曼", "阿卜杜.热合曼", "阿卜杜・热合曼", "阿卜杜 · 热合曼",
                           "阿卜杜。热合曼", "阿卜杜··热合曼", "·阿卜杜·热合曼·"}) {
    const ChineseName name = parse_chinese_name(text);
    EXPECT_EQ(name.full, "阿卜杜·热合曼") << text;
    EXPECT_EQ(name.surname, "");
    EXPECT_EQ(name.pinyin, "abudu reheman");
  }
}

TEST(PersonName, NoNameIsEmpty) {
  for (const char* text : {"", "无", "不详", "未知", "(无)", "  "})
    EXPECT_EQ(parse_chinese_name(text).full, "") << text;
}

TEST(PersonName, LatinNamesInAChineseColumn) {
  const ChineseName name = parse_chinese_name("Mr. JOHN SMITH");
  EXPECT_EQ(name.full, "john smith");
  EXPECT_EQ(name.surname, "");
  EXPECT_EQ(name.pinyin, "john smith");
}

TEST(PersonName, LatinSpellings) {
  for (const char* text : {"john smith", "Mr John SMITH", "Dr. John Smith, Jr.", "JOHN  SMITH III", "Sir John Smith",
                           "john smith, 1st baronet", "Prof. Dr. John Smith PhD", "John (Jack) Smith"}) {
    EXPECT_EQ(standardise_latin_name(text), "john smith") << text;
  }
  EXPECT_EQ(standardise_latin_name("Smith, John", true), "john smith");
  EXPECT_EQ(standardise_latin_name("Smith, John"), "smith john");
  EXPECT_EQ(standardise_latin_name("O'Brien-Müller"), "obrien muller");
  EXPECT_EQ(standardise_latin_name("Sir"), "sir");
  EXPECT_EQ(standardise_latin_name("Ma Jr"), "ma");
  EXPECT_EQ(standardise_latin_name(""), "");
  EXPECT_EQ(standardise_latin_name("..."), "");
}

TEST(PersonName, StandardFormStaysAsItIs) {
  for (const char* text : {"张三", "欧阳修", "阿卜杜·热合曼", "john smith", "obrien muller"}) {
    EXPECT_EQ(parse_chinese_name(parse_chinese_name(text).full).full, parse_chinese_name(text).full);
  }
}

TEST(PersonName, LongTextIsCut) { EXPECT_EQ(parse_chinese_name(std::string(3000, 'x') + "张").surname, ""); }

}  // namespace
}  // namespace zhili::text
