#include "identity/password.hpp"

#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "identity/login_name.hpp"
#include "identity/test_ground.hpp"

namespace zhili::identity {
namespace {

TEST(LoginName, ComesInOneForm) {
  EXPECT_EQ(login_name("LiSi")->text, "lisi");
  EXPECT_EQ(login_name("  ＬｉＳｉ０１ ")->text, "lisi01");
  EXPECT_EQ(login_name("李四.办公室")->text, "李四.办公室");
  EXPECT_EQ(login_name("li_si-1@street")->text, "li_si-1@street");
}

TEST(LoginName, RefusesLookAlikesAndWhatIsNoName) {
  for (const std::string bad :
       {"", "a", " ", "li si", "lіsi" /* Cyrillic i */, "ŀisi", "lisi\xE2\x80\x8B", "li\nsi", "li/si", "李四！",
        "Ｌｉ　Ｓｉ", "〇〇", "\xEF\xA4\x80\xEF\xA4\x80", "li\xff", "lı", "ﬁsh"}) {
    EXPECT_FALSE(login_name(bad)) << bad;
  }
  EXPECT_FALSE(login_name(std::string(limits::kLoginNameBytes + 1, 'a')));
  EXPECT_EQ(login_name("admin1")->skeleton, login_name("adminl")->skeleton);
  EXPECT_EQ(login_name("rnark")->skeleton, login_name("mark")->skeleton);
  EXPECT_NE(login_name("admin2")->skeleton, login_name("adminl")->skeleton);
}

TEST(Password, IsTheSameFromEveryKeyboard) {
  EXPECT_EQ(*prepare_password("caf\xC3\xA9"), *prepare_password("cafe\xCC\x81"));
  EXPECT_EQ(*prepare_password("一\xE3\x80\x80二"), *prepare_password("一 二"));
  EXPECT_NE(*prepare_password("Ａ"), *prepare_password("A"));
  EXPECT_FALSE(prepare_password("a\nb"));
  EXPECT_FALSE(prepare_password("\xff"));
  EXPECT_FALSE(prepare_password(std::string(limits::kPasswordBytes + 1, 'a')));
}

TEST(Password, RulesAreOfLengthAndUse) {
  const PasswordRules rules;
  const auto problem = [&](std::string_view password, std::string_view login = "lisi") {
    const Status status = check_new_password(password, login, rules);
    return status ? std::string() : status.error().message;
  };
  EXPECT_EQ(problem("correct horse battery"), "");
  EXPECT_EQ(problem("一片冰心在玉壶，洛阳亲友如相问"), "");
  EXPECT_EQ(problem("                a"), "");
  EXPECT_NE(problem("short enough"), "");
  EXPECT_NE(problem("一片冰心在玉壶"), "");
  EXPECT_NE(problem("passwordpassword"), "");
  EXPECT_NE(problem("PasswordPassword"), "");
  EXPECT_NE(problem("abcabcabcabcabcabc"), "");
  EXPECT_NE(problem("aaaaaaaaaaaaaaaaaaaa"), "");
  EXPECT_NE(problem("abcdefghijklmnopqrst"), "");
  EXPECT_NE(problem("12345678901234567890"), "");
  EXPECT_NE(problem("zhangsan-zhangsan2", "zhangsan"), "");
  EXPECT_FALSE(check_new_password("iloveyou", "lisi", {.shortest = 8}));
  EXPECT_FALSE(check_new_password("kx7!q", "lisi", {.shortest = 1}));  // The standard's least holds.
  EXPECT_TRUE(check_new_password("kx7!qv2m", "lisi", {.shortest = 8}));
}

TEST(PasswordHasher, NamesItsCosts) {
  SeededEntropy entropy(3);
  const auto hasher = PasswordHasher::create(entropy, {.memory_kib = 64, .passes = 1, .lanes = 1}).value();
  const std::string hash = hasher->hash("correct horse").value();
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$")) << hash;
  EXPECT_TRUE(*hasher->check("correct horse", hash));
  EXPECT_FALSE(*hasher->check("correct horsf", hash));
  EXPECT_FALSE(*hasher->check("", hash));
  EXPECT_FALSE(*hasher->check("correct horse\n", hash));
  EXPECT_FALSE(*hasher->check("correct horse", std::nullopt));
  EXPECT_NE(hasher->hash("correct horse").value(), hash);
  const auto dearer = PasswordHasher::create(entropy, {.memory_kib = 128, .passes = 1, .lanes = 1}).value();
  EXPECT_FALSE(hasher->is_outdated(hash));
  EXPECT_TRUE(dearer->is_outdated(hash));
  EXPECT_TRUE(*dearer->check("correct horse", hash));
  EXPECT_FALSE(PasswordHasher::create(entropy, {.memory_kib = 7, .passes = 1, .lanes = 1}));
  EXPECT_FALSE(PasswordHasher::create(entropy, {.memory_kib = 64, .passes = 0, .lanes = 1}));
  EXPECT_FALSE(hasher->check("x", "$argon2id$broken"));
}

TEST(PasswordHasher, ServesManyThreads) {
  SeededEntropy entropy(4);
  const auto hasher = PasswordHasher::create(entropy, {.memory_kib = 64, .passes = 1, .lanes = 1}).value();
  const std::string hash = hasher->hash("right").value();
  std::atomic<int> right{0};
  {
    std::vector<std::jthread> threads;
    threads.reserve(6);
    for (int t = 0; t < 6; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 20; ++i) right += *hasher->check(t % 2 == 0 ? "right" : "wrong", hash) ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(right, 60);
}

}  // namespace
}  // namespace zhili::identity
