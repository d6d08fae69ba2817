#include "fuse/review.hpp"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "fuse/made_up_people.hpp"
#include "fuse/test_fusion.hpp"

namespace zhili::fuse {
namespace {

using Pair = std::pair<uint32_t, uint32_t>;

class ReviewTest : public testing::Test {
 protected:
  static std::unique_ptr<TestFusion> people(const std::string& more = "", const Decided& decided = {}) {
    const MadeUpPeople made(400, 0.4);
    auto fusion = std::make_unique<TestFusion>(MadeUpPeople::yaml() + more,
                                               std::initializer_list<std::pair<std::string, std::string>>{
                                                   {"police.csv", made.police}, {"clinic.csv", made.clinic}});
    EXPECT_TRUE(fusion->run(decided));
    return fusion;
  }
  static ReviewList find(TestFusion& fusion, const Decided& decided = {}) {
    auto list = find_review(*fusion, Membership(fusion->clusters()), decided);
    EXPECT_TRUE(list) << list.error().text();
    return list ? std::move(*list) : ReviewList{};
  }
  static bool together(TestFusion& fusion, const Edge& edge) {
    return fusion->clusters().of_record[edge.a] == fusion->clusters().of_record[edge.b];
  }
};

TEST_F(ReviewTest, ListsTheGreyZoneAndWhatWasCut) {
  const auto fusion = people();
  const auto list = find(*fusion);
  std::set<Pair> expected;
  for (const auto& edge : (*fusion)->scored().edges) {
    const double chance = probability(edge.weight);
    const bool grey = chance >= 0.1 && chance <= 0.9;
    if (grey || (chance >= 0.5 && !together(*fusion, edge))) expected.insert({edge.a, edge.b});
  }
  std::set<Pair> listed;
  for (const auto& pair : list.pairs) listed.insert({pair.a, pair.b});
  EXPECT_GT(expected.size(), 10U);
  EXPECT_EQ(listed, expected);
  EXPECT_EQ(list.found, expected.size());
}

TEST_F(ReviewTest, PutsFirstWhatADecisionChangesMost) {
  const auto fusion = people();
  const auto list = find(*fusion);
  const Membership membership((*fusion)->clusters());
  EXPECT_TRUE(std::ranges::is_sorted(list.pairs, std::greater<>{}, &ReviewPair::gain));
  std::set<Pair> entities;
  for (const auto& pair : list.pairs) {
    const uint32_t a = (*fusion)->clusters().of_record[pair.a];
    const uint32_t b = (*fusion)->clusters().of_record[pair.b];
    const uint64_t size = membership.size(a);
    EXPECT_EQ(pair.together, a == b);
    EXPECT_GE(pair.pairs, 1U);
    if (a == b) {
      EXPECT_LE(pair.pairs, size * size / 4);
    } else if (entities.insert(std::minmax(a, b)).second) {
      EXPECT_EQ(pair.pairs, size * membership.size(b));  // The first of the two entities' pairs has all at stake.
    } else {
      EXPECT_EQ(pair.pairs, 1U);
    }
  }
}

TEST_F(ReviewTest, LeavesOutWhatIsDecided) {
  const auto open = find(*people());
  ASSERT_GT(open.pairs.size(), 4U);
  Decided decided;
  decided.same.emplace_back(open.pairs[0].a, open.pairs[0].b);
  decided.different.emplace_back(open.pairs[1].a, open.pairs[1].b);
  const auto fusion = people("", decided);
  EXPECT_EQ(count_broken(decided, (*fusion)->clusters()), 0U);
  for (const auto& pair : find(*fusion, decided).pairs) {
    EXPECT_NE(Pair(pair.a, pair.b), decided.same[0]);
    EXPECT_NE(Pair(pair.a, pair.b), decided.different[0]);
  }
}

TEST_F(ReviewTest, SaysWhatKeepsALinkedPairApart) {
  const std::string header = "id,name,number,birth,phone\n";
  // Two people with one name, birth date and telephone, and two valid numbers.
  std::string rows =
      "1,anna berg,990101199003071237,1990-03-07,13800001111\n2,anna berg,990101199003070031,1990-03-07,13800001111\n";
  Random random(3);
  for (int i = 3; i < 300; ++i) {
    rows += fmt::format("{},{} {},,19{:02}-01-{:02},139{:08}\n", i, "abcdefghij"[i % 10], 1000 + i / 2,
                        random.below(90) + 10, random.below(28) + 1, random.below(100'000'000));
  }
  TestFusion fusion(
      "version: 1\nsources: [{id: s, file: s.csv, record_id: id}]\n"
      "attributes: {name: latin_name, number: id_number, birth: date, phone: phone}\nblocking: [phone, birth, name]\n",
      {{"s.csv", header + rows}});
  ASSERT_TRUE(fusion.run());
  const auto list = find(fusion);
  const auto found = std::ranges::find_if(list.pairs, [](const ReviewPair& p) { return p.a == 0 && p.b == 1; });
  ASSERT_NE(found, list.pairs.end());
  EXPECT_EQ(found->doubt, Doubt::kConflict);
  EXPECT_FALSE(found->together);
  EXPECT_EQ(reason(*found, *fusion), "linked, but both have a valid number and they differ");
}

TEST_F(ReviewTest, ReadsWhatItWrites) {
  const auto fusion = people();
  auto list = find(*fusion);
  ScratchDir dir;
  const auto path = dir.path() / "review.csv";
  std::vector<EntityId> ids;
  ids.reserve((*fusion)->clusters().count);
  for (uint32_t c = 0; c < (*fusion)->clusters().count; ++c) ids.push_back({c + 1});
  const auto written = write_review(path, list, **fusion, ids);
  ASSERT_TRUE(written) << written.error().text();
  std::vector<ReviewLine> lines;
  const auto read = read_review(path, 2, [&](ReviewLine line) {
    lines.push_back(std::move(line));
    return lines.size() < 3;
  });
  ASSERT_TRUE(read) << read.error().text();
  ASSERT_EQ(lines.size(), 3U);
  for (size_t i = 0; i < lines.size(); ++i) {
    const auto& pair = list.pairs[i + 1];
    EXPECT_EQ(lines[i].number, i + 2);
    EXPECT_EQ(lines[i].a.record, (*fusion)->records().id(pair.a));
    EXPECT_EQ(lines[i].b.record, (*fusion)->records().id(pair.b));
    EXPECT_EQ(lines[i].together, pair.together);
    EXPECT_EQ(lines[i].pairs, std::to_string(pair.pairs));
    ASSERT_EQ(lines[i].attributes, (std::vector<std::string>{"name", "birth", "phone"}));
    const auto& name = (*fusion)->records().column(0);
    EXPECT_EQ(lines[i].values_a[0], name.raws[name.raw[pair.a]]);
    EXPECT_EQ(lines[i].values_b[0], name.raws[name.raw[pair.b]]);
  }
}

TEST_F(ReviewTest, RefusesAnotherTable) {
  ScratchDir dir;
  dir.write("review.csv", "a,b\n1,2\n");
  EXPECT_FALSE(read_review(dir.path() / "review.csv", 1, [](const ReviewLine&) { return true; }));
}

}  // namespace
}  // namespace zhili::fuse
