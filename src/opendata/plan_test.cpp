#include "opendata/plan.hpp"

#include <gtest/gtest.h>

#include "opendata/generalise.hpp"

namespace zhili::opendata {
namespace {

constexpr std::string_view kYaml = R"(id: residents-by-age
dataset: police.residents
title: {zh: 常住人口年龄结构, en: Residents by age}
summary: 按街道和年龄段
basis: dsl-38
theme: society
tags: [人口, 统计]
shape: counts
columns:
  - {field: registered_address, name: street, as: area, level: street}
  - {field: birth_date, name: age, as: age, width: 20, from: 0, to: 100}
  - {field: marital_status, as: groups, groups: {有配偶: [有配偶, 已婚], 其他: [未婚, 离婚, 丧偶]}}
epsilon: 0.5
)";

TEST(Plan, IsReadFromYamlAndJson) {
  const auto plan = plan_from_yaml(kYaml, "plan.yaml");
  ASSERT_TRUE(plan) << plan.error().text();
  EXPECT_EQ(plan->shape, Shape::kCounts);
  ASSERT_EQ(plan->columns.size(), 3U);
  EXPECT_EQ(plan->columns[0].form, Form::kArea);
  EXPECT_EQ(plan->columns[1].width, 20);
  EXPECT_EQ(plan->columns[2].groups[0], (Group{"有配偶", {"有配偶", "已婚"}}));
  EXPECT_EQ(plan->epsilon.value_or(Epsilon()).text(), "0.5");
  const auto again = plan_from_json(to_json(*plan));
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(to_json(*again), to_json(*plan));
}

TEST(Plan, MistakesNameTheirPlace) {
  const auto place_in = [](std::string_view json) {
    const auto plan = plan_from_json(json);
    return plan ? std::string() : plan.error().message;
  };
  EXPECT_TRUE(place_in(R"({"columns": [{"field": "a", "as": "whole"}]})").starts_with("/columns/0/as: "));
  EXPECT_TRUE(place_in(R"({"columns": [{"feild": "a"}]})").starts_with("/columns/0: "));
  EXPECT_TRUE(place_in(R"({"suppress": 2})").starts_with("/suppress: "));
  EXPECT_TRUE(place_in(R"({"title": {"fr": "a"}})").starts_with("/title: "));
  EXPECT_TRUE(place_in(R"({"k": "many"})").starts_with("/k: "));
  EXPECT_TRUE(place_in(R"([1])").starts_with("/: "));
  EXPECT_FALSE(plan_from_json(R"({"epsilon": 0})"));
  const auto in_file = plan_from_yaml("id: [a]", "plan.yaml");
  ASSERT_FALSE(in_file);
  EXPECT_EQ(in_file.error().place.file, "plan.yaml");
}

class Coarser : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto field = [&](const char* id, catalog::ValueType type) {
      catalog::DatasetField made;
      made.id = id;
      made.type = type;
      dataset_.fields.push_back(made);
    };
    field("date", catalog::ValueType::kDate);
    field("number", catalog::ValueType::kNumber);
    field("text", catalog::ValueType::kText);
    auto tree = identity::AreaTree::create({{"99", "", "district", "试验区", ""},
                                            {"9901", "99", "street", "东街", ""},
                                            {"9902", "99", "street", "大东街", ""},
                                            {"990101", "9901", "community", "一社区", ""}});
    ASSERT_TRUE(tree);
    areas_ = std::move(*tree);
  }
  std::string coarse(const PlanColumn& column, std::string_view value) const {
    const Ground ground{dataset_, catalog_, areas_, {2026, 3, 4}};
    const auto made = Generaliser::create(column, ground);
    EXPECT_TRUE(made) << made.error().text();
    return made ? (*made)(value) : "";
  }
  catalog::Dataset dataset_;
  catalog::Catalog catalog_;
  identity::AreaTree areas_;
};

TEST_F(Coarser, Dates) {
  EXPECT_EQ(coarse({.field = "date", .form = Form::kYear}, "1990-05-06"), "1990");
  EXPECT_EQ(coarse({.field = "date", .form = Form::kQuarter}, "19900506"), "1990-Q2");
  EXPECT_EQ(coarse({.field = "date", .form = Form::kMonth}, "1990年5月6日"), "1990-05");
  EXPECT_EQ(coarse({.field = "date", .form = Form::kMonth}, "somewhen"), "");
}

TEST_F(Coarser, Ages) {
  PlanColumn age{.field = "date", .form = Form::kAge, .width = 10, .from = 0, .to = 100};
  EXPECT_EQ(coarse(age, "1990-03-04"), "30-39");
  EXPECT_EQ(coarse(age, "1986-03-04"), "40-49");
  EXPECT_EQ(coarse(age, "1986-03-05"), "30-39");
  EXPECT_EQ(coarse(age, "1920-01-01"), "100+");
  EXPECT_EQ(coarse(age, "2026-03-05"), "<0");
  age.width = 1;
  EXPECT_EQ(coarse(age, "2020-01-01"), "6");
}

TEST_F(Coarser, NumbersAndTexts) {
  EXPECT_EQ(coarse({.field = "number"}, "12.50"), "12.5");
  EXPECT_EQ(coarse({.field = "number"}, "about 3"), "");
  EXPECT_EQ(coarse({.field = "number", .form = Form::kRound, .digits = 1}, "12.34"), "12.3");
  EXPECT_EQ(coarse({.field = "number", .form = Form::kBand, .width = 5, .from = -10, .to = 10}, "-7.5"), "-10--6");
  EXPECT_EQ(coarse({.field = "text", .form = Form::kFirst, .characters = 2}, "东街道"), "东街");
  EXPECT_EQ(coarse({.field = "text", .form = Form::kFirst, .characters = 2}, "a bc"), "a");
  EXPECT_EQ(coarse({.field = "text", .values = {"b", "a"}}, "a"), "a");
  EXPECT_EQ(coarse({.field = "text", .values = {"b", "a"}}, "c"), "");
}

TEST_F(Coarser, Areas) {
  const PlanColumn street{.field = "text", .form = Form::kArea, .level = "street"};
  EXPECT_EQ(coarse(street, "990101"), "东街");
  EXPECT_EQ(coarse(street, "99"), "");
  EXPECT_EQ(coarse(street, "试验区大东街3号"), "大东街");
  EXPECT_EQ(coarse(street, "试验区东街3号"), "东街");
  EXPECT_EQ(coarse(street, "别处"), "");
  const Ground ground{dataset_, catalog_, areas_, {}};
  EXPECT_FALSE(Generaliser::create({.field = "text", .form = Form::kArea, .level = "grid"}, ground));
}

}  // namespace
}  // namespace zhili::opendata
