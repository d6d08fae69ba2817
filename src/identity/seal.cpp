#include "identity/seal.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include <openssl/evp.h>

#include "identity/digest.hpp"

namespace zhili::identity {
namespace {

// A sealed secret: version, id of the key, nonce, the secret encrypted, tag.
constexpr char kVersion = 1;
constexpr size_t kKeyIdBytes = 8;
constexpr size_t kNonceBytes = 12;
constexpr size_t kTagBytes = 16;
constexpr size_t kHeadBytes = 1 + kKeyIdBytes + kNonceBytes;

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const unsigned char* unsigned_of(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* unsigned_of(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

std::unexpected<Error> cannot_open() {
  return fail(ErrorCode::kConfig, {}, "Give the key that it was sealed with, beside the new one.",
              "A sealed secret can't be opened with the keys given");
}

/// The head is authenticated with the context: a secret does not open as another one's, or under another version.
std::string authenticated(std::string_view head, std::string_view context) {
  return std::string(head) + std::string(context);
}

}  // namespace

Result<SealKeys> SealKeys::create(const std::vector<std::string>& keys) {
  std::vector<Key> made;
  for (const std::string& bytes : keys) {
    if (bytes.size() != kKeyBytes) {
      return fail(ErrorCode::kConfig, {}, "Make one by 'openssl rand 32'.", "A key of {} bytes instead of {}",
                  bytes.size(), kKeyBytes);
    }
    ZHILI_ASSIGN(const std::string id, hmac_sha256(bytes, "zhili identity: id of this key"));
    ZHILI_ASSIGN(std::string blind, hmac_sha256(bytes, "zhili identity: key of blind names"));
    ZHILI_ASSIGN(std::string cipher, hmac_sha256(bytes, "zhili identity: key of sealed secrets"));
    made.push_back({id.substr(0, kKeyIdBytes), std::move(cipher), std::move(blind)});
  }
  if (made.empty()) {
    return fail(ErrorCode::kConfig, {}, "Make one by 'openssl rand 32'.", "There is no key for secrets at rest");
  }
  return SealKeys(std::move(made));
}

Result<std::string> SealKeys::seal(Entropy& entropy, std::string_view secret, std::string_view context) const {
  const Key& key = keys_.front();
  ZHILI_ASSIGN(const std::string nonce, entropy.bytes(kNonceBytes));
  const std::string head = fmt::format("{}{}{}", kVersion, key.id, nonce);
  const std::string extra = authenticated(head, context);
  std::string body(secret.size(), '\0');
  std::string tag(kTagBytes, '\0');
  int length = 0;
  const Context cipher(EVP_CIPHER_CTX_new());
  const bool done =
      cipher != nullptr &&
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, unsigned_of(key.bytes), unsigned_of(nonce)) == 1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &length, unsigned_of(extra), static_cast<int>(extra.size())) == 1 &&
      EVP_EncryptUpdate(cipher.get(), unsigned_of(body), &length, unsigned_of(secret),
                        static_cast<int>(secret.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), unsigned_of(body) + length, &length) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, tag.data()) == 1;
  if (!done) return fail(ErrorCode::kInternal, {}, "Look at OpenSSL's configuration.", "OpenSSL refuses to encrypt");
  return head + body + tag;
}

Result<std::string> SealKeys::open(std::string_view sealed, std::string_view context) const {
  if (sealed.size() < kHeadBytes + kTagBytes || sealed[0] != kVersion) return cannot_open();
  const auto key = std::ranges::find(keys_, sealed.substr(1, kKeyIdBytes), &Key::id);
  if (key == keys_.end()) return cannot_open();
  const std::string_view head = sealed.substr(0, kHeadBytes);
  const std::string_view nonce = head.substr(1 + kKeyIdBytes);
  const std::string_view body = sealed.substr(kHeadBytes, sealed.size() - kHeadBytes - kTagBytes);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  const std::string extra = authenticated(head, context);
  std::string secret(body.size(), '\0');
  int length = 0;
  const Context cipher(EVP_CIPHER_CTX_new());
  const bool done =
      cipher != nullptr &&
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, unsigned_of(key->bytes), unsigned_of(nonce)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &length, unsigned_of(extra), static_cast<int>(extra.size())) == 1 &&
      EVP_DecryptUpdate(cipher.get(), unsigned_of(secret), &length, unsigned_of(body), static_cast<int>(body.size())) ==
          1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), unsigned_of(secret) + length, &length) == 1;
  if (!done) return cannot_open();
  return secret;
}

Result<std::string> SealKeys::blind(std::string_view value) const {
  ZHILI_ASSIGN(const std::string digest, hmac_sha256(keys_.front().blind, value));
  return to_hex(digest);
}

}  // namespace zhili::identity
