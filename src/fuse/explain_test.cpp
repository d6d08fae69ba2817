#include "fuse/explain.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "fuse/evaluate.hpp"
#include "fuse/test_fusion.hpp"
#include "fuse/waterfall.hpp"
#include "fuse/wording.hpp"

namespace zhili::fuse {
namespace {

std::string person(int k, const std::string& name, const std::string& birth, const std::string& phone) {
  return fmt::format("{},{},{},{}\n", k, name, birth, phone);
}

/// Some hundred people of which every other stands in both files; plus the rows of a test.
TestFusion district(const std::string& settings, const std::string& more_a = {}, const std::string& more_b = {}) {
  std::string a = "nr,name,birth,phone\n";
  std::string b = a;
  Random random(11);
  for (int k = 0; k < 300; ++k) {
    const auto name = fmt::format("given{} family{}", random.below(40), random.below(60));
    const auto birth = fmt::format("19{:02}-{:02}-{:02}", random.below(90), 1 + random.below(12), 1 + random.below(28));
    const auto phone = fmt::format("138{:08}", random.below(100'000'000));
    a += person(k, name, birth, phone);
    if (k % 2 == 0) b += person(k, name, k % 6 == 0 ? "" : birth, phone);
  }
  return TestFusion(R"(version: 1
attributes:
  name: latin_name
  birth: date
  phone: {type: phone, identifying: false}
sources: [{id: a, file: a.csv, record_id: nr}, {id: b, file: b.csv, record_id: nr}]
blocking: [[name], [phone], [birth]]
)" + settings,
                    {{"a.csv", a + more_a}, {"b.csv", b + more_b}});
}

Explanation explained(Fusion& fusion, const Grouping& members, std::string_view a, std::string_view b,
                      const Decided& decided = {}) {
  const auto x = static_cast<uint32_t>(fusion.records().find(0, a).value_or(0));
  const auto y = static_cast<uint32_t>(fusion.records().find(1, b).value_or(0));
  const auto& of = fusion.clusters().of_record;
  return explain(fusion, x, y, decided, {of[x] == of[y], members.of(of[x]), members.of(of[y])},
                 rules_holding(fusion, x, y));
}

TEST(Explain, PartsAddUpToTheWeightOfThePair) {
  auto fusion = district("");
  ASSERT_TRUE(fusion && fusion.run());
  const auto members = group_by(fusion->clusters().of_record);
  LevelMemo memo(fusion->comparisons().size());
  Random random(3);
  for (int i = 0; i < 200; ++i) {
    const auto a = fmt::format("{}", random.below(300));
    const auto b = fmt::format("{}", 2 * random.below(150));
    const auto e = explained(*fusion, members, a, b);
    const auto& comparisons = fusion->comparisons();
    const float weight = fusion->scorer().weight(comparisons.row(e.a), comparisons.row(e.b), memo);
    EXPECT_NEAR(e.weight, weight, 1e-4);
    float sum = e.prior;
    for (const auto& part : e.parts) {
      sum += part.weight + part.rarity;
      EXPECT_NEAR(part.sum, sum, 1e-4);
      if (part.level == kMissing) {
        EXPECT_EQ(part.weight + part.rarity, 0);
      }
    }
    EXPECT_NEAR(e.probability, 1 / (1 + std::exp2(-e.weight)), 1e-6);
    EXPECT_EQ(e.brought, !e.rules.empty());
    EXPECT_EQ(e.name_a, "a:" + a);
  }
}

TEST(Explain, TellsALinkAndTheRulesThatFoundIt) {
  auto fusion = district("");
  ASSERT_TRUE(fusion && fusion.run());
  const auto members = group_by(fusion->clusters().of_record);
  const auto e = explained(*fusion, members, "2", "2");
  EXPECT_TRUE(e.one_entity);
  EXPECT_EQ(e.reason, Reason::kLinked);
  ASSERT_EQ(e.rules.size(), 3U);
  EXPECT_EQ(e.rules[1].rule, "phone");
  EXPECT_EQ(e.parts[2].raw_a, e.parts[2].raw_b);
  EXPECT_GT(e.parts[2].frequency, 1U);

  const auto found = find_rules_holding(*fusion, fusion->rules(), e.a, e.b);
  ASSERT_TRUE(found) << found.error().text();
  ASSERT_EQ(found->size(), 3U);
  EXPECT_FALSE((*found)[1].split);
  EXPECT_EQ((*found)[1].key, e.parts[2].standard_a);

  const auto apart = explained(*fusion, members, "2", "4");
  EXPECT_FALSE(apart.one_entity);
  EXPECT_EQ(apart.reason, Reason::kTooLight);
  EXPECT_TRUE(apart.rules.empty());
}

TEST(Explain, TellsWhatKeepsTwoRecordsApart) {
  auto fusion = district("");
  ASSERT_TRUE(fusion && fusion->read());
  const auto a = static_cast<uint32_t>(fusion->records().find(0, "2").value_or(0));
  const auto b = static_cast<uint32_t>(fusion->records().find(1, "2").value_or(0));
  const Decided decided{{}, {{b, a}}};
  ASSERT_TRUE(TestFusion::succeeded(fusion->block()) && TestFusion::succeeded(fusion->learn()) &&
              TestFusion::succeeded(fusion->score()) && TestFusion::succeeded(fusion->group(decided)));
  const auto members = group_by(fusion->clusters().of_record);
  const auto e = explained(*fusion, members, "2", "2", decided);
  EXPECT_FALSE(e.one_entity);
  EXPECT_EQ(e.reason, Reason::kBarred);
  EXPECT_EQ(e.barrier, Barrier::kDecision);
  EXPECT_GT(e.weight, e.threshold);
}

TEST(Explain, NamesTheIdentifyingAttribute) {
  // Two people who share all but the ID number, which is valid in both.
  std::string a = "nr,name,id\n";
  std::string b = a;
  for (int k = 0; k < 60; ++k) {
    a += fmt::format("{},given{} family{},\n", k, k, k % 7);
    b += fmt::format("{},given{} family{},\n", k, k, k % 7);
  }
  a += "x,ada lovelace,110101199003070134\n";
  b += "x,ada lovelace,110101199003070492\n";
  TestFusion fusion(R"(version: 1
sources: [{id: a, file: a.csv, record_id: nr}, {id: b, file: b.csv, record_id: nr}]
attributes: {name: latin_name, id: {type: id_number, identifying: true}}
blocking: [[name]]
)",
                    {{"a.csv", a}, {"b.csv", b}});
  ASSERT_TRUE(fusion && fusion.run());
  const auto members = group_by(fusion->clusters().of_record);
  const auto e = explained(*fusion, members, "x", "x");
  const auto& column = fusion->records().column(1);
  if (column.valid[column.value(e.a)] == 0 || column.valid[column.value(e.b)] == 0) {
    FAIL() << "the test's ID numbers are not valid";
  }
  EXPECT_EQ(e.reason, Reason::kBarred);
  EXPECT_EQ(e.barrier, Barrier::kIdentifying);
  EXPECT_EQ(e.barrier_attribute, 1U);
  EXPECT_NE(reason_text(*fusion, e).en.find("identifying"), std::string::npos);
}

