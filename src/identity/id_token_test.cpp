#include "identity/id_token.hpp"

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/limits.hpp"
#include "base/random.hpp"
#include "identity/digest.hpp"
#include "identity/test_signer.hpp"

namespace zhili::identity {
namespace {

constexpr int64_t kNow = 1'800'000'000;  // Seconds.
constexpr SignatureKind kKinds[] = {SignatureKind::kRs256, SignatureKind::kEs256, SignatureKind::kEdDsa};

TokenDemands demands() { return {"https://sso.example", "zhili", "nonce-1", kNow * 1'000'000}; }

boost::json::object good_claims() {
  return {{"iss", "https://sso.example"},
          {"sub", "li"},
          {"aud", "zhili"},
          {"exp", kNow + 300},
          {"iat", kNow - 10},
          {"nonce", "nonce-1"}};
}

/// The message of what is wrong, or nothing.
std::string problem(const std::string& token, const KeySet& keys) {
  const auto parsed = parse_token(token);
  if (!parsed) return parsed.error().message;
  if (!is_signed(*parsed, keys)) return "not signed";
  const Status status = check_claims(*parsed, demands());
  return status ? std::string() : status.error().message;
}

std::string problem_with(const std::function<void(boost::json::object&)>& change) {
  static const TestSigner signer(SignatureKind::kEdDsa, "k");
  boost::json::object claims = good_claims();
  change(claims);
  return problem(signer.token(boost::json::serialize(claims)), KeySet::parse(signer.key_set()).value());
}

TEST(IdToken, HoldsWithEachKindOfSignature) {
  for (const SignatureKind kind : kKinds) {
    const TestSigner signer(kind, "k");
    const auto keys = KeySet::parse(signer.key_set());
    ASSERT_TRUE(keys) << keys.error().text();
    ASSERT_EQ(keys->keys().size(), 1U);
    const std::string token = signer.token(boost::json::serialize(good_claims()));
    EXPECT_EQ(problem(token, *keys), "");
    // Of the same kind and name, and another's.
    const TestSigner forger(kind, "k");
    EXPECT_EQ(problem(forger.token(boost::json::serialize(good_claims())), *keys), "not signed");
    EXPECT_EQ(problem(token, KeySet()), "not signed");
  }
}

TEST(IdToken, NoBitOfItCanBeChanged) {
  Random random(9);
  for (const SignatureKind kind : kKinds) {
    const TestSigner signer(kind, "k");
    const auto keys = KeySet::parse(signer.key_set()).value();
    const std::string token = signer.token(boost::json::serialize(good_claims()));
    for (int round = 0; round < 200; ++round) {
      std::string bent = token;
      const size_t at = random.below(bent.size());
      bent[at] = static_cast<char>(bent[at] ^ (1 << random.below(7)));
      EXPECT_NE(problem(bent, keys), "") << at;
    }
    for (const size_t length : {size_t{0}, token.size() / 2, token.size() - 1}) {
      EXPECT_NE(problem(token.substr(0, length), keys), "");
    }
  }
}

TEST(IdToken, UnsignedAndKeyedHashesAreRefused) {
  const TestSigner signer(SignatureKind::kRs256, "k");
  const auto keys = KeySet::parse(signer.key_set()).value();
  const std::string claims = boost::json::serialize(good_claims());
  for (const std::string_view algorithm : {"none", "None", "HS256", "RS384", "PS256", "ES384", "", "rs256"}) {
    const std::string header = fmt::format(R"({{"alg":"{}","kid":"k"}})", algorithm);
    EXPECT_NE(problem(signer.token_with(header, claims), keys).find("is not signed by"), std::string::npos)
        << algorithm;
    EXPECT_NE(problem(to_base64url(header) + "." + to_base64url(claims) + ".", keys), "");
  }
  EXPECT_NE(problem(signer.token_with(R"({"kid":"k"})", claims), keys), "");
  // The public key as the secret of a keyed hash.
  const std::string text = to_base64url(R"({"alg":"HS256","kid":"k"})") + "." + to_base64url(claims);
  EXPECT_NE(problem(text + "." + to_base64url(hmac_sha256(signer.key_set(), text).value()), keys), "");
  EXPECT_NE(problem(signer.token_with(R"({"alg":"RS256","kid":"k","crit":["x"]})", claims), keys), "");
  EXPECT_NE(problem(signer.token_with(R"({"alg":"RS256","alg":"RS256","kid":"k"})", claims), keys), "");
  EXPECT_NE(problem(signer.token_with(R"({"alg":"RS256","kid":7})", claims), keys), "");
  // A key of another kind does not serve.
  EXPECT_EQ(problem(signer.token_with(R"({"alg":"ES256","kid":"k"})", claims), keys), "not signed");
  // Without a name of a key, each of the kind is tried.
  EXPECT_EQ(problem(signer.token_with(R"({"alg":"RS256"})", claims), keys), "");
}

TEST(IdToken, EachClaimIsHeldAgainstWhatWeDemand) {
  const auto says = [](const std::function<void(boost::json::object&)>& change, std::string_view part) {
    const std::string text = problem_with(change);
    EXPECT_NE(text.find(part), std::string::npos) << "expected " << part << ", got: " << text;
  };
  EXPECT_EQ(problem_with([](auto&) {}), "");
  says([](auto& c) { c["iss"] = "https://evil.example"; }, "'iss'");
  says([](auto& c) { c["iss"] = "https://sso.example/"; }, "'iss'");
  says([](auto& c) { c.erase("iss"); }, "'iss'");
  says([](auto& c) { c["sub"] = ""; }, "'sub'");
  says([](auto& c) { c["sub"] = std::string(256, 's'); }, "'sub'");
  says([](auto& c) { c["sub"] = 7; }, "'sub'");
  says([](auto& c) { c["aud"] = "other"; }, "'aud'");
  says([](auto& c) { c["aud"] = boost::json::array{"other"}; }, "'aud'");
  says([](auto& c) { c["aud"] = boost::json::array{}; }, "'aud'");
  says([](auto& c) { c["aud"] = boost::json::array{"zhili", 7}; }, "'aud'");
  says([](auto& c) { c["aud"] = boost::json::array{"zhili", "other"}; }, "'azp'");
  says([](auto& c) { c["azp"] = "other"; }, "'azp'");
  says([](auto& c) { c["azp"] = 7; }, "'azp'");
  says([](auto& c) { c["exp"] = kNow - 60; }, "'exp'");
  says([](auto& c) { c["exp"] = "soon"; }, "'exp'");
  says([](auto& c) { c["exp"] = 1e300; }, "'exp'");
  says([](auto& c) { c.erase("exp"); }, "'exp'");
  says([](auto& c) { c["iat"] = kNow + 61; }, "'iat'");
  says([](auto& c) { c.erase("iat"); }, "'iat'");
  says([](auto& c) { c["nbf"] = kNow + 61; }, "'nbf'");
  says([](auto& c) { c["nbf"] = "now"; }, "'nbf'");
  says([](auto& c) { c["nonce"] = "nonce-2"; }, "'nonce'");
  says([](auto& c) { c.erase("nonce"); }, "'nonce'");
  for (const auto& fine : std::vector<std::function<void(boost::json::object&)>>{
           [](auto& c) { c["aud"] = boost::json::array{"zhili"}; }, [](auto& c) { c["azp"] = "zhili"; },
           [](auto& c) {
             c["aud"] = boost::json::array{"other", "zhili"};
             c["azp"] = "zhili";
           },
           [](auto& c) { c["exp"] = kNow - 59; }, [](auto& c) { c["exp"] = kNow + 0.5; },
           [](auto& c) { c["iat"] = kNow + 60; }, [](auto& c) { c["nbf"] = kNow + 60; }}) {
    EXPECT_EQ(problem_with(fine), "");
  }
}

TEST(IdToken, DoubledNamesAreRefused) {
  const TestSigner signer(SignatureKind::kEdDsa, "k");
  const auto keys = KeySet::parse(signer.key_set()).value();
  std::string claims = boost::json::serialize(good_claims());
  claims.insert(1, R"("aud":"other",)");
  EXPECT_NE(problem(signer.token(claims), keys).find("has a name twice"), std::string::npos);
  // Colons within texts are none of names.
  boost::json::object colons = good_claims();
  colons["name"] = "a:b\":c\\";
  EXPECT_EQ(problem(signer.token(boost::json::serialize(colons)), keys), "");
}

TEST(IdToken, LimitsHold) {
  const auto large = parse_token(std::string(limits::kIdTokenBytes + 1, 'a'));
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, ErrorCode::kLimit);
  const std::string deep = std::string(40, '[') + std::string(40, ']');
  const std::string token = to_base64url(R"({"alg":"RS256"})") + "." + to_base64url(R"({"a":)" + deep + "}") + ".AA";
  EXPECT_FALSE(parse_token(token));
  for (const std::string_view bad : {"", ".", "..", "...", "a.b", "e30.e30.", "W10.e30.AA", "e30.W10.AA"}) {
    EXPECT_FALSE(parse_token(bad)) << bad;
  }
}

TEST(KeySet, TakesWhatItKnowsAndPassesOverTheRest) {
  const TestSigner rsa(SignatureKind::kRs256, "r");
  const TestSigner ed(SignatureKind::kEdDsa, "e");
  boost::json::object for_secrets = rsa.jwk();
  for_secrets["use"] = "enc";
  boost::json::object other_algorithm = rsa.jwk();
  other_algorithm["alg"] = "PS256";
  const boost::json::object hmac{{"kty", "oct"}, {"k", "c2VjcmV0"}, {"kid", "h"}};
  const boost::json::object curve{{"kty", "EC"}, {"crv", "P-384"}, {"x", "AA"}, {"y", "AA"}};
  const auto text = TestSigner::key_set_of({rsa.jwk(), hmac, for_secrets, other_algorithm, curve, ed.jwk()});
  const auto set = KeySet::parse(text);
  ASSERT_TRUE(set) << set.error().text();
  EXPECT_EQ(set->keys().size(), 2U);
  EXPECT_EQ(set->candidates("r", SignatureKind::kRs256).size(), 1U);
  EXPECT_EQ(set->candidates("r", SignatureKind::kEdDsa).size(), 0U);
  EXPECT_EQ(set->candidates("", SignatureKind::kEdDsa).size(), 1U);
  EXPECT_EQ(set->candidates("x", SignatureKind::kEdDsa).size(), 0U);
}

TEST(KeySet, BrokenAndShortKeysAreRefused) {
  const auto refuses = [](const boost::json::object& jwk) {
    return !KeySet::parse(TestSigner::key_set_of({jwk})).has_value();
  };
  EXPECT_TRUE(refuses(TestSigner(SignatureKind::kRs256, "k", 1024).jwk()));
  boost::json::object beside = TestSigner(SignatureKind::kEs256, "k").jwk();
  beside["y"] = beside["x"];
  EXPECT_TRUE(refuses(beside));
  boost::json::object even = TestSigner(SignatureKind::kRs256, "k").jwk();
  even["e"] = "Ag";
  EXPECT_TRUE(refuses(even));
  even["e"] = "AQ";
  EXPECT_TRUE(refuses(even));
  boost::json::object no_number = TestSigner(SignatureKind::kEdDsa, "k").jwk();
  no_number["x"] = "!";
  EXPECT_TRUE(refuses(no_number));
  no_number.erase("x");
  EXPECT_TRUE(refuses(no_number));
  for (const std::string_view bad : {"", "[]", "{}", R"({"keys":7})", R"({"keys":[7]})", R"({"keys":[],"keys":[]})"}) {
    EXPECT_FALSE(KeySet::parse(bad)) << bad;
  }
  const auto set = KeySet::parse(TestSigner::key_set_of(std::vector<boost::json::object>(limits::kProviderKeys + 1)));
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().code, ErrorCode::kLimit);
}

}  // namespace
}  // namespace zhili::identity
