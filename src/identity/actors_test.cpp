#include "identity/actors.hpp"

#include <gtest/gtest.h>

#include "identity/api_keys.hpp"
#include "identity/test_ground.hpp"

namespace zhili::identity {
namespace {

class ActorsTest : public GroundTest {
 protected:
  void SetUp() override {
    GroundTest::SetUp();
    if (IsSkipped()) return;
    Directory directory(ground());
    ASSERT_TRUE(directory.set_areas(AreaTree::create({{"a", "", "区", "", ""}}).value(), ""));
    ASSERT_TRUE(directory.set_departments({{"civil", "", "", ""}, {"tax", "", "", ""}}, ""));
    lin_ = make("linjing", "林静");
    min_ = make("zhoumin", "周敏 100%");
    const std::string key = ApiKeys(ground()).issue("Tax_System", {"device", "tax", "a"}, now() + kDay, "").value();
    key_ = key.substr(0, key.find('.'));
    for (const char* department : {"tax", "civil"}) {
      ASSERT_TRUE(accounts().give_post(lin_, {{"window_clerk", department, "a"}, std::nullopt}, ""));
    }
    ASSERT_TRUE(accounts().give_post(lin_, {{"resident", "", ""}, std::nullopt}, ""));
  }

  std::string make(const std::string& login, const std::string& name) {
    return accounts().create(login, name, "").value_or("");
  }
  std::string found(std::string_view text, size_t limit = 9) {
    std::string out;
    const auto all = find_actors(ground(), text, limit);
    EXPECT_TRUE(all) << all.error().text();
    for (const NamedActor& one : *all) out += one.name + ";";
    return out;
  }

  std::string lin_;
  std::string min_;
  std::string key_;
};
ZHILI_ON_BOTH_ENGINES(ActorsTest);

TEST_P(ActorsTest, AreFoundByPartsOfTheirNames) {
  EXPECT_EQ(found("静"), "林静;");
  EXPECT_EQ(found("ZHOU"), "周敏 100%;");
  EXPECT_EQ(found("tax_s"), "Tax_System;");
  EXPECT_EQ(found("nobody"), "");
  EXPECT_EQ(found("", 2).empty(), false);
  const auto two = find_actors(ground(), "", 2);
  ASSERT_TRUE(two);
  EXPECT_EQ(two->size(), 2U);
  const auto lin = find_actors(ground(), "林静", 1);
  ASSERT_TRUE(lin);
  EXPECT_EQ(lin->front(), (NamedActor{lin_, "林静", {"civil", "tax"}}));
  const auto key = find_actors(ground(), "Tax", 1);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->front(), (NamedActor{key_, "Tax_System", {"tax"}}));
}

TEST_P(ActorsTest, SignsOfPatternsAreNoPatterns) {
  EXPECT_EQ(found("%"), "周敏 100%;");
  EXPECT_EQ(found("_"), "Tax_System;");
  EXPECT_EQ(found("!"), "");
  EXPECT_EQ(found("' OR 1=1 --"), "");
}

TEST_P(ActorsTest, OfADepartmentStayThoughTheyLeft) {
  ASSERT_TRUE(accounts().set_state(lin_, AccountState::kClosed, ""));
  ASSERT_TRUE(ApiKeys(ground()).revoke(key_, ""));
  const auto tax = actors_of(ground(), "tax");
  ASSERT_TRUE(tax);
  EXPECT_EQ(*tax, (std::set<std::string, std::less<>>{lin_, key_}));
  const auto none = actors_of(ground(), "none");
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->empty());
}

}  // namespace
}  // namespace zhili::identity
