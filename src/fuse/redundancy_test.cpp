#include "fuse/redundancy.hpp"

#include "base/random.hpp"
#include "fuse/test_fusion.hpp"

namespace zhili::fuse {
namespace {

std::string rows() {
  Random random(3);
  const auto word = [&](const char* stem, int values) { return fmt::format("{}{:03}", stem, random.below(values)); };
  std::string out = "id,whole,given,family,code,town,county,free\n";
  for (int i = 0; i < 4000; ++i) {
    const auto given = word("g", 60);
    const auto family = word("f", 90);
    const auto town = random.below(80);
    out += fmt::format("{},{} {},{},{},{},t{},c{},{}\n", i, given, family, given, family, 1000 + town, town, town % 6,
                       word("z", 40));
  }
  return out;
}

constexpr const char* kConfig = R"(
version: 1
sources: [{id: s, file: s.csv, record_id: id}]
attributes: {whole: {type: latin_name}, given: {type: latin_name, part: given},
  family: {type: latin_name, part: family}, town: category, code: category, county: category, free: text}
blocking: [[given]]
)";

TEST(Redundancy, DropsWhatOthersSayAndCoversWhatOthersDetermine) {
  TestFusion fusion(kConfig, {{"s.csv", rows()}});
  ASSERT_TRUE(TestFusion::succeeded(fusion->read()));
  const auto found = find_redundancy(fusion->config(), fusion->records());
  std::vector<std::string> dropped;
  for (const auto& d : found.dropped) dropped.push_back(fusion->config().attributes[d.attribute].name + " " + d.reason);
  EXPECT_EQ(dropped,
            (std::vector<std::string>{"whole is put together from given, family", "code says the same as town"}));
  ASSERT_EQ(found.covered.size(), 1U);
  EXPECT_EQ(fusion->config().attributes[found.covered[0].attribute].name, "county");
  EXPECT_EQ(fusion->config().attributes[found.covered[0].by].name, "town");
}

TEST(Redundancy, CountsACoveredComparisonOnce) {
  TestFusion fusion(kConfig, {{"s.csv", rows()}});
  ASSERT_TRUE(fusion.run());
  const auto& comparisons = fusion->comparisons();
  const auto& list = comparisons.list();
  const auto slot = [&](const std::string& name) {
    const uint32_t attribute = fusion->config().find_attribute(name);
    return static_cast<uint32_t>(std::ranges::find(list, attribute, &Comparison::attribute) - list.begin());
  };
  LevelMemo memo(comparisons.size());
  int covered = 0;
  for (uint32_t b = 1; b < 500; ++b) {
    const auto* x = comparisons.row(0);
    const auto* y = comparisons.row(b);
    const auto part = fusion->scorer().part(slot("county"), x, y, memo);
    const bool same_town = comparisons.level(slot("town"), x, y, memo) == kEqual;
    EXPECT_EQ(part.covered, same_town);
    EXPECT_TRUE(!part.covered || part.weight + part.rarity == 0);
    const auto in_pattern = level_in(comparisons.pattern(x, y, memo), slot("county"));
    EXPECT_EQ(in_pattern, part.covered ? kMissing : part.level);
    covered += part.covered ? 1 : 0;
  }
  EXPECT_GT(covered, 0);
}

}  // namespace
}  // namespace zhili::fuse
