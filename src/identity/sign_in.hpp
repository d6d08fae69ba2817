#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "identity/ground.hpp"
#include "identity/sessions.hpp"

namespace zhili::identity {

enum class SignInOutcome : uint8_t {
  kSignedIn,
  kSecondFactorNeeded,  ///< There is a token; it may be raised by a code and do nothing else.
  kRefused,             ///< No such account, or not this password, or not this code: nobody is told which.
  kLocked,              ///< The password is right, and the account is locked or closed.
  kTooEarly,            ///< Too many failures; nothing was looked at.
};

struct SignInAnswer {
  SignInOutcome outcome = SignInOutcome::kRefused;
  std::string token;     ///< Of the session: for the cookie, and nowhere else.
  std::string account;   ///< Empty unless a session was begun.
  int64_t retry_at = 0;  ///< Of kTooEarly: microseconds since 1970 UTC.
};

/// Begins sessions. Attempts are counted for each login name and each address, over all servers; an unknown name is
/// treated as a known one with a wrong password, in every step. After limits of NIST SP 800-63B (100 wrong passwords
/// without a right one) the account is locked. May be used by many threads.
class SignIns {
 public:
  explicit SignIns(const Ground& ground, SessionLimits limits = {}) : ground_(ground), limits_(limits) {}

  /// `address` is where the request comes from; `old_token` a session that it brings along: that one ends.
  Result<SignInAnswer> with_password(std::string_view login, std::string_view password, const std::string& address,
                                     std::string_view old_token = {});
  /// Raises a session by a code of the telephone app or a recovery code; the session gets a new token. Error: kNotFound
  /// for no session, or an account without second factor.
  Result<SignInAnswer> with_second_factor(std::string_view token, std::string_view code);
  /// For an account that a sign-on provider vouches for. `second_factor`: the provider has asked for one. Error:
  /// kNotFound for an account that is not there or not active.
  Result<SignInAnswer> with_provider(const std::string& account, bool second_factor, std::string_view old_token = {});

 private:
  struct Attempt;
  Result<Attempt> begin(std::string_view login, const std::string& address);
  Status refuse(const Attempt& attempt);
  Result<SignInAnswer> accept(const Attempt& attempt, std::string_view password, std::string_view old_token);

  Ground ground_;
  SessionLimits limits_;
};

}  // namespace zhili::identity
