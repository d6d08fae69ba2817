#include "vault/upkeep.hpp"

#include <atomic>
#include <thread>

#include "vault/bindings.hpp"
#include "vault/key_ring.hpp"
#include "vault/test_vault.hpp"

namespace zhili::vault {
namespace {

class Upkeeps : public VaultTest {
 protected:
  void SetUp() override {
    VaultTest::SetUp();
    if (IsSkipped()) return;
    auto made = Upkeep::create(*vault_, "person", "build_base", "pipl-13-1-3");
    ASSERT_TRUE(made) << made.error().text();
    upkeep_ = std::move(*made);
  }
  void TearDown() override {
    upkeep_.reset();
    VaultTest::TearDown();
  }
  Status keep(const SubjectChanges& changes) {
    const auto prepared = upkeep_->prepare(changes);
    if (!prepared) return fail(prepared.error());
    return store_->commit([&](store::Transaction& tx) { return upkeep_->apply(tx, **prepared); });
  }
  int64_t version_of(const std::string& subject) {
    const Answer answer = told(ask(actor("window_clerk", "99"), subject));
    return answer.subjects.empty() ? 0 : answer.subjects[0].version;
  }
  size_t lines_of(const std::string& subject) {
    const auto rows = store_->query("SELECT 1 FROM vault_disclosure WHERE subject_id = $1", {subject});
    return rows ? rows->size() : 0;
  }

  std::unique_ptr<Upkeep> upkeep_;
};

TEST_P(Upkeeps, SubjectsComeChangeAndGo) {
  ASSERT_TRUE(keep({.put = {person("p1", "990101"), person("p2", "9902", "李四")}}));
  EXPECT_EQ(version_of("p1"), 1);
  ASSERT_TRUE(keep({.put = {person("p1", "990101", "张三风")}, .gone = {"p2"}}));
  EXPECT_EQ(version_of("p1"), 2);
  EXPECT_EQ(rows("vault_subject"), 1);
  EXPECT_EQ(rows("vault_index"), 3);  // Nothing of the old name, and of who is gone.
  const Answer found = told(ask_by(actor("window_clerk", "99"), "name", "张三风"));
  ASSERT_EQ(found.subjects.size(), 1U);
  EXPECT_TRUE(told(ask_by(actor("window_clerk", "99"), "name", "李四")).subjects.empty());
  const auto entries = store_->query("SELECT 1 FROM vault_change WHERE job_id = ''");
  EXPECT_EQ(entries->size(), 2U);
}

TEST_P(Upkeeps, ChangesThatAreOnTheirWayTogetherAreAllMade) {
  constexpr int kSteps = 40;
  std::atomic<int> left{kSteps};
  for (int i = 0; i < kSteps; ++i) {
    const auto prepared = upkeep_->prepare({.put = {person("p1", "990101", fmt::format("张三{}", i))}});
    ASSERT_TRUE(prepared);
    store_->submit([this, made = *prepared](store::Transaction& tx) { return upkeep_->apply(tx, *made); },
                   [&left](const Status& done) {
                     EXPECT_TRUE(done) << done.error().text();
                     --left;
                   });
  }
  while (left > 0) std::this_thread::yield();
  EXPECT_EQ(version_of("p1"), kSteps);
  EXPECT_EQ(rows("vault_index"), 3);
}

TEST_P(Upkeeps, WhoMergesKeepsLedgerAndAccount) {
  ASSERT_TRUE(keep({.put = {person("p1", "990101"), person("p2", "9902")}}));
  ASSERT_TRUE(Bindings(*vault_).bind({"person", "p2"}, "resident-2", ""));
  told(ask(actor("window_clerk", "99"), "p2"));
  ASSERT_EQ(lines_of("p2"), 1U);
  ASSERT_TRUE(keep({.put = {person("p1", "990101")}, .gone = {"p2"}, .merged = {{"p2", "p1"}}}));
  EXPECT_EQ(lines_of("p2"), 0U);
  EXPECT_EQ(lines_of("p1"), 1U);
  const auto bound = Bindings(*vault_).of_account("resident-2");
  ASSERT_TRUE(bound);
  ASSERT_EQ(bound->size(), 1U);
  EXPECT_EQ(bound->front().id, "p1");
}

TEST_P(Upkeeps, RowsAreAboutThem) {
  declare(test_dataset());
  absorb({row_of(1), row_of(2)});
  SubjectChanges changes{.put = {person("p1", "990101")}};
  changes.about = {{"civil.low_income", {{{id_number(1)}, "person", "p1"}, {{id_number(77)}, "person", "p1"}}}};
  ASSERT_TRUE(keep(changes));
  EXPECT_EQ(Records(*vault_).about("civil.low_income", {id_number(1)}).value(),
            (std::optional<Records::About>{{"person", "p1"}}));
  EXPECT_EQ(rows("vault_record_link"), 1);
  const int64_t entries = rows("audit_entry");
  changes.put.clear();
  ASSERT_TRUE(keep(changes));  // Nothing is other than it was.
  EXPECT_EQ(rows("audit_entry"), entries);
}

TEST_P(Upkeeps, AStepFailsAsAWhole) {
  ASSERT_TRUE(keep({.put = {person("p1", "990101")}}));
  const auto prepared = upkeep_->prepare({.put = {person("p1", "990101", "张三风")}});
  ASSERT_TRUE(prepared);
  const Status failed = store_->commit([&](store::Transaction& tx) -> Status {
    ZHILI_TRY(upkeep_->apply(tx, **prepared));
    return fail(ErrorCode::kConstraint, {}, "", "not now");
  });
  EXPECT_FALSE(failed);
  EXPECT_EQ(version_of("p1"), 1);
  auto wrong = person("p3", "990101");
  wrong.values.push_back(value("shoe_size", "43"));
  EXPECT_EQ(keep({.put = {wrong}}).error().code, ErrorCode::kInput);
}

TEST_P(Upkeeps, ANewKeyIsFound) {
  ASSERT_TRUE(keep({.put = {person("p1", "990101")}}));
  // Another server makes one.
  ASSERT_TRUE(store_->commit([&](store::Transaction& tx) -> Status {
    const auto made = vault_->keys().add(tx, cipher(), 1);
    return made ? Status{} : fail(made.error());
  }));
  EXPECT_EQ(keep({.put = {person("p1", "990101", "张三风")}}).error().code, ErrorCode::kBusy);
  ASSERT_TRUE(keep({.put = {person("p1", "990101", "张三风")}}));
  EXPECT_EQ(version_of("p1"), 2);
}

TEST_P(Upkeeps, WantsABasis) {
  EXPECT_EQ(Upkeep::create(*vault_, "person", "build_base", "none").error().code, ErrorCode::kInput);
  EXPECT_EQ(Upkeep::create(*vault_, "ghost", "build_base", "pipl-13-1-3").error().code, ErrorCode::kInput);
}

ZHILI_ON_BOTH_ENGINES(Upkeeps);

}  // namespace
}  // namespace zhili::vault
