#include "opendata/publications.hpp"

#include <atomic>
#include <numeric>
#include <thread>

#include "opendata/harvest.hpp"
#include "opendata/test_opendata.hpp"
#include "opendata/uses.hpp"
#include "opendata/wishes.hpp"
#include "table/reader.hpp"
#include "vault/jobs.hpp"

namespace zhili::opendata {
namespace {

class Opening : public OpenTest {
 protected:
  void SetUp() override {
    OpenTest::SetUp();
    if (IsSkipped()) return;
    declare(people_dataset());
    helped(120);
  }
  ErrorCode refused(const Plan& plan, const identity::Actor& who) {
    const auto out = publications_->publish(who, plan, {});
    EXPECT_FALSE(out);
    return out ? ErrorCode::kInternal : out.error().code;
  }
  ErrorCode refused(const Plan& plan) { return refused(plan, officer()); }
};
ZHILI_ON_BOTH_ENGINES(Opening);

TEST_P(Opening, PublishesWhatHidesEverybody) {
  const auto out = publish(records_plan());
  ASSERT_TRUE(out.version) << out.check.refused;
  EXPECT_EQ(version_in(out).number, 1);
  EXPECT_EQ(out.check.risk.k, 15U);  // 120 over 2 sexes, 2 years, 2 streets.
  EXPECT_EQ(out.check.risk.l, 3U);
  EXPECT_EQ(out.check.risk.classes, 8U);
  const auto rows = rows_of("helped-people", 1);
  ASSERT_EQ(rows.size(), 120U);
  EXPECT_EQ(rows.front(), "女|1950|东街|类0");
  const auto table = publications_->table("helped-people", 1);
  EXPECT_EQ(digest_of(**table).value_or(""), version_in(out).digest);
  const auto listed = publications_->list();
  ASSERT_TRUE(listed);
  ASSERT_EQ(listed->size(), 1U);
  EXPECT_EQ(listed->front().provider, "civil");
  EXPECT_EQ(listed->front().newest.columns[2].means, "area:street");
}

TEST_P(Opening, LeavesAJobAndEntriesBehind) {
  const auto out = publish(records_plan());
  const auto jobs = vault::Jobs(*vault_).list(1);
  ASSERT_TRUE(jobs && jobs->size() == 1);
  EXPECT_EQ(jobs->front().work, "survey");
  EXPECT_EQ(jobs->front().purpose, "open_data");
  EXPECT_EQ(jobs->front().basis, "dsl-38");
  EXPECT_EQ(jobs->front().unchanged, 120U);
  EXPECT_EQ(jobs->front().state, "done");
  EXPECT_EQ(jobs->front().fields, (std::vector<std::string>{"sex", "birth", "qh", "kind"}));
  EXPECT_EQ(rows("vault_record_line"), 0);
  const auto page = log_->list({}, 1);
  ASSERT_TRUE(page && page->entries.size() == 1);
  EXPECT_NE(page->entries[0].entry.find(R"("action":"publish")"), std::string::npos);
  EXPECT_NE(page->entries[0].entry.find(version_in(out).entry), std::string::npos);
}

TEST_P(Opening, IsRefusedWhereSomebodyStandsOut) {
  helped(121, 15);
  Plan plan = records_plan();
  const auto out = publish(plan);
  EXPECT_FALSE(out.version);
  EXPECT_NE(out.check.refused, "");
  ASSERT_FALSE(out.check.risk.small.empty());
  EXPECT_LT(out.check.risk.small[0].size, 5U);
  EXPECT_EQ(out.check.risk.small[0].values.size(), 3U);
  EXPECT_FALSE(publications_->find(plan.id));
  EXPECT_EQ(rows("lake_batch"), 0);
  plan.suppress = 1;
  EXPECT_FALSE(publish(plan).version);  // Nothing would be left.
  plan.columns[1].form = Form::kAge;
  plan.columns[1].width = 50;
  plan.columns[1].to = 150;
  EXPECT_TRUE(publish(plan).version);
}

TEST_P(Opening, PersonsAreNeverNamed) {
  for (const char* field : {"gmsfhm", "xm", "lxdh"}) {
    for (const Form form : {Form::kKeep, Form::kFirst, Form::kGroups}) {
      Plan plan = records_plan();
      plan.columns.push_back({.field = field, .form = form, .characters = 4, .groups = {{"a", {"b"}}}});
      EXPECT_EQ(refused(plan), ErrorCode::kConstraint) << field;
      plan.shape = Shape::kCounts;
      EXPECT_EQ(refused(plan), ErrorCode::kConstraint) << field;
    }
  }
  Plan plan = records_plan();
  plan.columns[1].role = Role::kPlain;
  EXPECT_EQ(refused(plan), ErrorCode::kConstraint);
  plan = records_plan();
  plan.k = 2;
  EXPECT_EQ(refused(plan), ErrorCode::kInput);
}

TEST_P(Opening, ThePolicySaysWhoMay) {
  EXPECT_EQ(refused(records_plan(), officer("health")), ErrorCode::kConstraint);
  auto careless = officer();
  careless.second_factor = false;
  EXPECT_EQ(refused(records_plan(), careless), ErrorCode::kConstraint);
  EXPECT_EQ(refused(records_plan(), vault::actor("analyst", "99", true)), ErrorCode::kConstraint);
  Plan plan = records_plan();
  plan.basis = "household-3-4";  // Does not carry the purpose.
  EXPECT_EQ(refused(plan), ErrorCode::kConstraint);
  EXPECT_EQ(rows("open_version"), 0);
  const Status withdrawn =
      publications_->withdraw(officer("health"), publish(records_plan()).version ? "helped-people" : "", "because");
  ASSERT_FALSE(withdrawn);
  EXPECT_EQ(withdrawn.error().code, ErrorCode::kConstraint);
}

TEST_P(Opening, WhatTheCatalogueKeepsClosedStaysClosed) {
  auto dataset = people_dataset();
  dataset.openness = catalog::Openness::kNotOpen;
  dataset.open_condition.clear();
  ASSERT_TRUE(registry_->declare(dataset, 1, "officer"));
  EXPECT_EQ(refused(records_plan()), ErrorCode::kConstraint);
}

TEST_P(Opening, VersionsStayAndTellTheirDifferences) {
  Plan plan = counts_plan();
  publish(plan);
  const auto same = publications_->publish(officer(), plan, {});
  ASSERT_FALSE(same);
  EXPECT_EQ(same.error().code, ErrorCode::kConflict);
  helped(131);
  const auto second = publish(plan);
  ASSERT_TRUE(second.version);
  EXPECT_EQ(version_in(second).number, 2);
  EXPECT_EQ(version_in(second).changed, 2);
  EXPECT_EQ(version_in(second).added, 0);
  EXPECT_EQ(rows_of(plan.id, 1), (std::vector<std::string>{"东街|60", "西街|60"}));
  EXPECT_EQ(rows_of(plan.id, 2), (std::vector<std::string>{"东街|66", "西街|65"}));
  const auto difference = publications_->difference(plan.id, 1, 2);
  ASSERT_TRUE(difference) << difference.error().text();
  EXPECT_TRUE(difference->by_key);
  ASSERT_EQ(difference->rows.size(), 2U);
  EXPECT_EQ(difference->rows[0], (ChangedRow{{"东街", "60"}, {"东街", "66"}}));
  const auto versions = publications_->versions(plan.id);
  ASSERT_TRUE(versions && versions->size() == 2);
  EXPECT_EQ((*versions)[0].number, 2);
  EXPECT_FALSE(publications_->table(plan.id, 3));
}

TEST_P(Opening, SmallCountsAreLeftOut) {
  helped(123);
  Plan plan = counts_plan();
  plan.columns.push_back({.field = "gmsfhm"});
  EXPECT_EQ(refused(plan), ErrorCode::kConstraint);
  plan = counts_plan();
  plan.columns.push_back({.field = "birth", .name = "age", .form = Form::kYear});
  plan.k = 31;
  plan.suppress = 0.9;
  const auto out = publish(plan);
  ASSERT_TRUE(out.version) << out.check.refused;
  EXPECT_EQ(out.check.cells, 2U);
  EXPECT_EQ(rows_of(plan.id, 1), (std::vector<std::string>{"东街|1950|32", "西街|1950|31"}));
}

TEST_P(Opening, IsTakenAwayForGood) {
  publish(records_plan());
  const auto path = publications_->parquet("helped-people", 1);
  ASSERT_TRUE(path && std::filesystem::exists(*path));
  EXPECT_TRUE(table::Reader::open(*path));
  const Status done = publications_->withdraw(officer(), "helped-people", "数据有误");
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_FALSE(std::filesystem::exists(*path));
  EXPECT_FALSE(publications_->find("helped-people"));
  EXPECT_FALSE(publications_->table("helped-people", 1));
  EXPECT_TRUE(publications_->versions("helped-people"));
  const auto again = publish(records_plan());
  ASSERT_TRUE(again.version);
  EXPECT_EQ(version_in(again).number, 2);
  EXPECT_TRUE(publications_->withdraw(officer(), "helped-people", "again"));
}

TEST_P(Opening, NoiseIsAddedToAllCombinations) {
  const auto out = publish(counts_plan("2"));
  ASSERT_TRUE(out.version);
  EXPECT_EQ(out.check.epsilon, "2");
  EXPECT_EQ(out.check.read, 0U);
  const auto told = rows_of("helped-by-street", 1);
  ASSERT_EQ(told.size(), 3U);  // Both streets, and nowhere: also where nobody is.
  EXPECT_EQ(told[0].substr(0, 1), "|");
  Plan open = counts_plan("1");
  open.columns = {{.field = "birth", .form = Form::kYear}};
  EXPECT_EQ(refused(open), ErrorCode::kInput);  // Which years there are would tell.
}

TEST_P(Opening, TheBudgetIsNeverOverspent) {
  const Epsilon total = Epsilon::parse("1").value_or(Epsilon());
  ASSERT_TRUE(publications_->set_budget(officer(), "civil.helped", total));
  EXPECT_FALSE(publications_->set_budget(officer("health"), "civil.helped", total));
  std::atomic<int> published = 0;
  std::atomic<int> spent = 0;
  {
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] {
        Plan plan = counts_plan("1/3");
        plan.id = fmt::format("helped-{}", i);
        for (int round = 0; round < 40; ++round) {
          const auto out = publications_->publish(officer(), plan, {});
          if (out) {
            ++published;
          } else if (out.error().code == ErrorCode::kConstraint) {
            ++spent;
            return;
          }
        }
      });
    }
  }
  EXPECT_EQ(published, 3);
  EXPECT_GT(spent, 0);
  const auto budget = publications_->budget("civil.helped");
  ASSERT_TRUE(budget);
  EXPECT_EQ(budget->spent, total);
  EXPECT_EQ(rows("open_charge"), 3);
  EXPECT_FALSE(publications_->set_budget(officer(), "civil.helped", Epsilon::parse("0.5").value_or(Epsilon())));
}

