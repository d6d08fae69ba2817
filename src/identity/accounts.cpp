#include "identity/accounts.hpp"

#include <array>
#include <utility>

#include "identity/directory.hpp"
#include "identity/encoding.hpp"
#include "identity/login_name.hpp"
#include "identity/totp.hpp"

namespace zhili::identity {
namespace {

constexpr size_t kRecoveryCodes = 10;
constexpr size_t kRecoveryCodeBytes = 10;
constexpr size_t kNameBytes = 256;

// In the order of AccountState.
constexpr std::array<std::string_view, 3> kStates{"active", "locked", "closed"};
constexpr std::array<EventKind, 3> kStateEvents{EventKind::kAccountUnlocked, EventKind::kAccountLocked,
                                                EventKind::kAccountClosed};

constexpr std::string_view kSelect =
    "SELECT id, login, name, state, CAST(CASE WHEN password IS NULL THEN 0 ELSE 1 END AS BIGINT), totp_confirmed, "
    "external_id FROM account ";

std::unexpected<Error> not_found() {
  return fail(ErrorCode::kNotFound, {}, "Look the account up again.", "There is no such account");
}

Account account_of(const store::Row& row) {
  return Account{std::string(row.text(0)),   std::string(row.text(1)), std::string(row.text(2)),
                 account_state(row.text(3)), row.int64(4) != 0,        row.int64(5) != 0,
                 std::string(row.text(6))};
}

Result<Account> one_account(const Result<store::Rows>& rows) {
  if (!rows) return std::unexpected(rows.error());
  if (rows->empty()) return not_found();
  return account_of((*rows)[0]);
}

Status end_sessions(store::Transaction& tx, const std::string& account) {
  ZHILI_TRY(tx.execute("DELETE FROM session WHERE account = $1", {account}));
  return {};
}

/// Runs a statement that has to change the account's one row.
Status change_one(store::Transaction& tx, std::string_view sql, store::Params params) {
  ZHILI_ASSIGN(const int64_t changed, tx.execute(sql, params));
  return changed == 1 ? Status() : Status(not_found());
}

}  // namespace

AccountState account_state(std::string_view word) {
  return word == kStates[0]   ? AccountState::kActive
         : word == kStates[1] ? AccountState::kLocked
                              : AccountState::kClosed;
}

std::string second_factor_context(std::string_view account) { return fmt::format("second factor of {}", account); }

Result<std::vector<Assignment>> current_posts(store::Snapshot& snapshot, std::string_view account, int64_t now) {
  ZHILI_ASSIGN(const store::Rows rows, snapshot.query("SELECT role, department, area FROM post WHERE account = $1 AND "
                                                      "(until IS NULL OR until > $2) ORDER BY role, department, area",
                                                      {account, now}));
  std::vector<Assignment> posts;
  for (const store::Row row : rows) {
    posts.push_back({std::string(row.text(0)), std::string(row.text(1)), std::string(row.text(2))});
  }
  return posts;
}

Result<std::string> Accounts::create(std::string_view login, std::string_view name, const std::string& by,
                                     const std::string& external_id) {
  ZHILI_ASSIGN(const LoginName normal, login_name(login));
  if (name.size() > kNameBytes) {
    return fail(ErrorCode::kInput, {}, "Shorten it.", "The name is longer than {} bytes", kNameBytes);
  }
  ZHILI_ASSIGN(std::string id, new_id(ground_.entropy));
  const store::Value external = external_id.empty() ? store::Value() : store::Value(external_id);
  const int64_t now = ground_.store.now();
  const Status done = ground_.store.commit([&](store::Transaction& tx) -> Status {
    ZHILI_ASSIGN(const store::Rows like, tx.query("SELECT 1 FROM account WHERE skeleton = $1", {normal.skeleton}));
    if (!like.empty()) {
      return fail(ErrorCode::kConflict, {}, "Take a name that can't be mistaken for it.",
                  "There is an account already whose login name is this, or looks like it");
    }
    ZHILI_TRY(
        tx.execute("INSERT INTO account (id, login, skeleton, name, state, password, password_set, totp, "
                   "totp_confirmed, totp_step, external_id, refusals, created) "
                   "VALUES ($1, $2, $3, $4, 'active', NULL, 0, NULL, 0, 0, $5, 0, $6)",
                   {id, normal.text, normal.skeleton, name, external, now}));
    return ground_.audit.record(tx, {EventKind::kAccountCreated, by, id, {}, {}, {}, now});
  });
  if (!done) return std::unexpected(done.error());
  return id;
}

Result<Account> Accounts::find(std::string_view id) const {
  return one_account(ground_.store.query(fmt::format("{} WHERE id = $1", kSelect), {id}));
}

Result<std::vector<Account>> Accounts::list(std::string_view after, size_t limit) const {
  ZHILI_ASSIGN(const store::Rows rows,
               ground_.store.query(fmt::format("{} WHERE login > $1 ORDER BY login LIMIT $2", kSelect),
                                   {after, static_cast<int64_t>(limit)}));
  std::vector<Account> out;
  out.reserve(rows.size());
  for (const store::Row row : rows) out.push_back(account_of(row));
  return out;
}

Result<Account> Accounts::find_login(std::string_view login) const {
  ZHILI_ASSIGN(const LoginName normal, login_name(login));
  return one_account(ground_.store.query(fmt::format("{} WHERE login = $1", kSelect), {normal.text}));
}

Result<Account> Accounts::find_external(const std::string& external_id) const {
  return one_account(ground_.store.query(fmt::format("{} WHERE external_id = $1", kSelect), {external_id}));
}

Status Accounts::set_password(const std::string& id, std::string_view password, const std::string& by) {
  ZHILI_ASSIGN(const Account account, find(id));
  ZHILI_TRY(check_new_password(password, account.login, rules_));
  ZHILI_ASSIGN(const std::string hash, ground_.passwords.hash(password));
  const int64_t now = ground_.store.now();
  return ground_.store.commit([&](store::Transaction& tx) -> Status {
    ZHILI_TRY(change_one(tx, "UPDATE account SET password = $2, password_set = $3 WHERE id = $1", {id, hash, now}));
    ZHILI_TRY(end_sessions(tx, id));
    return ground_.audit.record(tx, {EventKind::kPasswordSet, by, id, {}, {}, {}, now});
  });
}

Status Accounts::set_state(const std::string& id, AccountState state, const std::string& by) {
  const int64_t now = ground_.store.now();
  const auto place = static_cast<size_t>(state);
  return ground_.store.commit([&](store::Transaction& tx) -> Status {
    ZHILI_ASSIGN(const store::Rows rows, tx.query("SELECT state FROM account WHERE id = $1", {id}));
    if (rows.empty()) return not_found();
    if (account_state(rows[0].text(0)) == AccountState::kClosed) {
      return fail(ErrorCode::kConstraint, {}, "Make a new account.", "The account is closed for good");
    }
    ZHILI_TRY(tx.execute("UPDATE account SET state = $2, refusals = 0 WHERE id = $1", {id, kStates.at(place)}));
    if (state != AccountState::kActive) ZHILI_TRY(end_sessions(tx, id));
    return ground_.audit.record(tx, {kStateEvents.at(place), by, id, {}, {}, {}, now});
  });
}

Status Accounts::set_external_id(const std::string& id, const std::string& external_id, const std::string& by) {
  const int64_t now = ground_.store.now();
  return ground_.store.commit([&](store::Transaction& tx) -> Status {
    const store::Value value = external_id.empty() ? store::Value() : store::Value(external_id);
    ZHILI_TRY(change_one(tx, "UPDATE account SET external_id = $2 WHERE id = $1", {id, value}));
    return ground_.audit.record(tx, {EventKind::kExternalIdSet, by, id, {}, {}, {}, now});
  });
}

Status Accounts::give_post(const std::string& id, const Post& post, const std::string& by) {
  const Assignment& to = post.assignment;
  if (!is_plain_id(to.role)) return fail(ErrorCode::kInput, {}, "Take a role of the policy.", "A post needs a role");
  const int64_t now = ground_.store.now();
  return ground_.store.commit([&](store::Transaction& tx) -> Status {
    ZHILI_ASSIGN(const store::Rows open, tx.query("SELECT 1 FROM account WHERE id = $1 AND state <> 'closed'", {id}));
    if (open.empty()) return not_found();
    ZHILI_TRY(require_place(tx, to.area, to.department));
    ZHILI_TRY(
        tx.execute("INSERT INTO post (account, role, department, area, until) VALUES ($1, $2, $3, $4, $5) "
                   "ON CONFLICT (account, role, department, area) DO UPDATE SET until = excluded.until",
                   {id, to.role, to.department, to.area, post.until}));
    ZHILI_ASSIGN(const store::Rows count, tx.query("SELECT count(*) FROM post WHERE account = $1", {id}));
    if (std::cmp_greater(count[0].int64(0), limits::kPostsOfAccount)) {
      return fail(ErrorCode::kLimit, {}, "Take the posts away that have ended.", "More than {} posts",
                  limits::kPostsOfAccount);
    }
    return ground_.audit.record(tx, {EventKind::kPostGiven, by, id, to.role, to.department, to.area, now});
  });
}

Status Accounts::take_post(const std::string& id, const Assignment& post, const std::string& by) {
  const int64_t now = ground_.store.now();
  return ground_.store.commit([&](store::Transaction& tx) -> Status {
    ZHILI_ASSIGN(const int64_t taken,
                 tx.execute("DELETE FROM post WHERE account = $1 AND role = $2 AND department = $3 AND area = $4",
                            {id, post.role, post.department, post.area}));
    if (taken == 0)
      return fail(ErrorCode::kNotFound, {}, "Look at the account's posts.", "The account has no such post");
    return ground_.audit.record(tx, {EventKind::kPostTaken, by, id, post.role, post.department, post.area, now});
  });
}

Result<std::vector<Post>> Accounts::posts(const std::string& id) const {
  ZHILI_ASSIGN(const store::Rows rows,
               ground_.store.query("SELECT role, department, area, until FROM post WHERE account = $1 "
                                   "ORDER BY role, department, area",
                                   {id}));
  std::vector<Post> out;
  for (const store::Row row : rows) {
    Post post{{std::string(row.text(0)), std::string(row.text(1)), std::string(row.text(2))}, std::nullopt};
    if (!row.is_null(3)) post.until = row.int64(3);
    out.push_back(std::move(post));
  }
  return out;
}

Result<SecondFactor> Accounts::begin_second_factor(const std::string& id, std::string_view issuer) {
  ZHILI_ASSIGN(const Account account, find(id));
  ZHILI_ASSIGN(const std::string secret, ground_.entropy.bytes(kTotpSecretBytes));
  ZHILI_ASSIGN(const std::string sealed, ground_.seal.seal(ground_.entropy, secret, second_factor_context(id)));
  const Status done = ground_.store.commit([&](store::Transaction& tx) -> Status {
    ZHILI_ASSIGN(const int64_t changed,
                 tx.execute("UPDATE account SET totp = $2, totp_step = 0 WHERE id = $1 AND totp_confirmed = 0",
                            {id, store::Bytes{sealed}}));
    if (changed == 1) return {};
    return fail(ErrorCode::kConstraint, {}, "Remove the one that is there first.", "There is a second factor already");
  });
  if (!done) return std::unexpected(done.error());
  return SecondFactor{to_base32(secret), totp_url(secret, issuer, account.login)};
}

Result<std::vector<std::string>> Accounts::confirm_second_factor(const std::string& id, std::string_view code,
                                                                 std::string_view token) {
  ZHILI_ASSIGN(const std::string kept, ground_.seal.hash(token));
  std::vector<std::string> codes;
  std::vector<std::string> hashes;
  for (size_t i = 0; i < kRecoveryCodes; ++i) {
    ZHILI_ASSIGN(const std::string random, ground_.entropy.bytes(kRecoveryCodeBytes));
    ZHILI_ASSIGN(std::string hash, ground_.seal.hash(random));
    const std::string text = to_base32(random);
    codes.push_back(
        fmt::format("{}-{}-{}-{}", text.substr(0, 4), text.substr(4, 4), text.substr(8, 4), text.substr(12)));
    hashes.push_back(std::move(hash));
  }
  const int64_t now = ground_.store.now();
  const Status done = ground_.store.commit([&](store::Transaction& tx) -> Status {
    ZHILI_ASSIGN(const store::Rows rows, tx.query("SELECT totp, totp_confirmed FROM account WHERE id = $1", {id}));
    if (rows.empty()) return not_found();
    if (rows[0].is_null(0) || rows[0].int64(1) != 0) {
      return fail(ErrorCode::kConstraint, {}, "Begin with a new secret.", "No second factor waits to be confirmed");
    }
    ZHILI_ASSIGN(const std::string secret, ground_.seal.open(rows[0].bytes(0), second_factor_context(id)));
    ZHILI_ASSIGN(const std::optional<int64_t> step, match_totp(secret, code, now, 0));
    if (!step) {
      return fail(ErrorCode::kInput, {}, "Type the code that the telephone shows now, and look at its clock.",
                  "The code is wrong");
    }
    ZHILI_TRY(tx.execute("UPDATE account SET totp_confirmed = $2, totp_step = $3 WHERE id = $1", {id, now, *step}));
    ZHILI_TRY(tx.execute("DELETE FROM recovery_code WHERE account = $1", {id}));
    for (const std::string& hash : hashes) {
      ZHILI_TRY(tx.execute("INSERT INTO recovery_code (account, hash) VALUES ($1, $2)", {id, store::Bytes{hash}}));
    }
    ZHILI_TRY(tx.execute("DELETE FROM session WHERE account = $1 AND hash <> $2", {id, store::Bytes{kept}}));
    return ground_.audit.record(tx, {EventKind::kSecondFactorSet, id, id, {}, {}, {}, now});
  });
  if (!done) return std::unexpected(done.error());
  return codes;
}

Status Accounts::remove_second_factor(const std::string& id, const std::string& by) {
  const int64_t now = ground_.store.now();
  return ground_.store.commit([&](store::Transaction& tx) -> Status {
    ZHILI_TRY(change_one(tx, "UPDATE account SET totp = NULL, totp_confirmed = 0, totp_step = 0 WHERE id = $1", {id}));
    ZHILI_TRY(tx.execute("DELETE FROM recovery_code WHERE account = $1", {id}));
    ZHILI_TRY(end_sessions(tx, id));
    return ground_.audit.record(tx, {EventKind::kSecondFactorRemoved, by, id, {}, {}, {}, now});
  });
}

}  // namespace zhili::identity