TEST(Explain, FollowsTheChainOfOneEntity) {
  // p and r share nothing but q.
  auto fusion = district("", "p,zoe quist,1950-05-05,13900000001\nq,zoe quist,1950-05-05,13900000002\n",
                         "r,zoe quist,,13900000002\n");
  ASSERT_TRUE(fusion && fusion.run());
  const auto members = group_by(fusion->clusters().of_record);
  auto e = explained(*fusion, members, "p", "r");
  if (!e.one_entity || e.reason != Reason::kThroughOthers) {
    // The pair may be linked by itself; the chain is then asked for as if no rule had found it.
    const auto& of = fusion->clusters().of_record;
    ASSERT_EQ(of[e.a], of[e.b]);
    e = explain(*fusion, e.a, e.b, {}, {true, members.of(of[e.a]), members.of(of[e.b])}, {});
  }
  EXPECT_EQ(e.reason, Reason::kThroughOthers);
  ASSERT_EQ(e.chain.size(), 3U);
  EXPECT_EQ(e.chain.front().record, e.a);
  EXPECT_EQ(name_of_record(*fusion, e.chain[1].record), "a:q");
  EXPECT_EQ(e.chain.back().record, e.b);
  EXPECT_GT(e.chain[2].weight, 0);
}

TEST(Waterfall, IsAWholePicture) {
  auto fusion = district("", "x,<b>ada,1950-05-05,13900000001\n", "x,<b>ada,1950-05-05,13900000001\n");
  ASSERT_TRUE(fusion && fusion.run());
  const auto members = group_by(fusion->clusters().of_record);
  const auto e = explained(*fusion, members, "x", "x");
  const auto masked_one = draw_waterfall(*fusion, e, "w", {Language::kChinese, false}).standalone();
  EXPECT_TRUE(masked_one.starts_with("<?xml"));
  EXPECT_EQ(masked_one.find("13900000001"), std::string::npos);
  EXPECT_EQ(masked_one.find("<b>"), std::string::npos);
  EXPECT_NE(masked_one.find("先验"), std::string::npos);
  EXPECT_EQ(masked_one.find("prior"), std::string::npos);
  const auto both = draw_waterfall(*fusion, e, "w", {Language::kBoth, true}).inlined();
  EXPECT_NE(both.find("13900000001"), std::string::npos);
  EXPECT_NE(both.find("class=\"en\""), std::string::npos);
  EXPECT_EQ(both.find("http:"), std::string::npos);
}

}  // namespace
}  // namespace zhili::fuse
