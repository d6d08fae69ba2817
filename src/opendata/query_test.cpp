#include "opendata/query.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "opendata/difference.hpp"

namespace zhili::opendata {
namespace {

namespace json = boost::json;

PublicTable places() {
  PublicTable out({{"name", {"名称", "name"}, ColumnType::kText},
                   {"floors", {"层数", "floors"}, ColumnType::kNumber},
                   {"street", {"街道", "street"}, ColumnType::kText, "area:street"}});
  out.add({"Garden A", "10", "东街"});
  out.add({"garden b", "9", "东街"});
  out.add({"塔楼", "", "西街"});
  out.add({"Tower", "100", "西街"});
  out.settle();
  return out;
}

std::vector<std::string> names(const json::value& asked) {
  const auto query = query_from(asked.as_object());
  EXPECT_TRUE(query) << query.error().text();
  const auto table = places();
  const auto found = find_rows(table, query.value_or(Query{}));
  EXPECT_TRUE(found) << found.error().text();
  std::vector<std::string> out;
  for (const uint32_t row : found ? found->rows : std::vector<uint32_t>{}) out.emplace_back(table.cell(row, 0));
  return out;
}
using Names = std::vector<std::string>;

std::string key_of_refusal(const json::value& asked) {
  const auto query = query_from(asked.as_object());
  if (!query) return query.error().place.file;
  const auto found = find_rows(places(), *query);
  return found ? "" : found.error().place.file;
}

TEST(OpenQuery, Filters) {
  EXPECT_EQ(names({{"filters", {{"street", "西街"}}}}), (Names{"Tower", "塔楼"}));
  EXPECT_EQ(names({{"filters", {{"floors", {9, "10"}}}}}), (Names{"Garden A", "garden b"}));
  EXPECT_EQ(names({{"filters", R"({"floors": null})"}}), (Names{"塔楼"}));
  EXPECT_EQ(names({{"filters", {{"floors", 9.0}}}}), (Names{"garden b"}));
}

TEST(OpenQuery, Words) {
  EXPECT_EQ(names({{"q", "GARDEN"}}), (Names{"Garden A", "garden b"}));
  EXPECT_EQ(names({{"q", "garden 9"}}), (Names{"garden b"}));
  EXPECT_EQ(names({{"q", {{"name", "楼"}}}}), (Names{"塔楼"}));
  EXPECT_EQ(names({{"q", R"({"street": "东"})"}}), (Names{"Garden A", "garden b"}));
}

TEST(OpenQuery, SortsNumbersAsNumbers) {
  EXPECT_EQ(names({{"sort", "floors"}}), (Names{"garden b", "Garden A", "Tower", "塔楼"}));
  EXPECT_EQ(names({{"sort", "street desc, floors desc"}, {"limit", 3}}), (Names{"塔楼", "Tower", "Garden A"}));
  EXPECT_EQ(names({{"sort", "floors"}, {"offset", "1"}, {"limit", "1"}}), (Names{"Garden A"}));
  EXPECT_EQ(names({{"offset", 99}}), Names{});
}

TEST(OpenQuery, TellsColumnsOnceWhereAsked) {
  const auto query = query_from(json::value{{"fields", "street"}, {"distinct", "true"}}.as_object());
  ASSERT_TRUE(query);
  const auto found = find_rows(places(), *query);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->total, 2U);
  EXPECT_EQ(found->columns, (std::vector<size_t>{2}));
}

TEST(OpenQuery, WhatItCannotReadIsNamed) {
  EXPECT_EQ(key_of_refusal({{"filters", {{"nothing", 1}}}}), "filters");
  EXPECT_EQ(key_of_refusal({{"filters", "[1"}}), "filters");
  EXPECT_EQ(key_of_refusal({{"filters", {{"name", {{"a", 1}}}}}}), "filters");
  EXPECT_EQ(key_of_refusal({{"fields", "name,nothing"}}), "fields");
  EXPECT_EQ(key_of_refusal({{"sort", "name; DROP TABLE x"}}), "sort");
  EXPECT_EQ(key_of_refusal({{"sort", "name sideways"}}), "sort");
  EXPECT_EQ(key_of_refusal({{"limit", "many"}}), "limit");
  EXPECT_EQ(key_of_refusal({{"offset", -1}}), "offset");
}

TEST(OpenQuery, LimitsAreHeld) {
  EXPECT_EQ(query_from(json::value{{"limit", 1'000'000}}.as_object())->limit, kQueryLimit);
}

TEST(OpenTable, HasOneOrderAndOneForm) {
  const auto table = places();
  EXPECT_EQ(to_csv(table), "name,floors,street\nGarden A,10,东街\nTower,100,西街\ngarden b,9,东街\n塔楼,,西街\n");
  EXPECT_EQ(table.columns()[1].type, ColumnType::kInteger);
  EXPECT_TRUE(to_json(table).starts_with("[\n{\"name\":\"Garden A\",\"floors\":10,\"street\":\"东街\"}"));
  EXPECT_EQ(columns_from_json(columns_json(table.columns())).value_or(std::vector<Column>{}), table.columns());
  PublicTable odd({{"a", {}, ColumnType::kText}});
  odd.add({"x,\"y\"\nz"});
  odd.add({""});
  EXPECT_EQ(to_csv(odd), "a\n\"x,\"\"y\"\"\nz\"\n\"\"\n");
}

TEST(OpenTable, OrdersNumbersBeforeWords) {
  EXPECT_TRUE(natural_less("9", "10-19"));
  EXPECT_TRUE(natural_less("10-19", "20"));
  EXPECT_TRUE(natural_less("-5", "-.5"));
  EXPECT_TRUE(natural_less("100+", "<0"));
  EXPECT_FALSE(natural_less("nan", "1"));
  EXPECT_FALSE(natural_less("a", "a"));
}

TEST(OpenDifference, IsOfWholeRowsWithoutAKey) {
  PublicTable before({{"a", {}, ColumnType::kText}, {"b", {}, ColumnType::kText}});
  PublicTable after({{"a", {}, ColumnType::kText}, {"c", {}, ColumnType::kText}});
  before.add({"1", "x"});
  before.add({"1", "y"});
  after.add({"1", "x"});
  after.add({"2", "x"});
  const auto out = difference_of(before, after, {"a"});
  EXPECT_FALSE(out.by_key);
  EXPECT_EQ(out.columns, (std::vector<std::string>{"a"}));
  EXPECT_EQ(out.columns_added, (std::vector<std::string>{"c"}));
  EXPECT_EQ(out.columns_removed, (std::vector<std::string>{"b"}));
  EXPECT_EQ(out.added, 1U);
  EXPECT_EQ(out.removed, 1U);
  EXPECT_EQ(out.changed, 0U);
}

}  // namespace
}  // namespace zhili::opendata