TEST_P(Opening, TriesSpendNothing) {
  const auto check = publications_->check(officer(), records_plan(), {});
  ASSERT_TRUE(check) << check.error().text();
  EXPECT_EQ(check->risk.k, 15U);
  ASSERT_TRUE(publications_->check(officer(), counts_plan("1"), {}));
  EXPECT_EQ(publications_->budget("civil.helped").value_or(Budget{}).spent.units(), 0);
  EXPECT_EQ(rows("open_version"), 0);
}

TEST_P(Opening, WishesReachTheOfficer) {
  const Wishes wishes(*publications_);
  const auto asked = wishes.ask("公交站点", "做一个换乘工具");
  ASSERT_TRUE(asked) << asked.error().text();
  EXPECT_FALSE(wishes.ask("", "x"));
  EXPECT_FALSE(wishes.ask("我的号码 138 0000 1111", "x"));
  EXPECT_FALSE(wishes.list(vault::actor("analyst", "99", true)));
  const auto all = wishes.list(officer());
  ASSERT_TRUE(all && all->size() == 1);
  EXPECT_EQ(all->front().text, "做一个换乘工具");
  ASSERT_TRUE(wishes.answer(officer(), asked->id, "明年开放"));
  EXPECT_FALSE(wishes.answer(officer(), asked->id, "再说"));
  EXPECT_EQ(wishes.list(officer())->front().answer, "明年开放");
}

