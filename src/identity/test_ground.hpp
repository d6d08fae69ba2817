#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "identity/accounts.hpp"
#include "identity/directory.hpp"
#include "identity/ground.hpp"
#include "identity/sign_in.hpp"
#include "identity/tables.hpp"
#include "store/test_store.hpp"

/// For the tests of rooms that stand on identity.
namespace zhili::identity {

/// The same bytes each time; for tests alone.
class SeededEntropy : public Entropy {
 public:
  explicit SeededEntropy(uint64_t seed) : random_(seed) {}
  Result<std::string> bytes(size_t count) override {
    const std::scoped_lock lock(mutex_);
    std::string out;
    while (out.size() < count) out += static_cast<char>(random_.next() >> 56);
    return out;
  }

 private:
  std::mutex mutex_;
  Random random_;
};

/// Keeps events in a table, so that a change that is undone leaves none.
class TableSink : public AuditSink {
 public:
  static std::vector<store::Migration> tables() {
    return {{"identity_test", 1,
             "CREATE TABLE event /* small */ (id BIGINT PRIMARY KEY, kind TEXT NOT NULL, actor TEXT NOT NULL, "
             "object TEXT NOT NULL, role TEXT NOT NULL);"}};
  }
  Status record(store::Transaction& tx, const Event& event) override {
    if (refuse) return fail(ErrorCode::kIo, {}, {}, "The log is full");
    ZHILI_TRY(
        tx.execute("INSERT INTO event (id, kind, actor, object, role) "
                   "SELECT coalesce(max(id), 0) + 1, CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), "
                   "CAST($4 AS TEXT) FROM event",
                   {name_of(event.kind), event.actor, event.object, event.role}));
    return {};
  }
  bool refuse = false;
};

inline constexpr std::string_view kGoodPassword = "correct horse battery";

/// A store with the room's tables, a clock that the test moves, and cheap password hashes.
class GroundTest : public store::StoreTest {
 protected:
  static constexpr int64_t kStart = 1'800'000'000 * kSecond;

  void SetUp() override {
    store::StoreTest::SetUp();
    if (IsSkipped()) return;
    std::vector<store::Migration> all = migrations();
    for (const store::Migration& migration : TableSink::tables()) all.push_back(migration);
    store_ = database().open(all, {.now = [this] { return now_.load(); }});
    seal_ = std::make_unique<SealKeys>(SealKeys::create({std::string(32, 'k')}).value());
    passwords_ = PasswordHasher::create(entropy_, {.memory_kib = 64, .passes = 1, .lanes = 1}).value();
  }
  void TearDown() override {
    store_.reset();
    store::StoreTest::TearDown();
  }

  Ground ground() { return {*store_, sink_, entropy_, *seal_, *passwords_}; }
  Accounts accounts() { return Accounts(ground()); }
  void wait(int64_t microseconds) { now_ += microseconds; }
  int64_t now() const { return now_; }

  /// An account with kGoodPassword.
  std::string make_account(const std::string& login) {
    auto id = accounts().create(login, login, "");
    EXPECT_TRUE(id) << id.error().text();
    const Status set = accounts().set_password(*id, kGoodPassword, "");
    EXPECT_TRUE(set) << set.error().text();
    return *id;
  }
  /// "kind actor object", oldest first.
  std::vector<std::string> events() {
    std::vector<std::string> out;
    const auto rows = store_->query("SELECT kind, actor, object FROM event ORDER BY id");
    EXPECT_TRUE(rows);
    for (const store::Row row : *rows) out.push_back(fmt::format("{} {} {}", row.text(0), row.text(1), row.text(2)));
    return out;
  }
  std::string last_event() {
    const auto all = events();
    return all.empty() ? "" : all.back();
  }
  SignInAnswer sign_in(const std::string& login, std::string_view password, const std::string& address = "192.0.2.1") {
    const auto answer = SignIns(ground()).with_password(login, password, address);
    EXPECT_TRUE(answer) << answer.error().text();
    return answer ? *answer : SignInAnswer{};
  }

  std::atomic<int64_t> now_{kStart};
  SeededEntropy entropy_{1};
  TableSink sink_;
  std::unique_ptr<SealKeys> seal_;
  std::unique_ptr<PasswordHasher> passwords_;
  std::unique_ptr<store::Store> store_;
};

}  // namespace zhili::identity
