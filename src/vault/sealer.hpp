#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "crypto/cipher.hpp"

namespace zhili::vault {

using crypto::CipherKind;
using crypto::name_of;

/// A key that values are sealed with, and what is derived from it.
struct DataKey {
  uint32_t number = 0;  ///< Stands in each sealed blob.
  CipherKind cipher = CipherKind::kAes256Gcm;
  std::string seal;     ///< 32 bytes for AES, 16 for SM4.
  std::string mac;      ///< For HMAC-SM3.
  std::string index;    ///< For the digests that subjects are found by.
  std::string content;  ///< For the digests that tell whether a subject changed.

  /// By HKDF (RFC 5869) with SHA-256, or SM3 for SM4, each with a word of its own.
  static Result<DataKey> derive(uint32_t number, CipherKind cipher, std::string_view secret);
};

/// All keys that are in use, immutable. Blobs are sealed with the newest.
class DataKeys {
 public:
  explicit DataKeys(std::vector<DataKey> keys);  ///< At least one.
  DataKeys(const DataKeys&) = delete;
  DataKeys& operator=(const DataKeys&) = delete;
  ~DataKeys();

  const DataKey& newest() const { return keys_.back(); }
  const DataKey* find(uint32_t number) const;
  const std::vector<DataKey>& all() const { return keys_; }

 private:
  std::vector<DataKey> keys_;  // By number.
};

/// What a sealed blob is, and whose: it opens under the same only.
struct SealContext {
  enum class Part : char {
    kGolden = 'g',
    kProvenance = 'p',
    kFileKey = 'f',
    kDataKey = 'k',
    kRecord = 'r',
    kFrame = 'b',
    kPiece = 'c',
  };
  int64_t area_id = 0;
  Part part = Part::kGolden;
  std::string_view kind;
  std::string_view id;
};

/// Seals and opens blobs, and makes digests. Keeps what OpenSSL prepares for each key; belongs to one thread at a time.
///
/// A blob: version, number of its key (4 bytes), nonce (12 bytes; 16 for SM4), the bytes encrypted, tag (16 bytes; 32).
/// The tag is over the head and the context too.
class Sealer {
 public:
  Sealer();
  Sealer(Sealer&&) noexcept;
  Sealer& operator=(Sealer&&) noexcept;
  ~Sealer();

  Result<std::string> seal(const DataKey& key, const SealContext& context, std::string_view bytes);
  /// A keyed digest of 32 bytes, by HMAC with SHA-256 (SM3 beside SM4).
  enum class Digest { kIndex, kContent };
  Result<std::string> digest(const DataKey& key, Digest use, std::string_view bytes);
  /// The number of the key that sealed it; 0 for what is no blob.
  static uint32_t key_of(std::string_view sealed);

 private:
  // Whoever can open sees what people entrusted to the vault: these alone, as ./run lint checks too.
  friend class DoorRoom;
  friend class RowRoom;
  friend class KeyRing;
  friend class Rotation;
  friend class PersonalLake;
  friend class FileKeys;
  friend class FileKey;
  friend class SealedFile;
  friend struct SealerProbe;  // Of tests.

  /// Error: kInput where the blob is not what was sealed under this context with a key at hand; kNotFound where its key
  /// is not among `keys`.
  Result<std::string> open(const DataKeys& keys, const SealContext& context, std::string_view sealed);

  struct Prepared;
  Result<Prepared*> prepare(const DataKey& key);
  Result<std::string_view> nonce(size_t count);

  std::map<uint32_t, std::unique_ptr<Prepared>> prepared_;
  std::string random_;  // Drawn ahead.
  size_t random_used_ = 0;
};

}  // namespace zhili::vault
