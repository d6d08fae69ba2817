#include "catalog/in_force.hpp"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "catalog/test_catalog.hpp"

namespace zhili::catalog {
namespace {

class InForceTest : public CatalogStoreTest {
 protected:
  InForce in_force() { return {*store_, *log_, 7}; }
};

TEST_P(InForceTest, NotesEachTextThatIsNewDifferentOrGone) {
  EXPECT_EQ(*in_force().set({{"sample/pack.yaml", "a"}, {"policy.yaml", "p"}}), 2U);
  EXPECT_EQ(*in_force().set({{"sample/pack.yaml", "a"}, {"policy.yaml", "p"}}), 0U);
  now_ += 1000;
  EXPECT_EQ(*in_force().set({{"policy.yaml", "q"}, {"sample/pack.yaml", "a"}}), 1U);
  EXPECT_EQ(*in_force().set({{"policy.yaml", "q"}}), 1U);
  EXPECT_EQ(*in_force().set({{"policy.yaml", "q"}}), 0U);
  EXPECT_EQ(*in_force().set({{"policy.yaml", "p"}, {"sample/pack.yaml", "a"}}), 2U);  // Both are back.

  const auto policy = in_force().versions("policy.yaml");
  ASSERT_TRUE(policy) << policy.error().text();
  ASSERT_EQ(policy->size(), 3U);
  EXPECT_EQ((*policy)[0].text, "p");
  EXPECT_EQ((*policy)[1].text, "q");
  EXPECT_EQ((*policy)[1].since, now_.load());
  EXPECT_EQ((*policy)[2].number, 1);
  const auto pack = in_force().versions("sample/pack.yaml");
  ASSERT_EQ(pack->size(), 3U);
  EXPECT_EQ((*pack)[1].text, std::nullopt);
  EXPECT_EQ(in_force().versions("other").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(*in_force().ids(), (std::vector<std::string>{"policy.yaml", "sample/pack.yaml"}));

  const auto told = entries();
  ASSERT_EQ(told.size(), 6U);
  EXPECT_NE(told[2].find(R"("action":"remove")"), std::string::npos) << told[2];
  EXPECT_NE(told[2].find("catalogue:sample_pack"), std::string::npos) << told[2];
  EXPECT_NE(told[3].find(R"("action":"change")"), std::string::npos) << told[3];
  EXPECT_NE(told[3].find((*policy)[1].entry), std::string::npos) << told[3];
}

TEST_P(InForceTest, IsEachAreasOwn) {
  EXPECT_EQ(*in_force().set({{"policy.yaml", "p"}}), 1U);
  const InForce other(*store_, *log_, 8);
  EXPECT_EQ(*other.set({{"policy.yaml", "q"}}), 1U);
  EXPECT_EQ((*in_force().versions("policy.yaml"))[0].text, "p");
}

// Two servers that start at once on one database, with the same files, note them once.
TEST_P(InForceTest, ServersThatStartTogetherNoteItOnce) {
  const std::vector<GoverningText> texts = {{"policy.yaml", "p"}, {"sample/pack.yaml", "a"}};
  std::vector<std::thread> servers;
  std::atomic<size_t> noted{0};
  servers.reserve(4);
  for (int i = 0; i < 4; ++i) {
    servers.emplace_back([&] {
      const auto changes = in_force().set(texts);
      EXPECT_TRUE(changes);
      if (changes) noted += *changes;
    });
  }
  for (auto& server : servers) server.join();
  EXPECT_EQ(noted, 2U);
  EXPECT_EQ(entries().size(), 2U);
}

ZHILI_ON_BOTH_ENGINES(InForceTest);

}  // namespace
}  // namespace zhili::catalog
