#include "vault/records.hpp"

#include <csignal>
#include <map>

#include <sys/wait.h>

#include "base/random.hpp"
#include "vault/jobs.hpp"
#include "vault/rotation.hpp"
#include "vault/test_vault.hpp"

namespace zhili::vault {
namespace {

class RecordsTest : public VaultTest {
 protected:
  void SetUp() override {
    VaultTest::SetUp();
    if (!IsSkipped()) declare(test_dataset());
  }
  std::vector<TestRow> many(unsigned count) {
    std::vector<TestRow> out;
    out.reserve(count);
    for (unsigned i = 0; i < count; ++i) out.push_back(row_of(i));
    return out;
  }
};

TEST_P(RecordsTest, AWholeBatchBringsTheDatasetToItsState) {
  const auto first = absorb(many(1203));
  EXPECT_EQ(first.added, 1203U);
  EXPECT_EQ(rows("vault_record"), 1203);
  EXPECT_EQ(rows("vault_record_index"), 1203 * 4);  // Key, ID number, name, telephone.
  const int64_t entries = rows("audit_entry");
  const auto again = absorb(many(1203), "b2");
  EXPECT_EQ(again.unchanged, 1203U);
  EXPECT_EQ(again.added + again.changed + again.removed, 0U);
  EXPECT_EQ(rows("audit_entry"), entries + 1);  // That the job ran.
  auto third = many(1201);
  third[7] = row_of(7, "9902", "750");
  third[8][2] = "";
  third.push_back(row_of(5000));
  const auto counts = absorb(third, "b3");
  EXPECT_EQ(counts.added, 1U);
  EXPECT_EQ(counts.changed, 2U);
  EXPECT_EQ(counts.removed, 2U);
  EXPECT_EQ(counts.unchanged, 1199U);
  EXPECT_EQ(rows("vault_record_index"), 1202 * 4 - 1);
  const auto held = Records(*vault_).held("civil.low_income");
  ASSERT_TRUE(held);
  EXPECT_EQ(held->records, 1202);
  EXPECT_EQ(held->batch, "b3");
  const auto jobs = Jobs(*vault_).list();
  ASSERT_TRUE(jobs);
  EXPECT_EQ(jobs->front().work, "records");
  EXPECT_EQ(jobs->front().kind, "civil.low_income");
  EXPECT_EQ(jobs->front().state, "done");
  EXPECT_EQ(jobs->front().removed, 2U);
}

TEST_P(RecordsTest, ChangesInsertUpdateAndDelete) {
  absorb(many(10));
  auto intake = RecordIntake::begin(*vault_, record_job("c1", false));
  ASSERT_TRUE(intake) << intake.error().text();
  ASSERT_TRUE((*intake)->put(views(row_of(3, "9902"))));
  ASSERT_TRUE((*intake)->put(views(row_of(20))));
  ASSERT_TRUE((*intake)->put(views(row_of(20, "9902"))));  // The last one counts.
  const std::vector<std::string> gone = {id_number(4)};
  const std::vector<std::string> unknown = {id_number(77)};
  ASSERT_TRUE((*intake)->remove(views(gone)));
  ASSERT_TRUE((*intake)->remove(views(unknown)));
  const auto counts = (*intake)->finish();
  ASSERT_TRUE(counts) << counts.error().text();
  EXPECT_EQ(counts->added, 1U);
  EXPECT_EQ(counts->changed, 1U);
  EXPECT_EQ(counts->removed, 1U);
  EXPECT_EQ(counts->unchanged, 1U);
  EXPECT_EQ(rows("vault_record"), 10);
  EXPECT_FALSE(Records(*vault_).number("civil.low_income", {id_number(4)}));
  EXPECT_TRUE(Records(*vault_).number("civil.low_income", {id_number(20)}));
}

// Whatever batches come, the vault holds what a map would: numbers stay with their keys, and none comes twice.
TEST_P(RecordsTest, AnyBatchesLeaveWhatAMapWould) {
  Random random(11);
  std::map<unsigned, std::string> model;
  std::map<unsigned, int64_t> numbers;
  const Records records(*vault_);
  for (int step = 0; step < 12; ++step) {
    const bool whole = random.chance(0.3);
    auto intake = RecordIntake::begin(*vault_, record_job(fmt::format("b{}", step), whole));
    ASSERT_TRUE(intake) << intake.error().text();
    if (whole) model.clear();
    for (int i = 0; i < 40; ++i) {
      const auto key = static_cast<unsigned>(random.below(30));
      if (whole && model.contains(key)) continue;
      const std::string amount = std::to_string(random.below(3));
      if (!whole && random.chance(0.3)) {
        const std::string number = id_number(key);
        const std::vector<std::string_view> one = {number};
        ASSERT_TRUE((*intake)->remove(one));
        model.erase(key);
      } else {
        ASSERT_TRUE((*intake)->put(views(row_of(key, "99", amount))));
        model[key] = amount;
      }
    }
    ASSERT_TRUE((*intake)->finish());
    ASSERT_EQ(rows("vault_record"), static_cast<int64_t>(model.size()));
    for (unsigned key = 0; key < 30; ++key) {
      const auto number = records.number("civil.low_income", {id_number(key)});
      ASSERT_EQ(number.has_value(), model.contains(key)) << step << " " << key;
      if (!number) {
        numbers.erase(key);
        continue;
      }
      const auto [known, fresh] = numbers.try_emplace(key, *number);
      if (!fresh && !whole) {
        EXPECT_EQ(known->second, *number);
      }
    }
  }
}

TEST_P(RecordsTest, WhatWillNotDoIsRefused) {
  auto intake = RecordIntake::begin(*vault_, record_job("b1"));
  ASSERT_TRUE(intake) << intake.error().text();
  const auto code = [&](const TestRow& row) {
    const Status put = (*intake)->put(views(row));
    return put ? ErrorCode::kInternal : put.error().code;
  };
  EXPECT_EQ(code({"a", "b"}), ErrorCode::kInput);
  EXPECT_EQ(code({"", "b", "c", "d", "e"}), ErrorCode::kInput);
  EXPECT_EQ(code({"k", "\xff", "c", "d", "e"}), ErrorCode::kInput);
  EXPECT_EQ(code({"k", std::string(kRowBytes, 'x'), "c", "d", "e"}), ErrorCode::kLimit);
  ASSERT_TRUE((*intake)->put(views(row_of(1))));
  EXPECT_EQ(code(row_of(1)), ErrorCode::kInput);
  EXPECT_EQ(RecordIntake::begin(*vault_, record_job("b2")).error().code, ErrorCode::kBusy);
  intake->reset();
  EXPECT_EQ(Jobs(*vault_).list()->front().state, "broken_off");
  RecordJob other = record_job("b2");
  other.dataset = "civil.none";
  EXPECT_EQ(RecordIntake::begin(*vault_, other).error().code, ErrorCode::kNotFound);
  other = record_job("b2");
  other.columns = {"xm"};
  EXPECT_EQ(RecordIntake::begin(*vault_, other).error().code, ErrorCode::kInput);
  other.columns = {"gmsfhm", "height"};
  EXPECT_EQ(RecordIntake::begin(*vault_, other).error().code, ErrorCode::kInput);
  other = record_job("b2");
  other.basis = "pipl-44-46";
  EXPECT_EQ(RecordIntake::begin(*vault_, other).error().code, ErrorCode::kInput);
}

TEST_P(RecordsTest, NothingLiesInClear) {
  absorb({row_of(1)});
  for (const char* table : {"vault_record", "vault_record_index", "vault_change"}) {
    const auto all = store_->query(fmt::format("SELECT * FROM {}", table));
    ASSERT_TRUE(all);
    for (const store::Row row : *all) {
      for (size_t column = 0; column < row.columns(); ++column) {
        EXPECT_EQ(row.bytes(column).find(id_number(1)), std::string_view::npos);
        EXPECT_EQ(row.bytes(column).find("张三丰"), std::string_view::npos);
      }
    }
  }
}

TEST_P(RecordsTest, RowsAreLinkedToWhomTheyAreAbout) {
  absorb(many(5));
  const Records records(*vault_);
  const std::vector<Records::Link> links = {
      {{id_number(1)}, "person", "p1"}, {{id_number(2)}, "person", "p1"}, {{id_number(99)}, "person", "p9"}};
  const auto set = records.link("civil.low_income", links, "");
  ASSERT_TRUE(set) << set.error().text();
  EXPECT_EQ(*set, 2U);
  EXPECT_EQ(*records.link("civil.low_income", links, ""), 0U);
  const auto about = records.about("civil.low_income", {id_number(2)});
  ASSERT_TRUE(about);
  EXPECT_EQ(about->value_or(Records::About{}), (Records::About{"person", "p1"}));
  EXPECT_FALSE(*records.about("civil.low_income", {id_number(3)}));
  const std::vector<Records::Link> other = {{{id_number(2)}, "person", "p2"}, {{id_number(1)}, "", ""}};
  EXPECT_EQ(*records.link("civil.low_income", other, ""), 2U);
  EXPECT_EQ(records.about("civil.low_income", {id_number(2)})->value_or(Records::About{}).subject, "p2");
  EXPECT_FALSE(*records.about("civil.low_income", {id_number(1)}));
  const std::vector<Records::Link> bad = {{{id_number(2), "x"}, "person", "p2"}};
  EXPECT_EQ(records.link("civil.low_income", bad, "").error().code, ErrorCode::kInput);
}

TEST_P(RecordsTest, NewKeysSealRecordsToo) {
  absorb(many(600));
  const auto number = Records(*vault_).number("civil.low_income", {id_number(5)});
  const auto counts = Rotation(*vault_).rotate("admin", Cancel());
  ASSERT_TRUE(counts) << counts.error().text();
  EXPECT_EQ(counts->records, 600U);
  EXPECT_EQ((*store_->query("SELECT count(*) FROM vault_record WHERE key_number < 2"))[0].int64(0), 0);
  EXPECT_EQ(rows("vault_record_index"), 600 * 4);
  EXPECT_EQ(*Records(*vault_).number("civil.low_income", {id_number(5)}), *number);
  EXPECT_EQ(absorb(many(600), "b2").unchanged, 600U);
}

// A rotation that broke off leaves rows under two keys: a batch finds both.
TEST_P(RecordsTest, ABatchFindsRowsOfTwoKeys) {
  absorb(many(600));
  Cancel cancel;
  const auto broken = Rotation(*vault_).rotate("admin", cancel, [&](uint64_t done) {
    if (done > 0) cancel.request();
  });
  ASSERT_FALSE(broken);
  const int64_t old = (*store_->query("SELECT count(*) FROM vault_record WHERE key_number = 1"))[0].int64(0);
  EXPECT_GT(old, 0);
  EXPECT_LT(old, 600);
  auto changed = many(600);
  changed[599][4] = "501";
  const auto counts = absorb(changed, "b2");
  EXPECT_EQ(counts.unchanged, 599U);
  EXPECT_EQ(counts.changed, 1U);
  ASSERT_TRUE(Rotation(*vault_).rotate("admin", Cancel()));
  EXPECT_EQ(rows("vault_record_index"), 600 * 4);
  EXPECT_EQ(absorb(changed, "b3").unchanged, 600U);
}

// Killed at any moment, a job leaves whole groups; the same batch again makes the dataset whole.
TEST_P(RecordsTest, AKilledJobIsMadeWholeByTheSameBatch) {
  if (GetParam() != store::Engine::kSqlite) GTEST_SKIP() << "a forked process can't share a connection";
  const auto all = many(3500);
  close();
  const pid_t child = ::fork();
  if (child == 0) {
    open();
    auto intake = RecordIntake::begin(*vault_, record_job("b1"));
    if (!intake) ::_exit(1);
    for (size_t i = 0; i < 3200; ++i) {
      if (!(*intake)->put(views(all[i]))) ::_exit(1);
    }
    ::raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  open();
  EXPECT_EQ(rows("vault_record") % 1000, 0);
  EXPECT_EQ(rows("vault_record_index"), rows("vault_record") * 4);
  const auto counts = absorb(all);
  EXPECT_EQ(counts.added + counts.unchanged, 3500U);
  EXPECT_EQ(rows("vault_record"), 3500);
}

ZHILI_ON_BOTH_ENGINES(RecordsTest);

}  // namespace
}  // namespace zhili::vault
