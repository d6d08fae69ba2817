#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "crypto/cipher.hpp"
#include "identity/entropy.hpp"

namespace zhili::identity {

/// Keeps small secrets that have to be read again (those of second factors) encrypted at rest, with keys that the
/// caller brings from outside the store; and hashes what is only to be known again. By AES-256-GCM and SHA-256, or, in
/// an installation under Chinese commercial-cryptography rules, by SM4 with HMAC-SM3 and SM3. What is kept carries its
/// scheme: whatever was kept by the other one is opened, and known again, too.
class SealKeys {
 public:
  static constexpr size_t kKeyBytes = 32;

  /// The first key seals; all open, so that a key can be changed. Error: kConfig for none, or a key of other length.
  static Result<SealKeys> create(const std::vector<std::string>& keys,
                                 crypto::CipherKind kind = crypto::CipherKind::kAes256Gcm);

  /// `context` says what the secret is and whose: it opens under the same words only.
  Result<std::string> seal(Entropy& entropy, std::string_view secret, std::string_view context) const;
  /// Error: kConfig where no key fits, or the bytes are not what was sealed.
  Result<std::string> open(std::string_view sealed, std::string_view context) const;

  /// A name for a value that must be found again and not be read: a keyed digest, in hexadecimal digits. It changes
  /// with the first key.
  Result<std::string> blind(std::string_view value) const;

  /// How a random secret (a token, an API key's) is kept: enough to know it again, and no more.
  Result<std::string> hash(std::string_view secret) const;
  /// Whether `kept` is a hash of the secret, by either scheme.
  static Result<bool> fits(std::string_view kept, std::string_view secret);
  /// Every form in which it may be kept, by this installation's scheme first.
  Result<std::array<std::string, 2>> hashes(std::string_view secret) const;

 private:
  /// Of one key in one scheme.
  struct Suite {
    std::string id;  // Tells which key sealed, and nothing of the key.
    std::string seal;
    std::string mac;
    std::string blind;
  };
  struct Key {
    Suite aes;
    Suite sm;
  };
  SealKeys(std::vector<Key> keys, crypto::CipherKind kind) : keys_(std::move(keys)), kind_(kind) {}
  const Suite& newest() const;

  std::vector<Key> keys_;
  crypto::CipherKind kind_;
};

}  // namespace zhili::identity
