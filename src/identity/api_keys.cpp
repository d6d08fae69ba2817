#include "identity/api_keys.hpp"

#include <utility>

#include "identity/directory.hpp"
#include "identity/encoding.hpp"

namespace zhili::identity {
namespace {

constexpr size_t kSecretBytes = 32;
constexpr size_t kNameBytes = 256;
constexpr std::string_view kPrefix = "key_";

std::unexpected<Error> no_key() { return fail(ErrorCode::kNotFound, {}, "Ask for a new key.", "There is no such key"); }

}  // namespace

Result<std::string> ApiKeys::issue(std::string_view name, const Assignment& scope, int64_t expires,
                                   const std::string& by) {
  const int64_t now = ground_.store.now();
  if (expires <= now || expires - now > kLongest) {
    return fail(ErrorCode::kInput, {}, "Choose a day within 400 days.", "The key's end is past, or too far away");
  }
  if (name.empty() || name.size() > kNameBytes || !is_plain_id(scope.role)) {
    return fail(ErrorCode::kInput, {}, "Give a name of at most 256 bytes and a role of the policy.",
                "A key needs a name and a role");
  }
  ZHILI_ASSIGN(const std::string random, new_id(ground_.entropy));
  ZHILI_ASSIGN(const std::string secret, ground_.entropy.bytes(kSecretBytes));
  ZHILI_ASSIGN(const std::string hash, ground_.seal.hash(secret));
  const std::string id = std::string(kPrefix) + random;
  const Status done = ground_.store.commit([&](store::Transaction& tx) -> Status {
    ZHILI_TRY(require_place(tx, scope.area, scope.department));
    ZHILI_TRY(
        tx.execute("INSERT INTO api_key (id, hash, name, role, department, area, created, expires, revoked, "
                   "last_day) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL, 0)",
                   {id, store::Bytes{hash}, name, scope.role, scope.department, scope.area, now, expires}));
    return ground_.audit.record(tx, {EventKind::kKeyIssued, by, id, scope.role, scope.department, scope.area, now});
  });
  if (!done) return std::unexpected(done.error());
  return id + "." + to_base64url(secret);
}

Result<Actor> ApiKeys::check(std::string_view key) const {
  const size_t dot = key.find('.');
  if (dot == std::string_view::npos || !key.starts_with(kPrefix) || dot > limits::kIdBytes) return no_key();
  const auto secret = from_base64url(key.substr(dot + 1));
  if (!secret || secret->size() != kSecretBytes) return no_key();
  const std::string id(key.substr(0, dot));
  if (!is_plain_id(id)) return no_key();
  const int64_t now = ground_.store.now();
  ZHILI_ASSIGN(const store::Rows rows, ground_.store.query("SELECT hash, role, department, area, last_day FROM api_key "
                                                           "WHERE id = $1 AND revoked IS NULL AND expires > $2",
                                                           {id, now}));
  if (rows.empty()) return no_key();
  ZHILI_ASSIGN(const bool fits, SealKeys::fits(rows[0].bytes(0), *secret));
  if (!fits) return no_key();
  const store::Row row = rows[0];
  const int64_t today = now - now % kDay;
  if (row.int64(4) < today) {
    // Nobody waits for it: it tells administrators which keys are in use.
    ground_.store.submit(
        [id, today](store::Transaction& tx) -> Status {
          ZHILI_TRY(tx.execute("UPDATE api_key SET last_day = $2 WHERE id = $1 AND last_day < $2", {id, today}));
          return {};
        },
        [](const Status&) {});
  }
  return Actor{id, {{std::string(row.text(1)), std::string(row.text(2)), std::string(row.text(3))}}, false};
}

Status ApiKeys::revoke(const std::string& id, const std::string& by) {
  const int64_t now = ground_.store.now();
  return ground_.store.commit([&](store::Transaction& tx) -> Status {
    ZHILI_ASSIGN(const store::Rows rows, tx.query("SELECT revoked FROM api_key WHERE id = $1", {id}));
    if (rows.empty()) return no_key();
    if (!rows[0].is_null(0)) return {};
    ZHILI_TRY(tx.execute("UPDATE api_key SET revoked = $2 WHERE id = $1", {id, now}));
    return ground_.audit.record(tx, {EventKind::kKeyRevoked, by, id, {}, {}, {}, now});
  });
}

Result<std::string> ApiKeys::name(std::string_view id) const {
  ZHILI_ASSIGN(const store::Rows rows, ground_.store.query("SELECT name FROM api_key WHERE id = $1", {id}));
  if (rows.empty()) return fail(ErrorCode::kNotFound, {}, "List the keys.", "there is no key {}", id);
  return std::string(rows[0].text(0));
}

Result<std::vector<ApiKey>> ApiKeys::list() const {
  ZHILI_ASSIGN(const store::Rows rows,
               ground_.store.query("SELECT id, name, role, department, area, created, expires, revoked, last_day "
                                   "FROM api_key ORDER BY id"));
  std::vector<ApiKey> out;
  for (const store::Row row : rows) {
    ApiKey key{std::string(row.text(0)),
               std::string(row.text(1)),
               {std::string(row.text(2)), std::string(row.text(3)), std::string(row.text(4))},
               row.int64(5),
               row.int64(6),
               std::nullopt,
               row.int64(8)};
    if (!row.is_null(7)) key.revoked = row.int64(7);
    out.push_back(std::move(key));
  }
  return out;
}

}  // namespace zhili::identity
