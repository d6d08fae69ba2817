#include "vault/door.hpp"

#include <set>

#include "vault/bindings.hpp"
#include "vault/test_vault.hpp"

namespace zhili::vault {
namespace {

class Doors : public VaultTest {};

TEST_P(Doors, WhoMaySeeItSeesItAndALineIsWritten) {
  const IntakeCounts counts = take_in({person("p1", "990101")});
  EXPECT_EQ(counts.added, 1U);
  const int64_t before = rows("audit_entry");
  const Answer answer = told(ask(actor("window_clerk", "9901"), "p1"));
  ASSERT_FALSE(answer.refusal);
  ASSERT_EQ(answer.subjects.size(), 1U);
  const Disclosed& one = answer.subjects[0];
  ASSERT_EQ(one.fields.size(), 6U);
  const ShownField* name = field_of(one, "name");
  ASSERT_NE(name, nullptr);
  EXPECT_EQ(name->value, "张三丰");
  EXPECT_FALSE(name->masked);
  EXPECT_EQ(name->source, "police");
  EXPECT_EQ(name->record, "P1");
  EXPECT_EQ(name->time, "2026-01-02");
  EXPECT_EQ(one.place, "990101");
  EXPECT_EQ(one.version, 1);
  EXPECT_EQ(rows("vault_disclosure"), 1);
  EXPECT_EQ(rows("audit_entry"), before + 1);
}

TEST_P(Doors, WhoIsBoundReadsAboutThemselvesOnly) {
  take_in({person("p1", "990101"), person("p2", "990101", "李四", "99010219910202123X", "13900002222")});
  const Bindings bindings(*vault_);
  ASSERT_TRUE(bindings.bind({"person", "p1"}, "resident1", ""));
  EXPECT_EQ(*bindings.of_account("resident1"), (std::vector<Bindings::Subject>{{"person", "p1"}}));
  EXPECT_EQ(bindings.bind({"person", "p2"}, "resident1", "").error().code, ErrorCode::kConflict);
  EXPECT_EQ(bindings.bind({"person", "p1"}, "resident2", "").error().code, ErrorCode::kConflict);
  EXPECT_EQ(bindings.bind({"person", "p9"}, "resident2", "").error().code, ErrorCode::kNotFound);
  Ask self = ask(actor("resident", "", false, "resident1"), "p1", {}, "inform_subject");
  self.basis = "pipl-44-46";
  const Answer own = told(self);
  ASSERT_EQ(own.subjects.size(), 1U) << own.refusal.value_or(Refusal{}).code;
  EXPECT_EQ(field_of(own.subjects[0], "id_number")->value, "990101199001011237");
  self.subject = "p2";
  EXPECT_EQ(refusal_in(told(self)).code, "not_own");
  ASSERT_TRUE(bindings.release({"person", "p1"}, ""));
  EXPECT_EQ(bindings.release({"person", "p1"}, "").error().code, ErrorCode::kNotFound);
  self.subject = "p1";
  EXPECT_EQ(refusal_in(told(self)).code, "not_own");
}

TEST_P(Doors, OneGradeAboveIsMasked) {
  take_in({person("p1", "990101")});
  const Answer answer = told(ask(actor("grid_worker", "990101"), "p1"));
  ASSERT_EQ(answer.subjects.size(), 1U);
  const ShownField* number = field_of(answer.subjects[0], "id_number");
  ASSERT_NE(number, nullptr);
  EXPECT_TRUE(number->masked);
  EXPECT_EQ(number->value, "9901**********1237");
  EXPECT_EQ(number->record, "");
  EXPECT_FALSE(field_of(answer.subjects[0], "phone")->masked);
}

TEST_P(Doors, OutsideAndUnknownAreAnsweredAlike) {
  take_in({person("p1", "9902")});
  const Answer outside = told(ask(actor("window_clerk", "9901"), "p1"));
  const Answer unknown = told(ask(actor("window_clerk", "9901"), "p2"));
  const Refusal one = refusal_in(outside);
  const Refusal other = refusal_in(unknown);
  EXPECT_EQ(one.code, "outside_area");
  EXPECT_EQ(one.code, other.code);
  EXPECT_EQ(one.rule, other.rule);
  EXPECT_EQ(one.zh, other.zh);
  EXPECT_TRUE(outside.subjects.empty());
  EXPECT_NE(one.entry, "");
  EXPECT_EQ(rows("vault_disclosure"), 0);
  std::vector<Refusal> refusals;
  for (const char* subject : {"p1", "p2"}) {
    const auto reasons =
        door_->reasons_now({actor("window_clerk", "9901"), "handle_case", "pipl-13-1-3", "person", subject, ""});
    ASSERT_TRUE(reasons);
    refusals.push_back(reasons->refusal.value_or(Refusal{}));
  }
  EXPECT_EQ(refusals[0].code, "outside_area");
  EXPECT_EQ(refusals[0].code, refusals[1].code);
  EXPECT_EQ(refusals[0].rule, refusals[1].rule);
  EXPECT_EQ(refusals[0].en, refusals[1].en);
}

TEST_P(Doors, ALookUpTellsNothingOfWhoLiesOutside) {
  take_in({person("p1", "9902"), person("p2", "9901", "李四", "99010219910202123X", "13900002222")});
  const auto clerk = actor("window_clerk", "9901");
  const int64_t before = rows("audit_entry");
  const std::vector<Ask> asked = {ask_by(clerk, "id_number", "990101199001011237"),  // Outside.
                                  ask_by(clerk, "id_number", "990101199001019999"),  // Nobody's.
                                  ask_by(clerk, "phone", "13800001111"),
                                  ask_by(clerk, "phone", "13700000000"),
                                  ask_by(clerk, "name", "张三丰"),
                                  ask_by(clerk, "name", "无此人")};
  for (const Ask& question : asked) {
    const Answer answer = told(question);
    EXPECT_FALSE(answer.refusal) << question.value;
    EXPECT_TRUE(answer.subjects.empty()) << question.value;
    EXPECT_TRUE(answer.bounded) << question.value;
    EXPECT_FALSE(answer.more) << question.value;
  }
  EXPECT_EQ(rows("audit_entry"), before + static_cast<int64_t>(asked.size()));
  // The log keeps the truth.
  const auto entries = store_->query("SELECT entry FROM audit_entry ORDER BY entry_index DESC LIMIT 6");
  ASSERT_TRUE(entries && entries->size() == 6);
  for (size_t i = 0; i < 6; ++i) {
    const bool is_there = i % 2 == 1;
    EXPECT_EQ((*entries)[i].text(0).find("\"outside\":1") != std::string_view::npos, is_there) << (*entries)[i].text(0);
  }
  // Beside those who are shown, too.
  EXPECT_TRUE(told(ask_by(clerk, "phone", "13900002222")).bounded);
}

TEST_P(Doors, MoreMeansMoreThatMayBeSeen) {
  std::vector<Subject> people;
  for (size_t i = 0; i <= limits::kMatches; ++i) people.push_back(person(fmt::format("p{:02}", i), "990101"));
  people.push_back(person("q1", "9902"));  // Found last, by its id.
  take_in(people);
  EXPECT_TRUE(told(ask_by(actor("window_clerk", "9901"), "name", "张三丰")).more);
  people.erase(people.begin());
  take_in(people);
  const Answer answer = told(ask_by(actor("window_clerk", "9901"), "name", "张三丰"));
  EXPECT_EQ(answer.subjects.size(), limits::kMatches);
  EXPECT_FALSE(answer.more);
}

TEST_P(Doors, WhoMaySeeNothingAnywhereIsToldSoWhoeverIsLookedFor) {
  take_in({person("p1", "990101")});
  std::set<std::string> codes;
  for (const char* number : {"990101199001011237", "990101199001019999"}) {
    // No post, and an auditor, who sees ledgers and no values.
    codes.insert(refusal_in(told(ask_by(actor("auditor", "99"), "id_number", number))).code);
    identity::Actor nobody = actor("window_clerk", "99");
    nobody.assignments.clear();
    codes.insert(refusal_in(told(ask_by(nobody, "id_number", number))).code);
  }
  EXPECT_EQ(codes, (std::set<std::string>{"no_post", "not_granted"}));
}

TEST_P(Doors, FindsByAnySpellingOfAValue) {
  take_in({person("p1", "990101"), person("p2", "9902", "张三丰", "99010219910202123X", "13900002222")});
  const Answer by_number = told(ask_by(actor("window_clerk", "99"), "id_number", "９９０101 19900101 1237"));
  ASSERT_EQ(by_number.subjects.size(), 1U);
  EXPECT_EQ(by_number.subjects[0].subject, "p1");
  const Answer by_phone = told(ask_by(actor("window_clerk", "99"), "phone", "+86 139-0000-2222"));
  ASSERT_EQ(by_phone.subjects.size(), 1U);
  EXPECT_EQ(by_phone.subjects[0].subject, "p2");
  const Answer by_name = told(ask_by(actor("window_clerk", "9901"), "name", "張三豐"));
  ASSERT_EQ(by_name.subjects.size(), 1U);
  EXPECT_EQ(by_name.subjects[0].subject, "p1");
  EXPECT_EQ(rows("vault_disclosure"), 3);
}

TEST_P(Doors, ABasisMustCarryThePurpose) {
  take_in({person("p1", "990101")});
  Ask question = ask(actor("window_clerk", "9901"), "p1");
  question.basis = "pipl-44-46";
  EXPECT_EQ(refusal_in(told(question)).code, "basis_other_purpose");
  question.basis = "made-up";
  EXPECT_EQ(refusal_in(told(question)).code, "unknown_basis");
}

TEST_P(Doors, AskingForAFieldThatIsNotThereIsAnError) {
  take_in({person("p1", "990101")});
  const auto answer = door_->disclose_now(ask(actor("window_clerk", "9901"), "p1", {"height"}));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kInput);
  EXPECT_FALSE(door_->disclose_now(ask_by(actor("window_clerk", "9901"), "birth", "1990-01-01")));
}

TEST_P(Doors, TheLedgerIsReadByWhoMay) {
  take_in({person("p1", "990101")});
  told(ask(actor("window_clerk", "9901"), "p1", {"name"}));
  told(ask(actor("grid_worker", "9901"), "p1", {"id_number"}));
  const LedgerAsk question{.actor = actor("auditor", "99"),
                           .purpose = "audit",
                           .basis = "pipl-13-1-3",
                           .kind = "person",
                           .subject = "p1",
                           .before = {},
                           .limit = 1,
                           .how = "test"};
  const auto first = door_->ledger_now(question);
  ASSERT_TRUE(first) << first.error().text();
  ASSERT_EQ(first->lines.size(), 1U);
  LedgerAsk second_question = question;
  second_question.before = first->next;
  const auto second = door_->ledger_now(second_question);
  ASSERT_TRUE(second) << second.error().text();
  ASSERT_EQ(second->lines.size(), 1U);
  EXPECT_EQ(second->next, "");
  // Of two within one millisecond either may be listed first.
  const bool name_first = !first->lines[0].clear.empty();
  EXPECT_GE(first->lines[0].time / 1000, second->lines[0].time / 1000);
  EXPECT_EQ((name_first ? first : second)->lines[0].clear, std::vector<std::string>{"name"});
  EXPECT_EQ((name_first ? second : first)->lines[0].masked, std::vector<std::string>{"id_number"});
  LedgerAsk clerk = question;
  clerk.actor = actor("window_clerk", "99");
  const auto refused = door_->ledger_now(clerk);
  ASSERT_TRUE(refused && refused->refusal);
  EXPECT_TRUE(refused->lines.empty());
}

TEST_P(Doors, ReasonsAreADisclosureToo) {
  take_in({person("p1", "990101")});
  const auto reasons = door_->reasons_now({.actor = actor("window_clerk", "9901"),
                                           .purpose = "handle_case",
                                           .basis = "pipl-13-1-3",
                                           .kind = "person",
                                           .subject = "p1",
                                           .how = "test"});
  ASSERT_TRUE(reasons) << reasons.error().text();
  EXPECT_EQ(reasons->provenance, person("p1", "").provenance);
  EXPECT_EQ(rows("vault_disclosure"), 1);
}

ZHILI_ON_BOTH_ENGINES(Doors);

}  // namespace
}  // namespace zhili::vault
