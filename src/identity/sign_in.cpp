#include "identity/sign_in.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "identity/accounts.hpp"
#include "identity/encoding.hpp"
#include "identity/login_name.hpp"
#include "identity/throttle.hpp"
#include "identity/totp.hpp"

namespace zhili::identity {
namespace {

/// Wrong passwords without a right one, after which the account is locked (NIST SP 800-63B, section 5.2.2).
constexpr int64_t kMostRefusals = 100;

std::unexpected<Error> no_session() { return fail(ErrorCode::kNotFound, {}, "Sign in.", "There is no such session"); }

/// Uses a recovery code up; whether it was one.
Result<bool> use_recovery_code(store::Transaction& tx, const SealKeys& seal, const std::string& account,
                               std::string_view code) {
  const auto bytes = from_base32(code);
  if (!bytes) return false;
  ZHILI_ASSIGN(const auto hashes, seal.hashes(*bytes));
  ZHILI_ASSIGN(const int64_t used, tx.execute("DELETE FROM recovery_code WHERE account = $1 AND hash IN ($2, $3)",
                                              {account, store::Bytes{hashes[0]}, store::Bytes{hashes[1]}}));
  return used == 1;
}

}  // namespace

/// What is known of an attempt before the password is looked at.
struct SignIns::Attempt {
  std::string login_name;    // That it is counted under.
  std::string address_name;  //
  int64_t retry_at = 0;
  std::string account;  // Empty: there is none.
  std::optional<std::string> hash;
  int64_t password_set = 0;
};

/// Charges the attempt and looks the account up, in one change.
Result<SignIns::Attempt> SignIns::begin(std::string_view login, const std::string& address) {
  const auto normal = login_name(login);
  const std::string login_text = normal ? normal->text : std::string(login.substr(0, limits::kLoginNameBytes));
  Attempt attempt;
  ZHILI_ASSIGN(attempt.login_name, ground_.seal.blind("login " + login_text));
  ZHILI_ASSIGN(attempt.address_name, ground_.seal.blind("address " + throttled_address(address)));
  const int64_t now = ground_.store.now();
  const Status done = ground_.store.commit([&](store::Transaction& tx) -> Status {
    attempt.account.clear();
    attempt.hash.reset();
    ZHILI_ASSIGN(attempt.retry_at, charge_attempt(tx, attempt.address_name, kAddressThrottle, now));
    if (attempt.retry_at != 0) return {};
    ZHILI_ASSIGN(attempt.retry_at, charge_attempt(tx, attempt.login_name, kAccountThrottle, now));
    if (attempt.retry_at != 0) return refund_attempt(tx, attempt.address_name);
    const std::string asked = normal ? normal->text : std::string();
    ZHILI_ASSIGN(const store::Rows rows,
                 tx.query("SELECT id, password, password_set FROM account WHERE login = $1", {asked}));
    if (rows.empty()) return {};
    attempt.account = rows[0].text(0);
    if (!rows[0].is_null(1)) attempt.hash = std::string(rows[0].text(1));
    attempt.password_set = rows[0].int64(2);
    return {};
  });
  if (!done) return std::unexpected(done.error());
  return attempt;
}

Result<SignInAnswer> SignIns::with_password(std::string_view login, std::string_view password,
                                            const std::string& address, std::string_view old_token) {
  ZHILI_ASSIGN(const Attempt attempt, begin(login, address));
  if (attempt.retry_at != 0) return SignInAnswer{SignInOutcome::kTooEarly, {}, {}, attempt.retry_at};
  ZHILI_ASSIGN(const bool right, ground_.passwords.check(password, attempt.hash));
  if (right) return accept(attempt, password, old_token);
  ZHILI_TRY(refuse(attempt));
  return SignInAnswer{};
}

Status SignIns::refuse(const Attempt& attempt) {
  const int64_t now = ground_.store.now();
  return ground_.store.commit([&](store::Transaction& tx) -> Status {
    // The same statements for an account that is not there: it changes no row.
    ZHILI_ASSIGN(const store::Rows rows,
                 tx.query("UPDATE account SET refusals = refusals + 1 WHERE id = $1 RETURNING refusals, state",
                          {attempt.account}));
    if (!rows.empty() && rows[0].int64(0) >= kMostRefusals && rows[0].text(1) == "active") {
      ZHILI_TRY(tx.execute("UPDATE account SET state = 'locked' WHERE id = $1", {attempt.account}));
      ZHILI_TRY(tx.execute("DELETE FROM session WHERE account = $1", {attempt.account}));
      ZHILI_TRY(ground_.audit.record(tx, {EventKind::kAccountLocked, {}, attempt.account, {}, {}, {}, now}));
    }
    return ground_.audit.record(tx, {EventKind::kSignInRefused, {}, attempt.account, {}, {}, {}, now});
  });
}

Result<SignInAnswer> SignIns::accept(const Attempt& attempt, std::string_view password, std::string_view old_token) {
  std::optional<std::string> renewed;
  if (attempt.hash && ground_.passwords.is_outdated(*attempt.hash)) {
    ZHILI_ASSIGN(renewed, ground_.passwords.hash(password));
  }
  ZHILI_ASSIGN(const std::string token, new_token(ground_.entropy));
  const int64_t now = ground_.store.now();
  SignInAnswer answer;
  const Status done = ground_.store.commit([&](store::Transaction& tx) -> Status {
    answer = {};
    ZHILI_ASSIGN(const store::Rows rows,
                 tx.query("SELECT state, password_set, totp_confirmed FROM account WHERE id = $1", {attempt.account}));
    // The password may have been changed while it was checked.
    if (rows.empty() || rows[0].int64(1) != attempt.password_set) return {};
    ZHILI_TRY(forget_attempts(tx, attempt.login_name));
    ZHILI_TRY(refund_attempt(tx, attempt.address_name));
    if (account_state(rows[0].text(0)) != AccountState::kActive) {
      answer.outcome = SignInOutcome::kLocked;
      return ground_.audit.record(tx, {EventKind::kSignInRefused, {}, attempt.account, {}, {}, {}, now});
    }
    const bool two = rows[0].int64(2) != 0;
    ZHILI_TRY(tx.execute("UPDATE account SET refusals = 0, password = coalesce($2, password) WHERE id = $1",
                         {attempt.account, renewed}));
    if (!old_token.empty()) ZHILI_TRY(close_session(tx, ground_.seal, old_token));
    ZHILI_TRY(open_session(tx, ground_.seal, token, attempt.account,
                           two ? SessionStage::kWaiting : SessionStage::kOneFactor, now));
    answer = {two ? SignInOutcome::kSecondFactorNeeded : SignInOutcome::kSignedIn, token, attempt.account, 0};
    // Who still owes the second factor is not in yet.
    if (two) return {};
    return ground_.audit.record(tx, {EventKind::kSignedIn, attempt.account, attempt.account, {}, {}, {}, now});
  });
  if (!done) return std::unexpected(done.error());
  return answer;
}

Result<SignInAnswer> SignIns::with_second_factor(std::string_view token, std::string_view code) {
  ZHILI_ASSIGN(const SignedIn who, Sessions(ground_, limits_).check(token));
  const std::string account = who.actor.account;
  ZHILI_ASSIGN(const std::string counted, ground_.seal.blind("factor " + account));
  ZHILI_ASSIGN(const std::string raised, new_token(ground_.entropy));
  ZHILI_ASSIGN(const std::string old_hash, ground_.seal.hash(token));
  const int64_t now = ground_.store.now();
  SignInAnswer answer;
  const Status done = ground_.store.commit([&](store::Transaction& tx) -> Status {
    answer = {};
    ZHILI_ASSIGN(const store::Rows rows,
                 tx.query("SELECT a.totp, a.totp_confirmed, a.totp_step FROM session s JOIN account a ON "
                          "a.id = s.account WHERE s.hash = $1 AND a.state = 'active'",
                          {store::Bytes{old_hash}}));
    if (rows.empty() || rows[0].int64(1) == 0) return no_session();
    ZHILI_ASSIGN(answer.retry_at, charge_attempt(tx, counted, kAccountThrottle, now));
    if (answer.retry_at != 0) {
      answer.outcome = SignInOutcome::kTooEarly;
      return {};
    }
    ZHILI_ASSIGN(const std::string secret, ground_.seal.open(rows[0].bytes(0), second_factor_context(account)));
    ZHILI_ASSIGN(const std::optional<int64_t> step, match_totp(secret, code, now, rows[0].int64(2)));
    if (step) {
      ZHILI_TRY(tx.execute("UPDATE account SET totp_step = $2 WHERE id = $1", {account, *step}));
    } else {
      ZHILI_ASSIGN(const bool recovered, use_recovery_code(tx, ground_.seal, account, code));
      if (!recovered) {
        return ground_.audit.record(tx, {EventKind::kSecondFactorRefused, {}, account, {}, {}, {}, now});
      }
      ZHILI_TRY(ground_.audit.record(tx, {EventKind::kRecoveryCodeUsed, account, account, {}, {}, {}, now}));
    }
    ZHILI_TRY(forget_attempts(tx, counted));
    ZHILI_TRY(close_session(tx, ground_.seal, token));
    ZHILI_TRY(open_session(tx, ground_.seal, raised, account, SessionStage::kTwoFactors, now));
    answer = {SignInOutcome::kSignedIn, raised, account, 0};
    return ground_.audit.record(tx, {EventKind::kSignedIn, account, account, {}, {}, {}, now});
  });
  if (!done) return std::unexpected(done.error());
  return answer;
}

Result<SignInAnswer> SignIns::with_provider(const std::string& account, bool second_factor,
                                            std::string_view old_token) {
  ZHILI_ASSIGN(const std::string token, new_token(ground_.entropy));
  const int64_t now = ground_.store.now();
  SignInAnswer answer;
  const Status done = ground_.store.commit([&](store::Transaction& tx) -> Status {
    answer = {};
    ZHILI_ASSIGN(const store::Rows rows,
                 tx.query("SELECT totp_confirmed FROM account WHERE id = $1 AND state = 'active'", {account}));
    if (rows.empty()) {
      return fail(ErrorCode::kNotFound, {}, "Ask an administrator.", "There is no active account for this sign-in");
    }
    const bool waiting = !second_factor && rows[0].int64(0) != 0;
    const SessionStage stage = second_factor ? SessionStage::kTwoFactors
                               : waiting     ? SessionStage::kWaiting
                                             : SessionStage::kOneFactor;
    if (!old_token.empty()) ZHILI_TRY(close_session(tx, ground_.seal, old_token));
    ZHILI_TRY(open_session(tx, ground_.seal, token, account, stage, now));
    answer = {waiting ? SignInOutcome::kSecondFactorNeeded : SignInOutcome::kSignedIn, token, account, 0};
    if (waiting) return {};
    return ground_.audit.record(tx, {EventKind::kSignedIn, account, account, {}, {}, {}, now});
  });
  if (!done) return std::unexpected(done.error());
  return answer;
}

}  // namespace zhili::identity
