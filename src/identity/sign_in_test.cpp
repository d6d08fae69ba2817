#include "identity/sign_in.hpp"

#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "identity/api_keys.hpp"
#include "identity/encoding.hpp"
#include "identity/test_ground.hpp"
#include "identity/throttle.hpp"
#include "identity/totp.hpp"

namespace zhili::identity {
namespace {

class SignInTest : public GroundTest {
 protected:
  Sessions sessions() { return Sessions(ground()); }
  SignIns sign_ins() { return SignIns(ground()); }
  bool alive(const std::string& token) { return sessions().check(token).has_value(); }

  /// Enrols a second factor and gives its secret; sessions end.
  std::string enrol(const std::string& id) {
    const auto factor = accounts().begin_second_factor(id, "智理");
    EXPECT_TRUE(factor) << factor.error().text();
    const std::string secret = from_base32(factor->secret).value_or("");
    auto codes = accounts().confirm_second_factor(id, *totp_code(secret, totp_step(now())), "");
    EXPECT_TRUE(codes) << codes.error().text();
    recovery_codes_ = std::move(*codes);
    return secret;
  }
  std::string code(const std::string& secret) { return *totp_code(secret, totp_step(now())); }

  std::vector<std::string> recovery_codes_;
};
ZHILI_ON_BOTH_ENGINES(SignInTest);

TEST_P(SignInTest, ARightPasswordBeginsASession) {
  const std::string id = make_account("lisi");
  ASSERT_TRUE(accounts().give_post(id, {{"clerk", "", ""}, {}}, ""));
  const SignInAnswer answer = sign_in("ＬｉＳｉ", kGoodPassword);
  ASSERT_EQ(answer.outcome, SignInOutcome::kSignedIn);
  EXPECT_EQ(answer.account, id);
  EXPECT_EQ(answer.token.size(), 43U);
  const auto who = sessions().check(answer.token);
  ASSERT_TRUE(who) << who.error().text();
  EXPECT_EQ(who->actor.account, id);
  EXPECT_EQ(who->actor.assignments, (std::vector<Assignment>{{"clerk", "", ""}}));
  EXPECT_FALSE(who->actor.second_factor);
  EXPECT_EQ(who->stage, SessionStage::kOneFactor);
  EXPECT_EQ(last_event(), fmt::format("signed_in {} {}", id, id));
  // The token itself is nowhere in the store.
  const auto rows = store_->query("SELECT hash FROM session");
  ASSERT_EQ(rows->size(), 1U);
  EXPECT_EQ((*rows)[0].bytes(0).size(), 32U);
  EXPECT_FALSE(alive(answer.token + "x"));
  EXPECT_FALSE(alive(""));
}

TEST_P(SignInTest, WrongAndUnknownAreAnsweredAlike) {
  const std::string id = make_account("lisi");
  const SignInAnswer wrong = sign_in("lisi", "wrong horse battery");
  const SignInAnswer unknown = sign_in("nobody", "wrong horse battery");
  const SignInAnswer no_name = sign_in("\xff\xff", kGoodPassword);
  for (const SignInAnswer& answer : {wrong, unknown, no_name}) {
    EXPECT_EQ(answer.outcome, SignInOutcome::kRefused);
    EXPECT_EQ(answer.token, "");
    EXPECT_EQ(answer.account, "");
    EXPECT_EQ(answer.retry_at, 0);
  }
  const auto all = events();
  EXPECT_EQ(all.at(all.size() - 3), "sign_in_refused  " + id);
  EXPECT_EQ(all.back(), "sign_in_refused  ");
  // An account without password is like one with another password.
  ASSERT_TRUE(accounts().create("wangwu", "", ""));
  EXPECT_EQ(sign_in("wangwu", "").outcome, SignInOutcome::kRefused);
}

TEST_P(SignInTest, FailuresSlowAnAccountDown) {
  make_account("lisi");
  for (const std::string name : {"lisi", "nobody"}) {
    for (int64_t i = 0; i <= kAccountThrottle.free; ++i) {
      EXPECT_EQ(sign_in(name, "wrong", fmt::format("192.0.2.{}", i)).outcome, SignInOutcome::kRefused) << name << i;
    }
    int64_t delay = kSecond;
    for (int i = 0; i < 12; ++i) {
      const SignInAnswer early = sign_in(name, kGoodPassword, "198.51.100.9");
      ASSERT_EQ(early.outcome, SignInOutcome::kTooEarly) << name << i;
      EXPECT_EQ(early.retry_at, now() + delay);
      wait(delay);
      EXPECT_EQ(sign_in(name, "wrong", fmt::format("203.0.113.{}", i)).outcome, SignInOutcome::kRefused);
      delay = std::min(delay * 2, kAccountThrottle.longest);
    }
  }
  // Whoever waits gets in, and the count is gone.
  wait(kAccountThrottle.longest);
  EXPECT_EQ(sign_in("lisi", kGoodPassword).outcome, SignInOutcome::kSignedIn);
  for (int64_t i = 0; i < kAccountThrottle.free; ++i) {
    EXPECT_EQ(sign_in("lisi", "wrong", "192.0.2.77").outcome, SignInOutcome::kRefused);
  }
  EXPECT_EQ(sign_in("lisi", kGoodPassword).outcome, SignInOutcome::kSignedIn);
}

TEST_P(SignInTest, FailuresSlowAnAddressDown) {
  make_account("lisi");
  for (int64_t i = 0; i <= kAddressThrottle.free; ++i) {
    EXPECT_EQ(sign_in(fmt::format("name{}", i), "wrong", fmt::format("2001:db8:1:2::{:x}", i)).outcome,
              SignInOutcome::kRefused);
  }
  EXPECT_EQ(sign_in("lisi", kGoodPassword, "2001:db8:1:2:ffff::1").outcome, SignInOutcome::kTooEarly);
  EXPECT_EQ(sign_in("lisi", kGoodPassword, "2001:db8:1:3::1").outcome, SignInOutcome::kSignedIn);
  wait(kSecond);
  EXPECT_EQ(sign_in("lisi", kGoodPassword, "2001:db8:1:2::1").outcome, SignInOutcome::kSignedIn);
  // Right ones from one office don't add up.
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(sign_in("lisi", kGoodPassword, "198.51.100.1").outcome, SignInOutcome::kSignedIn) << i;
  }
}

TEST_P(SignInTest, ManyAtOnceGainNothing) {
  make_account("lisi");
  std::atomic<int> looked_at{0};
  {
    std::vector<std::jthread> threads;
    threads.reserve(8);
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 4; ++i) {
          const auto answer = SignIns(ground()).with_password("lisi", "wrong", fmt::format("192.0.2.{}", 8 * t + i));
          if (answer && answer->outcome == SignInOutcome::kRefused) ++looked_at;
        }
      });
    }
  }
  EXPECT_EQ(looked_at, kAccountThrottle.free + 1);
}

