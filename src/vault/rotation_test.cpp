#include "vault/rotation.hpp"

#include <csignal>

#include <sys/wait.h>

#include "base/random.hpp"
#include "vault/bindings.hpp"
#include "vault/jobs.hpp"
#include "vault/key_ring.hpp"
#include "vault/test_vault.hpp"

namespace zhili::vault {
namespace {

constexpr size_t kMany = 600;

class Rotations : public VaultTest {
 protected:
  static std::vector<Subject> many() {
    std::vector<Subject> out;
    out.reserve(kMany);
    for (size_t i = 0; i < kMany; ++i) {
      out.push_back(person(fmt::format("p{}", i), i % 2 == 0 ? "990101" : "9902", fmt::format("张三{}", i),
                           fmt::format("99010119900101{:03}X", i), fmt::format("138{:08}", i)));
    }
    return out;
  }
  /// Every subject is read whole, and found by its telephone.
  void expect_all() {
    for (size_t i = 0; i < kMany; i += 37) {
      const Answer answer = told(ask(actor("window_clerk", "99"), fmt::format("p{}", i)));
      ASSERT_EQ(answer.subjects.size(), 1U);
      EXPECT_EQ(field_of(answer.subjects[0], "phone")->value, fmt::format("138{:08}", i));
      const Answer found = told(ask_by(actor("window_clerk", "99"), "phone", fmt::format("138{:08}", i)));
      ASSERT_EQ(found.subjects.size(), 1U) << i;
    }
  }
  int64_t sealed_below(int64_t number) {
    return (*store_->query("SELECT count(*) FROM vault_subject WHERE key_number < $1", {number}))[0].int64(0);
  }
};

TEST_P(Rotations, EverythingIsSealedAnewAndTheOldKeyIsForgotten) {
  take_in(many());
  const auto counts = Rotation(*vault_).rotate("admin", Cancel());
  ASSERT_TRUE(counts) << counts.error().text();
  EXPECT_EQ(counts->key, 2U);
  EXPECT_EQ(counts->subjects, kMany);
  EXPECT_FALSE(counts->resumed);
  EXPECT_EQ(sealed_below(2), 0);
  EXPECT_EQ(rows("vault_key"), 1);
  EXPECT_EQ(rows("vault_index"), static_cast<int64_t>(3 * kMany));
  expect_all();
  // What did not change is known to be so under the new key too.
  EXPECT_EQ(take_in(many()).unchanged, kMany);
  close();
  open();
  expect_all();
}

TEST_P(Rotations, WhatBrokeOffIsGoneOnWith) {
  take_in(many());
  Cancel cancel;
  const auto stopped = Rotation(*vault_).rotate("", cancel, [&](uint64_t) { cancel.request(); });
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
  EXPECT_GT(sealed_below(2), 0);
  EXPECT_LT(sealed_below(2), static_cast<int64_t>(kMany));
  expect_all();  // With both keys.
  EXPECT_EQ(take_in(many()).unchanged, kMany);
  const auto counts = Rotation(*vault_).rotate("", Cancel());
  ASSERT_TRUE(counts) << counts.error().text();
  EXPECT_TRUE(counts->resumed);
  EXPECT_EQ(counts->key, 2U);
  EXPECT_EQ(sealed_below(2), 0);
  expect_all();
}

TEST_P(Rotations, AKilledRotationLosesNothing) {
  take_in(many());
  door_.reset();
  close();
  Random random(20261122);
  for (int round = 0; round < 4; ++round) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      open();
      (void)Rotation(*vault_).rotate("", Cancel());
      ::_exit(0);
    }
    ::usleep(static_cast<useconds_t>(20'000 + random.below(150'000)));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    open();
    expect_all();
    // A minute later nobody waits for it any more.
    const auto aged = store_->commit([](store::Transaction& tx) -> Status {
      ZHILI_TRY(tx.execute("UPDATE vault_job SET seen_at = 0"));
      return {};
    });
    EXPECT_TRUE(aged);
    close();
  }
  open();
  const auto counts = Rotation(*vault_).rotate("", Cancel());
  ASSERT_TRUE(counts) << counts.error().text();
  EXPECT_EQ(sealed_below(counts->key), 0);
  EXPECT_EQ(rows("vault_index"), static_cast<int64_t>(3 * kMany));
  expect_all();
}

TEST_P(Rotations, AnotherServersNewKeyIsFound) {
  take_in(many());
  auto other = Vault::open(*store_, *log_, catalog_, MasterKeys::parse(master_, "key").value(), vault_->options());
  ASSERT_TRUE(other) << other.error().text();
  ASSERT_TRUE(Rotation(**other).rotate("", Cancel()));
  expect_all();
  // It may not seal with the old key, which nobody could read.
  auto stale = Vault::open(*store_, *log_, catalog_, MasterKeys::parse(master_, "key").value(), vault_->options());
  ASSERT_TRUE(stale) << stale.error().text();
  auto intake = Intake::begin(**stale, job());
  ASSERT_TRUE(intake) << intake.error().text();
  ASSERT_TRUE(Rotation(**other).rotate("", Cancel()));
  ASSERT_TRUE((*intake)->put(person("p9999", "")));
  EXPECT_EQ((*intake)->finish().error().code, ErrorCode::kBusy);
}

TEST_P(Rotations, TheMasterKeyCanBeChanged) {
  take_in(many());
  const std::string old = master_;
  const std::string fresh = MasterKeys::generate().value();
  master_ = fresh + old;
  close();
  open();
  const auto wrapped = Rotation(*vault_).rewrap("admin");
  ASSERT_TRUE(wrapped) << wrapped.error().text();
  EXPECT_EQ(*wrapped, 1U);
  EXPECT_EQ(*Rotation(*vault_).rewrap("admin"), 0U);
  master_ = fresh;
  close();
  open();
  expect_all();
  const auto refused = Vault::open(*store_, *log_, catalog_, MasterKeys::parse(old, "key").value(), vault_->options());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConfig);
}

TEST_P(Rotations, AResidentReadsAboutHimself) {
  take_in(many());
  Bindings bindings(*vault_);
  ASSERT_TRUE(bindings.bind({"person", "p1"}, "resident", "admin"));
  EXPECT_EQ(bindings.bind({"person", "p2"}, "resident", "admin").error().code, ErrorCode::kConflict);
  EXPECT_EQ(bindings.bind({"person", "nobody"}, "other", "admin").error().code, ErrorCode::kNotFound);
  Ask question = ask(actor("resident", "", false, "resident"), "p1", {}, "inform_subject");
  question.basis = "pipl-44-46";
  const Answer answer = told(question);
  ASSERT_EQ(answer.subjects.size(), 1U);
  EXPECT_EQ(answer.subjects[0].fields.size(), 6U);
  question.subject = "p2";
  EXPECT_EQ(refusal_in(told(question)).code, "not_own");
  const auto page = door_->ledger_now({.actor = question.actor,
                                       .purpose = "inform_subject",
                                       .basis = "pipl-44-46",
                                       .kind = "person",
                                       .subject = "p1",
                                       .before = {},
                                       .limit = 10,
                                       .how = {}});
  ASSERT_TRUE(page) << page.error().text();
  EXPECT_EQ(page->lines.size(), 1U);
  ASSERT_TRUE(bindings.release({"person", "p1"}, "admin"));
  question.subject = "p1";
  EXPECT_EQ(refusal_in(told(question)).code, "not_own");
}

ZHILI_ON_BOTH_ENGINES(Rotations);

}  // namespace
}  // namespace zhili::vault
