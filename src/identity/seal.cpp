#include "identity/seal.hpp"

#include <utility>

#include "identity/digest.hpp"

namespace zhili::identity {
namespace {

using crypto::CipherKind;

// A sealed secret: version, which is the scheme's, id of the key, nonce, the secret encrypted, tag.
constexpr size_t kKeyIdBytes = 8;
constexpr size_t kPlainHead = 1 + kKeyIdBytes;

constexpr char version_of(CipherKind kind) { return kind == CipherKind::kSm4 ? 2 : 1; }

// A hash by SHA-256 stands alone; before one by SM3 stands this.
constexpr char kSm3Mark = 2;

std::unexpected<Error> cannot_open() {
  return fail(ErrorCode::kConfig, {}, "Give the key that it was sealed with, beside the new one.",
              "A sealed secret can't be opened with the keys given");
}

/// What the tag covers beside the rest. Behind bytes of any length it says its own.
std::string bound(CipherKind kind, std::string_view context) {
  if (kind == CipherKind::kAes256Gcm) return std::string(context);
  return fmt::format("{}|{:08}", context, context.size());
}

Result<std::string> hash_by(CipherKind kind, std::string_view secret) {
  ZHILI_ASSIGN(std::string digest, crypto::digest(kind, secret));
  return kind == CipherKind::kSm4 ? kSm3Mark + digest : digest;
}

}  // namespace

Result<SealKeys> SealKeys::create(const std::vector<std::string>& keys, CipherKind kind) {
  std::vector<Key> made;
  made.reserve(keys.size());
  for (const std::string& bytes : keys) {
    if (bytes.size() != kKeyBytes) {
      return fail(ErrorCode::kConfig, {}, "Make one by 'openssl rand 32'.", "A key of {} bytes instead of {}",
                  bytes.size(), kKeyBytes);
    }
    Key key;
    ZHILI_ASSIGN(key.aes.id, hmac_sha256(bytes, "zhili identity: id of this key"));
    ZHILI_ASSIGN(key.aes.blind, hmac_sha256(bytes, "zhili identity: key of blind names"));
    ZHILI_ASSIGN(key.aes.seal, hmac_sha256(bytes, "zhili identity: key of sealed secrets"));
    constexpr CipherKind kSm = CipherKind::kSm4;
    const auto derive = [&bytes](std::string_view word, size_t count) { return crypto::hkdf(kSm, bytes, word, count); };
    ZHILI_ASSIGN(key.sm.id, derive("zhili identity: id of this key", kKeyIdBytes));
    ZHILI_ASSIGN(key.sm.blind, derive("zhili identity: key of blind names", crypto::kDigestBytes));
    ZHILI_ASSIGN(key.sm.seal, derive("zhili identity: key of sealed secrets", crypto::sizes_of(kSm).key));
    ZHILI_ASSIGN(key.sm.mac, derive("zhili identity: key of their tags", crypto::kDigestBytes));
    key.aes.id.resize(kKeyIdBytes);
    made.push_back(std::move(key));
  }
  if (made.empty()) {
    return fail(ErrorCode::kConfig, {}, "Make one by 'openssl rand 32'.", "There is no key for secrets at rest");
  }
  return SealKeys(std::move(made), kind);
}

const SealKeys::Suite& SealKeys::newest() const {
  return kind_ == CipherKind::kSm4 ? keys_.front().sm : keys_.front().aes;
}

Result<std::string> SealKeys::seal(Entropy& entropy, std::string_view secret, std::string_view context) const {
  const Suite& suite = newest();
  ZHILI_ASSIGN(const std::string nonce, entropy.bytes(crypto::sizes_of(kind_).nonce));
  ZHILI_ASSIGN(auto aead, crypto::Aead::create(kind_, suite.seal, suite.mac));
  return aead.seal(fmt::format("{}{}{}", version_of(kind_), suite.id, nonce), bound(kind_, context), secret);
}

Result<std::string> SealKeys::open(std::string_view sealed, std::string_view context) const {
  for (const CipherKind kind : {CipherKind::kAes256Gcm, CipherKind::kSm4}) {
    if (sealed.size() < kPlainHead || sealed[0] != version_of(kind)) continue;
    for (const Key& key : keys_) {
      const Suite& suite = kind == CipherKind::kSm4 ? key.sm : key.aes;
      if (sealed.substr(1, kKeyIdBytes) != suite.id) continue;
      ZHILI_ASSIGN(auto aead, crypto::Aead::create(kind, suite.seal, suite.mac));
      auto opened = aead.open(kPlainHead + crypto::sizes_of(kind).nonce, bound(kind, context), sealed);
      if (!opened) return cannot_open();
      return opened;
    }
  }
  return cannot_open();
}

Result<std::string> SealKeys::blind(std::string_view value) const {
  ZHILI_ASSIGN(auto mac, crypto::Mac::create(kind_, newest().blind));
  ZHILI_ASSIGN(const std::string digest, mac.run({value}));
  return to_hex(digest);
}

Result<std::string> SealKeys::hash(std::string_view secret) const { return hash_by(kind_, secret); }

Result<bool> SealKeys::fits(std::string_view kept, std::string_view secret) {
  const bool sm = kept.size() == crypto::kDigestBytes + 1;
  ZHILI_ASSIGN(const std::string hash, hash_by(sm ? CipherKind::kSm4 : CipherKind::kAes256Gcm, secret));
  return same_secret(kept, hash);
}

Result<std::array<std::string, 2>> SealKeys::hashes(std::string_view secret) const {
  const CipherKind other = kind_ == CipherKind::kSm4 ? CipherKind::kAes256Gcm : CipherKind::kSm4;
  ZHILI_ASSIGN(std::string first, hash_by(kind_, secret));
  ZHILI_ASSIGN(std::string second, hash_by(other, secret));
  return std::array{std::move(first), std::move(second)};
}

}  // namespace zhili::identity