TEST_P(SignInTest, AHundredWrongPasswordsLockTheAccount) {
  const std::string id = make_account("lisi");
  const std::string token = sign_in("lisi", kGoodPassword).token;
  for (int i = 0; i < 100; ++i) {
    wait(kHour);
    ASSERT_EQ(accounts().find(id)->state, AccountState::kActive) << i;
    ASSERT_EQ(sign_in("lisi", "wrong").outcome, SignInOutcome::kRefused);
  }
  EXPECT_EQ(accounts().find(id)->state, AccountState::kLocked);
  EXPECT_FALSE(alive(token));
  wait(kHour);
  EXPECT_EQ(sign_in("lisi", kGoodPassword).outcome, SignInOutcome::kLocked);
  ASSERT_TRUE(accounts().set_state(id, AccountState::kActive, "admin"));
  EXPECT_EQ(sign_in("lisi", kGoodPassword).outcome, SignInOutcome::kSignedIn);
}

TEST_P(SignInTest, LockedIsToldToWhoKnowsThePasswordOnly) {
  const std::string id = make_account("lisi");
  ASSERT_TRUE(accounts().set_state(id, AccountState::kLocked, "admin"));
  EXPECT_EQ(sign_in("lisi", "wrong").outcome, SignInOutcome::kRefused);
  EXPECT_EQ(sign_in("lisi", kGoodPassword).outcome, SignInOutcome::kLocked);
  EXPECT_EQ(sign_in("lisi", kGoodPassword).token, "");
}

