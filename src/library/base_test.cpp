#include "library/base.hpp"

#include "library/test_library.hpp"

namespace zhili::library {
namespace {

using ingest::BatchKind;

class BaseTest : public LibraryTest {
 protected:
  void SetUp() override {
    LibraryTest::SetUp();
    if (IsSkipped()) return;
    make();
    if (!HasFatalFailure()) open_base();
  }
};

TEST_P(BaseTest, ABatchChangesWhoIsWho) {
  const std::string of_clinic = entity_of("clinic", "C4");
  EXPECT_EQ(entity_of("police", "P4"), of_clinic);
  // One has another phone, one is gone, one is new.
  const std::string rows =
      ingest::header_line + police({{.i = 4, .phone = "13911112222"}, {.i = kPeople}}, kPeople - 1);
  const Fed fed = feed("b1", rows);
  EXPECT_EQ(fed.added, 1U);
  EXPECT_EQ(fed.changed, 1U);
  EXPECT_EQ(fed.removed, 1U);
  EXPECT_EQ(fed.unchanged, static_cast<uint64_t>(kPeople - 2));
  EXPECT_EQ(fed.refused, 0U);
  EXPECT_EQ(entity_of("police", "P4"), of_clinic);
  EXPECT_EQ(phone_of(of_clinic), "13911112222");
  EXPECT_EQ(entity_of("police", fmt::format("P{}", kPeople - 1)), "");
  // Every row is about somebody: also of those that the batch left as they were.
  for (int i = 0; i <= kPeople; ++i) {
    const std::string record = fmt::format("P{}", i);
    EXPECT_EQ(about(record), entity_of("police", record)) << record;
  }
  EXPECT_EQ(events_of(of_clinic), std::vector<std::string>{"changed"});
  const Fed again = feed("b2", rows);
  EXPECT_EQ(again.added + again.changed + again.removed, 0U);
  EXPECT_EQ(events_of(of_clinic).size(), 1U);
}

TEST_P(BaseTest, ChangesNameWhatIsGone) {
  const std::string of_clinic = entity_of("clinic", "C6");
  const Fed fed = feed("b1",
                       "_change,编号,身份号码,姓名,性别,出生日期,电话,收入\n删除,P6,,,,,,\n新增," +
                           Somebody{.i = kPeople}.line() + "修改," + Somebody{.i = 8, .phone = "13911112222"}.line(),
                       BatchKind::kChanges);
  EXPECT_EQ(fed.added, 1U);
  EXPECT_EQ(fed.changed, 1U);
  EXPECT_EQ(fed.removed, 1U);
  EXPECT_EQ(entity_of("police", "P6"), "");
  EXPECT_EQ(entity_of("clinic", "C6"), of_clinic);  // Its other record keeps the id.
  EXPECT_EQ(base_->counts().records, static_cast<uint64_t>(kPeople + kPeople / 2));
}

TEST_P(BaseTest, SurvivesItsProcess) {
  feed("b1", ingest::header_line + police({{.i = 4, .phone = "13911112222"}}));
  const std::string entity = entity_of("police", "P4");
  const auto counts = base_->counts();
  base_.reset();
  reopen();
  open_base();
  EXPECT_EQ(entity_of("police", "P4"), entity);
  EXPECT_EQ(base_->counts().records, counts.records);
  EXPECT_EQ(base_->counts().entities, counts.entities);
  EXPECT_EQ(phone_of(entity), "13911112222");
}

TEST_P(BaseTest, PeoplesWordsPartAndUnite) {
  const std::string one = entity_of("police", "P4");
  const int64_t entries = rows("audit_entry");
  ASSERT_TRUE(base_->decide({.a = {"police", "P4"},
                             .b = {"clinic", "C4"},
                             .verdict = fuse::Verdict::kDifferent,
                             .by = "officer",
                             .note = "两人"}));
  EXPECT_NE(entity_of("police", "P4"), entity_of("clinic", "C4"));
  EXPECT_GT(rows("audit_entry"), entries);
  auto events = events_of(one);
  EXPECT_NE(std::ranges::find(events, "decided_different"), events.end());
  EXPECT_NE(std::ranges::find(events, "split"), events.end());
  const std::string other = entity_of("police", "P4") == one ? entity_of("clinic", "C4") : entity_of("police", "P4");
  EXPECT_EQ(vault_->count("person").value_or(0), 2);
  ASSERT_TRUE(base_->decide(
      {.a = {"police", "P4"}, .b = {"clinic", "C4"}, .verdict = fuse::Verdict::kUndo, .by = "officer", .note = ""}));
  EXPECT_EQ(entity_of("police", "P4"), one);
  EXPECT_EQ(entity_of("clinic", "C4"), one);
  EXPECT_EQ(vault_->count("person").value_or(0), 1);
  EXPECT_EQ(merged_, fmt::format("person {} {}", other, one));
  events = events_of(other);
  EXPECT_NE(std::ranges::find(events, "merged"), events.end());
  EXPECT_EQ(base_->decide({.a = {"police", "P4"}, .b = {"clinic", "C9999"}, .by = "officer", .note = ""}).error().code,
            ErrorCode::kNotFound);
}

TEST_P(BaseTest, WhatIsDoubtfulIsListedUntilSomebodyDecides) {
  // All is the same but the number, which is valid and another one: linked, and kept apart.
  feed("b1", ingest::header_line + police({}) +
                 fmt::format("P900,{},{},男,{},{},1\n", Somebody{900}.number(), Somebody{4}.name, Somebody{4}.birth(),
                             Somebody{4}.phone));
  const std::string fresh = entity_of("police", "P900");
  const std::string known = entity_of("police", "P4");
  ASSERT_NE(fresh, known);
  const auto listed = [&] {
    return store_->query("SELECT 1 FROM library_doubt WHERE (a = $1 AND b = $2) OR (a = $2 AND b = $1)", {fresh, known})
        ->size();
  };
  EXPECT_EQ(listed(), 1U);
  const auto found = base_->doubt(fresh, known);
  ASSERT_TRUE(found) << found.error().text();
  const fuse::DoubtfulPair pair = found->value_or(fuse::DoubtfulPair{});
  EXPECT_EQ(pair.record_a.second, "P900");
  EXPECT_NE(pair.parts.find("phone"), std::string::npos);
  // Looked for from the other end, and all over again, it is the same pair.
  ASSERT_TRUE(base_->doubt(known, fresh).value_or(std::nullopt));
  const int64_t before = rows("library_doubt");
  ASSERT_TRUE(base_->find_doubts(cancel_));
  EXPECT_GE(rows("library_doubt"), before);
  EXPECT_EQ(listed(), 1U);
  ASSERT_TRUE(base_->decide({.a = {"police", "P900"},
                             .b = {pair.record_b.first == 0 ? "police" : "clinic", pair.record_b.second},
                             .verdict = fuse::Verdict::kDifferent,
                             .by = "officer",
                             .note = ""}));
  EXPECT_EQ(listed(), 0U);
  EXPECT_FALSE(base_->doubt(fresh, known).value_or(std::nullopt));
}

TEST_P(BaseTest, RefusesADatasetWithAnotherKey) {
  base_.reset();
  auto dataset = ingest::test_dataset();
  dataset.fields[0].key = false;
  dataset.fields[1].key = dataset.fields[1].required = true;
  declare(dataset);
  const auto opened = Base::open(ground(), "person");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kConfig);
  EXPECT_EQ(Base::open(ground("nowhere"), "person").error().code, ErrorCode::kNotFound);
}

TEST_P(BaseTest, AServerFeedsItWithWhatHasLanded) {
  base_.reset();
  land("b1", ingest::header_line + police({{.i = 4, .phone = "13911112222"}}), BatchKind::kFull);
  const auto events = store::read_events(*store_, "test");
  ASSERT_TRUE(events);
  const int64_t last = events->back().position;
  std::vector<std::string> remarks;
  Bases bases(ground(), [&](std::string remark) { remarks.push_back(std::move(remark)); });
  bases.start();
  while (!bases.find("person")) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  ASSERT_TRUE(bases.feed(0, cancel_));  // Its rows are not in the vault yet, as far as is known.
  EXPECT_EQ(bases.standing()[0].counts.steps, 0U);
  ASSERT_TRUE(bases.feed(last, cancel_));
  EXPECT_EQ(bases.standing()[0].state, Bases::State::kReady);
  EXPECT_EQ(bases.standing()[0].counts.steps, 1U);
  EXPECT_EQ(store::seen_by(*store_, "base.person").value_or(0), last);
  EXPECT_TRUE(remarks.empty()) << remarks[0];
  // Another one finds it taken.
  Bases others(ground(), [](const std::string&) {});
  others.start();
  while (others.standing()[0].state == Bases::State::kOpening) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(others.standing()[0].state, Bases::State::kElsewhere);
}

ZHILI_ON_BOTH_ENGINES(BaseTest);

}  // namespace
}  // namespace zhili::library
