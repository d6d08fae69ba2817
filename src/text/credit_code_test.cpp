#include "text/credit_code.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace zhili::text {
namespace {

/// What was read, or an empty code that is wrong in every way.
CreditCode read(std::string_view text) { return parse_credit_code(text).value_or(CreditCode{}); }

// The example of GB 32100-2015, and codes that listed companies publish in their reports.
TEST(CreditCode, PublishedCodes) {
  for (const char* code : {"91350100M000100Y43", "91110000802100433B", "914403001922038216", "9144030071526726XG",
                           "91330100799655058B", "91110108551385082Q"}) {
    const CreditCode parsed = read(code);
    EXPECT_TRUE(parsed.valid()) << code;
    EXPECT_EQ(parsed.code, code);
    EXPECT_FALSE(parsed.corrected);
  }
  const CreditCode parsed = read("914403001922038216");
  EXPECT_EQ(parsed.division(), "440300");
  EXPECT_EQ(parsed.organisation_code(), "192203821");
  EXPECT_EQ(parsed.department(), '9');
  EXPECT_EQ(parsed.category(), '1');
}

TEST(CreditCode, SpellingsOfOneCode) {
  for (const char* text : {"9144 0300 7152 6726 xg", "９１４４０３００７１５２６７２６ＸＧ", "91440300-71526726X-G",
                           "9144O3OO7I526726XG"}) {
    const CreditCode parsed = read(text);
    EXPECT_EQ(parsed.code, "9144030071526726XG");
    EXPECT_TRUE(parsed.valid());
  }
  EXPECT_TRUE(read("9144O30071526726XG").corrected);
}

TEST(CreditCode, WrongOnesAreTold) {
  EXPECT_FALSE(read("91350100M000100Y44").checksum_ok);
  EXPECT_FALSE(read("91350100M000101Y43").organisation_ok);
  for (const char* text : {"", "无", "91350100M000100Y4", "91350100M000100Y433", "91350100M000100S43",
                           "9135A100M000100Y43", "91350100M000100Y4!"}) {
    EXPECT_FALSE(parse_credit_code(text)) << text;
  }
  EXPECT_EQ(credit_check_char("91350100M000100Z4"), '?');
}

TEST(CreditCode, OrganisationCodes) {
  // D2143569-X is the example of GB 11714-1997.
  EXPECT_TRUE(organisation_code_ok("D2143569X"));
  EXPECT_TRUE(organisation_code_ok("D2143569-X"));
  EXPECT_TRUE(organisation_code_ok("192203821"));
  EXPECT_FALSE(organisation_code_ok("192203822"));
  EXPECT_FALSE(organisation_code_ok("19220382"));
  EXPECT_FALSE(organisation_code_ok("1922038a1"));
  EXPECT_EQ(organisation_check_char("123"), '?');
}

TEST(CreditCode, RegistrationNumbers) {
  EXPECT_TRUE(registration_number_ok("440301103097413"));
  EXPECT_FALSE(registration_number_ok("440301103097414"));
  EXPECT_FALSE(registration_number_ok("44030110309741"));
  EXPECT_FALSE(registration_number_ok("44030110309741X"));
}

TEST(CreditCode, SingleErrorsAreFound) {
  static constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  Random random(9);
  for (int round = 0; round < 2000; ++round) {
    std::string code = "91";
    for (int i = 0; i < 6; ++i) code += static_cast<char>('0' + random.below(10));
    for (int i = 0; i < 8; ++i) code += random.pick(kAlphabet);
    code += organisation_check_char(std::string_view(code).substr(8));
    code += credit_check_char(code);
    ASSERT_TRUE(read(code).valid()) << code;
    std::string wrong = code;
    const size_t at = 8 + random.below(9);
    do wrong[at] = random.pick(kAlphabet);
    while (wrong[at] == code[at]);
    EXPECT_FALSE(read(wrong).checksum_ok) << wrong;
  }
}

}  // namespace
}  // namespace zhili::text
