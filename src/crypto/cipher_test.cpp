#include "crypto/cipher.hpp"

#include <gtest/gtest.h>

namespace zhili::crypto {
namespace {

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return out;
}

TEST(Cipher, DigestsAreThoseOfTheStandards) {
  EXPECT_EQ(hex(*digest(CipherKind::kAes256Gcm, "abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  // GB/T 32905, appendix A.1.
  EXPECT_EQ(hex(*digest(CipherKind::kSm4, "abc")), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
}

TEST(Cipher, MacsAreThoseOfTheStandards) {
  // RFC 4231, test case 2.
  auto mac = Mac::create(CipherKind::kAes256Gcm, "Jefe");
  ASSERT_TRUE(mac);
  for (int again = 0; again < 2; ++again) {
    EXPECT_EQ(hex(*mac->run({"what do ya want ", "for nothing?"})),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  }
  auto sm = Mac::create(CipherKind::kSm4, {});
  ASSERT_TRUE(sm);
  EXPECT_EQ(*sm->run({"x"}), *Mac::create(CipherKind::kSm4, "")->run({"x"}));
  EXPECT_NE(*sm->run({"x"}), *Mac::create(CipherKind::kAes256Gcm, "")->run({"x"}));
}

class Aeads : public testing::TestWithParam<CipherKind> {
 protected:
  static Aead aead(char fill = 'k') {
    return Aead::create(GetParam(), std::string(sizes_of(GetParam()).key, fill), std::string(32, fill)).value();
  }
  static std::string head() { return "v" + std::string(sizes_of(GetParam()).nonce, 'n'); }
};

TEST_P(Aeads, OpensWhatWasSealedAndNothingElse) {
  const std::string sealed = aead().seal(head(), "whose", "secret").value();
  const size_t before = head().size();
  EXPECT_EQ(sealed.size(), before + 6 + sizes_of(GetParam()).tag);
  EXPECT_EQ(sealed.find("secret"), std::string::npos);
  EXPECT_EQ(aead().open(before, "whose", sealed).value(), "secret");
  EXPECT_EQ(aead().open(before, "another's", sealed).error().code, ErrorCode::kInput);
  EXPECT_EQ(aead('o').open(before, "whose", sealed).error().code, ErrorCode::kInput);
  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string bent = sealed;
    bent[i] = static_cast<char>(bent[i] ^ 1);
    EXPECT_FALSE(aead().open(before, "whose", bent)) << i;
    EXPECT_FALSE(aead().open(before, "whose", sealed.substr(0, i))) << i;
  }
  EXPECT_EQ(aead().open(before, "", aead().seal(head(), "", "").value()).value(), "");
  EXPECT_FALSE(aead().seal("", "", "no nonce"));
  EXPECT_FALSE(Aead::create(GetParam(), "short", "short"));
}

INSTANTIATE_TEST_SUITE_P(Kinds, Aeads, testing::Values(CipherKind::kAes256Gcm, CipherKind::kSm4));

}  // namespace
}  // namespace zhili::crypto
