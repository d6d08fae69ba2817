#include "fuse/cluster.hpp"

#include <algorithm>
#include <map>

#include "base/random.hpp"
#include "fuse/test_fusion.hpp"

namespace zhili::fuse {
namespace {

/// Persons, each with a few records that lose or change a letter here and there.
std::string persons(uint64_t seed, int count, int copies, std::vector<int>* truth = nullptr) {
  Random random(seed);
  const auto word = [&](int letters) {
    std::string out;
    for (int i = 0; i < letters; ++i) out += static_cast<char>('a' + random.below(26));
    return out;
  };
  std::string out = "id,name,town,birth,number\n";
  int id = 0;
  for (int p = 0; p < count; ++p) {
    const auto name = word(6) + " " + word(8);
    const auto town = fmt::format("town{}", random.below(20));
    const auto birth =
        fmt::format("{}-{:02}-{:02}", 1940 + random.below(60), 1 + random.below(12), 1 + random.below(28));
    const auto number = fmt::format("{}", 100000 + p);
    for (int c = 0; c < copies; ++c) {
      auto written = name;
      if (random.chance(0.3)) written[random.below(written.size())] = static_cast<char>('a' + random.below(26));
      out += fmt::format("{},{},{},{},{}\n", id++, written, random.chance(0.1) ? "" : town,
                         random.chance(0.1) ? "" : birth, random.chance(0.5) ? "" : number);
      if (truth != nullptr) truth->push_back(p);
    }
  }
  return out;
}

constexpr const char* kConfig = R"yaml(
version: 1
sources: [{id: s, file: s.csv, record_id: id}]
attributes:
  name: {type: latin_name}
  town: category
  birth: date
  number: {type: text, identifying: true}
blocking: [[name], [birth], [number], ["name.prefix(3)", town]]
)yaml";

TEST(Cluster, FindsThePersonsAgain) {
  std::vector<int> truth;
  TestFusion fusion(kConfig, {{"s.csv", persons(1, 400, 3, &truth)}});
  ASSERT_TRUE(fusion.run());
  const auto& cluster_of = fusion->clusters().of_record;
  size_t wrong = 0;
  size_t missed = 0;
  for (size_t a = 0; a < truth.size(); ++a) {
    for (size_t b = a + 1; b < truth.size(); ++b) {
      wrong += cluster_of[a] == cluster_of[b] && truth[a] != truth[b] ? 1 : 0;
      missed += cluster_of[a] != cluster_of[b] && truth[a] == truth[b] ? 1 : 0;
    }
  }
  EXPECT_EQ(wrong, 0U);
  EXPECT_LE(missed, 24U);  // Of 1,200.
}

TEST(Cluster, DoesNotDependOnThreads) {
  const auto rows = persons(2, 300, 4);
  TestFusion one(kConfig, {{"s.csv", rows}}, 1);
  TestFusion three(kConfig, {{"s.csv", rows}}, 3);
  ASSERT_TRUE(one.run());
  ASSERT_TRUE(three.run());
  EXPECT_EQ(one->model().to_json(), three->model().to_json());
  EXPECT_EQ(one->clusters().of_record, three->clusters().of_record);
}

TEST(Cluster, NeverJoinsDifferentIdentifyingValues) {
  // The same persons, but half of the numbers are somebody else's.
  auto rows = persons(3, 300, 4);
  TestFusion fusion(kConfig, {{"s.csv", rows}});
  ASSERT_TRUE(fusion.run());
  const auto& numbers = fusion->records().column(3);
  std::vector<uint32_t> seen(fusion->clusters().count, 0);
  for (uint32_t r = 0; r < fusion->records().size(); ++r) {
    const uint32_t number = numbers.value(r);
    if (number == 0) continue;
    auto& of_cluster = seen[fusion->clusters().of_record[r]];
    EXPECT_TRUE(of_cluster == 0 || of_cluster == number);
    of_cluster = number;
  }
}

TEST(Cluster, KeepsDecisions) {
  const auto rows = persons(4, 200, 3);
  TestFusion plain(kConfig, {{"s.csv", rows}});
  ASSERT_TRUE(plain.run());
  const auto& before = plain->clusters().of_record;
  ASSERT_EQ(before[0], before[1]);
  ASSERT_NE(before[0], before[3]);
  Decided decided;
  decided.different.emplace_back(1, 0);
  decided.same.emplace_back(3, 6);
  TestFusion fusion(kConfig, {{"s.csv", rows}});
  ASSERT_TRUE(fusion.run(decided));
  const auto& after = fusion->clusters().of_record;
  EXPECT_NE(after[0], after[1]);
  EXPECT_EQ(after[3], after[6]);
}

TEST(Cluster, KeepsDecisionsInAGroupTooLargeToWeighWhole) {
  auto rows = persons(5, 200, 3);
  // As many namesakes of one town and day of birth as no group may have that is weighed whole.
  for (int id = 600; id < 1300; ++id) rows += fmt::format("{},zhang wei,town1,1980-01-01,\n", id);
  TestFusion plain(kConfig, {{"s.csv", rows}});
  ASSERT_TRUE(plain.run());
  const auto& before = plain->clusters().of_record;
  const auto other =
      std::ranges::find_if(before.begin() + 601, before.end(), [&](uint32_t c) { return c != before[600]; });
  ASSERT_NE(other, before.end());  // It was cut.
  const auto cut_off = static_cast<uint32_t>(other - before.begin());
  Decided decided;
  decided.same.emplace_back(600, cut_off);
  decided.different.emplace_back(600, 601);
  TestFusion fusion(kConfig, {{"s.csv", rows}});
  ASSERT_TRUE(fusion.run(decided));
  const auto& after = fusion->clusters().of_record;
  EXPECT_EQ(after[600], after[cut_off]);
  EXPECT_NE(after[600], after[601]);
}

/// A chain of records each of which is like the next, by a word of its name or by its birth date, while those further
/// apart have nothing in common but the town.
TEST(Cluster, CutsAChainOfWeakLinks) {
  Random random(9);
  std::string rows = persons(5, 300, 3);
  const uint32_t first = 900;
  std::vector<std::string> words;
  for (int i = 0; i < 40; ++i) {
    std::string word;
    for (int k = 0; k < 7; ++k) word += static_cast<char>('a' + random.below(26));
    words.push_back(word);
  }
  for (uint32_t i = 0; i < 30; ++i) {
    rows += fmt::format("{},{} {},town1,{}-{:02}-{:02},\n", first + i, words[i], words[i + 1],
                        1941 + 3 * ((i + 1) / 2 % 19), 1 + (i + 1) / 2 % 12, 1 + (i + 1) / 2 % 28);
  }
  TestFusion fusion(kConfig, {{"s.csv", rows}});
  ASSERT_TRUE(fusion.run());
  std::map<uint32_t, int> sizes;
  for (uint32_t r = first; r < fusion->records().size(); ++r) ++sizes[fusion->clusters().of_record[r]];
  for (const auto& [cluster, size] : sizes) EXPECT_LE(size, 4);
}

TEST(Cluster, HoldsAUniqueSourceApart) {
  const std::string yaml = R"(
version: 1
sources:
  - {id: one, file: one.csv, record_id: id, unique: true}
  - {id: two, file: two.csv, record_id: id}
attributes: {name: {type: latin_name}, town: category, birth: date}
blocking: [[name], [birth]]
)";
  std::string one = persons(6, 300, 1);
  std::string two = persons(6, 300, 1);
  one += "x,twin brothers,town1,1980-01-01,\ny,twin brothers,town1,1980-01-01,\n";
  two += "z,twin brothers,town1,1980-01-01,\n";
  TestFusion fusion(yaml, {{"one.csv", one}, {"two.csv", two}});
  ASSERT_TRUE(fusion.run());
  const auto x = fusion->records().find(0, "x");
  const auto y = fusion->records().find(0, "y");
  const auto z = fusion->records().find(1, "z");
  ASSERT_TRUE(x && y && z);
  const auto cluster_of = [&](const std::optional<uint64_t>& record) {
    return fusion->clusters().of_record[record.value()];
  };
  EXPECT_NE(cluster_of(x), cluster_of(y));
  EXPECT_TRUE(cluster_of(z) == cluster_of(x) || cluster_of(z) == cluster_of(y));
}

}  // namespace
}  // namespace zhili::fuse
