#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/note.hpp"
#include "base/result.hpp"

struct evp_pkey_st;

namespace zhili::audit {

/// How a signature under a note is made. The type's identifier stands in the verifier key and in the key's id.
///
/// A signature of SM2 is r and s, 32 bytes each, the high byte first, the time before them as in Ed25519's; its public
/// key is 0x04, x and y. The signer's id in SM2's own digest is the default of GM/T 0009, "1234567812345678".
enum class SignatureType {
  kEd25519,         ///< 0x01 of c2sp.org/signed-note.
  kCosignature,     ///< 0x04: a witness' Ed25519 signature with a time (c2sp.org/tlog-cosignature).
  kSm2,             ///< 0xff "zhili/sm2-sm3/v1": SM2 with SM3 (GB/T 32918.2) over the text.
  kSm2Cosignature,  ///< 0xff "zhili/sm2-sm3-cosignature/v1": the same over what a cosignature signs, with a time.
};

/// The algorithm of a private key.
enum class KeyKind { kEd25519, kSm2 };

struct FreeKey {
  void operator()(evp_pkey_st* key) const;
};
using OpensslKey = std::unique_ptr<evp_pkey_st, FreeKey>;

/// A public key as verifiers are given it: "name+id+base64(type, key)". May be used by many threads at once.
class VerifyKey {
 public:
  /// Errors: kInput with what is wrong in it.
  static Result<VerifyKey> parse(std::string_view text);
  /// Of the bytes of a public key: 32 for Ed25519, 65 (0x04, x, y) for SM2.
  static Result<VerifyKey> create(std::string name, SignatureType type, std::string_view public_key);

  const std::string& name() const { return name_; }
  uint32_t id() const { return id_; }
  SignatureType type() const { return type_; }
  bool cosigner() const { return type_ == SignatureType::kCosignature || type_ == SignatureType::kSm2Cosignature; }
  const std::string& public_key() const { return public_key_; }
  std::string text() const;

  bool made(const NoteSignature& signature) const { return signature.key_id == id_ && signature.name == name_; }
  /// Whether these bytes sign the text. Errors: kInput.
  Status verify(std::string_view text, std::string_view signature) const;

 private:
  VerifyKey(std::string name, SignatureType type, std::string public_key, uint32_t id, OpensslKey key)
      : name_(std::move(name)), type_(type), public_key_(std::move(public_key)), id_(id), key_(std::move(key)) {}

  std::string name_;
  SignatureType type_;
  std::string public_key_;
  uint32_t id_;
  OpensslKey key_;
};

/// The time in a cosigner's signature, in seconds since 1970; nothing where it holds none.
std::optional<int64_t> cosigned_at(std::string_view signature);

/// A private key with its name. May be used by many threads at once.
class SignKey {
 public:
  /// A new key from the system's randomness.
  static Result<SignKey> generate(std::string name, KeyKind kind);
  /// Reads a key file: "PRIVATE+KEY+name+id+base64" as golang.org/x/mod/sumdb/note writes it, or, for SM2, a line
  /// "Name: name" and PKCS #8 in PEM. Errors: kConfig, also where others than its owner may read the file.
  static Result<SignKey> read(const std::filesystem::path& file);
  static Result<SignKey> parse(std::string_view text);

  /// Writes a new file that only its owner may read. Errors: kIo, also where the file is there already.
  Status write(const std::filesystem::path& file) const;

  KeyKind kind() const { return kind_; }
  const std::string& name() const { return name_; }
  /// What verifiers of `sign` need.
  Result<VerifyKey> verify_key() const;
  /// What verifiers of `cosign` need. Use a key for one of the two only.
  Result<VerifyKey> cosigner_key() const;

  /// Signs a note's text, as a log does.
  Result<NoteSignature> sign(std::string_view text) const;
  /// Signs a checkpoint's text as seen at that time, as a witness does. `time` counts seconds since 1970, at least 1.
  Result<NoteSignature> cosign(std::string_view text, int64_t time) const;

 private:
  SignKey(std::string name, KeyKind kind, OpensslKey key, std::string public_key)
      : name_(std::move(name)), kind_(kind), key_(std::move(key)), public_key_(std::move(public_key)) {}
  static Result<SignKey> create(std::string name, KeyKind kind, OpensslKey key);
  Result<std::string> to_text() const;

  std::string name_;
  KeyKind kind_;
  OpensslKey key_;
  std::string public_key_;
};

/// Which of the keys signed the note: one place for each key, holding the index of its signature. Signatures of other
/// keys are passed over. Errors: kInput where a signature of one of the keys is wrong.
Result<std::vector<std::optional<size_t>>> verify_note(const Note& note, std::span<const VerifyKey> keys);

}  // namespace zhili::audit
