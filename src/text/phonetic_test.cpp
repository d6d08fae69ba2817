#include "text/phonetic.hpp"

#include <gtest/gtest.h>

namespace zhili::text {
namespace {

// Examples of the US National Archives' page on the Soundex indexing system.
TEST(Phonetic, SoundexOfTheNationalArchives) {
  EXPECT_EQ(soundex("Washington"), "W252");
  EXPECT_EQ(soundex("Lee"), "L000");
  EXPECT_EQ(soundex("Gutierrez"), "G362");
  EXPECT_EQ(soundex("Pfister"), "P236");
  EXPECT_EQ(soundex("Jackson"), "J250");
  EXPECT_EQ(soundex("Tymczak"), "T522");
  EXPECT_EQ(soundex("Ashcraft"), "A261");
  EXPECT_EQ(soundex("VanDeusen"), "V532");
  EXPECT_EQ(soundex("Robert"), soundex("Rupert"));
  EXPECT_EQ(soundex("Honeyman"), "H555");
  EXPECT_EQ(soundex("O'Brien"), "O165");
  EXPECT_EQ(soundex("Müller"), "M460");
  EXPECT_EQ(soundex(""), "");
  EXPECT_EQ(soundex("123"), "");
}

TEST(Phonetic, MetaphoneByItsRules) {
  EXPECT_EQ(metaphone("Smith"), "SM0");
  EXPECT_EQ(metaphone("Smyth"), "SM0");
  EXPECT_EQ(metaphone("Thompson"), "0MPSN");
  EXPECT_EQ(metaphone("Knight"), "NT");
  EXPECT_EQ(metaphone("Night"), "NT");
  EXPECT_EQ(metaphone("Philip"), "FLP");
  EXPECT_EQ(metaphone("Filip"), "FLP");
  EXPECT_EQ(metaphone("Schmidt"), "SKMTT");
  EXPECT_EQ(metaphone("Xavier"), "SFR");
  EXPECT_EQ(metaphone("Wright"), "RT");
  EXPECT_EQ(metaphone("Whitman"), "WTMN");
  EXPECT_EQ(metaphone("Lamb"), "LM");
  EXPECT_EQ(metaphone("Bridge"), "BRJ");
  EXPECT_EQ(metaphone("Catherine"), metaphone("Katherine"));
  EXPECT_EQ(metaphone("Jackson"), "JKSN");
  EXPECT_EQ(metaphone("Max"), "MKS");
  EXPECT_EQ(metaphone("Bell"), "BL");
  EXPECT_EQ(metaphone("Science"), "SNS");
  EXPECT_EQ(metaphone("Match"), "MX");
  EXPECT_EQ(metaphone("Patricia"), "PTRX");
  EXPECT_EQ(metaphone("Ghost"), "KST");
  EXPECT_EQ(metaphone("Sign"), "SN");
  EXPECT_EQ(metaphone("Anna"), "AN");
  EXPECT_EQ(metaphone(""), "");
  EXPECT_EQ(metaphone("张三"), "");
}

}  // namespace
}  // namespace zhili::text
