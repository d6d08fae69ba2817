#include "identity/sign_on_config.hpp"

#include <filesystem>
#include <set>
#include <span>
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/output_dir.hpp"
#include "identity/sign_on.hpp"
#include "identity/sign_on_keys.hpp"

namespace zhili::identity {
namespace {

constexpr std::string_view kLeast = R"(version: 1
issuer: https://sso.example
client_id: zhili
redirect_uri: https://zhili.example/callback
)";

TEST(SignOnConfig, ReadsEveryKey) {
  std::string pattern = (std::filesystem::temp_directory_path() / "zhili-signon-XXXXXX").string();
  const std::filesystem::path dir = ::mkdtemp(pattern.data());
  ASSERT_TRUE(write_file_atomically(dir / "secret", "s3cret\n"));
  const auto config = parse_sign_on(std::string(kLeast) + R"(client_secret_file: secret
scopes: [openid, profile, groups]
claims: {login: uid, name: cn, posts: groups}
posts:
  - {value: clerks, role: window_clerk, department: hall, area: "370102"}
  - {value: auditors, role: auditor}
second_factor: [otp, mfa]
create_accounts: true
)",
                                    dir / "sign_on.yaml");
  std::filesystem::remove_all(dir);
  ASSERT_TRUE(config) << config.error().text();
  EXPECT_EQ(config->client_secret, "s3cret");
  EXPECT_EQ(config->scopes.size(), 3U);
  EXPECT_EQ(config->login_claim, "uid");
  EXPECT_EQ(config->name_claim, "cn");
  EXPECT_EQ(config->posts_claim, "groups");
  ASSERT_EQ(config->posts.size(), 2U);
  EXPECT_EQ(config->posts[0].post, (Assignment{"window_clerk", "hall", "370102"}));
  EXPECT_EQ(config->posts[1].value, "auditors");
  EXPECT_EQ(config->second_factor.size(), 2U);
  EXPECT_TRUE(config->create_accounts);
}

TEST(SignOnConfig, TellsEachMistakeWithItsPlace) {
  EXPECT_TRUE(parse_sign_on(kLeast, "s.yaml"));
  const auto text = [](const std::string& yaml) {
    const auto config = parse_sign_on(yaml, "s.yaml");
    return config ? std::string() : config.error().text();
  };
  const std::string all = text(R"(version: 1
issuer: http://sso.example
client_id: zhili
redirect_url: https://zhili.example/callback
scopes: [profile]
posts: [{value: a, role: b c}]
)");
  for (const std::string_view part :
       {"s.yaml:2:9: issuer is not reached by https", "Unknown key 'redirect_url'", "has no 'redirect_uri'",
        "The scopes lack 'openid'", "No claim is named for the posts", "'b c' is no id"}) {
    EXPECT_NE(all.find(part), std::string::npos) << part << "\n" << all;
  }
  EXPECT_NE(text(""), "");
  EXPECT_NE(text("version: 2\n"), "");
  EXPECT_NE(text(std::string(kLeast) + "client_secret_file: nowhere\n"), "");
}

TEST(SignOnConfig, SecretsGoByHttpsOrStayHere) {
  for (const std::string_view safe : {"https://sso.example", "https://sso.example:8443/x?y", "http://127.0.0.1:9/x",
                                      "http://[::1]", "http://localhost/"}) {
    EXPECT_TRUE(is_safe_url(safe)) << safe;
  }
  for (const std::string_view bad :
       {"", "https://", "https:///x", "http://sso.example", "http://127.0.0.1.evil.example",
        "http://localhost:x@evil.example", "http://localhost@evil.example", "ftp://x", "file:///etc", "https://a b",
        "https://a#b", "https://a\nb"}) {
    EXPECT_FALSE(is_safe_url(bad)) << bad;
  }
}

TEST(SignOn, ClaimsBecomeAPerson) {
  SignOnConfig config;
  config.issuer = "https://sso.example";
  config.posts_claim = "groups";
  config.posts = {{"clerks", {"clerk", "d", "a"}}, {"staff", {"clerk", "d", "a"}}, {"bosses", {"boss", "", ""}}};
  config.second_factor = {"otp"};
  const boost::json::object claims{{"sub", "7"},
                                   {"preferred_username", "li"},
                                   {"name", "李"},
                                   {"groups", {"clerks", "staff", "x", 7}},
                                   {"amr", {"pwd", "otp"}}};
  const ExternalPerson person = person_of(claims, config);
  EXPECT_EQ(person.external_id, "https://sso.example|7");
  EXPECT_EQ(person.login, "li");
  EXPECT_EQ(person.name, "李");
  EXPECT_EQ(person.posts, (std::vector<Assignment>{{"clerk", "d", "a"}}));
  EXPECT_TRUE(person.second_factor);
  const ExternalPerson bare = person_of({{"sub", "7"}, {"groups", "bosses"}, {"amr", {"pwd"}}}, config);
  EXPECT_EQ(bare.login, "");
  EXPECT_EQ(bare.posts, (std::vector<Assignment>{{"boss", "", ""}}));
  EXPECT_FALSE(bare.second_factor);
  EXPECT_TRUE(person_of({{"sub", "7"}, {"acr", "otp"}}, config).second_factor);
}

TEST(SignOnSchema, HasTheKeysOfTheParser) {
  const auto bytes = read_file(std::filesystem::path(ZHILI_SOURCE_DIR) / "schemas/sign_on.schema.json", 1 << 20);
  ASSERT_TRUE(bytes);
  const boost::json::value schema = boost::json::parse(*bytes);
  const auto keys_at = [&](std::string_view pointer) {
    std::set<std::string> names;
    for (const auto& member : schema.at_pointer(pointer).as_object()) names.emplace(member.key());
    return names;
  };
  const auto names_of = [](std::span<const std::string_view> words) {
    return std::set<std::string>(words.begin(), words.end());
  };
  EXPECT_EQ(keys_at("/properties"), names_of(keys::kSignOn));
  EXPECT_EQ(keys_at("/properties/claims/properties"), names_of(keys::kClaims));
  EXPECT_EQ(keys_at("/properties/posts/items/properties"), names_of(keys::kPost));
}

}  // namespace
}  // namespace zhili::identity