TEST_P(Opening, WhatOthersHaveIsFoundHere) {
  const Harvests harvests(*publications_);
  const std::string source = "https://data.example/catalog.jsonld";
  constexpr std::string_view kOne = R"({"@graph": [{"@id": "https://data.example/1", "@type": "dcat:Dataset",
      "dct:title": "公交站点"}, {"@id": "https://data.example/2", "@type": "dcat:Dataset", "dct:title": "Parks"}]})";
  const auto taken = harvests.take(officer(), source, kOne);
  ASSERT_TRUE(taken) << taken.error().text();
  EXPECT_EQ(*taken, 2U);
  EXPECT_FALSE(harvests.take(vault::actor("analyst", "99", true), source, kOne));
  EXPECT_FALSE(harvests.take(officer(), "javascript:alert(1)", kOne));
  ASSERT_EQ(harvests.find("park")->size(), 1U);
  EXPECT_EQ(harvests.find("")->size(), 2U);
  ASSERT_FALSE(harvests.take(officer(), source, "{}"));
  EXPECT_EQ(harvests.find("")->size(), 2U);
  constexpr std::string_view kOther = R"({"@id": "https://data.example/3", "@type": "Dataset", "title": "树"})";
  ASSERT_TRUE(harvests.take(officer(), source, kOther));
  EXPECT_EQ(harvests.find("")->front().title, "树");
  EXPECT_EQ(rows("open_harvested"), 1);
}

TEST_P(Opening, UsesAreCounted) {
  Uses uses(*store_, kArea);
  for (int i = 0; i < 5; ++i) uses.note("helped-people", "view");
  uses.note("helped-people", "download");
  uses.note("other", "query");
  const auto days = uses.days("helped-people", 30);
  ASSERT_TRUE(days && days->size() == 1);
  EXPECT_EQ(days->front().views, 5);
  EXPECT_EQ(days->front().downloads, 1);
  EXPECT_EQ(uses.totals()->at("helped-people"), 6);
}

}  // namespace
}  // namespace zhili::opendata
