#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <semaphore>
#include <string>
#include <string_view>

#include "base/limits.hpp"
#include "base/result.hpp"
#include "identity/entropy.hpp"

namespace zhili::identity {

/// What a password's hash costs. Stored with each hash; hashes of other costs are made anew at the next sign-in.
struct PasswordCost {
  uint32_t memory_kib = 47'104;
  uint32_t passes = 2;
  uint32_t lanes = 1;
};

/// What NIST SP 800-63B asks of passwords: length, and none that is widely used. No rules of composition, no expiry.
struct PasswordRules {
  size_t shortest = 15;  ///< Characters; at least 8, the least that the standard allows beside a second factor.
};

/// The password as it is hashed, so that the same keys give the same bytes on every device (OpaqueString, RFC 8265):
/// all kinds of blank are a space, NFC. Errors: kInput for control characters, what is no UTF-8 or too long.
Result<std::string> prepare_password(std::string_view typed);

/// Whether `typed` may become the password of `login`. Error: kInput, with the reason.
Status check_new_password(std::string_view typed, std::string_view login, const PasswordRules& rules);

/// Makes and checks hashes (Argon2id, RFC 9106), at most limits::kPasswordHashes at one time; others wait. Any number
/// of threads may call.
class PasswordHasher {
 public:
  /// Error: kConfig for costs that Argon2 does not take.
  static Result<std::unique_ptr<PasswordHasher>> create(Entropy& entropy, PasswordCost cost = {});
  PasswordHasher(const PasswordHasher&) = delete;
  PasswordHasher& operator=(const PasswordHasher&) = delete;

  /// "$argon2id$v=19$m=…,t=…,p=…$salt$hash".
  Result<std::string> hash(std::string_view typed);
  /// Whether the password is the one. Without a hash (no such account, no password) it is not, and takes as long.
  Result<bool> check(std::string_view typed, const std::optional<std::string>& hash);
  /// Whether a hash was made at other costs than are asked for now.
  bool is_outdated(std::string_view hash) const;

 private:
  PasswordHasher(Entropy& entropy, PasswordCost cost) : entropy_(entropy), cost_(cost) {}
  Result<std::string> hash_prepared(std::string_view password);

  Entropy& entropy_;
  const PasswordCost cost_;
  std::string nobodys_;  // A hash of what nobody knows.
  std::counting_semaphore<limits::kPasswordHashes> turns_{limits::kPasswordHashes};
};

}  // namespace zhili::identity
