#include "exchange/gateway.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <thread>

#include <sys/wait.h>

#include "exchange/test_exchange.hpp"

namespace zhili::exchange {
namespace {

audit::SignKey new_key(audit::KeyKind kind = audit::KeyKind::kEd25519) {
  return audit::SignKey::generate("district.example/exchange", kind).value();
}

class GatewayTest : public ExchangeTest {
 protected:
  void SetUp() override {
    ExchangeTest::SetUp();
    if (IsSkipped()) return;
    std::vector<vault::TestRow> all;
    all.reserve(20);
    for (unsigned i = 0; i < 20; ++i) all.push_back(vault::row_of(i, i % 2 == 0 ? "990101" : "9902"));
    absorb(all);
    open_gateway();
  }
  void TearDown() override {
    gateway_.reset();
    ExchangeTest::TearDown();
  }
  void open_gateway(audit::KeyKind kind = audit::KeyKind::kEd25519) {
    gateway_ = Gateway::open(*requests_, *door_, Signer::create(new_key(kind)).value()).value();
  }
  static identity::Actor system(const std::string& department = "health") {
    return {"key_" + department, {{"system", department, ""}}, false};
  }
  Use by_key(const std::string& grant, unsigned row) const {
    Use out;
    out.actor = system();
    out.grant = grant;
    out.keys = {{vault::id_number(row)}};
    out.how = "api";
    return out;
  }
  static std::string code_of(const Used& used) { return used.rows.refusal.value_or(vault::Refusal{}).code; }

