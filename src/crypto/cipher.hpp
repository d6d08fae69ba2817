#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

/// Ciphers and what is derived for them. Who seals what, under which keys, the rooms above decide.
namespace zhili::crypto {

enum class CipherKind : uint8_t {
  kAes256Gcm = 1,
  kSm4 = 2,  ///< SM4-CTR with HMAC-SM3, encrypt then MAC (GB/T 32907, GB/T 32905).
};
std::string_view name_of(CipherKind kind);

/// Sizes of a cipher in bytes.
struct CipherSizes {
  size_t key;
  size_t nonce;
  size_t tag;
};
CipherSizes sizes_of(CipherKind kind);
inline constexpr size_t kDigestBytes = 32;  ///< Of SHA-256 and SM3.

/// HKDF (RFC 5869) with the kind's digest: SHA-256, or SM3 for SM4. The word tells what the key is for.
Result<std::string> hkdf(CipherKind kind, std::string_view secret, std::string_view word, size_t bytes);

/// SHA-256, or SM3 for SM4.
Result<std::string> digest(CipherKind kind, std::string_view bytes);

/// HMAC by the kind's digest under one key. Belongs to one thread at a time.
class Mac {
 public:
  static Result<Mac> create(CipherKind kind, std::string_view key);
  Mac(Mac&&) noexcept;
  Mac& operator=(Mac&&) noexcept;
  ~Mac();

  /// Over the parts one after another; kDigestBytes long.
  Result<std::string> run(std::initializer_list<std::string_view> parts);

 private:
  struct State;
  explicit Mac(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Encrypts with a tag over everything, under one key. Keeps what OpenSSL prepares; belongs to one thread at a time.
class Aead {
 public:
  /// `key` of sizes_of(kind).key bytes; `mac_key` for SM4 alone.
  static Result<Aead> create(CipherKind kind, std::string_view key, std::string_view mac_key);
  Aead(Aead&&) noexcept;
  Aead& operator=(Aead&&) noexcept;
  ~Aead();

  /// `head`, which ends with a nonce that this key never sees again, then the bytes encrypted, then the tag, which is
  /// over head and context too. With SM4 the context stands behind the bytes: it tells its own beginning.
  Result<std::string> seal(std::string head, std::string_view context, std::string_view bytes);
  /// Error: kInput where it is not what was sealed with this key, a head so long, and this context.
  Result<std::string> open(size_t head, std::string_view context, std::string_view sealed);

 private:
  struct State;
  explicit Aead(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace zhili::crypto
