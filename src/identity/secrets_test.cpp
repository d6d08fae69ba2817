#include <set>
#include <string>

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "identity/digest.hpp"
#include "identity/encoding.hpp"
#include "identity/entropy.hpp"
#include "identity/seal.hpp"
#include "identity/test_ground.hpp"
#include "identity/totp.hpp"

namespace zhili::identity {
namespace {

using crypto::CipherKind;

TEST(Encoding, FollowsTheExamplesOfRfc4648) {
  EXPECT_EQ(to_base32("foobar"), "mzxw6ytboi");
  EXPECT_EQ(to_base32("fooba"), "mzxw6ytb");
  EXPECT_EQ(to_base32(""), "");
  EXPECT_EQ(from_base32("MZXW-6YTB oi"), "foobar");
  EXPECT_EQ(to_base64url("\xff\xfe\xfd?"), "__79Pw");
  for (const std::string_view bad : {"m", "mz0w", "mzxw6ytbo9", "mzxw6yt="}) EXPECT_FALSE(from_base32(bad)) << bad;
  for (const std::string_view bad : {"_", "__79Pw==", "//79Pw", "__79Px", "__7 9Pw"}) {
    EXPECT_FALSE(from_base64url(bad)) << bad;
  }
}

TEST(Encoding, ComesBackAsItWent) {
  Random random(5);
  for (int round = 0; round < 500; ++round) {
    std::string bytes;
    for (uint64_t i = random.below(70); i > 0; --i) bytes += static_cast<char>(random.next());
    EXPECT_EQ(from_base32(to_base32(bytes)), bytes);
    EXPECT_EQ(from_base64url(to_base64url(bytes)), bytes);
  }
}

TEST(Digest, FollowsPublishedExamples) {
  EXPECT_EQ(to_hex(*sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  // RFC 4231, test case 2; RFC 2202, test case 2.
  EXPECT_EQ(to_hex(*hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(to_hex(*hmac_sha1("Jefe", "what do ya want for nothing?")), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  EXPECT_EQ(*hmac_sha256({}, "x"), *hmac_sha256("", "x"));
  EXPECT_TRUE(same_secret("abc", "abc"));
  EXPECT_FALSE(same_secret("abc", "abd"));
  EXPECT_FALSE(same_secret("abc", "abcd"));
}

TEST(Totp, FollowsTheExamplesOfRfc6238) {
  const std::string_view secret = "12345678901234567890";
  // Appendix B, SHA-1; the last six of its eight digits.
  EXPECT_EQ(*totp_code(secret, totp_step(59'000'000)), "287082");
  EXPECT_EQ(*totp_code(secret, totp_step(1'111'111'109'000'000)), "081804");
  EXPECT_EQ(*totp_code(secret, totp_step(1'111'111'111'000'000)), "050471");
  EXPECT_EQ(*totp_code(secret, totp_step(20'000'000'000'000'000)), "353130");
}

TEST(Totp, TakesEachCodeOnceAndNearItsTime) {
  const std::string_view secret = "12345678901234567890";
  const int64_t now = 1'800'000'010'000'000;
  const int64_t step = totp_step(now);
  const auto match = [&](int64_t of, int64_t last) { return *match_totp(secret, *totp_code(secret, of), now, last); };
  EXPECT_EQ(match(step, 0), step);
  EXPECT_EQ(match(step - 1, 0), step - 1);
  EXPECT_EQ(match(step + 1, 0), step + 1);
  EXPECT_EQ(match(step - 2, 0), std::nullopt);
  EXPECT_EQ(match(step + 2, 0), std::nullopt);
  EXPECT_EQ(match(step, step), std::nullopt);
  EXPECT_EQ(match(step - 1, step), std::nullopt);
  EXPECT_EQ(match(step + 1, step), step + 1);
  std::string spaced = *totp_code(secret, step);
  spaced.insert(3, " ");
  EXPECT_EQ(*match_totp(secret, spaced, now, 0), step);
  for (const std::string_view bad : {"", "1", "12345678", "abcdef"}) {
    EXPECT_EQ(*match_totp(secret, bad, now, 0), std::nullopt);
  }
}

TEST(Totp, GivesTelephonesAUrl) {
  EXPECT_EQ(totp_url("12345678901234567890", "智理", "li si"),
            "otpauth://totp/%E6%99%BA%E7%90%86:li%20si?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&"
            "issuer=%E6%99%BA%E7%90%86&algorithm=SHA1&digits=6&period=30");
}

TEST(Entropy, OfTheSystemDoesNotRepeat) {
  SystemEntropy entropy;
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) seen.insert(*new_id(entropy));
  EXPECT_EQ(seen.size(), 100U);
  EXPECT_EQ(seen.begin()->size(), 26U);
}

class Seals : public testing::TestWithParam<CipherKind> {
 protected:
  static SealKeys keys(const std::string& fills, CipherKind kind = GetParam()) {
    std::vector<std::string> all;
    all.reserve(fills.size());
    for (const char fill : fills) all.emplace_back(32, fill);
    return SealKeys::create(all, kind).value();
  }
};

TEST_P(Seals, OpensWithTheRightKeyAndContextOnly) {
  SeededEntropy entropy(2);
  const auto old_keys = keys("a");
  const auto both = keys("ba");
  const auto new_keys = keys("b");
  const std::string sealed = old_keys.seal(entropy, "secret", "of li").value();
  EXPECT_EQ(old_keys.open(sealed, "of li").value(), "secret");
  EXPECT_EQ(both.open(sealed, "of li").value(), "secret");
  EXPECT_FALSE(new_keys.open(sealed, "of li"));
  EXPECT_FALSE(old_keys.open(sealed, "of wang"));
  EXPECT_TRUE(new_keys.open(both.seal(entropy, "", "x").value(), "x"));
  EXPECT_NE(old_keys.seal(entropy, "secret", "of li").value(), sealed);
  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string bent = sealed;
    bent[i] = static_cast<char>(bent[i] ^ 1);
    EXPECT_FALSE(old_keys.open(bent, "of li")) << i;
    EXPECT_FALSE(old_keys.open(sealed.substr(0, i), "of li")) << i;
  }
  EXPECT_FALSE(SealKeys::create({}, GetParam()));
  EXPECT_FALSE(SealKeys::create({"short"}, GetParam()));
  EXPECT_EQ(both.blind("x").value(), new_keys.blind("x").value());
  EXPECT_NE(old_keys.blind("x").value(), new_keys.blind("x").value());
}

TEST_P(Seals, WhatTheOtherSchemeKeptIsStillKnown) {
  SeededEntropy entropy(3);
  const CipherKind other = GetParam() == CipherKind::kSm4 ? CipherKind::kAes256Gcm : CipherKind::kSm4;
  const auto now = keys("a");
  const auto then = keys("a", other);
  const std::string sealed = then.seal(entropy, "secret", "of li").value();
  EXPECT_EQ(now.open(sealed, "of li").value(), "secret");
  EXPECT_NE(now.seal(entropy, "secret", "of li")->front(), sealed.front());
  EXPECT_NE(now.blind("x").value(), then.blind("x").value());
  const std::string kept = then.hash("token").value();
  EXPECT_NE(now.hash("token").value(), kept);
  EXPECT_TRUE(SealKeys::fits(kept, "token").value());
  EXPECT_TRUE(SealKeys::fits(now.hash("token").value(), "token").value());
  EXPECT_FALSE(SealKeys::fits(kept, "other").value());
  EXPECT_FALSE(SealKeys::fits("", "token").value());
  const auto forms = now.hashes("token").value();
  EXPECT_EQ(forms[0], now.hash("token").value());
  EXPECT_EQ(forms[1], kept);
}

INSTANTIATE_TEST_SUITE_P(Kinds, Seals, testing::Values(CipherKind::kAes256Gcm, CipherKind::kSm4));

TEST(Seal, StaysWhatItWasInInstallationsThatAreThere) {
  const auto aes = SealKeys::create({std::string(32, 'k')}).value();
  // Reckoned by Python's hmac and cryptography from the form of the time before there was a choice.
  const auto kept = from_base64url("Aa3IHBM237-Vbm5ubm5ubm5ubm5uaIiIaivzBWwM12LGPebcWtcf1sqh4Q");
  EXPECT_EQ(aes.open(kept.value_or(""), "of li").value(), "secret");
  EXPECT_EQ(aes.blind("li").value(), "12957a51eafdf3e66fbcae337ec8229f2cea2507ca787995e42cfdfd28a7eaa2");
  EXPECT_EQ(aes.hash("abc").value(), sha256("abc").value());
}

}  // namespace
}  // namespace zhili::identity