TEST_P(SignInTest, ADearerHashIsMadeAtTheNextSignIn) {
  make_account("lisi");
  passwords_ = PasswordHasher::create(entropy_, {.memory_kib = 128, .passes = 1, .lanes = 1}).value();
  EXPECT_EQ(sign_in("lisi", "wrong").outcome, SignInOutcome::kRefused);
  const auto hash = [&] { return std::string((*store_->query("SELECT password FROM account"))[0].text(0)); };
  EXPECT_TRUE(hash().starts_with("$argon2id$v=19$m=64,"));
  EXPECT_EQ(sign_in("lisi", kGoodPassword).outcome, SignInOutcome::kSignedIn);
  EXPECT_TRUE(hash().starts_with("$argon2id$v=19$m=128,"));
  EXPECT_EQ(sign_in("lisi", kGoodPassword).outcome, SignInOutcome::kSignedIn);
}

TEST_P(SignInTest, TheSecondFactorRaisesASession) {
  const std::string id = make_account("lisi");
  ASSERT_TRUE(accounts().give_post(id, {{"clerk", "", ""}, {}}, ""));
  const std::string secret = enrol(id);
  wait(kMinute);
  const SignInAnswer first = sign_in("lisi", kGoodPassword);
  ASSERT_EQ(first.outcome, SignInOutcome::kSecondFactorNeeded);
  // While it waits it may do nothing.
  const auto waiting = sessions().check(first.token);
  ASSERT_TRUE(waiting);
  EXPECT_EQ(waiting->stage, SessionStage::kWaiting);
  EXPECT_TRUE(waiting->actor.assignments.empty());
  EXPECT_FALSE(waiting->actor.second_factor);
  EXPECT_EQ(sign_ins().with_second_factor(first.token, "000000")->outcome, SignInOutcome::kRefused);
  EXPECT_EQ(last_event(), "second_factor_refused  " + id);
  const auto second = sign_ins().with_second_factor(first.token, code(secret));
  ASSERT_TRUE(second) << second.error().text();
  ASSERT_EQ(second->outcome, SignInOutcome::kSignedIn);
  EXPECT_NE(second->token, first.token);
  EXPECT_FALSE(alive(first.token));
  const auto who = sessions().check(second->token);
  ASSERT_TRUE(who);
  EXPECT_TRUE(who->actor.second_factor);
  EXPECT_EQ(who->actor.assignments.size(), 1U);
  // The same code is not good a second time, in another session either.
  const SignInAnswer again = sign_in("lisi", kGoodPassword);
  EXPECT_EQ(sign_ins().with_second_factor(again.token, code(secret))->outcome, SignInOutcome::kRefused);
  wait(30 * kSecond);
  EXPECT_EQ(sign_ins().with_second_factor(again.token, code(secret))->outcome, SignInOutcome::kSignedIn);
}

