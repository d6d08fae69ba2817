#include "vault/file_keys.hpp"

#include <utility>
#include <vector>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "vault/key_ring.hpp"

namespace zhili::vault {
namespace {

// A secret: the cipher's number, then the bytes that keys are derived from.
constexpr size_t kSecretBytes = 33;

}  // namespace

Result<std::string> FileKey::seal_named(std::string_view name, std::string_view bytes) {
  const std::string id = fmt::format("{}/{}", file_, name);
  return sealer_.seal(keys_->newest(), {area_id_, SealContext::Part::kFrame, dataset_, id}, bytes);
}

Result<std::string> FileKey::open_named(std::string_view name, std::string_view sealed) {
  const std::string id = fmt::format("{}/{}", file_, name);
  return sealer_.open(*keys_, {area_id_, SealContext::Part::kFrame, dataset_, id}, sealed);
}

Result<std::string> FileKey::seal(uint64_t frame, std::string_view bytes) {
  return seal_named(std::to_string(frame), bytes);
}

Result<std::string> FileKey::open(uint64_t frame, std::string_view sealed) {
  return open_named(std::to_string(frame), sealed);
}

Result<FileKey> FileKeys::derive(const std::string& dataset, const std::string& file, std::string_view secret) const {
  const auto wrong = [] { return fail(ErrorCode::kInput, {}, "", "a file's key is not what was kept"); };
  if (secret.size() != kSecretBytes) return wrong();
  const auto cipher = static_cast<CipherKind>(secret[0]);
  if (cipher != CipherKind::kAes256Gcm && cipher != CipherKind::kSm4) return wrong();
  ZHILI_ASSIGN(DataKey key, DataKey::derive(1, cipher, secret.substr(1)));
  std::vector<DataKey> keys;
  keys.push_back(std::move(key));
  return FileKey(vault_.area_id(), dataset, file, std::make_shared<const DataKeys>(std::move(keys)));
}

Result<FileKey> FileKeys::make(const std::string& dataset, const std::string& file) const {
  std::string secret(kSecretBytes, static_cast<char>(vault_.options().cipher));
  if (RAND_priv_bytes(reinterpret_cast<unsigned char*>(secret.data()) + 1, static_cast<int>(kSecretBytes - 1)) != 1) {
    return fail(ErrorCode::kInternal, {}, "", "the system has no randomness");
  }
  Sealer sealer;
  const auto keys = vault_.keys().keys();
  const SealContext context{vault_.area_id(), SealContext::Part::kFileKey, dataset, file};
  ZHILI_ASSIGN(const std::string sealed, sealer.seal(keys->newest(), context, secret));
  const Status made = vault_.store().commit([&](store::Transaction& tx) -> Status {
    ZHILI_TRY(vault_.keys().require_newest(tx, keys->newest().number));
    ZHILI_TRY(tx.execute("INSERT INTO vault_file_key (area_id, dataset, batch, sealed) VALUES ($1, $2, $3, $4)",
                         {vault_.area_id(), dataset, file, store::Bytes{sealed}}));
    return {};
  });
  ZHILI_TRY(made);
  auto out = derive(dataset, file, secret);
  OPENSSL_cleanse(secret.data(), secret.size());
  return out;
}

Result<FileKey> FileKeys::find(const std::string& dataset, const std::string& file) const {
  ZHILI_ASSIGN(
      const auto rows,
      vault_.store().query("SELECT sealed FROM vault_file_key WHERE area_id = $1 AND dataset = $2 AND batch = $3",
                           {vault_.area_id(), dataset, file}));
  if (rows.empty()) return fail(ErrorCode::kNotFound, {}, "", "a file of dataset {} has no key here", dataset);
  const SealContext context{vault_.area_id(), SealContext::Part::kFileKey, dataset, file};
  Sealer sealer;
  auto secret = sealer.open(*vault_.keys().keys(), context, rows[0].bytes(0));
  if (!secret && secret.error().code == ErrorCode::kNotFound) {
    ZHILI_TRY(vault_.keys().load());
    secret = sealer.open(*vault_.keys().keys(), context, rows[0].bytes(0));
  }
  if (!secret) return fail(std::move(secret).error());
  auto out = derive(dataset, file, *secret);
  OPENSSL_cleanse(secret->data(), secret->size());
  return out;
}

Status FileKeys::forget(store::Transaction& transaction, const std::string& dataset, const std::string& file) const {
  ZHILI_TRY(transaction.execute("DELETE FROM vault_file_key WHERE area_id = $1 AND dataset = $2 AND batch = $3",
                                {vault_.area_id(), dataset, file}));
  return {};
}

}  // namespace zhili::vault
