#include "text/phone.hpp"

#include <gtest/gtest.h>

namespace zhili::text {
namespace {

TEST(Phone, MobileNumbers) {
  for (const char* text :
       {"13812345678", "138 1234 5678", "138-1234-5678", "+86 138 1234 5678", "0086-13812345678", "8613812345678",
        "013812345678", "１３８１２３４５６７８", "手机:13812345678", "13812345678(本人)", "13812345678/13912345678",
        "13812345678 13912345678", "13812345678、62345678", "电话1：13812345678", "+8613812345678；", "(86)13812345678",
        "13812345678转1"}) {
    EXPECT_EQ(standardise_phone(text), "13812345678") << text;
  }
  EXPECT_TRUE(is_mobile("13812345678"));
  EXPECT_FALSE(is_mobile("02162345678"));
  EXPECT_FALSE(is_mobile("1381234567"));
  EXPECT_FALSE(is_mobile("1381234567x"));
}

TEST(Phone, LandlinesJoinTheAreaCode) {
  for (const char* text :
       {"021-62345678", "(021)62345678", "（021）6234-5678", "021 6234 5678", "02162345678", "+86 21 62345678",
        "0086-21-62345678", "021-62345678-801", "021-62345678转801", "021-62345678 ext 801", "021—62345678"}) {
    EXPECT_EQ(standardise_phone(text), "02162345678") << text;
  }
  EXPECT_EQ(standardise_phone("0512-6234567"), "05126234567");
  EXPECT_EQ(standardise_phone("0512-6234567-801"), "05126234567");
  EXPECT_EQ(standardise_phone("0512-62345678"), "051262345678");
  EXPECT_EQ(standardise_phone("62345678-801"), "62345678");
  EXPECT_EQ(standardise_phone("62345678"), "62345678");
}

TEST(Phone, ServiceAndForeignNumbers) {
  EXPECT_EQ(standardise_phone("400-820-8820"), "4008208820");
  EXPECT_EQ(standardise_phone("95588"), "95588");
  EXPECT_EQ(standardise_phone("(410) 555-1234"), "4105551234");
  EXPECT_EQ(standardise_phone("+44 20 7946 0958"), "00442079460958");
  EXPECT_EQ(standardise_phone("00852-12345678"), "0085212345678");
}

TEST(Phone, HopelessOnesAreEmpty) {
  for (const char* text : {"", "无", "不详", "110", "-", "00000000000", "11111111111", "1234567890123456789", "12-3"}) {
    EXPECT_EQ(standardise_phone(text), "") << text;
  }
}

TEST(Phone, StandardFormStaysAsItIs) {
  for (const char* text : {"13812345678", "02162345678", "051262345678", "62345678", "4008208820", "00442079460958"}) {
    EXPECT_EQ(standardise_phone(text), text);
  }
}

}  // namespace
}  // namespace zhili::text
