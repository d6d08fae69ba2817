#include "vault/rows.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <thread>

#include <sys/wait.h>

#include "base/random.hpp"
#include "vault/bindings.hpp"
#include "vault/jobs.hpp"
#include "vault/rotation.hpp"
#include "vault/test_vault.hpp"

namespace zhili::vault {
namespace {

constexpr int64_t kDay = int64_t{86'400} * 1'000'000;

class Rows : public VaultTest {
 protected:
  void SetUp() override {
    VaultTest::SetUp();
    if (IsSkipped()) return;
    declare(test_dataset());
    std::vector<TestRow> all;
    all.reserve(30);
    for (unsigned i = 0; i < 30; ++i) all.push_back(row_of(i, i % 2 == 0 ? "990101" : "9902"));
    absorb(all);
  }
  static Opening opening() {
    return {.grant = "g1",
            .department = "health",
            .dataset = "civil.low_income",
            .fields = {{"gmsfhm"}, {"xm"}, {"lxdh", true}, {"je"}},
            .rows = {},
            .purpose = "handle_case",
            .basis = "pipl-13-1-3"};
  }
  static OpenGrant opens(Opening opening) {
    return [opening = std::move(opening)](store::Snapshot&) -> Result<Opening> { return opening; };
  }
  static RowsAsk by_key(std::vector<std::vector<std::string>> keys, Opening under = opening()) {
    RowsAsk out;
    out.actor = actor("system", "99", false, "key_health");
    out.open = opens(std::move(under));
    out.keys = std::move(keys);
    out.how = "api";
    return out;
  }
  static RowsAsk by_value(std::string by, std::string value, Opening under = opening()) {
    RowsAsk out = by_key({}, std::move(under));
    out.by = std::move(by);
    out.value = std::move(value);
    return out;
  }
  RowsAnswer told_rows(RowsAsk question) {
    auto answer = door_->rows_now(std::move(question));
    EXPECT_TRUE(answer) << answer.error().text();
    return answer ? std::move(*answer) : RowsAnswer{};
  }
  static std::string code_of(const RowsAnswer& answer) { return answer.refusal.value_or(Refusal{}).code; }
  LedgerPage ledger(const std::string& subject, identity::Actor who = actor("auditor", "", true, "auditor"),
                    const std::string& before = "", size_t limit = 50) {
    const bool resident = !who.assignments.empty() && who.assignments[0].role == "resident";
    auto page = door_->ledger_now({.actor = std::move(who),
                                   .purpose = resident ? "inform_subject" : "audit",
                                   .basis = resident ? "pipl-44-46" : "pipl-13-1-3",
                                   .kind = "person",
                                   .subject = subject,
                                   .before = before,
                                   .limit = limit,
                                   .how = "test"});
    EXPECT_TRUE(page) << page.error().text();
    return page.value_or(LedgerPage{});
  }
  void link(unsigned row, const std::string& subject) {
    const std::vector<Records::Link> links = {{{id_number(row)}, "person", subject}};
    ASSERT_EQ(Records(*vault_).link("civil.low_income", links, "").value_or(0), 1U);
  }
};

TEST_P(Rows, AreToldByKeyAsTheGrantAndTheirGradesSay) {
  const RowsAnswer answer = told_rows(by_key({{id_number(4)}, {id_number(5)}, {id_number(999)}}));
  ASSERT_EQ(answer.rows.size(), 2U);
  const ShownRow& row = answer.rows[0];
  ASSERT_EQ(row.cells.size(), 4U);
  EXPECT_EQ(row.batch, "b1");
  EXPECT_EQ(row.cells[0].value, id_number(4));
  EXPECT_EQ(row.cells[1].value, "张三丰");
  EXPECT_TRUE(row.cells[2].masked);
  EXPECT_EQ(row.cells[2].value, "138****0004");
  EXPECT_EQ(row.cells[3].value, "500");
  EXPECT_EQ(rows("vault_record_line"), 2);
  EXPECT_EQ(rows("vault_release"), 1);
  EXPECT_FALSE(answer.entry.empty());
}

TEST_P(Rows, AreToldByAValueThatMayBeLookedUp) {
  RowsAnswer answer = told_rows(by_value("gmsfhm", id_number(7)));
  ASSERT_EQ(answer.rows.size(), 1U);
  EXPECT_EQ(answer.rows[0].cells[0].value, id_number(7));
  answer = told_rows(by_value("lxdh", "138-0000-0008"));
  ASSERT_EQ(answer.rows.size(), 1U);
  answer = told_rows(by_value("xm", "张三丰"));
  EXPECT_EQ(answer.rows.size(), 30U);
  EXPECT_FALSE(answer.more);
  EXPECT_TRUE(told_rows(by_value("gmsfhm", "no number")).rows.empty());
  const auto wrong = door_->rows_now(by_value("je", "500"));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::kInput);
}

TEST_P(Rows, ConditionsLeaveRowsOut) {
  Opening under = opening();
  under.rows = {{"qh", RowCondition::Kind::kWithin, {"9901"}}, {"je", RowCondition::Kind::kOneOf, {"400", "500"}}};
  EXPECT_EQ(told_rows(by_value("xm", "张三丰", under)).rows.size(), 15U);
  EXPECT_EQ(told_rows(by_key({{id_number(1)}}, under)).rows.size(), 0U);
  EXPECT_EQ(told_rows(by_key({{id_number(2)}}, under)).rows.size(), 1U);
  under.rows[1].values = {"400"};
  EXPECT_EQ(told_rows(by_key({{id_number(2)}}, under)).rows.size(), 0U);
  under.rows = {{"qh", RowCondition::Kind::kWithin, {"99"}}};
  EXPECT_EQ(told_rows(by_value("xm", "张三丰", under)).rows.size(), 30U);
}

TEST_P(Rows, WhatIsNotGrantedIsRefused) {
  RowsAsk ask = by_key({{id_number(4)}});
  ask.fields = {"xm", "qh", "none"};
  RowsAnswer answer = told_rows(ask);
  ASSERT_EQ(answer.rows.size(), 1U);
  EXPECT_EQ(answer.rows[0].cells.size(), 1U);
  ASSERT_EQ(answer.refused.size(), 2U);
  EXPECT_EQ(answer.refused[0].why.code, "not_granted");
  ask.fields = {"qh"};
  answer = told_rows(ask);
  EXPECT_EQ(code_of(answer), "not_granted");
  EXPECT_TRUE(answer.rows.empty());
  EXPECT_FALSE(answer.entry.empty());
  Opening under = opening();
  under.fields = {{"xm"}};
  EXPECT_EQ(code_of(told_rows(by_value("gmsfhm", id_number(4), under))), "not_granted");
  under = opening();
  under.purpose = "inform_subject";
  EXPECT_EQ(code_of(told_rows(by_key({{id_number(4)}}, under))), "basis_other_purpose");
  under = opening();
  under.dataset = "civil.none";
  EXPECT_EQ(code_of(told_rows(by_key({{id_number(4)}}, under))), "dataset_withdrawn");
  ask = by_key({{id_number(4)}});
  ask.actor = actor("resident", "99");
  EXPECT_EQ(code_of(told_rows(ask)), "not_granted");
  under = opening();
  under.refusal = Refusal{"grant_expired", {}, "已到期", "it has expired", {}};
  EXPECT_EQ(code_of(told_rows(by_key({{id_number(4)}}, under))), "grant_expired");
  EXPECT_EQ(rows("vault_record_line"), 1);
}

TEST_P(Rows, AdmissionIsPartOfTheChange) {
  RowsAsk ask = by_key({{id_number(4)}});
  ask.admit = [](store::Transaction& tx, const RowsAnswer& answer) -> Result<std::optional<Refusal>> {
    EXPECT_EQ(answer.rows.size(), 1U);
    ZHILI_TRY(tx.publish("test.asked", answer.grant));
    return std::optional(Refusal{"over_rate", {}, "超出频次", "too many", {}});
  };
  const RowsAnswer answer = told_rows(ask);
  EXPECT_EQ(code_of(answer), "over_rate");
  EXPECT_TRUE(answer.rows.empty());
  EXPECT_EQ(rows("vault_record_line"), 0);
  ask.admit = [](store::Transaction&, const RowsAnswer&) -> Result<std::optional<Refusal>> {
    return fail(ErrorCode::kInternal, {}, "", "broken");
  };
  EXPECT_FALSE(door_->rows_now(ask));
  EXPECT_EQ(rows("vault_record_line"), 0);
}

TEST_P(Rows, LinesAreFoundOnceTheRowIsLinked) {
  take_in({person("p1", "990101"), person("p2", "990101")});
  const RowsAnswer answer = told_rows(by_key({{id_number(4)}, {id_number(6)}}));
  EXPECT_TRUE(ledger("p1").lines.empty());
  link(4, "p1");
  LedgerPage page = ledger("p1");
  const auto found = std::ranges::find(page.lines, "read", &LedgerLine::action);
  ASSERT_NE(found, page.lines.end());
  const LedgerLine& line = *found;
  EXPECT_EQ(line.entry, answer.entry);
  EXPECT_EQ(line.department, "health");
  EXPECT_EQ(line.dataset, "civil.low_income");
  EXPECT_EQ(line.grant, "g1");
  EXPECT_EQ(line.rows, 1U);
  EXPECT_EQ(line.actor, "key_health");
  EXPECT_EQ(line.clear, (std::vector<std::string>{"gmsfhm", "xm", "je"}));
  EXPECT_EQ(line.masked, (std::vector<std::string>{"lxdh"}));
  link(6, "p1");
  page = ledger("p1");
  EXPECT_TRUE(std::ranges::any_of(page.lines, [](const LedgerLine& one) { return one.rows == 2; }));
  const auto shows = [&](const std::string& subject) {
    const auto lines = ledger(subject).lines;
    return std::ranges::find(lines, answer.entry, &LedgerLine::entry) != lines.end();
  };
  // The row is about somebody else after all.
  link(4, "p2");
  EXPECT_TRUE(shows("p2"));
  // A row that is gone leaves its lines.
  absorb({row_of(1)}, "b2");
  EXPECT_TRUE(shows("p2"));
}

TEST_P(Rows, PagesOfALedgerHoldEachLineOnce) {
  take_in({person("p1", "990101")});
  link(4, "p1");
  std::vector<std::string> made;
  made.reserve(7);
  for (int i = 0; i < 7; ++i) {
    made.push_back(i % 2 == 0 ? told_rows(by_key({{id_number(4)}})).entry
                              : told(ask(actor("window_clerk", "99"), "p1")).subjects[0].entry);
  }
  std::vector<std::string> seen;
  std::string before;
  do {
    // Each page is a line itself, newer than what it shows.
    const LedgerPage page = ledger("p1", actor("auditor", "", true, "auditor"), before, 3);
    for (const LedgerLine& line : page.lines) {
      if (line.action != "ledger") seen.push_back(line.entry);
    }
    before = page.next;
  } while (!before.empty());
  // Entries of one millisecond are in no order.
  std::ranges::sort(seen);
  std::ranges::sort(made);
  EXPECT_EQ(seen, made);
}

TEST_P(Rows, WithheldLinesAreCountedAndAppearWhenTheTermEnds) {
  take_in({person("p1", "990101")});
  ASSERT_TRUE(Bindings(*vault_).bind({"person", "p1"}, "zhang", ""));
  link(4, "p1");
  auto rules = std::make_shared<Rules>(*test_rules());
  rules->withheld["pipl-13-1-3"] = 30 * kDay;
  door_->use(rules);
  const RowsAnswer answer = told_rows(by_key({{id_number(4)}}));
  told(ask(actor("window_clerk", "99"), "p1"));
  const identity::Actor resident = actor("resident", "", false, "zhang");
  LedgerPage page = ledger("p1", resident);
  EXPECT_TRUE(page.lines.empty());
  EXPECT_EQ(page.withheld, 2U);
  EXPECT_GE(page.withheld_until, answer.time + 30 * kDay);
  EXPECT_LE(page.withheld_until, answer.time + 31 * kDay + 10'000'000);
  EXPECT_EQ(page.withheld_until % kDay, 0);
  // Who oversees sees them, and that they are withheld.
  page = ledger("p1");
  ASSERT_EQ(page.lines.size(), 2U);
  EXPECT_TRUE(page.lines[0].withheld);
  EXPECT_EQ(page.withheld, 0U);
  // The term ends.
  for (const char* table : {"vault_release", "vault_disclosure"}) {
    const Status ended = store_->commit([&](store::Transaction& tx) -> Status {
      ZHILI_TRY(tx.execute(fmt::format("UPDATE {} SET withheld_until = 1 WHERE withheld_until > 0", table)));
      return {};
    });
    ASSERT_TRUE(ended);
  }
  page = ledger("p1", resident);
  EXPECT_EQ(page.withheld, 0U);
  ASSERT_EQ(page.lines.size(), 3U);  // The auditor's look as well.
  EXPECT_TRUE(std::ranges::any_of(page.lines, [&](const LedgerLine& line) { return line.entry == answer.entry; }));
}

TEST_P(Rows, AReleaseTellsAllThatTheGrantAdmits) {
  take_in({person("p1", "990101")});
  link(4, "p1");
  std::vector<TestRow> all;
  all.reserve(2500);
  for (unsigned i = 0; i < 2500; ++i) all.push_back(row_of(i, i % 5 == 0 ? "9902" : "990101"));
  absorb(all, "b2");
  Opening under = opening();
  under.rows = {{"qh", RowCondition::Kind::kWithin, {"9901"}}};
  const ReleaseAsk ask{.actor = actor("data_officer", "99", true, "officer"),
                       .open = opens(under),
                       .fields = {},
                       .how = "file",
                       .admit = {}};
  std::vector<std::string> seen;
  const auto take = [&](const std::vector<ShownRow>& rows_now) -> Status {
    for (const ShownRow& row : rows_now) seen.push_back(row.cells[0].value);
    // What is handed over has its lines already.
    EXPECT_GE(rows("vault_record_line"), static_cast<int64_t>(seen.size()));
    return {};
  };
  const auto out = door_->release(ask, Cancel(), take);
  ASSERT_TRUE(out) << out.error().text();
  EXPECT_FALSE(out->refusal);
  EXPECT_EQ(out->rows, 2000U);
  EXPECT_EQ(seen.size(), 2000U);
  EXPECT_EQ(rows("vault_record_line"), 2000);
  EXPECT_EQ(rows("vault_release"), 3);
  const auto jobs = Jobs(*vault_).list();
  EXPECT_EQ(jobs->front().work, "release");
  EXPECT_EQ(jobs->front().state, "done");
  EXPECT_EQ(jobs->front().unchanged, 2000U);
  const LedgerPage page = ledger("p1");
  ASSERT_EQ(page.lines.size(), 1U);
  EXPECT_EQ(page.lines[0].action, "export");
  // With one factor nothing personal is exported but in its masked form.
  ReleaseAsk weak = ask;
  weak.actor.second_factor = false;
  const auto refused = door_->release(weak, Cancel(), take);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->fields, (std::vector<GrantedField>{{"xm", true}, {"lxdh", true}}));
  EXPECT_EQ(refused->refused.size(), 2U);
  EXPECT_EQ(seen.back(), "张*丰");
}

TEST_P(Rows, AGrantThatEndsMeanwhileEndsARelease) {
  std::vector<TestRow> all;
  all.reserve(3000);
  for (unsigned i = 0; i < 3000; ++i) all.push_back(row_of(i));
  absorb(all, "b2");
  auto groups = std::make_shared<std::atomic<int>>(0);
  ReleaseAsk ask{.actor = actor("data_officer", "99", true, "officer"),
                 .open = opens(opening()),
                 .fields = {},
                 .how = "file",
                 .admit = {}};
  ask.admit = [groups](store::Transaction&, const RowsAnswer&) -> Result<std::optional<Refusal>> {
    if (++*groups < 2) return std::optional<Refusal>();
    return std::optional(Refusal{"grant_expired", {}, "已到期", "it has expired", {}});
  };
  size_t seen = 0;
  const auto out = door_->release(ask, Cancel(), [&](const std::vector<ShownRow>& some) -> Status {
    seen += some.size();
    return {};
  });
  ASSERT_TRUE(out) << out.error().text();
  EXPECT_EQ(out->refusal.value_or(Refusal{}).code, "grant_expired");
  EXPECT_EQ(seen, 1000U);
  EXPECT_EQ(rows("vault_record_line"), 1000);
  EXPECT_EQ(Jobs(*vault_).list()->front().state, "broken_off");
}

TEST_P(Rows, AreFoundWhileKeysChange) {
  std::vector<TestRow> all;
  all.reserve(600);
  for (unsigned i = 0; i < 600; ++i) all.push_back(row_of(i));
  absorb(all, "b2");
  Cancel cancel;
  ASSERT_FALSE(Rotation(*vault_).rotate("admin", cancel, [&](uint64_t done) {
    if (done > 0) cancel.request();
  }));
  for (const unsigned i : {0U, 599U}) {
    EXPECT_EQ(told_rows(by_key({{id_number(i)}})).rows.size(), 1U) << i;
    EXPECT_EQ(told_rows(by_value("gmsfhm", id_number(i))).rows.size(), 1U) << i;
  }
  ASSERT_TRUE(Rotation(*vault_).rotate("admin", Cancel()));
  EXPECT_EQ(told_rows(by_key({{id_number(599)}})).rows.size(), 1U);
}

// A row that lies under another's number is not told as that one.
TEST_P(Rows, SwappedRowsAreNotShown) {
  const Records records(*vault_);
  const int64_t a = records.number("civil.low_income", {id_number(1)}).value();
  const int64_t b = records.number("civil.low_income", {id_number(2)}).value();
  const auto sealed = store_->query("SELECT row_sealed FROM vault_record WHERE record_id = $1", {a});
  const auto swap = [&](std::string_view sql, std::vector<store::Value> params) {
    const Status done = store_->commit([&](store::Transaction& tx) -> Status {
      ZHILI_TRY(tx.execute(sql, params));
      return {};
    });
    ASSERT_TRUE(done);
  };
  swap("UPDATE vault_record SET row_sealed = $1 WHERE record_id = $2", {(*sealed)[0].value(0), b});
  EXPECT_FALSE(door_->rows_now(by_key({{id_number(2)}})));
  // A digest that leads to another row.
  swap(
      "UPDATE vault_record_index SET record_id = $1 WHERE record_id = $2 AND digest NOT IN (SELECT digest FROM "
      "vault_record_index WHERE record_id = $1)",
      {a, b + 1});
  EXPECT_TRUE(told_rows(by_key({{id_number(3)}})).rows.empty());
}

// Whoever was told a row before the server died has a line in its ledger.
TEST_P(Rows, WhatWasToldBeforeAKillHasItsLine) {
  if (GetParam() != store::Engine::kSqlite) GTEST_SKIP() << "a forked process can't share a connection";
  for (int round = 0; round < 3; ++round) {
    close();
    int ends[2] = {};
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      open();
      std::atomic<unsigned> asked = 0;
      for (;;) {
        door_->rows(by_key({{id_number(asked++ % 30)}}), [&](Result<RowsAnswer> answer) {
          if (!answer || answer->rows.size() != 1) return;
          const std::string line = answer->entry + "\n";
          if (::write(ends[1], line.data(), line.size()) < 0) ::_exit(1);
        });
        if (asked % 20 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    }
    ::close(ends[1]);
    std::string heard;
    char bytes[512];
    while (heard.size() < size_t{2000} + size_t{900} * static_cast<size_t>(round)) {
      const ssize_t got = ::read(ends[0], bytes, sizeof bytes);
      ASSERT_GT(got, 0);
      heard.append(bytes, static_cast<size_t>(got));
    }
    ::kill(child, SIGKILL);
    for (ssize_t got = 1; got > 0;) {
      got = ::read(ends[0], bytes, sizeof bytes);
      if (got > 0) heard.append(bytes, static_cast<size_t>(got));
    }
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    open();
    size_t told_before = 0;
    for (size_t at = 0; heard.find('\n', at) != std::string::npos; ++told_before) {
      const size_t end = heard.find('\n', at);
      const auto there =
          store_->query("SELECT count(*) FROM vault_record_line WHERE entry_id = $1", {heard.substr(at, end - at)});
      ASSERT_EQ((*there)[0].int64(0), 1);
      at = end + 1;
    }
    EXPECT_GT(told_before, 10U);
  }
}

ZHILI_ON_BOTH_ENGINES(Rows);

}  // namespace
}  // namespace zhili::vault
