#include "vault/key_ring.hpp"

#include <utility>
#include <vector>

#include <openssl/crypto.h>
#include <openssl/rand.h>

namespace zhili::vault {
namespace {

constexpr std::string_view kSelect =
    "SELECT key_number, cipher, master_id, wrapped FROM vault_key WHERE area_id = $1 ORDER BY key_number";
constexpr size_t kSecretBytes = 32;

Result<CipherKind> cipher_of(int64_t number) {
  for (const CipherKind kind : {CipherKind::kAes256Gcm, CipherKind::kSm4}) {
    if (number == static_cast<int64_t>(kind)) return kind;
  }
  return fail(ErrorCode::kConfig, {}, "Use the program's version that made the key, or a newer one.",
              "a data key is for a cipher that this program does not know");
}

SealContext context_of(int64_t area_id, std::string_view number) {
  return {area_id, SealContext::Part::kDataKey, "key", number};
}

}  // namespace

KeyRing::KeyRing(store::Store& store, MasterKeys master, int64_t area_id)
    : store_(store), master_(std::move(master)), area_id_(area_id) {}

std::shared_ptr<const DataKeys> KeyRing::keys() const {
  const std::scoped_lock lock(mutex_);
  return keys_;
}

Result<std::string> KeyRing::wrap(Sealer& sealer, uint32_t number, CipherKind cipher, std::string_view secret) const {
  ZHILI_ASSIGN(const DataKey key, DataKey::derive(number, cipher, master_.first().wrap));
  return sealer.seal(key, context_of(area_id_, std::to_string(number)), secret);
}

Result<std::string> KeyRing::unwrap(uint32_t number, CipherKind cipher, std::string_view master_id,
                                    std::string_view wrapped) const {
  const MasterKeys::Key* master = master_.find(master_id);
  if (master == nullptr) {
    return fail(ErrorCode::kConfig, {}, "Give the master key that the vault was made with, beside a new one.",
                "none of the master keys fits the vault's data key {}", number);
  }
  std::vector<DataKey> keys;
  ZHILI_ASSIGN(DataKey key, DataKey::derive(number, cipher, master->wrap));
  keys.push_back(std::move(key));
  const DataKeys one(std::move(keys));
  Sealer sealer;
  auto secret = sealer.open(one, context_of(area_id_, std::to_string(number)), wrapped);
  if (secret) return secret;
  return fail(ErrorCode::kConfig, {}, "Bring the store back from its last backup.",
              "the vault's data key {} is not what was wrapped", number);
}

Status KeyRing::load() {
  ZHILI_ASSIGN(const auto rows, store_.query(kSelect, {area_id_}));
  if (rows.empty()) return fail(ErrorCode::kNotFound, {}, "", "the vault has no data key yet");
  std::vector<DataKey> keys;
  keys.reserve(rows.size());
  for (const store::Row row : rows) {
    const auto number = static_cast<uint32_t>(row.int64(0));
    ZHILI_ASSIGN(const CipherKind cipher, cipher_of(row.int64(1)));
    ZHILI_ASSIGN(std::string secret, unwrap(number, cipher, row.bytes(2), row.bytes(3)));
    auto key = DataKey::derive(number, cipher, secret);
    OPENSSL_cleanse(secret.data(), secret.size());
    if (!key) return fail(std::move(key).error());
    keys.push_back(std::move(*key));
  }
  auto loaded = std::make_shared<const DataKeys>(std::move(keys));
  const std::scoped_lock lock(mutex_);
  keys_ = std::move(loaded);
  return {};
}

Result<uint32_t> KeyRing::add(store::Transaction& transaction, CipherKind cipher, int64_t now) const {
  ZHILI_ASSIGN(const auto rows,
               transaction.query("SELECT coalesce(max(key_number), 0) FROM vault_key WHERE area_id = $1", {area_id_}));
  const auto number = static_cast<uint32_t>(rows[0].int64(0) + 1);
  std::string secret(kSecretBytes, '\0');
  if (RAND_priv_bytes(reinterpret_cast<unsigned char*>(secret.data()), kSecretBytes) != 1) {
    return fail(ErrorCode::kInternal, {}, "", "the system has no randomness");
  }
  Sealer sealer;
  auto wrapped = wrap(sealer, number, cipher, secret);
  OPENSSL_cleanse(secret.data(), secret.size());
  if (!wrapped) return fail(std::move(wrapped).error());
  ZHILI_TRY(
      transaction.execute("INSERT INTO vault_key (area_id, key_number, cipher, master_id, wrapped, made_at) "
                          "VALUES ($1, $2, $3, $4, $5, $6)",
                          {area_id_, number, static_cast<int64_t>(cipher), store::Bytes{master_.first().id},
                           store::Bytes{std::move(*wrapped)}, now}));
  return number;
}

Result<uint64_t> KeyRing::rewrap(store::Transaction& transaction) const {
  ZHILI_ASSIGN(const auto rows, transaction.query(kSelect, {area_id_}));
  uint64_t changed = 0;
  Sealer sealer;
  for (const store::Row row : rows) {
    if (row.bytes(2) == master_.first().id) continue;
    const auto number = static_cast<uint32_t>(row.int64(0));
    ZHILI_ASSIGN(const CipherKind cipher, cipher_of(row.int64(1)));
    ZHILI_ASSIGN(std::string secret, unwrap(number, cipher, row.bytes(2), row.bytes(3)));
    auto wrapped = wrap(sealer, number, cipher, secret);
    OPENSSL_cleanse(secret.data(), secret.size());
    if (!wrapped) return fail(std::move(wrapped).error());
    ZHILI_TRY(
        transaction.execute("UPDATE vault_key SET master_id = $3, wrapped = $4 WHERE area_id = $1 AND key_number = $2",
                            {area_id_, number, store::Bytes{master_.first().id}, store::Bytes{std::move(*wrapped)}}));
    ++changed;
  }
  return changed;
}

Status KeyRing::require_newest(store::Transaction& transaction, uint32_t number) const {
  ZHILI_ASSIGN(const auto rows,
               transaction.query("SELECT coalesce(max(key_number), 0) FROM vault_key WHERE area_id = $1", {area_id_}));
  if (rows[0].int64(0) == number) return {};
  return fail(ErrorCode::kBusy, {}, "Try again: the keys are then read anew.",
              "the vault was given a new key meanwhile");
}

Result<int64_t> KeyRing::forget_below(store::Transaction& transaction, uint32_t number) const {
  return transaction.execute("DELETE FROM vault_key WHERE area_id = $1 AND key_number < $2", {area_id_, number});
}

}  // namespace zhili::vault
