#include "fuse/reopen.hpp"

#include <gtest/gtest.h>

#include "fuse/lookup.hpp"
#include "fuse/made_up_people.hpp"
#include "fuse/run.hpp"
#include "fuse/test_fusion.hpp"

namespace zhili::fuse {
namespace {

TEST(ParseRules, ReadsWhatRunJsonHolds) {
  const auto good = parse_config(R"(version: 1
sources: [{id: a, file: a.csv}]
attributes: {name: latin_name, birth: date, code: text}
blocking: [[name, birth.year], [code.prefix(3)], [name.tokens, birth.month_day]]
)");
  ASSERT_TRUE(good) << good.error().text();
  std::vector<std::string> texts;
  for (const auto& rule : good->blocking) texts.push_back(rule.text);
  const auto rules = parse_rules(texts, *good, "run.json");
  ASSERT_TRUE(rules) << rules.error().text();
  ASSERT_EQ(rules->size(), good->blocking.size());
  for (size_t r = 0; r < rules->size(); ++r) {
    EXPECT_EQ((*rules)[r].parts, good->blocking[r].parts) << texts[r];
    EXPECT_EQ((*rules)[r].text, texts[r]);
  }
  for (const std::string wrong :
       {"town", "name.year", "code.prefix", "code.prefix(x)", "code.prefix(3", "name + ", ""}) {
    const auto refused = parse_rules({&wrong, 1}, *good, "run.json");
    ASSERT_FALSE(refused) << wrong;
    EXPECT_EQ(refused.error().code, ErrorCode::kInput);
  }
}

class ReopenTest : public testing::Test {
 protected:
  ReopenTest() {
    const MadeUpPeople people(200);
    dir_.write("police.csv", people.police);
    dir_.write("clinic.csv", people.clinic);
    dir_.write("fuse.yaml", MadeUpPeople::yaml());
  }
  void run_once() {
    auto config = load_config(dir_.path() / "fuse.yaml");
    ASSERT_TRUE(config) << config.error().text();
    RunOptions options;
    options.out = out_;
    options.threads = 2;
    options.now = RunTime{std::chrono::milliseconds(1'700'000'000'000)};
    const auto summary = run(std::move(*config), options, cancel_);
    ASSERT_TRUE(summary) << summary.error().text();
  }

  ScratchDir dir_;
  std::filesystem::path out_ = dir_.path() / "out";
  Cancel cancel_;
};

TEST_F(ReopenTest, BringsBackScoresAndEntities) {
  run_once();
  const auto scores = reopen(out_, Depth::kScores, 2, Progress::Mode::kOff, cancel_);
  ASSERT_TRUE(scores) << scores.error().text();
  const auto all = reopen(out_, Depth::kAll, 1, Progress::Mode::kOff, cancel_);
  ASSERT_TRUE(all) << all.error().text();
  const auto& a = scores->fusion->scored().edges;
  const auto& b = all->fusion->scored().edges;
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].a, b[i].a);
    EXPECT_EQ(a[i].b, b[i].b);
    EXPECT_NEAR(a[i].weight, b[i].weight, 1e-3);  // One model was read back from its file.
  }
  const auto stored = stored_entities(*all->fusion, out_);
  ASSERT_TRUE(stored) << stored.error().text();
  const auto& clusters = all->fusion->clusters().of_record;
  for (size_t i = 0; i < stored->size(); ++i) {
    for (size_t j = i + 1; j < std::min(stored->size(), i + 40); ++j) {
      EXPECT_EQ((*stored)[i] == (*stored)[j], clusters[i] == clusters[j]);
    }
  }
}

TEST_F(ReopenTest, DecisionsOfLaterDoNotCountYet) {
  run_once();
  const RecordName a{"police", "P1"};
  const auto entity = entities_of(out_, {&a, 1}, Progress::Mode::kOff, cancel_);
  ASSERT_TRUE(entity);
  const auto found = look_up(out_, entity->front(), Progress::Mode::kOff, cancel_);
  ASSERT_TRUE(found && found->entities.front().records.size() > 1);
  const auto& b = found->entities.front().records.back();
  const Decision later{a, b, Verdict::kDifferent, "Li", "2099-01-01T00:00:00.000Z", "", 0};
  ASSERT_TRUE(append_decision(out_ / "decisions.csv", later));
  const auto again = reopen(out_, Depth::kAll, 2, Progress::Mode::kOff, cancel_);
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_TRUE(again->decisions.decided.different.empty());
}

TEST_F(ReopenTest, SaysWhenTheDataHaveChanged) {
  run_once();
  const MadeUpPeople others(180);
  dir_.write("clinic.csv", others.clinic);
  const auto changed = reopen(out_, Depth::kAll, 2, Progress::Mode::kOff, cancel_);
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code, ErrorCode::kInput);
  EXPECT_NE(changed.error().hint.find("run it again"), std::string::npos);
  const auto nothing = reopen(dir_.path(), Depth::kModel, 1, Progress::Mode::kOff, cancel_);
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace zhili::fuse
