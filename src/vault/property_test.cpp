// Whatever policy, role, place and field: no value comes out without a line in the subject's ledger and an entry in the
// audit log; and none where they can't be written.
#include <condition_variable>
#include <mutex>
#include <set>

#include "base/random.hpp"
#include "vault/test_vault.hpp"

namespace zhili::vault {
namespace {

class DoorProperties : public VaultTest {
 protected:
  std::set<std::string> ids(const std::string& sql) {
    std::set<std::string> out;
    const auto found = store_->query(sql);
    EXPECT_TRUE(found) << found.error().text();
    if (found) {
      for (const store::Row row : *found) out.emplace(row.text(0));
    }
    return out;
  }
  /// Rules made up: any scope, any grade, allow and deny.
  static std::shared_ptr<const Rules> random_rules(Random& random) {
    const std::vector<std::string> scopes = {"everything", "area", "department", "own"};
    const std::vector<std::string> actions = {"[read]", "[look_up]", "[read, look_up]"};
    std::string yaml =
        "version: 1\nroles: {a: {zh: 甲, en: a}, b: {zh: 乙, en: b}}\n"
        "actions: {read: {zh: 看, en: read}, look_up: {zh: 查, en: look up}}\n"
        "resources: {person: {zh: 人, en: person}, disclosure: {zh: 痕, en: disclosure}}\n"
        "purposes: {handle_case: {zh: 办, en: case}, visit: {zh: 访, en: visit}}\nrules:\n";
    const uint64_t count = 1 + random.below(5);
    for (uint64_t i = 0; i < count; ++i) {
      const bool allow = random.chance(0.75);
      yaml += fmt::format(
          "  - {{id: r{}, effect: {}, roles: [{}], actions: {}, resources: any, scope: {}, purposes: {}, {}: {}", i,
          allow ? "allow" : "deny", random.chance(0.5) ? "a" : "b", random.pick(actions), random.pick(scopes),
          random.chance(0.7) ? "[handle_case]" : "[visit]", allow ? "up_to_grade" : "from_grade", 1 + random.below(5));
      yaml +=
          random.chance(0.2) ? fmt::format(", {}: true}}\n", allow ? "second_factor" : "unless_second_factor") : "}\n";
    }
    auto policy = identity::parse_policy(yaml, "random");
    EXPECT_TRUE(policy) << policy.error().text() << yaml;
    return std::make_shared<const Rules>(Rules{std::move(*policy), test_rules()->areas});
  }
  Ask random_ask(Random& random) {
    const std::vector<std::string> roles = {"a", "b", "c"};
    const std::vector<std::string> areas = {"99", "9901", "9902", "990101", "", "none"};
    const std::vector<std::string> subjects = {"p1", "p2", "p3", "p4"};
    const std::vector<std::string> fields = {"name", "id_number", "birth", "sex", "phone", "address"};
    const identity::Actor who = actor(random.pick(roles), random.pick(areas), random.chance(0.5));
    Ask out = random.chance(0.5) ? ask(who, random.pick(subjects))
                                 : ask_by(who, "name", random.chance(0.8) ? "张三丰" : "无此人");
    for (uint64_t i = random.below(4); i > 0; --i) out.fields.push_back(random.pick(fields));
    if (random.chance(0.1)) out.basis = "made-up";
    return out;
  }
};

TEST_P(DoorProperties, NoValueWithoutItsLineAndItsEntry) {
  take_in({person("p1", "990101"), person("p2", "9902"), person("p3", "")});
  Random random(20261122);
  uint64_t shown = 0;
  uint64_t refused = 0;
  std::set<std::string> seen;
  for (int round = 0; round < 60; ++round) {
    const auto rules = random_rules(random);
    door_->use(rules);
    for (int i = 0; i < 10; ++i) {
      const Ask question = random_ask(random);
      const Answer answer = told(question);
      for (const Disclosed& one : answer.subjects) {
        ++shown;
        EXPECT_TRUE(seen.insert(one.entry).second);
        const auto line = store_->query(
            "SELECT clear, masked FROM vault_disclosure WHERE kind = 'person' AND subject_id = "
            "$1 AND entry_id = $2",
            {one.subject, one.entry});
        ASSERT_TRUE(line && line->size() == 1);
        std::string clear;
        std::string masked;
        for (const ShownField& field : one.fields) {
          (field.masked ? masked : clear) += ((field.masked ? masked : clear).empty() ? "" : ",") + field.field;
          // What is shown whole the policy opens for this actor, and what is masked it does not.
          const auto decision = identity::decide(rules->policy, rules->areas, question.actor,
                                                 {.action = question.by.empty() ? "read" : "look_up",
                                                  .resource = "person",
                                                  .department = {},
                                                  .area = one.place,
                                                  .subject = {},
                                                  .purpose = question.purpose,
                                                  .grade = catalog_.kind("person")->find(field.field)->grade});
          EXPECT_EQ(decision.allowed, !field.masked);
          if (field.masked) {
            EXPECT_NE(field.value.find_first_of("*1"), std::string::npos);
          }
        }
        EXPECT_EQ((*line)[0].text(0), clear);
        EXPECT_EQ((*line)[0].text(1), masked);
        EXPECT_EQ(store_->query("SELECT 1 FROM audit_place WHERE entry_id = $1", {one.entry})->size(), 1U);
      }
      if (answer.subjects.empty() && answer.refusal) {
        ++refused;
        EXPECT_EQ(store_->query("SELECT 1 FROM audit_place WHERE entry_id = $1", {refusal_in(answer).entry})->size(),
                  1U);
      }
    }
  }
  EXPECT_GT(shown, 50U);
  EXPECT_GT(refused, 50U);
  EXPECT_EQ(rows("vault_disclosure"), static_cast<int64_t>(seen.size()));
}

/// What a look-up that shows nobody tells, and what it adds to the log.
struct Told {
  std::string refusal;
  bool bounded = false;
  bool more = false;
  int64_t entries = 0;
  bool operator==(const Told&) const = default;
};

TEST_P(DoorProperties, WhoIsHiddenIsAnsweredAsNobody) {
  take_in({person("p1", "990101"), person("p2", "9902"), person("p3", "")});
  Random random(20261123);
  uint64_t hidden = 0;
  for (int round = 0; round < 60; ++round) {
    door_->use(random_rules(random));
    for (int i = 0; i < 10; ++i) {
      Ask question = random_ask(random);
      if (question.by.empty()) continue;
      std::vector<Told> told_of;
      bool shown = false;
      for (const char* name : {"张三丰", "无此人"}) {
        question.value = name;
        const int64_t before = rows("audit_entry");
        const Answer answer = told(question);
        shown = shown || !answer.subjects.empty();
        const Refusal why = refusal_in(answer);
        told_of.push_back(
            {why.code + why.rule + why.zh + why.en, answer.bounded, answer.more, rows("audit_entry") - before});
      }
      if (shown) continue;
      ++hidden;
      EXPECT_EQ(told_of[0], told_of[1]) << told_of[0].refusal << " | " << told_of[1].refusal;
    }
  }
  EXPECT_GT(hidden, 50U);
}

TEST_P(DoorProperties, WhereTheLogTakesNothingNothingIsTold) {
  take_in({person("p1", "990101")});
  ASSERT_FALSE(told(ask(actor("window_clerk", "99"), "p1")).subjects.empty());
  const int64_t lines = rows("vault_disclosure");
  const auto run = [&](const char* sql) {
    return store_->commit([&](store::Transaction& tx) -> Status {
      ZHILI_TRY(tx.execute(sql));
      return {};
    });
  };
  // The log's row is gone: no entry gets a number.
  ASSERT_TRUE(run("UPDATE audit_log SET log_id = 'gone'"));
  for (const bool by_value : {false, true}) {
    const auto answer = door_->disclose_now(by_value ? ask_by(actor("window_clerk", "99"), "phone", "13800001111")
                                                     : ask(actor("window_clerk", "99"), "p1"));
    EXPECT_FALSE(answer);
  }
  EXPECT_FALSE(door_->reasons_now({actor("window_clerk", "99"), "handle_case", "pipl-13-1-3", "person", "p1", ""}));
  EXPECT_FALSE(door_->ledger_now({actor("auditor", "99"), "audit", "pipl-13-1-3", "person", "p1", "", 10, ""}));
  EXPECT_EQ(rows("vault_disclosure"), lines);
  ASSERT_TRUE(run("UPDATE audit_log SET log_id = 'district.example/audit'"));
  EXPECT_EQ(told(ask(actor("window_clerk", "99"), "p1")).subjects.size(), 1U);
  // And where the store stops.
  store_->stop();
  EXPECT_FALSE(door_->disclose_now(ask(actor("window_clerk", "99"), "p1")));
}

TEST_P(DoorProperties, SwappedAndBentBlobsAreNotShown) {
  take_in({person("p1", "990101"), person("p2", "990101", "李四", "99010219910202123X", "13900002222")});
  const auto run = [&](const char* sql) {
    return store_->commit([&](store::Transaction& tx) -> Status {
      ZHILI_TRY(tx.execute(sql));
      return {};
    });
  };
  ASSERT_TRUE(
      run("UPDATE vault_subject SET golden = (SELECT golden FROM vault_subject WHERE subject_id = 'p2') WHERE "
          "subject_id = 'p1'"));
  EXPECT_FALSE(door_->disclose_now(ask(actor("window_clerk", "99"), "p1")));
  // One who is found by another's digest is not shown.
  ASSERT_TRUE(run("UPDATE vault_index SET subject_id = 'p2' WHERE subject_id = 'p1'"));
  const auto found = door_->disclose_now(ask_by(actor("window_clerk", "99"), "phone", "13800001111"));
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_TRUE(found->subjects.empty());
  // The provenance of one is not that of another, nor golden values.
  ASSERT_TRUE(run("UPDATE vault_subject SET provenance = golden WHERE subject_id = 'p2'"));
  EXPECT_FALSE(door_->reasons_now({actor("window_clerk", "99"), "handle_case", "pipl-13-1-3", "person", "p2", ""}));
  EXPECT_EQ(rows("vault_disclosure"), 0);
}

TEST_P(DoorProperties, ManyAtOnceAreEachAnsweredOnce) {
  take_in({person("p1", "990101"), person("p2", "9902")});
  constexpr size_t kMany = 2'000;
  std::mutex mutex;
  std::condition_variable came;
  size_t answered = 0;
  size_t shown = 0;
  for (size_t i = 0; i < kMany; ++i) {
    door_->disclose(ask(actor("window_clerk", i % 3 == 0 ? "9902" : "9901"), i % 2 == 0 ? "p1" : "p2"),
                    [&](const Result<Answer>& answer) {
                      const std::scoped_lock lock(mutex);
                      shown += answer ? answer->subjects.size() : 0;
                      if (++answered == kMany) came.notify_one();
                    });
  }
  std::unique_lock lock(mutex);
  came.wait(lock, [&] { return answered == kMany; });
  EXPECT_EQ(rows("vault_disclosure"), static_cast<int64_t>(shown));
  EXPECT_GT(shown, 0U);
}

ZHILI_ON_BOTH_ENGINES(DoorProperties);

}  // namespace
}  // namespace zhili::vault
