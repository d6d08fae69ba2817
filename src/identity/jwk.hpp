#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

struct evp_pkey_st;

namespace zhili::identity {

/// How an ID token may be signed. `none` and keyed hashes are not among them: the first is no signature, and with the
/// second whoever can check a token can make one.
enum class SignatureKind : uint8_t {
  kRs256,  ///< RSA of 2048 bits and more, PKCS #1 v1.5, SHA-256.
  kEs256,  ///< ECDSA on P-256, SHA-256.
  kEdDsa,  ///< Ed25519.
};

/// A public key of a sign-on provider. A value that may be copied; checking may be done by any number of threads.
class PublicKey {
 public:
  const std::string& id() const { return id_; }
  SignatureKind kind() const { return kind_; }
  /// Whether `signature`, as JWS writes it (RFC 7518, section 3), is this key's over `text`.
  bool verify(std::string_view text, std::string_view signature) const;

 private:
  friend class KeySet;
  PublicKey(std::string id, SignatureKind kind, std::shared_ptr<evp_pkey_st> key)
      : id_(std::move(id)), kind_(kind), key_(std::move(key)) {}

  std::string id_;
  SignatureKind kind_;
  std::shared_ptr<evp_pkey_st> key_;  // Never changes; copies of a set share it.
};

/// The keys that a provider publishes (JWK set, RFC 7517).
class KeySet {
 public:
  KeySet() = default;
  /// Takes keys for signatures of the kinds above and passes over all others, as it may have to. Errors: kInput for
  /// what is no key set, or a key of a kind above that is broken or too short; kLimit.
  static Result<KeySet> parse(std::string_view json);

  /// The keys that may have signed: those with this id; all, where the token names none.
  std::vector<const PublicKey*> candidates(std::string_view id, SignatureKind kind) const;
  const std::vector<PublicKey>& keys() const { return keys_; }

 private:
  std::vector<PublicKey> keys_;
};

}  // namespace zhili::identity
