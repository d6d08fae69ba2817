#include "identity/sessions.hpp"

#include <algorithm>
#include <utility>

#include "base/clock.hpp"
#include "identity/accounts.hpp"
#include "identity/digest.hpp"
#include "identity/encoding.hpp"
#include "identity/throttle.hpp"

namespace zhili::identity {
namespace {

constexpr size_t kTokenBytes = 32;

std::unexpected<Error> no_session() { return fail(ErrorCode::kNotFound, {}, "Sign in.", "There is no such session"); }

}  // namespace

Result<std::string> new_token(Entropy& entropy) {
  ZHILI_ASSIGN(const std::string random, entropy.bytes(kTokenBytes));
  return to_base64url(random);
}

Status open_session(store::Transaction& tx, const SealKeys& seal, std::string_view token, const std::string& account,
                    SessionStage stage, int64_t now) {
  ZHILI_ASSIGN(std::string hash, seal.hash(token));
  // What was opened before the clock was set back would else count as the newest, and push this one out.
  ZHILI_TRY(tx.execute("DELETE FROM session WHERE account = $1 AND created > $2", {account, now + kClockSlack}));
  ZHILI_TRY(tx.execute("INSERT INTO session (hash, account, stage, created, seen) VALUES ($1, $2, $3, $4, $4)",
                       {store::Bytes{std::move(hash)}, account, static_cast<int64_t>(stage), now}));
  ZHILI_TRY(
      tx.execute("DELETE FROM session WHERE account = $1 AND hash NOT IN (SELECT hash FROM session "
                 "WHERE account = $1 ORDER BY created DESC, hash LIMIT $2)",
                 {account, static_cast<int64_t>(limits::kSessionsOfAccount)}));
  return {};
}

Status close_session(store::Transaction& tx, const SealKeys& seal, std::string_view token) {
  ZHILI_ASSIGN(std::string hash, seal.hash(token));
  ZHILI_TRY(tx.execute("DELETE FROM session WHERE hash = $1", {store::Bytes{std::move(hash)}}));
  return {};
}

Result<SignedIn> Sessions::check(std::string_view token) const {
  const int64_t now = ground_.store.now();
  ZHILI_ASSIGN(std::string hash, ground_.seal.hash(token));
  ZHILI_ASSIGN(store::Snapshot snapshot, ground_.store.read());
  ZHILI_ASSIGN(const store::Rows rows,
               snapshot.query("SELECT a.id, a.name, a.state, s.stage, s.created, s.seen FROM session s "
                              "JOIN account a ON a.id = s.account WHERE s.hash = $1",
                              {store::Bytes{hash}}));
  if (rows.empty()) return no_session();
  const store::Row row = rows[0];
  SignedIn who;
  who.stage = static_cast<SessionStage>(row.int64(3));
  const bool waiting = who.stage == SessionStage::kWaiting;
  const int64_t seen = row.int64(5);
  who.ends = row.int64(4) + (waiting ? limits_.waiting : limits_.absolute);
  const bool over = now >= who.ends || now - seen >= limits_.idle || was_set_back(seen, now);
  if (over || account_state(row.text(2)) != AccountState::kActive) return no_session();
  who.actor.account = row.text(0);
  who.name = row.text(1);
  who.actor.second_factor = who.stage == SessionStage::kTwoFactors;
  if (!waiting) {
    ZHILI_ASSIGN(who.actor.assignments, current_posts(snapshot, who.actor.account, now));
  }
  if (now - seen >= limits_.touched) {
    // Nobody waits for it: a session that looks idle a minute too early does no harm.
    ground_.store.submit(
        [hash = std::move(hash), now](store::Transaction& tx) -> Status {
          ZHILI_TRY(
              tx.execute("UPDATE session SET seen = $2 WHERE hash = $1 AND seen < $2", {store::Bytes{hash}, now}));
          return {};
        },
        [](const Status&) {});
  }
  return who;
}

Result<std::string> Sessions::csrf_token(std::string_view token) {
  ZHILI_ASSIGN(const std::string digest, hmac_sha256(token, "zhili identity: proof against forged requests"));
  return to_base64url(digest);
}

Result<bool> Sessions::check_csrf(std::string_view token, std::string_view given) {
  ZHILI_ASSIGN(const std::string right, csrf_token(token));
  return same_secret(right, given);
}

Status Sessions::sign_out(std::string_view token) {
  const int64_t now = ground_.store.now();
  ZHILI_ASSIGN(const std::string hash, ground_.seal.hash(token));
  return ground_.store.commit([&](store::Transaction& tx) -> Status {
    ZHILI_ASSIGN(const store::Rows rows,
                 tx.query("DELETE FROM session WHERE hash = $1 RETURNING account", {store::Bytes{hash}}));
    if (rows.empty()) return {};
    const std::string account(rows[0].text(0));
    return ground_.audit.record(tx, {EventKind::kSignedOut, account, account, {}, {}, {}, now});
  });
}

Status Sessions::sign_out_everywhere(const std::string& account, const std::string& by) {
  const int64_t now = ground_.store.now();
  return ground_.store.commit([&](store::Transaction& tx) -> Status {
    ZHILI_TRY(tx.execute("DELETE FROM session WHERE account = $1", {account}));
    return ground_.audit.record(tx, {EventKind::kSignedOutEverywhere, by, account, {}, {}, {}, now});
  });
}

Status Sessions::sweep() {
  constexpr int64_t kAtOnce = 250;
  const int64_t now = ground_.store.now();
  // A slice after the other, so that no other change waits for long.
  for (int64_t sessions = kAtOnce, attempts = kAtOnce; sessions == kAtOnce || attempts == kAtOnce;) {
    const Status removed = ground_.store.commit([&](store::Transaction& tx) -> Status {
      ZHILI_ASSIGN(
          sessions,
          tx.execute("DELETE FROM session WHERE hash IN (SELECT hash FROM session WHERE seen <= $1 OR "
                     "created <= $2 OR (stage = 0 AND created <= $3) OR seen > $4 LIMIT $5)",
                     {now - limits_.idle, now - limits_.absolute, now - limits_.waiting, now + kClockSlack, kAtOnce}));
      ZHILI_ASSIGN(attempts, sweep_attempts(tx, now - 30 * kDay, kAtOnce));
      return {};
    });
    ZHILI_TRY(removed);
  }
  return {};
}

}  // namespace zhili::identity
