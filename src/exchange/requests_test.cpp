#include "exchange/requests.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "base/random.hpp"
#include "exchange/test_exchange.hpp"

namespace zhili::exchange {
namespace {

class RequestsTest : public ExchangeTest {};

ErrorCode code(const auto& result) { return result ? ErrorCode::kInternal : result.error().code; }

TEST_P(RequestsTest, WalkFromDraftToRevocation) {
  const Request draft = must(requests_->create(officer("health"), wanted()));
  EXPECT_EQ(draft.state, State::kDraft);
  EXPECT_EQ(draft.owner, "civil");
  EXPECT_FALSE(requests_->find(officer("civil"), draft.id));  // A draft is the requester's own.
  Wanted other = wanted();
  other.fields = {"xm"};
  const Request changed = must(requests_->change(officer("health"), draft.id, 1, other));
  EXPECT_EQ(changed.version, 2);
  EXPECT_EQ(code(requests_->change(officer("health"), draft.id, 1, other)), ErrorCode::kConflict);
  const Request sent = must(requests_->submit(officer("health"), draft.id, 2));
  EXPECT_EQ(sent.state, State::kSubmitted);
  EXPECT_EQ(sent.answers, "civil");
  EXPECT_EQ(terms_->calendar.days_between(sent.submitted_at, sent.answer_due), 10);
  EXPECT_EQ(code(requests_->approve(officer("health"), draft.id, 3, conditions(other))), ErrorCode::kConstraint);
  Conditions less = conditions(other);
  less.fields[0].masked = true;
  less.per_day = 5;
  const Request grant = must(requests_->approve(officer("civil"), draft.id, 3, less, "仅限脱敏"));
  EXPECT_EQ(grant.state, State::kApproved);
  EXPECT_EQ(grant.decided_by, "civil_officer");
  EXPECT_EQ(terms_->calendar.days_between(grant.decided_at, grant.deliver_due), 20);
  const Request seen = must(requests_->find(officer("health"), draft.id));
  EXPECT_EQ(seen.conditions, less);
  EXPECT_EQ(seen.reason, "仅限脱敏");
  EXPECT_EQ(code(requests_->revoke(officer("civil"), draft.id, 4, "")), ErrorCode::kInput);
  const Request ended = must(requests_->revoke(officer("civil"), draft.id, 4, "用途已终止"));
  EXPECT_EQ(ended.state, State::kRevoked);
  EXPECT_EQ(code(requests_->approve(officer("civil"), draft.id, 5, less)), ErrorCode::kConflict);
  EXPECT_EQ(rows("exchange_step"), 5);
  for (const char* topic : {"created", "changed", "submitted", "approved", "revoked"}) {
    EXPECT_EQ(events(fmt::format("exchange.request.{}", topic)).size(), 1U) << topic;
  }
}

TEST_P(RequestsTest, WhatIsSharedWithoutConditionIsGrantedAtOnce) {
  catalog::Dataset open = vault::test_dataset();
  open.id = "civil.open";
  open.code = "306012/000002";
  declare(open);
  Wanted what = wanted();
  what.dataset = "civil.open";
  what.rows = {{"qh", vault::RowCondition::Kind::kWithin, {"9901"}}};
  const Request grant = submitted(what);
  EXPECT_EQ(grant.state, State::kApproved);
  EXPECT_TRUE(grant.decided_by.empty());
  EXPECT_EQ(grant.conditions.fields.size(), 3U);
  EXPECT_EQ(grant.conditions.rows, what.rows);
}

TEST_P(RequestsTest, WhatIsNotSharedIsRefusedWithTheLaw) {
  catalog::Dataset closed = vault::test_dataset();
  closed.id = "civil.closed";
  closed.code = "306012/000003";
  closed.sharing = catalog::Sharing::kNotShared;
  closed.basis = "pipl-13-1-3";
  declare(closed);
  Wanted what = wanted();
  what.dataset = "civil.closed";
  const Request refused = submitted(what);
  EXPECT_EQ(refused.state, State::kRefused);
  EXPECT_NE(refused.reason.find(catalog_.legal_basis("pipl-13-1-3")->title), std::string::npos) << refused.reason;
}

TEST_P(RequestsTest, MistakesAreToldAllAtOnce) {
  Wanted what = wanted();
  what.fields = {"xm", "height", "xm"};
  what.basis = "none";
  what.reason.clear();
  what.until = 1;
  what.per_day = 0;
  what.rows = {{"height", vault::RowCondition::Kind::kOneOf, {}}};
  const auto wrong = requests_->create(officer("health"), what);
  ASSERT_EQ(code(wrong), ErrorCode::kInput);
  EXPECT_EQ(wrong.error().others.size(), 8U) << wrong.error().text();
  const Request sent = submitted(wanted());
  Conditions more = conditions(sent.wanted);
  more.fields.push_back({"lxdh", false});
  more.until += 1;
  more.per_minute = 61;
  const auto beyond = requests_->approve(officer("civil"), sent.id, sent.version, more);
  ASSERT_EQ(code(beyond), ErrorCode::kInput);
  EXPECT_GE(beyond.error().others.size(), 3U);
  EXPECT_EQ(code(requests_->create(officer("civil"), wanted())), ErrorCode::kConstraint);
  what = wanted();
  what.department = "civil";
  EXPECT_EQ(code(requests_->create(officer("civil"), what)), ErrorCode::kInput);
}

TEST_P(RequestsTest, RowsThatWereAskedForBoundWhatIsOpened) {
  Wanted what = wanted();
  what.rows = {{"qh", vault::RowCondition::Kind::kWithin, {"9901"}}};
  const Request grant = granted(what);
  EXPECT_EQ(grant.conditions.rows, what.rows);
}

TEST_P(RequestsTest, WhoseOfficerLeftGoesUpOrIsOrphaned) {
  const Request first = submitted(wanted());
  run("UPDATE account SET state = 'closed' WHERE id = 'civil_officer'");
  EXPECT_EQ(must(requests_->sweep()), 1U);
  Request seen = must(requests_->find(officer("bureau"), first.id));
  EXPECT_EQ(seen.answers, "bureau");
  EXPECT_EQ(events("exchange.request.passed_on").size(), 1U);
  EXPECT_EQ(must(requests_->sweep()), 0U);
  // A post that has ended counts as none.
  run("UPDATE post SET until = 1 WHERE account = 'bureau_officer'");
  EXPECT_EQ(must(requests_->sweep()), 1U);
  EXPECT_EQ(events("exchange.request.orphaned").size(), 1U);
  seen = must(requests_->find(officer("health"), first.id));
  EXPECT_TRUE(seen.answers.empty());
  const auto orphans = must(requests_->search(officer("health"), {.orphaned = true}));
  ASSERT_EQ(orphans.size(), 1U);
  EXPECT_EQ(code(requests_->approve(officer("civil"), first.id, seen.version, conditions(first.wanted))),
            ErrorCode::kConstraint);
  // A successor answers.
  post("civil_successor", "civil");
  EXPECT_EQ(must(requests_->sweep()), 1U);
  seen = must(requests_->find(officer("health"), first.id));
  EXPECT_EQ(must(requests_->approve(officer("civil"), first.id, seen.version, conditions(first.wanted))).state,
            State::kApproved);
}

TEST_P(RequestsTest, TimeEndsGrantsAndTellsOfWhatIsOverdue) {
  const Request late = submitted(wanted());
  const Request grant = granted(wanted());
  run("UPDATE exchange_request SET answer_due = 1 WHERE id = $1", {late.id});
  run("UPDATE exchange_request SET deliver_due = 1 WHERE id = $1", {grant.id});
  EXPECT_EQ(must(requests_->search(officer("health"), {.overdue = true})).size(), 2U);
  EXPECT_EQ(must(requests_->sweep()), 2U);
  EXPECT_EQ(events("exchange.request.overdue").size(), 2U);
  EXPECT_EQ(must(requests_->sweep()), 0U);  // Each is told once.
  Conditions over = grant.conditions;
  over.until = 1;
  run("UPDATE exchange_request SET until = 1, conditions = $2 WHERE id = $1", {grant.id, to_json(over)});
  EXPECT_EQ(must(requests_->sweep()), 1U);
  EXPECT_EQ(must(requests_->find(officer("civil"), grant.id)).state, State::kExpired);
}

TEST_P(RequestsTest, AreSeenByBothSidesAndNobodyElse) {
  const Request sent = submitted(wanted());
  EXPECT_TRUE(requests_->find(officer("civil"), sent.id));
  EXPECT_FALSE(requests_->find(officer("bureau"), sent.id));
  const identity::Actor auditor{"auditor", {{"auditor", "", ""}}, true};
  EXPECT_TRUE(requests_->find(auditor, sent.id, "audit"));
  EXPECT_EQ(must(requests_->search(officer("bureau"), {})).size(), 0U);
  EXPECT_EQ(must(requests_->search(officer("civil"), {.department = "civil", .state = State::kSubmitted})).size(), 1U);
}

// Whoever tries whatever in any order: no step happens that the table of states does not allow.
TEST_P(RequestsTest, NoStepLeavesTheTable) {
  Random random(5);
  std::map<std::string, State> model;
  std::vector<std::string> ids;
  for (int i = 0; i < 4; ++i) {
    ids.push_back(must(requests_->create(officer("health"), wanted())).id);
    model[ids.back()] = State::kDraft;
  }
  for (int i = 0; i < 90; ++i) {
    const std::string id = random.pick(ids);
    const Request is = must(requests_->find(officer("health"), id));
    ASSERT_EQ(is.state, model[id]);
    const auto step = static_cast<Step>(random.below(6));
    const auto actor = officer(random.chance(0.5) ? "health" : random.chance(0.8) ? "civil" : "bureau");
    const int64_t known = random.chance(0.9) ? is.version : is.version - 1;
    const auto done = [&]() -> Result<Request> {
      switch (step) {
        case Step::kSubmit:
          return requests_->submit(actor, id, known);
        case Step::kApprove:
          return requests_->approve(actor, id, known, conditions(is.wanted));
        case Step::kRefuse:
          return requests_->refuse(actor, id, known, "不符合用途");
        case Step::kRevoke:
          return requests_->revoke(actor, id, known, "已终止");
        default:
          return requests_->withdraw(actor, id, known);
      }
    }();
    const Step tried = step == Step::kExpire ? Step::kWithdraw : step;
    if (!done) continue;
    const auto to = next(model[id], tried);
    ASSERT_TRUE(to) << name_of(model[id]) << " " << name_of(tried);
    ASSERT_EQ(done->state, to.value_or(State::kDraft));
    ASSERT_EQ(known, is.version);
    const bool decides = tried == Step::kApprove || tried == Step::kRefuse || tried == Step::kRevoke;
    ASSERT_EQ(actor.account, decides ? "civil_officer" : "health_officer");
    model[id] = done->state;
    if (done->state != State::kDraft && done->state != State::kSubmitted && done->state != State::kApproved) {
      ids.push_back(must(requests_->create(officer("health"), wanted())).id);
      model[ids.back()] = State::kDraft;
    }
  }
}

TEST(RequestStates, WhatIsOverStaysSo) {
  for (const State state : {State::kRefused, State::kWithdrawn, State::kExpired, State::kRevoked}) {
    for (int step = 0; step < 6; ++step) EXPECT_FALSE(next(state, static_cast<Step>(step)));
  }
}

TEST(RequestJson, IsReadAsItIsWritten) {
  const Wanted wanted{.department = "health",
                      .dataset = "civil.low_income",
                      .fields = {"xm", "je"},
                      .purpose = "visit",
                      .basis = "law",
                      .reason = "走访\n\"困难\"家庭",
                      .rows = {{"qh", vault::RowCondition::Kind::kWithin, {"99", "9901"}}},
                      .until = 77,
                      .per_minute = 1,
                      .per_day = 2};
  EXPECT_EQ(wanted_from_json(to_json(wanted)).value_or(Wanted{}), wanted);
  const Conditions conditions{.fields = {{"xm", true}}, .rows = wanted.rows, .until = 5, .per_minute = 3, .per_day = 4};
  EXPECT_EQ(conditions_from_json(to_json(conditions)).value_or(Conditions{}), conditions);
  for (const char* wrong : {"", "[]", "{}", "{\"department\":1}", "{\"fields\":[]}"}) {
    EXPECT_FALSE(wanted_from_json(wrong)) << wrong;
    EXPECT_FALSE(conditions_from_json(wrong)) << wrong;
  }
}

ZHILI_ON_BOTH_ENGINES(RequestsTest);

}  // namespace
}  // namespace zhili::exchange
