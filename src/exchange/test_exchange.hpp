#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "exchange/requests.hpp"
#include "identity/tables.hpp"
#include "vault/test_vault.hpp"

/// For the tests of exchange, and of rooms above it.
namespace zhili::exchange {

constexpr int64_t kTestDay = int64_t{86'400} * 1'000'000;

/// A vault with a dataset of the civil department, an officer there, and one in health who asks.
class ExchangeTest : public vault::VaultTest {
 protected:
  void SetUp() override {
    vault::VaultTest::SetUp();
    if (IsSkipped()) return;
    auto terms = parse_terms(default_terms_yaml(), "default");
    ASSERT_TRUE(terms) << terms.error().text();
    terms_ = std::make_shared<const Terms>(std::move(*terms));
    people();
    reopen();
    catalog::Dataset dataset = vault::test_dataset();
    dataset.sharing = catalog::Sharing::kConditional;
    dataset.sharing_condition = "按授权使用";
    dataset.basis = "pipl-13-1-3";
    declare(dataset);
  }
  void TearDown() override {
    requests_.reset();
    vault::VaultTest::TearDown();
  }
  std::vector<store::Migration> more_migrations() const override {
    auto all = identity::migrations();
    for (const auto& migration : Requests::migrations()) all.push_back(migration);
    return all;
  }
  void reopen() {
    requests_ = std::make_unique<Requests>(Ground{*store_, *log_, catalog_, kArea}, terms_, vault::test_rules());
  }
  void run(std::string_view sql, std::vector<store::Value> params = {}) {
    const Status done = store_->commit([&](store::Transaction& tx) -> Status {
      ZHILI_TRY(tx.execute(sql, params));
      return {};
    });
    ASSERT_TRUE(done) << done.error().text();
  }
  void post(const std::string& account, const std::string& department) {
    run("INSERT INTO account (id, login, skeleton, name, state, password_set, totp_confirmed, totp_step, refusals, "
        "created) VALUES ($1, $1, $1, $1, 'active', 0, 0, 0, 0, 0)",
        {account});
    run("INSERT INTO post (account, role, department, area) VALUES ($1, 'data_officer', $2, '')",
        {account, department});
  }
  void people() {
    for (const auto& [id, area] :
         std::vector<std::pair<std::string, std::string>>{{"civil", "9901"}, {"health", "9901"}, {"bureau", "99"}}) {
      run("INSERT INTO department (id, name_zh, name_en, area) VALUES ($1, $1, $1, $2)", {id, area});
    }
    post("civil_officer", "civil");
    post("health_officer", "health");
    post("bureau_officer", "bureau");
  }
  static identity::Actor officer(const std::string& department) {
    return {department + "_officer", {{"data_officer", department, ""}}, true};
  }
  Wanted wanted() const {
    return {.department = "health",
            .dataset = "civil.low_income",
            .fields = {"gmsfhm", "xm", "je"},
            .purpose = "handle_case",
            .basis = "pipl-13-1-3",
            .reason = "办理医疗救助",
            .rows = {},
            .until = store_->now() + 30 * kTestDay,
            .per_minute = 60,
            .per_day = 1000};
  }
  static Conditions conditions(const Wanted& wanted) {
    Conditions out;
    for (const auto& field : wanted.fields) out.fields.push_back({field, false});
    out.until = wanted.until;
    out.per_minute = wanted.per_minute;
    out.per_day = wanted.per_day;
    return out;
  }
  template <class T>
  T must(Result<T> result) {
    EXPECT_TRUE(result) << result.error().text();
    return result ? std::move(*result) : T{};
  }
  Request submitted(const Wanted& what) {
    const Request made = must(requests_->create(officer("health"), what));
    return must(requests_->submit(officer("health"), made.id, made.version));
  }
  Request granted(const Wanted& what) {
    const Request made = submitted(what);
    return must(requests_->approve(officer("civil"), made.id, made.version, conditions(what)));
  }
  std::vector<std::string> events(const std::string& topic) {
    std::vector<std::string> out;
    const auto all = store_->query("SELECT payload FROM outbox WHERE topic = $1 ORDER BY position", {topic});
    EXPECT_TRUE(all) << all.error().text();
    if (!all) return out;
    out.reserve(all->size());
    for (const store::Row row : *all) out.emplace_back(row.text(0));
    return out;
  }

  std::shared_ptr<const Terms> terms_;
  std::unique_ptr<Requests> requests_;
};

}  // namespace zhili::exchange