  std::unique_ptr<Gateway> gateway_;
};

TEST_P(GatewayTest, AnswersAreSignedCountedAndLogged) {
  const Request grant = granted(wanted());
  const Used used = must(gateway_->use_now(by_key(grant.id, 3)));
  ASSERT_EQ(used.rows.rows.size(), 1U);
  EXPECT_NE(used.answer.find(vault::id_number(3)), std::string::npos) << used.answer;
  const std::array<audit::VerifyKey, 1> keys = {gateway_->verify_key().value()};
  const auto statement = verify_answer(used.note, used.answer, keys);
  ASSERT_TRUE(statement) << statement.error().text();
  EXPECT_EQ(statement->grant, grant.id);
  EXPECT_EQ(statement->entry, used.rows.entry);
  EXPECT_EQ(statement->dataset, "civil.low_income");
  // Neither other bytes nor another key.
  EXPECT_FALSE(verify_answer(used.note, used.answer + " ", keys));
  const std::array<audit::VerifyKey, 1> strangers = {new_key().verify_key().value()};
  EXPECT_FALSE(verify_answer(used.note, used.answer, strangers));
  std::string bent = used.note;
  bent.replace(bent.find("dataset civil"), 13, "dataset cavil");
  EXPECT_FALSE(verify_answer(bent, used.answer, keys));

  Use look = by_key(grant.id, 0);
  look.keys.clear();
  look.by = "xm";
  look.value = "张三丰";
  EXPECT_EQ(must(gateway_->use_now(look)).rows.rows.size(), 20U);
  Use wrong = by_key(grant.id, 3);
  wrong.fields = {"lxdh"};
  EXPECT_EQ(code_of(must(gateway_->use_now(wrong))), "not_granted");
  // Both sides see use and refusals.
  for (const char* side : {"health", "civil"}) {
    const auto days = must(gateway_->days(officer(side), grant.id));
    ASSERT_EQ(days.size(), 1U);
    EXPECT_EQ(days[0].calls, 3);
    EXPECT_EQ(days[0].rows, 21);
    EXPECT_EQ(days[0].refused, 1);
    const auto calls = must(gateway_->calls(officer(side), grant.id));
    ASSERT_EQ(calls.size(), 3U);
    EXPECT_EQ(std::ranges::count(calls, "not_granted", &Gateway::Call::refusal), 1);
  }
  EXPECT_FALSE(gateway_->days(officer("bureau"), grant.id));
  EXPECT_GT(must(requests_->find(officer("civil"), grant.id)).delivered_at, 0);
}

TEST_P(GatewayTest, SignsBySm2WhereTheInstallationDoes) {
  gateway_.reset();
  open_gateway(audit::KeyKind::kSm2);
  const Request grant = granted(wanted());
  const Used used = must(gateway_->use_now(by_key(grant.id, 3)));
  const std::array<audit::VerifyKey, 1> keys = {gateway_->verify_key().value()};
  const auto statement = verify_answer(used.note, used.answer, keys);
  ASSERT_TRUE(statement) << statement.error().text();
  EXPECT_TRUE(statement->digest.starts_with("sm3:"));
}

TEST_P(GatewayTest, RefusedCallsAreToldWhyAndCounted) {
  const Request grant = granted(wanted());
  EXPECT_EQ(code_of(must(gateway_->use_now(by_key("nothing", 3)))), "grant_unknown");
  Use other = by_key(grant.id, 3);
  other.actor = system("bureau");
  EXPECT_EQ(code_of(must(gateway_->use_now(other))), "grant_not_yours");
  const Request waiting = submitted(wanted());
  EXPECT_EQ(code_of(must(gateway_->use_now(by_key(waiting.id, 3)))), "grant_not_in_force");
  Conditions over = grant.conditions;
  over.until = 1;
  run("UPDATE exchange_request SET conditions = $2 WHERE id = $1", {grant.id, to_json(over)});
  EXPECT_EQ(code_of(must(gateway_->use_now(by_key(grant.id, 3)))), "grant_expired");
  run("UPDATE exchange_request SET conditions = $2 WHERE id = $1", {grant.id, to_json(grant.conditions)});
  must(requests_->revoke(officer("civil"), grant.id, grant.version, "用途已终止"));
  const Used used = must(gateway_->use_now(by_key(grant.id, 3)));
  EXPECT_EQ(code_of(used), "grant_revoked");
  EXPECT_TRUE(used.answer.empty());
  EXPECT_TRUE(used.note.empty());
  EXPECT_EQ(must(gateway_->days(officer("civil"), grant.id))[0].refused, 3);
  EXPECT_EQ(rows("vault_record_line"), 0);
  EXPECT_EQ(must(requests_->find(officer("civil"), grant.id)).delivered_at, 0);
}

// Two servers on one database hold one limit together.
TEST_P(GatewayTest, ALimitHoldsOverAllServers) {
  Wanted what = wanted();
  what.per_day = 25;
  what.per_minute = 1000;
  const Request grant = granted(what);
  std::unique_ptr<store::Store> other_store;
  std::unique_ptr<audit::AuditLog> other_log;
  std::unique_ptr<vault::Vault> other_vault;
  std::unique_ptr<vault::Door> other_door;
  std::unique_ptr<Requests> other_requests;
  std::unique_ptr<Gateway> other;
  if (GetParam() == store::Engine::kPostgres) {
    auto migrations = all_migrations();
    for (const auto& migration : more_migrations()) migrations.push_back(migration);
    other_store = database().open(migrations);
    audit::AuditLogOptions options;
    options.area_id = kArea;
    options.origin = "district.example/audit";
    options.directory = database().dir() / "log";
    options.keys.push_back(new_key());
    options.server = "two";
    other_log = audit::AuditLog::open(*other_store, std::move(options)).value();
    other_vault = vault::Vault::open(*other_store, *other_log, catalog_,
                                     vault::MasterKeys::parse(master_, "key").value(), {.area_id = kArea})
                      .value();
    other_door = vault::Door::open(*other_vault, vault::test_rules()).value();
    other_requests =
        std::make_unique<Requests>(Ground{*other_store, *other_log, catalog_, kArea}, terms_, vault::test_rules());
    other = Gateway::open(*other_requests, *other_door, Signer::create(new_key()).value()).value();
  }
  std::atomic<int> told = 0;
  std::atomic<int> refused = 0;
  const auto ask = [&](Gateway& gateway) {
    for (unsigned i = 0; i < 20; ++i) {
      const auto used = gateway.use_now(by_key(grant.id, i));
      if (!used) continue;
      ++(code_of(*used) == "over_rate_day" ? refused : told);
    }
  };
  {
    const std::jthread one([&] { ask(*gateway_); });
    const std::jthread two([&] { ask(other ? *other : *gateway_); });
    const std::jthread three([&] { ask(other ? *other : *gateway_); });
  }
  EXPECT_EQ(told, 25);
  EXPECT_EQ(refused, 35);
  EXPECT_EQ(rows("vault_record_line"), 25);
  const auto days = must(gateway_->days(officer("civil"), grant.id));
  EXPECT_EQ(days[0].calls, 60);
  EXPECT_EQ(days[0].refused, 35);
  // Tomorrow the count begins anew.
  run("UPDATE exchange_window SET day = day - 1 WHERE grant_id = $1", {grant.id});
  EXPECT_EQ(code_of(must(gateway_->use_now(by_key(grant.id, 1)))), "");
  run("UPDATE exchange_window SET in_minute = 1000 WHERE grant_id = $1", {grant.id});
  EXPECT_EQ(code_of(must(gateway_->use_now(by_key(grant.id, 1)))), "over_rate_minute");
}

// What was answered and signed before the server died is counted, logged and in the ledger.
TEST_P(GatewayTest, WhatWasAnsweredBeforeAKillIsWritten) {
  if (GetParam() != store::Engine::kSqlite) GTEST_SKIP() << "a forked process can't share a connection";
  Wanted what = wanted();
  what.per_day = what.per_minute = 1'000'000;
  const Request grant = granted(what);
  gateway_.reset();
  requests_.reset();
  close();
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    open();
    reopen();
    open_gateway();
    for (unsigned i = 0;; ++i) {
      const auto used = gateway_->use_now(by_key(grant.id, i % 20));
      if (!used || used->note.empty()) ::_exit(1);
      const std::string line = used->rows.entry + "\n";
      if (::write(ends[1], line.data(), line.size()) < 0) ::_exit(1);
    }
  }
  ::close(ends[1]);
  std::string heard;
  std::array<char, 512> bytes{};
  while (heard.size() < 3000) {
    const ssize_t got = ::read(ends[0], bytes.data(), bytes.size());
    ASSERT_GT(got, 0);
    heard.append(bytes.data(), static_cast<size_t>(got));
  }
  ::kill(child, SIGKILL);
  for (ssize_t got = 1; got > 0;) {
    got = ::read(ends[0], bytes.data(), bytes.size());
    if (got > 0) heard.append(bytes.data(), static_cast<size_t>(got));
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  open();
  reopen();
  open_gateway();
  int64_t told = 0;
  for (size_t at = 0; heard.find('\n', at) != std::string::npos; ++told) {
    const size_t end = heard.find('\n', at);
    const std::string entry = heard.substr(at, end - at);
    for (const char* table : {"vault_record_line", "exchange_call"}) {
      const auto there = store_->query(fmt::format("SELECT count(*) FROM {} WHERE entry_id = $1", table), {entry});
      ASSERT_EQ((*there)[0].int64(0), 1) << table;
    }
    at = end + 1;
  }
  EXPECT_GT(told, 50);
  EXPECT_GE(must(gateway_->days(officer("civil"), grant.id))[0].calls, told);
  EXPECT_EQ(must(gateway_->days(officer("civil"), grant.id))[0].calls, rows("exchange_call"));
}

TEST(StatementTest, HasOneForm) {
  const Statement statement{"g1", "civil.low_income", "e1", 77, "sha256:" + std::string(64, 'a'), 12};
  const std::string text = to_text(statement);
  EXPECT_EQ(parse_statement(text).value_or(Statement{}), statement);
  for (const std::string& wrong :
       {text + "x\n", text.substr(1), std::string(), "zhili-exchange/v2" + text.substr(17),
        text.substr(0, text.size() - 1),
        text.substr(0, text.find("time 77")) + "time 077" + text.substr(text.find("time 77") + 7)}) {
    EXPECT_FALSE(parse_statement(wrong)) << wrong;
  }
}

ZHILI_ON_BOTH_ENGINES(GatewayTest);

}  // namespace
}  // namespace zhili::exchange
