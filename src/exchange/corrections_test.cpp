#include "exchange/corrections.hpp"

#include <algorithm>

#include "exchange/questions.hpp"
#include "exchange/test_exchange.hpp"
#include "vault/bindings.hpp"
#include "vault/rotation.hpp"

namespace zhili::exchange {
namespace {

constexpr const char* kBasis = "pipl-44-46";

ErrorCode code(const auto& result) { return result ? ErrorCode::kInternal : result.error().code; }

class VoicesTest : public ExchangeTest {
 protected:
  void SetUp() override {
    ExchangeTest::SetUp();
    if (IsSkipped()) return;
    absorb({vault::row_of(1), vault::row_of(2)});
    take_in({vault::person("p1", "990101")});
    ASSERT_TRUE(vault::Bindings(*vault_).bind({"person", "p1"}, "zhang", ""));
    const std::vector<vault::Records::Link> links = {{{vault::id_number(1)}, "person", "p1"}};
    ASSERT_EQ(vault::Records(*vault_).link("civil.low_income", links, "").value_or(0), 1U);
    auto key = audit::SignKey::generate("district.example/exchange", audit::KeyKind::kEd25519).value();
    gateway_ = Gateway::open(*requests_, *door_, Signer::create(std::move(key)).value()).value();
    corrections_ = std::make_unique<Corrections>(*requests_, *gateway_, *vault_, *door_);
    questions_ = std::make_unique<Questions>(*requests_, *vault_, *door_);
    grant_ = granted(wanted());
  }
  void TearDown() override {
    questions_.reset();
    corrections_.reset();
    gateway_.reset();
    ExchangeTest::TearDown();
  }
  static identity::Actor resident(const std::string& account = "zhang") {
    return {account, {{"resident", "", ""}}, false};
  }
  Claim claim(unsigned row = 1) const {
    return {.dataset = "civil.low_income",
            .key = {vault::id_number(row)},
            .field = "je",
            .seen = "500",
            .proposed = "650",
            .reason = "标准已调整",
            .grant = grant_.id};
  }
  Claim own_claim() const {
    Claim out = claim();
    out.grant.clear();
    return out;
  }

  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<Corrections> corrections_;
  std::unique_ptr<Questions> questions_;
  Request grant_;
};

TEST_P(VoicesTest, AWrongValueGoesToItsOwnerAndBack) {
  const Correction asked = must(corrections_->ask(officer("health"), claim()));
  EXPECT_EQ(asked.owner, "civil");
  EXPECT_EQ(terms_->calendar.days_between(asked.asked_at, asked.due), 10);
  const auto told = must(corrections_->proposal(officer("civil"), asked.id, kBasis));
  EXPECT_EQ(told.text, R"({"proposed":"650","reason":"标准已调整"})");
  EXPECT_EQ(code(corrections_->find(officer("bureau"), asked.id)), ErrorCode::kNotFound);
  EXPECT_EQ(code(corrections_->accept(officer("health"), asked.id, 1, Corrections::Way::kMark, "")),
            ErrorCode::kConstraint);
  EXPECT_TRUE(must(corrections_->marked(asked.dataset, asked.record)).empty());
  const Correction done =
      must(corrections_->accept(officer("civil"), asked.id, 1, Corrections::Way::kMark, "下批更正"));
  EXPECT_EQ(done.state, "accepted");
  EXPECT_EQ(must(corrections_->marked(asked.dataset, asked.record)), (std::vector<std::string>{"je"}));
  EXPECT_EQ(must(corrections_->answer(officer("health"), asked.id, kBasis)).text, "下批更正");
  // The batch that corrects it takes the mark away.
  absorb({vault::row_of(1, "990101", "650"), vault::row_of(2)}, "b2");
  EXPECT_TRUE(must(corrections_->marked(asked.dataset, asked.record)).empty());
  EXPECT_EQ(must(corrections_->find(officer("health"), asked.id)).held, vault::Held::kOther);
  EXPECT_EQ(code(corrections_->refuse(officer("civil"), asked.id, 2, "重复")), ErrorCode::kConflict);
}

TEST_P(VoicesTest, AValueThatHasChangedSinceIsToldSo) {
  Claim stale = claim();
  stale.seen = "400";
  EXPECT_EQ(code(corrections_->ask(officer("health"), stale)), ErrorCode::kConflict);
  const Correction asked = must(corrections_->ask(officer("health"), claim()));
  absorb({vault::row_of(1, "990101", "700"), vault::row_of(2)}, "b2");
  EXPECT_EQ(code(corrections_->refuse(officer("civil"), asked.id, 1, "无误")), ErrorCode::kConflict);
  const Correction now = must(corrections_->find(officer("health"), asked.id));
  EXPECT_EQ(now.state, "overtaken");
  EXPECT_EQ(events("exchange.correction.overtaken").size(), 1U);
}

TEST_P(VoicesTest, WhoMayNotSeeTheValueMayNotAsk) {
  Claim other = claim();
  other.field = "lxdh";
  EXPECT_EQ(code(corrections_->ask(officer("health"), other)), ErrorCode::kConstraint);
  EXPECT_EQ(code(corrections_->ask(officer("bureau"), claim())), ErrorCode::kConstraint);
  EXPECT_EQ(code(corrections_->ask(resident("li"), own_claim())), ErrorCode::kConstraint);
  Claim not_own = own_claim();
  not_own.key = {vault::id_number(2)};
  EXPECT_EQ(code(corrections_->ask(resident(), not_own)), ErrorCode::kConstraint);
  const Correction asked = must(corrections_->ask(resident(), own_claim()));
  EXPECT_TRUE(asked.department.empty());
  EXPECT_TRUE(corrections_->find(resident(), asked.id));
  EXPECT_EQ(code(corrections_->find(resident("li"), asked.id)), ErrorCode::kNotFound);
  EXPECT_EQ(must(corrections_->search(resident(), {})).size(), 1U);
  EXPECT_EQ(must(corrections_->search(officer("civil"), {.department = "civil", .open = true})).size(), 1U);
  run("UPDATE exchange_correction SET due = 1");
  EXPECT_EQ(must(corrections_->sweep()), 1U);
  EXPECT_EQ(must(corrections_->sweep()), 0U);
}

TEST_P(VoicesTest, AResidentAsksABodyAboutALine) {
  Use use;
  use.actor = officer("health");
  use.grant = grant_.id;
  use.keys = {{vault::id_number(1)}};
  const Used used = must(gateway_->use_now(use));
  const std::string line = used.rows.entry;
  EXPECT_EQ(code(questions_->ask(resident(), "person", "p1", "nothing", kBasis, "为什么？")), ErrorCode::kNotFound);
  EXPECT_EQ(code(questions_->ask(resident("li"), "person", "p1", line, kBasis, "为什么？")), ErrorCode::kConstraint);
  const Question asked = must(questions_->ask(resident(), "person", "p1", line, kBasis, "为什么查询我的低保记录？"));
  EXPECT_EQ(asked.department, "health");
  EXPECT_EQ(must(questions_->waiting(officer("health"), "health")).size(), 1U);
  EXPECT_EQ(must(questions_->text(officer("health"), asked.id, kBasis, false)).text, "为什么查询我的低保记录？");
  EXPECT_EQ(code(questions_->answer(officer("civil"), asked.id, "不是我们")), ErrorCode::kConstraint);
  // New keys of the vault leave what was written readable.
  ASSERT_TRUE(vault::Rotation(*vault_).rotate("", Cancel()));
  ASSERT_TRUE(questions_->answer(officer("health"), asked.id, "为办理您的医疗救助申请"));
  EXPECT_EQ(code(questions_->answer(officer("health"), asked.id, "再答")), ErrorCode::kConflict);
  const auto shown = must(questions_->of_subject(resident(), "person", "p1"));
  ASSERT_EQ(shown.size(), 1U);
  EXPECT_EQ(shown[0].line, line);
  EXPECT_EQ(shown[0].state, "answered");
  EXPECT_EQ(must(questions_->text(resident(), asked.id, kBasis, true)).text, "为办理您的医疗救助申请");
  EXPECT_TRUE(must(questions_->text(resident("li"), asked.id, kBasis, true)).refusal);
  // Who merges takes the questions along.
  ASSERT_TRUE(store_->commit([&](store::Transaction& tx) { return questions_->follow(tx, "person", "p1", "p9"); }));
  EXPECT_TRUE(must(questions_->of_subject(resident(), "person", "p1")).empty());
  const auto followed = store_->query("SELECT subject_id FROM exchange_question");
  ASSERT_TRUE(followed);
  EXPECT_EQ((*followed)[0].text(0), "p9");
}

TEST_P(VoicesTest, AWithheldLineCanNotBeAskedAbout) {
  auto rules = std::make_shared<vault::Rules>(*vault::test_rules());
  rules->withheld["pipl-13-1-3"] = 30 * kTestDay;
  door_->use(rules);
  Use use;
  use.actor = officer("health");
  use.grant = grant_.id;
  use.keys = {{vault::id_number(1)}};
  const Used used = must(gateway_->use_now(use));
  EXPECT_EQ(code(questions_->ask(resident(), "person", "p1", used.rows.entry, kBasis, "谁？")), ErrorCode::kNotFound);
}

ZHILI_ON_BOTH_ENGINES(VoicesTest);

}  // namespace
}  // namespace zhili::exchange
