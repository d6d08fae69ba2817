#include "identity/area_tree.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/limits.hpp"
#include "base/random.hpp"

namespace zhili::identity {
namespace {

Area area(std::string id, std::string parent, std::string level = "level") {
  return {std::move(id), std::move(parent), std::move(level), {}, {}};
}

TEST(AreaTree, TakesAnyLevelsInAnyOrder) {
  const auto tree = AreaTree::create(
      {area("g1", "c1", "网格"), area("city", "", "市"), area("c1", "city", "社区"), area("island", "", "ward")});
  ASSERT_TRUE(tree) << tree.error().text();
  EXPECT_EQ(tree->path("g1"), "/city/c1/g1/");
  EXPECT_EQ(tree->path("island"), "/island/");
  EXPECT_EQ(tree->path("gone"), "");
  ASSERT_NE(tree->find("c1"), nullptr);
  EXPECT_EQ(tree->find("c1")->level, "社区");
  EXPECT_EQ(tree->areas().front().parent, "");
}

TEST(AreaTree, WithinIsTheAreaAndBelow) {
  const auto tree = AreaTree::create({area("a", ""), area("ab", ""), area("a1", "a"), area("a11", "a1")});
  ASSERT_TRUE(tree);
  EXPECT_TRUE(tree->within("a", "a"));
  EXPECT_TRUE(tree->within("a11", "a"));
  EXPECT_FALSE(tree->within("a", "a1"));
  EXPECT_FALSE(tree->within("ab", "a"));
  EXPECT_FALSE(tree->within("a11", "a1."));
  EXPECT_FALSE(tree->within("gone", "gone"));
  EXPECT_FALSE(tree->within("a", ""));
  EXPECT_FALSE(tree->within("", "a"));
}

TEST(AreaTree, RefusesWhatIsNoTree) {
  const auto problem = [](std::vector<Area> areas) {
    const auto tree = AreaTree::create(std::move(areas));
    return tree ? std::string() : tree.error().message;
  };
  EXPECT_NE(problem({area("a", "b")}).find("lies in 'b', which is not there"), std::string::npos);
  EXPECT_NE(problem({area("a", ""), area("a", "")}).find("is there twice"), std::string::npos);
  EXPECT_NE(problem({area("a", "a")}).find("lies deeper"), std::string::npos);
  EXPECT_NE(problem({area("a", "b"), area("b", "c"), area("c", "a")}).find("lies deeper"), std::string::npos);
  const std::string long_id(65, 'a');
  for (const char* bad : {"", "a/b", "a b", "区", "a%", "a'", long_id.c_str()}) {
    EXPECT_NE(problem({area(bad, "")}).find("has a bad id"), std::string::npos) << bad;
  }
  std::vector<Area> deep{area("0", "")};
  for (size_t i = 1; i <= limits::kAreaDepth; ++i) deep.push_back(area(std::to_string(i), std::to_string(i - 1)));
  EXPECT_NE(problem(deep).find("lies deeper than 16"), std::string::npos);
  deep.pop_back();
  EXPECT_EQ(problem(deep), "");
}

TEST(AreaTree, AgreesWithClimbingTheParents) {
  Random random(7);
  for (int round = 0; round < 50; ++round) {
    std::vector<Area> areas;
    std::vector<size_t> depth;
    for (size_t i = 0; i < 60; ++i) {
      const size_t parent = i == 0 ? 0 : random.below(i + 1);
      const bool root = parent == i || depth[parent] + 1 >= limits::kAreaDepth;
      areas.push_back(area(std::to_string(i), root ? "" : std::to_string(parent)));
      depth.push_back(root ? 0 : depth[parent] + 1);
    }
    const auto tree = AreaTree::create({areas.rbegin(), areas.rend()});
    ASSERT_TRUE(tree) << tree.error().text();
    for (const Area& low : areas) {
      for (const Area& high : areas) {
        const Area* at = &low;
        while (at->id != high.id && !at->parent.empty()) at = &areas[std::stoul(at->parent)];
        EXPECT_EQ(tree->within(low.id, high.id), at->id == high.id) << low.id << " in " << high.id;
      }
    }
  }
}

}  // namespace
}  // namespace zhili::identity
