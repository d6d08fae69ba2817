#include "catalog/dataset.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "catalog/test_dataset.hpp"

namespace zhili::catalog {
namespace {

std::vector<std::string> paths(const Dataset& dataset) {
  std::vector<std::string> out;
  for (const auto& mistake : mistakes_in(dataset, sample_catalog())) out.push_back(mistake.path);
  return out;
}

using Paths = std::vector<std::string>;

TEST(Datasets, ComeBackFromTheirJson) {
  Dataset dataset = residents();
  dataset.related = {"306012/000002"};
  dataset.fields[1].collected_because = "每年核对";
  dataset.fields[1].column = "户籍地址";
  dataset.rules = {{"known", {"有地址", "has an address"}, "hjdz is not missing", true}};
  dataset.hold_back = {.mistaken_rows = 0.25, .on_alarm = true};
  const auto back = dataset_from_json(to_json(dataset));
  ASSERT_TRUE(back) << back.error().text();
  EXPECT_EQ(*back, dataset);
  EXPECT_EQ(paths(*back), Paths());
}

TEST(Datasets, AreRefusedWhereTheyAreNotOfTheForm) {
  const auto wrong = [](std::string_view json) {
    const auto read = dataset_from_json(json);
    return read ? "fine" : read.error().message;
  };
  EXPECT_EQ(wrong("[]"), "a dataset is a JSON object");
  EXPECT_EQ(wrong("{"), "a dataset is a JSON object");
  EXPECT_EQ(wrong(R"({"title":{"zh":1,"en":""}})"), "/title/zh is not what it should be");
  EXPECT_EQ(wrong(R"({"title":{},"fields":[{"id":"a","title":{},"grade":1},7]})"),
            "/fields/1 is not what it should be");
  EXPECT_EQ(wrong(R"({"title":{},"fields":[{"id":"a","title":{},"grade":1.5}]})"),
            "/fields/0/grade is not what it should be");
  EXPECT_EQ(wrong(R"({"title":{},"sharing":"sometimes"})"), "/sharing is not what it should be");
  EXPECT_EQ(wrong(R"({"title":{},"fields":{}})"), "/fields is not what it should be");
  EXPECT_EQ(wrong(R"({"title":{},"rules":[{"title":{},"holds":1}]})"), "/rules/0/holds is not what it should be");
  EXPECT_EQ(wrong(R"({"title":{},"related":["a",1]})"), "/related/1 is not what it should be");
  EXPECT_EQ(wrong(R"({"title":{},"hold_back":{"fewer_rows":"many"}})"),
            "/hold_back/fewer_rows is not what it should be");
}

TEST(Datasets, MistakesAreToldWithTheirPaths) {
  Dataset dataset = residents();
  dataset.id = "Police";
  dataset.code = "406012/1";
  dataset.title.en.clear();
  dataset.fields[0].grade = 6;
  dataset.fields[1].id = dataset.fields[0].id;
  dataset.related = {"306012"};
  EXPECT_EQ(paths(dataset), (Paths{"/id", "/code", "/title/en", "/fields/0/grade", "/fields/1/id", "/related/0"}));
  dataset = residents();
  dataset.fields.clear();
  EXPECT_EQ(paths(dataset), Paths{"/fields"});
}

TEST(Datasets, FieldsKeepToTheirStandard) {
  Dataset dataset = residents();
  dataset.fields[0].grade = 3;
  dataset.fields[1].type = ValueType::kText;
  EXPECT_EQ(paths(dataset), (Paths{"/fields/0/grade", "/fields/1/type"}));
  dataset = residents();
  dataset.fields[0].grade = 5;
  EXPECT_EQ(paths(dataset), Paths()) << "it may be graded higher";
  dataset.fields[1].element = "home_address";
  EXPECT_EQ(paths(dataset), Paths{"/fields/1/element"});
  dataset.fields[1].element.clear();
  EXPECT_EQ(paths(dataset), Paths());
  dataset.fields[1].column = dataset.fields[0].id;
  EXPECT_EQ(paths(dataset), Paths{"/fields/1/column"});
}

TEST(Datasets, QualityRulesAreChecked) {
  Dataset dataset = residents();
  dataset.rules = {{"one", {"一", "one"}, "length(hjdz) > 3", false}, {"one", {"一", ""}, "", false}};
  dataset.hold_back = {.mistaken_rows = 1.5, .fewer_rows = -0.1};
  EXPECT_EQ(paths(dataset), (Paths{"/rules/1/title/en", "/rules/1/holds", "/rules/1/id", "/hold_back/mistaken_rows",
                                   "/hold_back/fewer_rows"}));
}

TEST(Datasets, RulesThatCantBeReadAreToldWithTheirPlace) {
  Dataset dataset = residents();
  dataset.rules = {{"one", {"一", "one"}, "hjdz = 7", false}, {"two", {"二", "two"}, "address is missing", false}};
  const auto mistakes = mistakes_in(dataset, sample_catalog());
  ASSERT_EQ(mistakes.size(), 2U);
  EXPECT_EQ(mistakes[0].path, "/rules/0/holds");
  EXPECT_NE(mistakes[0].zh.find("第1行"), std::string::npos) << mistakes[0].zh;
  EXPECT_NE(mistakes[1].en.find("address"), std::string::npos) << mistakes[1].en;
}

TEST(Datasets, SharingAsksForItsReason) {
  Dataset dataset = residents();
  dataset.sharing = Sharing::kConditional;
  EXPECT_EQ(paths(dataset), Paths{"/sharing_condition"});
  dataset.sharing = Sharing::kNotShared;
  EXPECT_EQ(paths(dataset), Paths{"/basis"});
  dataset.basis = "no-such-law";
  EXPECT_EQ(paths(dataset), Paths{"/basis"});
  dataset.basis = "law-1";
  EXPECT_EQ(paths(dataset), Paths());
  dataset = residents();
  dataset.sharing_condition = "何时";
  EXPECT_EQ(paths(dataset), Paths{"/sharing_condition"});
}

TEST(Datasets, PersonalDataIsNotOpenedAsItIs) {
  Dataset dataset = residents();
  dataset.openness = Openness::kOpen;
  EXPECT_EQ(paths(dataset), (Paths{"/fields/0/grade", "/fields/1/grade"}));
  dataset.openness = Openness::kOnRequest;
  EXPECT_EQ(paths(dataset), Paths{"/open_condition"});
}

TEST(Datasets, CodesAreOfTheirForm) {
  for (const char* good : {"101001/1", "306012/000001", "3060120412/000001"})
    EXPECT_TRUE(is_resource_code(good)) << good;
  for (const char* bad : {"", "/", "306012", "306012/", "30601/1", "406012/1", "306O12/1", "306012/x", "306012/1/2"}) {
    EXPECT_FALSE(is_resource_code(bad)) << bad;
  }
}

}  // namespace
}  // namespace zhili::catalog