TEST_P(SignInTest, CodesAreNotToBeGuessed) {
  const std::string id = make_account("lisi");
  const std::string secret = enrol(id);
  wait(kMinute);
  const SignInAnswer first = sign_in("lisi", kGoodPassword);
  for (int64_t i = 0; i <= kAccountThrottle.free; ++i) {
    EXPECT_EQ(sign_ins().with_second_factor(first.token, "000000")->outcome, SignInOutcome::kRefused);
  }
  const auto early = sign_ins().with_second_factor(first.token, code(secret));
  EXPECT_EQ(early->outcome, SignInOutcome::kTooEarly);
  EXPECT_EQ(early->retry_at, now() + kSecond);
  // A new sign-in doesn't begin the count anew.
  const SignInAnswer other = sign_in("lisi", kGoodPassword);
  EXPECT_EQ(sign_ins().with_second_factor(other.token, code(secret))->outcome, SignInOutcome::kTooEarly);
  wait(kSecond);
  EXPECT_EQ(sign_ins().with_second_factor(other.token, code(secret))->outcome, SignInOutcome::kSignedIn);
}

TEST_P(SignInTest, ARecoveryCodeIsGoodOnce) {
  const std::string id = make_account("lisi");
  enrol(id);
  const std::string used = recovery_codes_.at(3);
  const SignInAnswer first = sign_in("lisi", kGoodPassword);
  const auto in = sign_ins().with_second_factor(first.token, used);
  ASSERT_TRUE(in) << in.error().text();
  EXPECT_EQ(in->outcome, SignInOutcome::kSignedIn);
  const auto all = events();
  EXPECT_EQ(all.at(all.size() - 2), fmt::format("recovery_code_used {} {}", id, id));
  const SignInAnswer second = sign_in("lisi", kGoodPassword);
  EXPECT_EQ(sign_ins().with_second_factor(second.token, used)->outcome, SignInOutcome::kRefused);
  EXPECT_EQ(sign_ins().with_second_factor(second.token, recovery_codes_.at(4))->outcome, SignInOutcome::kSignedIn);
}

