#pragma once

#include <memory>
#include <string>
#include <vector>

#include "opendata/publications.hpp"
#include "vault/test_vault.hpp"

/// For the tests of open data, and of rooms above it.
namespace zhili::opendata {

/// The version of an outcome; an empty one where there is none.
inline Version version_in(const Publications::Outcome& outcome) { return outcome.version.value_or(Version{}); }

/// A register of people: number, sex, birth, area, kind of help; and publications over it.
class OpenTest : public vault::VaultTest {
 protected:
  void SetUp() override {
    vault::VaultTest::SetUp();
    if (IsSkipped()) return;
    registry_ = std::make_unique<catalog::Registry>(*store_, *log_, catalog_, kArea);
    lake_ = std::make_unique<store::Lake>(store::Lake::open(*store_, database().dir() / "lake").value());
    publications_ = std::make_unique<Publications>(
        OpenGround{*store_, *log_, catalog_, *registry_, *lake_, *door_, entropy_, kArea}, vault::test_rules());
  }
  void TearDown() override {
    publications_.reset();
    vault::VaultTest::TearDown();
  }
  std::vector<store::Migration> more_migrations() const override { return Publications::migrations(); }

  static catalog::Dataset people_dataset() {
    catalog::Dataset out = vault::test_dataset();
    out.id = "civil.helped";
    out.openness = catalog::Openness::kOnRequest;
    out.open_condition = "经脱敏检查后开放";
    const auto field = [&](const char* id, catalog::ValueType type, int grade) {
      catalog::DatasetField made;
      made.id = id;
      made.title = {id, id};
      made.type = type;
      made.grade = grade;
      out.fields.push_back(made);
    };
    field("sex", catalog::ValueType::kCategory, 2);
    field("birth", catalog::ValueType::kDate, 3);
    field("kind", catalog::ValueType::kCategory, 4);
    return out;
  }
  /// So many people of two streets, two sexes, some years and kinds.
  void helped(unsigned count, unsigned years = 2) {
    auto intake = vault::RecordIntake::begin(*vault_, {.dataset = "civil.helped",
                                                       .batch = fmt::format("b{}-{}", count, years),
                                                       .actor = "",
                                                       .purpose = "build_base",
                                                       .basis = "pipl-13-1-3"});
    ASSERT_TRUE(intake) << intake.error().text();
    for (unsigned i = 0; i < count; ++i) {
      const vault::TestRow row = {vault::id_number(i),
                                  "张三丰",
                                  "",
                                  i % 2 == 0 ? "990101" : "9902",
                                  "500",
                                  i / 2 % 2 == 0 ? "男" : "女",
                                  fmt::format("{}-03-04", 1950 + i / 4 % years * 10),
                                  fmt::format("类{}", i % 3)};
      const Status put = (*intake)->put(vault::views(row));
      ASSERT_TRUE(put) << put.error().text();
    }
    const auto done = (*intake)->finish();
    ASSERT_TRUE(done) << done.error().text();
  }
  static Plan records_plan() {
    Plan out;
    out.id = "helped-people";
    out.dataset = "civil.helped";
    out.title = {"救助对象", "People who are helped"};
    out.summary = "按年龄段和街道";
    out.basis = "dsl-38";
    out.theme = "society";
    out.tags = {"民政"};
    PlanColumn sex{.field = "sex"};
    PlanColumn age{.field = "birth", .name = "decade", .form = Form::kYear};
    PlanColumn street{.field = "qh", .name = "street", .form = Form::kArea, .level = "street"};
    PlanColumn kind{.field = "kind", .role = Role::kSensitive};
    out.columns = {sex, age, street, kind};
    return out;
  }
  static Plan counts_plan(const std::string& epsilon = "") {
    Plan out = records_plan();
    out.id = "helped-by-street";
    out.shape = Shape::kCounts;
    out.columns = {out.columns[2]};
    if (!epsilon.empty()) out.epsilon = Epsilon::parse(epsilon).value_or(Epsilon());
    return out;
  }
  static identity::Actor officer(const std::string& department = "civil") {
    return {department + "_officer", {{"data_officer", department, ""}}, true};
  }
  Publications::Outcome publish(const Plan& plan) {
    auto out = publications_->publish(officer(), plan, {});
    EXPECT_TRUE(out) << out.error().text();
    return out ? std::move(*out) : Publications::Outcome{};
  }
  std::vector<std::string> rows_of(const std::string& id, int64_t version) {
    const auto table = publications_->table(id, version);
    EXPECT_TRUE(table) << table.error().text();
    std::vector<std::string> out;
    for (size_t row = 0; table && row < (*table)->rows(); ++row) {
      std::string line;
      for (size_t i = 0; i < (*table)->columns().size(); ++i) {
        line += fmt::format("{}{}", i == 0 ? "" : "|", (*table)->cell(row, i));
      }
      out.push_back(std::move(line));
    }
    return out;
  }

  identity::SystemEntropy entropy_;
  std::unique_ptr<catalog::Registry> registry_;
  std::unique_ptr<store::Lake> lake_;
  std::unique_ptr<Publications> publications_;
};

}  // namespace zhili::opendata
