#include "fuse/block.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/random.hpp"
#include "fuse/pairs.hpp"
#include "fuse/test_fusion.hpp"

namespace zhili::fuse {
namespace {

/// A file of records with few values a column, some of them missing.
std::string random_records(uint64_t seed, int rows, int values) {
  Random random(seed);
  std::string out = "id,a,b,words\n";
  for (int i = 0; i < rows; ++i) {
    const auto cell = [&](char letter) {
      return random.chance(0.1) ? std::string() : fmt::format("{}{}", letter, random.below(values));
    };
    std::string words;
    for (uint64_t w = random.below(9); w > 0; --w)
      words += fmt::format("w{} ", random.below(uint64_t{3} * static_cast<uint64_t>(values)));
    out += fmt::format("{},{},{},{}\n", i, cell('a'), cell('b'), words);
  }
  return out;
}

constexpr const char* kConfig = R"(
version: 1
sources: [{{id: s, file: s.csv, record_id: id}}]
attributes: {{a: text, b: text, words: text}}
max_block: {}
blocking: [{}]
)";

using Pairs = std::map<std::pair<uint32_t, uint32_t>, int>;

Pairs walked(Fusion& fusion, bool each_once) {
  Pairs pairs;
  Pairs some;
  PairWalker walker(fusion.blocks(), fusion.records(), fusion.allowed());
  for (const auto& task : cut_into_tasks(fusion.blocks(), 7)) {
    walker.walk_rows(task, each_once, [&](const PairRow& row) {
      for (uint32_t k = 0; k < row.count; ++k) {
        EXPECT_LT(row.members[row.i], row.members[row.begin + k]);
        if (row.skip[k] == 0) ++pairs[{row.members[row.i], row.members[row.begin + k]}];
      }
    });
    const auto wanted = [](uint32_t a, uint32_t b) { return (a + b) % 3 == 0; };
    walker.walk(task, each_once, wanted, [&](uint32_t a, uint32_t b) { ++some[{a, b}]; });
  }
  for (const auto& [pair, times] : pairs) {
    const bool is_wanted = (pair.first + pair.second) % 3 == 0;
    EXPECT_EQ(some[pair], is_wanted ? times : 0);
  }
  return pairs;
}

/// Whether two records agree in a rule of plain keys and at most one key over words (their kKeysOfRecord rarest).
bool agree(Fusion& fusion, const BlockingRule& rule, uint32_t a, uint32_t b) {
  for (const auto& part : rule.parts) {
    const auto& column = fusion.records().column(part.attribute);
    if (part.transform == KeyTransform::kTokens) {
      const auto& words = fusion.projections().words(part.attribute);
      const auto x = words.keys_of(column.value(a));
      const auto y = words.keys_of(column.value(b));
      if (std::ranges::find_first_of(x, y) == x.end()) return false;
    } else if (column.value(a) == 0 || column.value(a) != column.value(b)) {
      return false;
    }
  }
  return true;
}

TEST(Blocks, GiveEachPairThatARuleFindsExactlyOnce) {
  for (const auto* rules :
       {"[a]", "[a], [b]", "[a, b], [a], [b]", "[words.tokens], [a]", "[words.tokens, a], [b], [words.tokens]"}) {
    for (uint64_t seed = 1; seed <= 5; ++seed) {
      TestFusion fusion(fmt::format(kConfig, 100000, rules), {{"s.csv", random_records(seed, 120, 9)}});
      ASSERT_TRUE(TestFusion::succeeded(fusion->read()));
      ASSERT_TRUE(TestFusion::succeeded(fusion->block()));
      const auto pairs = walked(*fusion, true);
      for (uint32_t a = 0; a < 120; ++a) {
        for (uint32_t b = a + 1; b < 120; ++b) {
          const bool found =
              std::ranges::any_of(fusion->rules(), [&](const auto& rule) { return agree(*fusion, rule, a, b); });
          const auto entry = pairs.find({a, b});
          ASSERT_EQ(entry == pairs.end() ? 0 : entry->second, found ? 1 : 0)
              << rules << " seed " << seed << " " << a << "," << b;
        }
      }
    }
  }
}

TEST(Blocks, SplitWhatIsTooLargeAndCountWhatTheyGiveUp) {
  TestFusion fusion(fmt::format(kConfig, 10, "[a]"), {{"s.csv", random_records(3, 300, 4)}});
  ASSERT_TRUE(TestFusion::succeeded(fusion->read()));
  ASSERT_TRUE(TestFusion::succeeded(fusion->block()));
  const auto& rule = fusion->blocks().rules()[0];
  EXPECT_EQ(rule.large_count, 4U);
  ASSERT_EQ(rule.large.size(), 4U);
  EXPECT_LE(rule.largest, 10U);
  uint64_t whole = 0;
  for (const auto& large : rule.large) {
    whole += large.pairs;
    EXPECT_FALSE(large.split_by.empty());
    EXPECT_EQ(large.key.substr(0, 1), "a");
  }
  EXPECT_EQ(whole, rule.pairs + rule.pairs_given_up);
  const auto pairs = walked(*fusion, true);
  EXPECT_EQ(pairs.size(), rule.pairs);
  for (const auto& [pair, times] : pairs) EXPECT_EQ(times, 1);
}

TEST(Blocks, PairOnlyWhatTheLinkModeAllows) {
  const std::string yaml = R"(
version: 1
link: {}
sources:
  - {{id: one, file: one.csv, record_id: id}}
  - {{id: two, file: two.csv, record_id: id, unique: true}}
attributes: {{a: text, b: text}}
blocking: [[a]]
)";
  const std::string rows = "id,a,b\n1,x,p\n2,x,q\n3,x,p\n";
  const std::map<std::string, size_t> expected{{"link", 9}, {"dedupe", 3}, {"both", 12}};
  for (const auto& [mode, count] : expected) {
    TestFusion fusion(fmt::format(fmt::runtime(yaml), mode), {{"one.csv", rows}, {"two.csv", rows}});
    ASSERT_TRUE(TestFusion::succeeded(fusion->read()));
    ASSERT_TRUE(TestFusion::succeeded(fusion->block()));
    EXPECT_EQ(walked(*fusion, true).size(), count) << mode;
    EXPECT_EQ(fusion->allowed().count(fusion->records().sources()), static_cast<double>(count)) << mode;
  }
}

}  // namespace
}  // namespace zhili::fuse