TEST_P(SignInTest, WithoutASecondFactorThereIsNothingToRaise) {
  make_account("lisi");
  const SignInAnswer answer = sign_in("lisi", kGoodPassword);
  EXPECT_EQ(sign_ins().with_second_factor(answer.token, "123456").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(sign_ins().with_second_factor("nonsense", "123456").error().code, ErrorCode::kNotFound);
}

TEST_P(SignInTest, EnrollingKeepsThisSessionAndEndsTheOthers) {
  const std::string id = make_account("lisi");
  const std::string here = sign_in("lisi", kGoodPassword).token;
  const std::string there = sign_in("lisi", kGoodPassword).token;
  const auto factor = accounts().begin_second_factor(id, "智理");
  const std::string secret = from_base32(factor->secret).value_or("");
  ASSERT_TRUE(accounts().confirm_second_factor(id, code(secret), here));
  EXPECT_TRUE(alive(here));
  EXPECT_FALSE(alive(there));
  EXPECT_FALSE(sessions().check(here)->actor.second_factor);
  wait(kMinute);
  EXPECT_EQ(sign_ins().with_second_factor(here, code(secret))->outcome, SignInOutcome::kSignedIn);
  EXPECT_FALSE(alive(here));
}

TEST_P(SignInTest, SessionsEndWhenIdleAndInAnyCase) {
  make_account("lisi");
  const SessionLimits limits;
  const std::string idle = sign_in("lisi", kGoodPassword).token;
  wait(limits.idle - 1);
  EXPECT_TRUE(alive(idle));  // Noted as used now.
  ASSERT_TRUE(store_->commit([](store::Transaction&) -> Status { return {}; }));
  wait(limits.idle - 1);
  EXPECT_TRUE(alive(idle));
  ASSERT_TRUE(store_->commit([](store::Transaction&) -> Status { return {}; }));
  wait(limits.idle);
  EXPECT_FALSE(alive(idle));

  const std::string busy = sign_in("lisi", kGoodPassword).token;
  for (int64_t passed = 0; passed + 10 * kMinute < limits.absolute; passed += 10 * kMinute) {
    ASSERT_TRUE(alive(busy)) << passed;
    ASSERT_TRUE(store_->commit([](store::Transaction&) -> Status { return {}; }));
    wait(10 * kMinute);
  }
  ASSERT_TRUE(alive(busy));
  wait(10 * kMinute);
  EXPECT_FALSE(alive(busy));

  ASSERT_TRUE(sessions().sweep());
  EXPECT_TRUE(store_->query("SELECT 1 FROM session")->empty());
}

TEST_P(SignInTest, OldSessionsAndAttemptsAreForgottenHoweverManyThereAre) {
  make_account("lisi");
  const std::string live = sign_in("lisi", kGoodPassword).token;
  const Status filled = store_->commit([&](store::Transaction& tx) -> Status {
    for (int i = 0; i < 600; ++i) {
      const std::string name = fmt::format("old {}", i);
      ZHILI_TRY(
          tx.execute("INSERT INTO session (hash, account, stage, created, seen) SELECT $1, account, stage, $2, $2 "
                     "FROM session WHERE created > $2 LIMIT 1",
                     {store::Bytes{name}, now() - 40 * kDay}));
      ZHILI_TRY(tx.execute("INSERT INTO sign_in_delay (name, failures, until, last) VALUES ($1, 1, 0, $2)",
                           {name, now() - 40 * kDay}));
    }
    return {};
  });
  ASSERT_TRUE(filled) << filled.error().text();
  ASSERT_EQ(store_->query("SELECT 1 FROM session")->size(), 601U);
  ASSERT_TRUE(sessions().sweep());
  EXPECT_EQ(store_->query("SELECT 1 FROM session")->size(), 1U);
  EXPECT_TRUE(store_->query("SELECT 1 FROM sign_in_delay WHERE name LIKE 'old %'")->empty());
  EXPECT_TRUE(sessions().check(live));
}

TEST_P(SignInTest, AClockThatIsSetBackKeepsNobodyOutForLong) {
  make_account("lisi");
  const int64_t year = 365 * kDay;
  wait(year);
  for (int i = 0; i < 7; ++i) sign_in("lisi", "not the password at all");
  EXPECT_EQ(sign_in("lisi", kGoodPassword).outcome, SignInOutcome::kTooEarly);
  wait(-year);
  const SignInAnswer early = sign_in("lisi", kGoodPassword);
  EXPECT_EQ(early.outcome, SignInOutcome::kTooEarly);
  EXPECT_EQ(early.retry_at, now() + 15 * kMinute);
  wait(14 * kMinute);
  EXPECT_EQ(sign_in("lisi", kGoodPassword).retry_at, early.retry_at);
  wait(kMinute);
  EXPECT_EQ(sign_in("lisi", kGoodPassword).outcome, SignInOutcome::kSignedIn);
}

TEST_P(SignInTest, AClockThatIsSetBackLengthensNoSession) {
  make_account("lisi");
  const int64_t year = 365 * kDay;
  wait(year);
  std::vector<std::string> ahead;
  ahead.reserve(limits::kSessionsOfAccount);
  for (size_t i = 0; i < limits::kSessionsOfAccount; ++i) ahead.push_back(sign_in("lisi", kGoodPassword).token);
  EXPECT_TRUE(alive(ahead.back()));
  wait(-kMinute);  // As a time server does now and then.
  EXPECT_TRUE(alive(ahead.back()));
  wait(kMinute - year);
  for (const std::string& token : ahead) EXPECT_FALSE(alive(token));
  // A new one is not pushed out by those that seem younger.
  const std::string now = sign_in("lisi", kGoodPassword).token;
  EXPECT_TRUE(alive(now));
  EXPECT_EQ(store_->query("SELECT 1 FROM session")->size(), 1U);
}

TEST_P(SignInTest, WaitingForTheSecondFactorIsShort) {
  const std::string id = make_account("lisi");
  enrol(id);
  const std::string token = sign_in("lisi", kGoodPassword).token;
  EXPECT_TRUE(alive(token));
  wait(SessionLimits{}.waiting);
  EXPECT_FALSE(alive(token));
}

TEST_P(SignInTest, SessionsEndWithWhatTheyStandOn) {
  const std::string id = make_account("lisi");
  const auto fresh = [&] { return sign_in("lisi", kGoodPassword).token; };
  std::string one = fresh();
  std::string two = fresh();
  ASSERT_TRUE(sessions().sign_out(one));
  EXPECT_EQ(last_event(), fmt::format("signed_out {} {}", id, id));
  EXPECT_FALSE(alive(one));
  EXPECT_TRUE(alive(two));
  ASSERT_TRUE(sessions().sign_out(one));
  one = fresh();
  ASSERT_TRUE(sessions().sign_out_everywhere(id, id));
  EXPECT_FALSE(alive(one));
  EXPECT_FALSE(alive(two));
  one = fresh();
  ASSERT_TRUE(accounts().set_password(id, kGoodPassword, id));
  EXPECT_FALSE(alive(one));
  one = fresh();
  ASSERT_TRUE(accounts().set_state(id, AccountState::kLocked, ""));
  EXPECT_FALSE(alive(one));
}

TEST_P(SignInTest, ASignInEndsTheSessionItReplaces) {
  make_account("lisi");
  const std::string old = sign_in("lisi", kGoodPassword).token;
  const auto fresh = sign_ins().with_password("lisi", kGoodPassword, "192.0.2.1", old);
  ASSERT_TRUE(fresh);
  EXPECT_NE(fresh->token, old);
  EXPECT_FALSE(alive(old));
  EXPECT_TRUE(alive(fresh->token));
}

TEST_P(SignInTest, TheOldestOfTooManySessionsEnds) {
  make_account("lisi");
  std::vector<std::string> tokens;
  for (size_t i = 0; i <= limits::kSessionsOfAccount; ++i) {
    tokens.push_back(sign_in("lisi", kGoodPassword).token);
    wait(kSecond);
  }
  EXPECT_FALSE(alive(tokens.front()));
  EXPECT_TRUE(alive(tokens.at(1)));
  EXPECT_TRUE(alive(tokens.back()));
}

TEST_P(SignInTest, ForgedRequestsLackTheProof) {
  make_account("lisi");
  const std::string token = sign_in("lisi", kGoodPassword).token;
  const std::string other = sign_in("lisi", kGoodPassword).token;
  const std::string proof = Sessions::csrf_token(token).value();
  EXPECT_TRUE(*Sessions::check_csrf(token, proof));
  EXPECT_FALSE(*Sessions::check_csrf(other, proof));
  EXPECT_FALSE(*Sessions::check_csrf(token, ""));
  EXPECT_FALSE(*Sessions::check_csrf(token, token));
  EXPECT_EQ(proof.find(token), std::string::npos);
}

TEST_P(SignInTest, AProviderVouches) {
  const std::string id = make_account("lisi");
  auto answer = sign_ins().with_provider(id, false);
  ASSERT_TRUE(answer) << answer.error().text();
  EXPECT_EQ(answer->outcome, SignInOutcome::kSignedIn);
  EXPECT_EQ(sessions().check(answer->token)->stage, SessionStage::kOneFactor);
  answer = sign_ins().with_provider(id, true, answer->token);
  EXPECT_TRUE(sessions().check(answer->token)->actor.second_factor);
  enrol(id);
  answer = sign_ins().with_provider(id, false);
  EXPECT_EQ(answer->outcome, SignInOutcome::kSecondFactorNeeded);
  ASSERT_TRUE(accounts().set_state(id, AccountState::kLocked, ""));
  EXPECT_EQ(sign_ins().with_provider(id, true).error().code, ErrorCode::kNotFound);
}

TEST(Throttle, CountsHouseholdsOfAddresses) {
  EXPECT_EQ(throttled_address("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(throttled_address("::ffff:192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(throttled_address("2001:db8:1:2:3:4:5:6"), throttled_address("2001:db8:1:2::"));
  EXPECT_NE(throttled_address("2001:db8:1:2::"), throttled_address("2001:db8:1:3::"));
  EXPECT_EQ(throttled_address("unix"), "unix");
}

class ApiKeysTest : public SignInTest {};
ZHILI_ON_BOTH_ENGINES(ApiKeysTest);

TEST_P(ApiKeysTest, ActUntilTheyEnd) {
  ASSERT_TRUE(Directory(ground()).set_areas(AreaTree::create({{"a", "", "区", "", ""}}).value(), ""));
  ApiKeys keys(ground());
  const Assignment scope{"system", "", "a"};
  const auto key = keys.issue("hotline", scope, now() + 10 * kDay, "admin");
  ASSERT_TRUE(key) << key.error().text();
  const std::string id = key->substr(0, key->find('.'));
  EXPECT_EQ(last_event(), "key_issued admin " + id);
  const auto actor = keys.check(*key);
  ASSERT_TRUE(actor) << actor.error().text();
  EXPECT_EQ(actor->account, id);
  EXPECT_EQ(actor->assignments, std::vector<Assignment>{scope});
  EXPECT_FALSE(actor->second_factor);
  ASSERT_TRUE(store_->commit([](store::Transaction&) -> Status { return {}; }));
  EXPECT_EQ(keys.list()->front().last_day, now() - now() % kDay);

  std::string bent = *key;
  bent.back() = bent.back() == 'A' ? 'E' : 'A';
  for (const std::string& bad :
       {bent, id, id + ".", std::string("key_x.") + key->substr(id.size() + 1), std::string(), key->substr(4),
        *key + "A", std::string("key_' OR 1=1.") + key->substr(id.size() + 1)}) {
    EXPECT_EQ(keys.check(bad).error().code, ErrorCode::kNotFound) << bad;
  }
  const auto rows = store_->query("SELECT hash FROM api_key");
  EXPECT_EQ((*rows)[0].bytes(0).size(), 32U);
  wait(10 * kDay);
  EXPECT_FALSE(keys.check(*key));
}

TEST_P(ApiKeysTest, AreRevoked) {
  ApiKeys keys(ground());
  const auto key = keys.issue("hotline", {"system", "", ""}, now() + kDay, "admin");
  const std::string id = key->substr(0, key->find('.'));
  ASSERT_TRUE(keys.revoke(id, "admin"));
  EXPECT_EQ(last_event(), "key_revoked admin " + id);
  EXPECT_FALSE(keys.check(*key));
  const size_t before = events().size();
  EXPECT_TRUE(keys.revoke(id, "admin"));
  EXPECT_EQ(events().size(), before);
  EXPECT_EQ(keys.list()->front().revoked, now());
  EXPECT_EQ(keys.revoke("key_x", "admin").error().code, ErrorCode::kNotFound);
}

TEST_P(ApiKeysTest, AreNotIssuedForNothing) {
  ApiKeys keys(ground());
  const auto code = [&](std::string_view name, const Assignment& scope, int64_t expires) {
    const auto key = keys.issue(name, scope, expires, "");
    return key ? ErrorCode::kCancelled : key.error().code;
  };
  EXPECT_EQ(code("x", {"system", "", ""}, now()), ErrorCode::kInput);
  EXPECT_EQ(code("x", {"system", "", ""}, now() + ApiKeys::kLongest + 1), ErrorCode::kInput);
  EXPECT_EQ(code("", {"system", "", ""}, now() + kDay), ErrorCode::kInput);
  EXPECT_EQ(code("x", {"", "", ""}, now() + kDay), ErrorCode::kInput);
  EXPECT_EQ(code("x", {"system", "nobody", ""}, now() + kDay), ErrorCode::kConstraint);
  EXPECT_EQ(code("x", {"system", "", "nowhere"}, now() + kDay), ErrorCode::kConstraint);
  EXPECT_TRUE(keys.list()->empty());
}

}  // namespace
}  // namespace zhili::identity
