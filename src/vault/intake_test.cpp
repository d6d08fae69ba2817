#include "vault/intake.hpp"

#include "vault/jobs.hpp"
#include "vault/test_vault.hpp"

namespace zhili::vault {
namespace {

class Intakes : public VaultTest {};

TEST_P(Intakes, WhatDidNotChangeIsNotWritten) {
  take_in({person("p1", "990101"), person("p2", "9902")});
  const int64_t entries = rows("audit_entry");
  const IntakeCounts again = take_in({person("p1", "990101"), person("p2", "9902")});
  EXPECT_EQ(again.unchanged, 2U);
  EXPECT_EQ(again.added + again.changed + again.removed, 0U);
  EXPECT_EQ(rows("audit_entry"), entries + 1);  // That the job ran.
  const IntakeCounts third = take_in({person("p1", "990101", "张三风"), person("p3", "9902")});
  EXPECT_EQ(third.changed, 1U);
  EXPECT_EQ(third.added, 1U);
  EXPECT_EQ(third.removed, 1U);
  EXPECT_EQ(rows("vault_subject"), 2);
  EXPECT_EQ(rows("vault_index"), 6);
  const Answer old_name = told(ask_by(actor("window_clerk", "99"), "name", "张三丰"));
  ASSERT_EQ(old_name.subjects.size(), 1U);
  EXPECT_EQ(old_name.subjects[0].subject, "p3");
  const Answer answer = told(ask(actor("window_clerk", "99"), "p1"));
  ASSERT_EQ(answer.subjects.size(), 1U);
  EXPECT_EQ(answer.subjects[0].version, 2);
}

TEST_P(Intakes, JobsAreListedWithFieldsBasisAndCount) {
  take_in({person("p1", "990101"), person("p2", "9902")});
  const auto jobs = Jobs(*vault_).list();
  ASSERT_TRUE(jobs) << jobs.error().text();
  ASSERT_EQ(jobs->size(), 1U);
  const Job& one = jobs->front();
  EXPECT_EQ(one.work, "intake");
  EXPECT_EQ(one.kind, "person");
  EXPECT_EQ(one.basis, "pipl-13-1-3");
  EXPECT_EQ(one.state, "done");
  EXPECT_EQ(one.added, 2U);
  EXPECT_EQ(one.fields.size(), 6U);
  EXPECT_TRUE(one.finished_at);
}

TEST_P(Intakes, AKilledJobIsTakenOver) {
  const NewJob killed{
      .work = "intake", .kind = "person", .actor = "", .purpose = "build_base", .basis = "pipl-13-1-3", .fields = {}};
  ASSERT_TRUE(begin_job(*vault_, killed));
  const auto refused = Intake::begin(*vault_, job());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kBusy);
  close();
  open();
  const auto again = Intake::begin(*vault_, job());
  if (GetParam() == store::Engine::kSqlite) {
    // Only one process writes to a file.
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(Jobs(*vault_).list()->back().state, "broken_off");
  } else {
    // It may run on another machine.
    ASSERT_FALSE(again);
    EXPECT_NE(again.error().hint.find("begin again in 60 s"), std::string::npos) << again.error().text();
    EXPECT_EQ(Jobs(*vault_).list()->back().state, "running");
  }
  // Neither a job of long ago nor one from before the clock was set back is in the way.
  for (const int64_t seen : {store_->now() - kJobSilence - 1, store_->now() + int64_t{86'400} * 1'000'000}) {
    const Status noted = store_->commit([&](store::Transaction& tx) -> Status {
      ZHILI_TRY(tx.execute("UPDATE vault_job SET state = 'running', seen_at = $1", {seen}));
      return {};
    });
    ASSERT_TRUE(noted);
    const auto next = Intake::begin(*vault_, job());
    EXPECT_TRUE(next) << next.error().text();
  }
}

TEST_P(Intakes, WhatWillNotDoIsRefused) {
  auto intake = Intake::begin(*vault_, job());
  ASSERT_TRUE(intake) << intake.error().text();
  EXPECT_EQ((*intake)->put(person("990101199001011237", "")).error().code, ErrorCode::kInput);
  Subject strange = person("p1", "");
  strange.values[0].field = "height";
  EXPECT_EQ((*intake)->put(strange).error().code, ErrorCode::kInput);
  EXPECT_TRUE((*intake)->put(person("p1", "")));
  EXPECT_EQ((*intake)->put(person("p1", "")).error().code, ErrorCode::kInput);
  EXPECT_EQ(Intake::begin(*vault_, job()).error().code, ErrorCode::kBusy);
  intake->reset();
  EXPECT_TRUE(Intake::begin(*vault_, job()));
  IntakeJob other = job();
  other.basis = "pipl-44-46";
  EXPECT_EQ(Intake::begin(*vault_, other).error().code, ErrorCode::kInput);
}

ZHILI_ON_BOTH_ENGINES(Intakes);

}  // namespace
}  // namespace zhili::vault
