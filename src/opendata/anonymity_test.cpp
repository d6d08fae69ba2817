#include "opendata/anonymity.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace zhili::opendata {
namespace {

PublicTable table_of(const std::vector<std::vector<std::string>>& rows, size_t width) {
  std::vector<Column> columns;
  columns.reserve(width);
  for (size_t i = 0; i < width; ++i) columns.push_back({fmt::format("c{}", i), {}, ColumnType::kText});
  PublicTable out(std::move(columns));
  for (const auto& row : rows) out.add(row);
  return out;
}

TEST(Anonymity, IsMeasured) {
  const auto table = table_of({{"20-29", "男", "a"},
                               {"20-29", "男", "b"},
                               {"20-29", "女", "a"},
                               {"20-29", "女", "a"},
                               {"20-29", "女", "b"},
                               {"30-39", "女", "c"}},
                              3);
  const Risk risk = measure(table, {{0, 1}, {2}});
  EXPECT_EQ(risk.rows, 6U);
  EXPECT_EQ(risk.classes, 3U);
  EXPECT_EQ(risk.k, 1U);
  EXPECT_EQ(risk.l, 1U);
  EXPECT_DOUBLE_EQ(risk.max_risk, 1);
  EXPECT_DOUBLE_EQ(risk.mean_risk, 0.5);
  EXPECT_DOUBLE_EQ(risk.at_risk, 1);
}

TEST(Anonymity, CellsDoNotRunTogether) {
  const auto table = table_of({{"a", "b:c"}, {"a:b", "c"}, {"1:a", ""}, {"", "1:a"}}, 2);
  EXPECT_EQ(measure(table, {{0, 1}, {}}).classes, 4U);
}

TEST(Anonymity, SmallClassesAreLeftOutAndShown) {
  auto table = table_of({{"x", "1"}, {"x", "2"}, {"x", "1"}, {"y", "1"}, {"z", "3"}, {"z", "3"}, {"z", "3"}}, 2);
  const Risk risk = suppress(table, {{0}, {1}}, 3, 2);
  EXPECT_EQ(risk.suppressed, 4U);  // y is alone, and all of z is 3.
  ASSERT_EQ(risk.small.size(), 2U);
  EXPECT_EQ(risk.small[0], (SmallClass{{"y"}, 1, 1}));
  EXPECT_EQ(risk.small[1], (SmallClass{{"z"}, 3, 1}));
  ASSERT_EQ(table.rows(), 3U);
  for (size_t row = 0; row < 3; ++row) EXPECT_EQ(table.cell(row, 0), "x");
  EXPECT_EQ(risk.k, 3U);
  EXPECT_EQ(risk.l, 2U);
}

TEST(Anonymity, WithoutQuasiIdentifiersAllRowsAreOneClass) {
  auto table = table_of({{"1"}, {"2"}}, 1);
  EXPECT_EQ(suppress(table, {{}, {0}}, 3, 1).rows, 0U);
  EXPECT_EQ(table.rows(), 0U);
  EXPECT_EQ(measure(table, {{}, {0}}).k, 0U);
}

/// Whatever comes in: no class that is left is too small or tells a sensitive value, and no more went than had to.
TEST(Anonymity, HoldsForRandomTables) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    Random random(seed);
    const size_t width = 2 + random.below(4);
    const size_t rows = random.below(400);
    std::vector<std::vector<std::string>> cells(rows, std::vector<std::string>(width));
    std::vector<uint64_t> kinds(width);
    for (auto& kind : kinds) kind = 1 + random.below(6);
    for (auto& row : cells) {
      for (size_t i = 0; i < width; ++i) row[i] = fmt::format("{}", random.below(kinds[i]));
    }
    Exposed exposed;
    for (size_t i = 0; i < width; ++i) {
      const uint64_t role = random.below(3);
      if (role == 0) exposed.quasi.push_back(i);
      if (role == 1) exposed.sensitive.push_back(i);
    }
    const uint64_t k = 1 + random.below(12);
    const uint64_t l = 1 + random.below(3);
    auto table = table_of(cells, width);
    const Risk risk = suppress(table, exposed, k, l);
    ASSERT_EQ(table.rows() + risk.suppressed, rows);
    ASSERT_EQ(risk.rows, table.rows());

    // Counted anew, in another way.
    std::map<std::vector<std::string>, std::vector<size_t>> classes;
    for (size_t row = 0; row < table.rows(); ++row) {
      std::vector<std::string> key;
      key.reserve(exposed.quasi.size());
      for (const size_t column : exposed.quasi) key.emplace_back(table.cell(row, column));
      classes[key].push_back(row);
    }
    size_t smallest = 0;
    for (const auto& [key, members] : classes) {
      ASSERT_GE(members.size(), k) << "seed " << seed;
      smallest = smallest == 0 ? members.size() : std::min(smallest, members.size());
      for (const size_t column : exposed.sensitive) {
        std::set<std::string_view> values;
        for (const size_t row : members) values.insert(table.cell(row, column));
        ASSERT_GE(values.size(), l) << "seed " << seed;
      }
    }
    ASSERT_EQ(risk.k, smallest);
    ASSERT_EQ(risk.classes, classes.size());
    ASSERT_EQ(suppress(table, exposed, k, l).suppressed, 0U) << "seed " << seed;
  }
}

}  // namespace
}  // namespace zhili::opendata
