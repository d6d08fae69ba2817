#include "identity/accounts.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "identity/encoding.hpp"
#include "identity/test_ground.hpp"
#include "identity/totp.hpp"

namespace zhili::identity {
namespace {

class DirectoryTest : public GroundTest {
 protected:
  AreaTree tree(std::vector<Area> areas) { return AreaTree::create(std::move(areas)).value(); }
  Directory directory() { return Directory(ground()); }
};
ZHILI_ON_BOTH_ENGINES(DirectoryTest);

TEST_P(DirectoryTest, KeepsAreasAndDepartments) {
  ASSERT_TRUE(
      directory().set_areas(tree({{"g1", "c1", "网格", "一网格", "grid 1"}, {"c1", "", "社区", "社区", "c"}}), "me"));
  const auto areas = directory().areas();
  ASSERT_TRUE(areas) << areas.error().text();
  EXPECT_EQ(areas->path("g1"), "/c1/g1/");
  EXPECT_EQ(areas->find("g1")->name_zh, "一网格");
  EXPECT_EQ(areas->find("g1")->level, "网格");
  const std::vector<Department> list{{"health", "卫健", "Health", "c1"}, {"police", "公安", "Police", ""}};
  const Status set = directory().set_departments(list, "me");
  ASSERT_TRUE(set) << set.error().text();
  EXPECT_EQ(*directory().departments(), list);
  EXPECT_EQ(events(), (std::vector<std::string>{"areas_set me ", "departments_set me "}));
}

TEST_P(DirectoryTest, KeepsOutlinesOfAreasThatAreThere) {
  ASSERT_TRUE(directory().set_areas(tree({{"a", "", "x", "", ""}, {"b", "a", "x", "", ""}}), ""));
  ASSERT_TRUE(directory().set_shapes({{"b", "{}"}, {"elsewhere", "{}"}, {"a", "[1]"}}, "me"));
  EXPECT_EQ(*directory().shapes(), (std::vector<AreaShape>{{"a", "[1]"}, {"b", "{}"}}));
  ASSERT_TRUE(directory().set_areas(tree({{"a", "", "x", "", ""}}), ""));
  EXPECT_EQ(*directory().shapes(), (std::vector<AreaShape>{{"a", "[1]"}}));
}

TEST_P(DirectoryTest, RefusesWhatWouldLeaveLooseEnds) {
  ASSERT_TRUE(directory().set_areas(tree({{"a", "", "x", "", ""}, {"b", "a", "x", "", ""}}), ""));
  ASSERT_TRUE(directory().set_departments({{"d", "", "", "b"}}, ""));
  const std::string id = make_account("lisi");
  ASSERT_TRUE(accounts().give_post(id, {{"clerk", "d", "b"}, {}}, ""));
  const auto code = [](const Status& status) { return status ? ErrorCode::kCancelled : status.error().code; };
  EXPECT_EQ(code(directory().set_areas(tree({{"a", "", "x", "", ""}}), "")), ErrorCode::kConstraint);
  EXPECT_EQ(code(directory().set_departments({}, "")), ErrorCode::kConstraint);
  EXPECT_EQ(code(directory().set_departments({{"d", "", "", "nowhere"}}, "")), ErrorCode::kInput);
  EXPECT_EQ(code(directory().set_departments({{"a b", "", "", ""}}, "")), ErrorCode::kInput);
  EXPECT_EQ(code(directory().set_departments({{"d", "", "", ""}, {"d", "", "", ""}}, "")), ErrorCode::kConflict);
  // Nothing of that was done.
  EXPECT_TRUE(directory().areas()->has("b"));
  EXPECT_EQ(directory().departments()->size(), 1U);
}

class AccountsTest : public GroundTest {
 protected:
  void SetUp() override {
    GroundTest::SetUp();
    if (IsSkipped()) return;
    Directory directory(ground());
    ASSERT_TRUE(directory.set_areas(AreaTree::create({{"a", "", "区", "", ""}}).value(), ""));
    ASSERT_TRUE(directory.set_departments({{"d", "", "", ""}}, ""));
  }
  static ErrorCode code(const Status& status) { return status ? ErrorCode::kCancelled : status.error().code; }
};
ZHILI_ON_BOTH_ENGINES(AccountsTest);

TEST_P(AccountsTest, AreListedAPageAtATime) {
  for (const char* login : {"wangwu", "lisi", "mali"}) ASSERT_TRUE(accounts().create(login, login, ""));
  const auto logins = [&](std::string_view after, size_t limit) {
    std::vector<std::string> out;
    const auto page = accounts().list(after, limit);
    for (const Account& account : *page) out.push_back(account.login);
    return out;
  };
  EXPECT_EQ(logins("", 2), (std::vector<std::string>{"lisi", "mali"}));
  EXPECT_EQ(logins("mali", 2), (std::vector<std::string>{"wangwu"}));
  EXPECT_TRUE(logins("wangwu", 2).empty());
}

TEST_P(AccountsTest, AreMadeOnce) {
  const auto id = accounts().create("ＬiSi", "李四", "admin");
  ASSERT_TRUE(id) << id.error().text();
  const auto account = accounts().find_login(" lisi ");
  ASSERT_TRUE(account) << account.error().text();
  EXPECT_EQ(account->id, *id);
  EXPECT_EQ(account->login, "lisi");
  EXPECT_EQ(account->name, "李四");
  EXPECT_EQ(account->state, AccountState::kActive);
  EXPECT_FALSE(account->has_password);
  EXPECT_FALSE(account->has_second_factor);
  EXPECT_EQ(last_event(), "account_created admin " + *id);
  for (const std::string_view like : {"lisi", "LISI", "1isi", "li5i"}) {
    const auto again = accounts().create(like, "", "");
    if (like == "li5i") {
      EXPECT_TRUE(again) << like;
    } else {
      ASSERT_FALSE(again) << like;
      EXPECT_EQ(again.error().code, ErrorCode::kConflict);
    }
  }
  EXPECT_EQ(accounts().find("nobody").error().code, ErrorCode::kNotFound);
}

TEST_P(AccountsTest, AChangeWithoutItsEventIsNotMade) {
  sink_.refuse = true;
  const auto id = accounts().create("lisi", "", "");
  ASSERT_FALSE(id);
  EXPECT_EQ(id.error().code, ErrorCode::kIo);
  sink_.refuse = false;
  EXPECT_EQ(accounts().find_login("lisi").error().code, ErrorCode::kNotFound);
}

TEST_P(AccountsTest, KeepNoPasswordInClear) {
  const std::string id = make_account("lisi");
  EXPECT_EQ(last_event(), "password_set  " + id);
  EXPECT_TRUE(accounts().find(id)->has_password);
  const auto rows = store_->query("SELECT password FROM account");
  ASSERT_TRUE(rows);
  EXPECT_TRUE((*rows)[0].text(0).starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
  EXPECT_EQ(code(accounts().set_password(id, "short", "")), ErrorCode::kInput);
  EXPECT_EQ(code(accounts().set_password("nobody", kGoodPassword, "")), ErrorCode::kNotFound);
}

TEST_P(AccountsTest, AreLockedOpenedAndClosed) {
  const std::string id = make_account("lisi");
  ASSERT_TRUE(accounts().set_state(id, AccountState::kLocked, "admin"));
  EXPECT_EQ(accounts().find(id)->state, AccountState::kLocked);
  EXPECT_EQ(last_event(), "account_locked admin " + id);
  ASSERT_TRUE(accounts().set_state(id, AccountState::kActive, "admin"));
  EXPECT_EQ(last_event(), "account_unlocked admin " + id);
  ASSERT_TRUE(accounts().set_state(id, AccountState::kClosed, "admin"));
  EXPECT_EQ(code(accounts().set_state(id, AccountState::kActive, "admin")), ErrorCode::kConstraint);
  EXPECT_EQ(code(accounts().set_state("nobody", AccountState::kActive, "")), ErrorCode::kNotFound);
  EXPECT_EQ(code(accounts().give_post(id, {{"clerk", "", ""}, {}}, "")), ErrorCode::kNotFound);
}

TEST_P(AccountsTest, HoldPostsUntilTheyEnd) {
  const std::string id = make_account("lisi");
  const Assignment clerk{"clerk", "d", "a"};
  const Assignment guest{"guest", "", ""};
  ASSERT_TRUE(accounts().give_post(id, {clerk, {}}, "admin"));
  EXPECT_EQ(last_event(), "post_given admin " + id);
  ASSERT_TRUE(accounts().give_post(id, {guest, now() + kHour}, "admin"));
  const auto current = [&] {
    auto snapshot = store_->read().value();
    return current_posts(snapshot, id, now()).value();
  };
  EXPECT_EQ(current(), (std::vector<Assignment>{clerk, guest}));
  wait(kHour);
  EXPECT_EQ(current(), std::vector<Assignment>{clerk});
  EXPECT_EQ(accounts().posts(id)->size(), 2U);
  ASSERT_TRUE(accounts().give_post(id, {guest, {}}, "admin"));
  EXPECT_EQ(current().size(), 2U);
  ASSERT_TRUE(accounts().take_post(id, clerk, "admin"));
  EXPECT_EQ(current(), std::vector<Assignment>{guest});
  EXPECT_EQ(code(accounts().take_post(id, clerk, "admin")), ErrorCode::kNotFound);
  EXPECT_EQ(code(accounts().give_post(id, {{"clerk", "d", "nowhere"}, {}}, "")), ErrorCode::kConstraint);
  EXPECT_EQ(code(accounts().give_post(id, {{"clerk", "nobody", "a"}, {}}, "")), ErrorCode::kConstraint);
  EXPECT_EQ(code(accounts().give_post(id, {{"", "d", "a"}, {}}, "")), ErrorCode::kInput);
  EXPECT_EQ(code(accounts().give_post("nobody", {clerk, {}}, "")), ErrorCode::kNotFound);
  Status given;
  for (size_t i = 0; i < limits::kPostsOfAccount && given; ++i) {
    given = accounts().give_post(id, {{fmt::format("role{}", i), "", ""}, {}}, "");
  }
  EXPECT_EQ(code(given), ErrorCode::kLimit);
  EXPECT_EQ(accounts().posts(id)->size(), limits::kPostsOfAccount);
}

TEST_P(AccountsTest, OneIdAtTheProviderIsOneAccount) {
  const std::string id = make_account("lisi");
  const std::string other = make_account("wangwu");
  ASSERT_TRUE(accounts().set_external_id(id, "https://sso.example|7", "admin"));
  EXPECT_EQ(accounts().find_external("https://sso.example|7")->id, id);
  EXPECT_EQ(code(accounts().set_external_id(other, "https://sso.example|7", "")), ErrorCode::kConflict);
  ASSERT_TRUE(accounts().set_external_id(id, "", "admin"));
  EXPECT_FALSE(accounts().find_external("https://sso.example|7"));
  EXPECT_FALSE(accounts().find_external(""));
}

TEST_P(AccountsTest, TheSecondFactorsSecretIsSealed) {
  const std::string id = make_account("lisi");
  EXPECT_FALSE(accounts().confirm_second_factor(id, "123456", ""));
  const auto factor = accounts().begin_second_factor(id, "智理");
  ASSERT_TRUE(factor) << factor.error().text();
  const std::string secret = from_base32(factor->secret).value_or("");
  const auto rows = store_->query("SELECT totp FROM account");
  EXPECT_EQ((*rows)[0].bytes(0).find(secret), std::string_view::npos);
  EXPECT_FALSE(accounts().find(id)->has_second_factor);
  const auto wrong = accounts().confirm_second_factor(id, "000000", "");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::kInput);
  const auto codes = accounts().confirm_second_factor(id, *totp_code(secret, totp_step(now())), "");
  ASSERT_TRUE(codes) << codes.error().text();
  EXPECT_EQ(codes->size(), 10U);
  EXPECT_EQ(codes->front().size(), 19U);
  EXPECT_TRUE(accounts().find(id)->has_second_factor);
  EXPECT_EQ(last_event(), fmt::format("second_factor_set {} {}", id, id));
  const auto hashes = store_->query("SELECT hash FROM recovery_code");
  ASSERT_EQ(hashes->size(), 10U);
  for (const store::Row row : *hashes) EXPECT_EQ(row.bytes(0).size(), 32U);
  // A second one would silently take the first one's place.
  const auto again = accounts().begin_second_factor(id, "智理");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kConstraint);
  ASSERT_TRUE(accounts().remove_second_factor(id, "admin"));
  EXPECT_FALSE(accounts().find(id)->has_second_factor);
  EXPECT_TRUE(store_->query("SELECT hash FROM recovery_code")->empty());
  EXPECT_TRUE(accounts().begin_second_factor(id, "智理"));
}

}  // namespace
}  // namespace zhili::identity
