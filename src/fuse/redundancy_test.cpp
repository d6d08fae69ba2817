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

TEST(Redundancy, DropsWhatOthersSay) {
  TestFusion fusion(kConfig, {{"s.csv", rows()}});
  ASSERT_TRUE(TestFusion::succeeded(fusion->read()));
  const auto found = find_redundancy(fusion->config(), fusion->records(), 2);
  std::vector<std::string> dropped;
  dropped.reserve(found.dropped.size());
  for (const auto& d : found.dropped) dropped.push_back(fusion->config().attributes[d.attribute].name + " " + d.reason);
  EXPECT_EQ(dropped,
            (std::vector<std::string>{"whole is put together from given, family", "code says the same as town"}));
}

TEST(Redundancy, DoesNotCountTwiceWhatAnotherComparisonSays) {
  TestFusion fusion(kConfig, {{"s.csv", rows()}});
  ASSERT_TRUE(fusion.run());
  const auto& comparisons = fusion->comparisons();
  const auto& list = comparisons.list();
  const auto slot = [&](const std::string& name) {
    const uint32_t attribute = fusion->config().find_attribute(name);
    return static_cast<uint32_t>(std::ranges::find(list, attribute, &Comparison::attribute) - list.begin());
  };
  LevelMemo memo(comparisons.size());
  int given = 0;
  for (uint32_t b = 1; b < 500; ++b) {
    const auto* x = comparisons.row(0);
    const auto* y = comparisons.row(b);
    const auto part = fusion->scorer().part(slot("county"), x, y, memo);
    const bool same_town = comparisons.level(slot("town"), x, y, memo) == kEqual;
    EXPECT_EQ(part.given, same_town ? static_cast<int>(slot("town")) : -1);
    if (!same_town) continue;
    // m of a column that different entities agree in is learnt near 1; its share is 0.999: almost no weight is left.
    EXPECT_LT(std::abs(part.weight + part.rarity), 0.5);
    ++given;
  }
  EXPECT_GT(given, 0);
}

}  // namespace
}  // namespace zhili::fuse
