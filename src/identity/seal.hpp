#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "identity/entropy.hpp"

namespace zhili::identity {

/// Keeps small secrets that have to be read again (those of second factors) encrypted at rest, by AES-256-GCM, with
/// keys that the caller brings from outside the store.
class SealKeys {
 public:
  static constexpr size_t kKeyBytes = 32;

  /// The first key seals; all open, so that a key can be changed. Error: kConfig for none, or a key of other length.
  static Result<SealKeys> create(const std::vector<std::string>& keys);

  /// `context` says what the secret is and whose: it opens under the same words only.
  Result<std::string> seal(Entropy& entropy, std::string_view secret, std::string_view context) const;
  /// Error: kConfig where no key fits, or the bytes are not what was sealed.
  Result<std::string> open(std::string_view sealed, std::string_view context) const;

  /// A name for a value that must be found again and not be read: a keyed digest, in hexadecimal digits. It changes
  /// with the first key.
  Result<std::string> blind(std::string_view value) const;

 private:
  struct Key {
    std::string id;  // Tells which key sealed, and nothing of the key.
    std::string bytes;
    std::string blind;
  };
  explicit SealKeys(std::vector<Key> keys) : keys_(std::move(keys)) {}

  std::vector<Key> keys_;
};

}  // namespace zhili::identity
