#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "identity/decision.hpp"
#include "identity/ground.hpp"

namespace zhili::identity {

struct SessionLimits {
  int64_t idle = 30 * kMinute;    ///< Without a request; microseconds, as all here.
  int64_t absolute = 12 * kHour;  ///< Since sign-in.
  int64_t waiting = 5 * kMinute;  ///< For the second factor.
  int64_t touched = kMinute;      ///< A request is noted when the last noted one is so long ago.
};

/// How far a sign-in has come.
enum class SessionStage : uint8_t {
  kWaiting,  ///< The password was right; the second factor is still asked for. It may do nothing else.
  kOneFactor,
  kTwoFactors,
};

/// Who a request comes from.
struct SignedIn {
  Actor actor;  ///< While the second factor is waited for, it holds no post.
  std::string name;
  SessionStage stage = SessionStage::kWaiting;
  int64_t ends = 0;  ///< At the latest; microseconds since 1970 UTC.
};

/// Sessions in the store. Of a token only a hash is kept. May be used by many threads.
class Sessions {
 public:
  explicit Sessions(const Ground& ground, SessionLimits limits = {}) : ground_(ground), limits_(limits) {}

  /// Whose token it is; notes that it was used. Error: kNotFound for a token that is none, has ended, or whose account
  /// is not active.
  Result<SignedIn> check(std::string_view token) const;
  /// What a form or script has to send along with each change that this session asks for. It follows from the token.
  static Result<std::string> csrf_token(std::string_view token);
  static Result<bool> check_csrf(std::string_view token, std::string_view given);

  Status sign_out(std::string_view token);
  Status sign_out_everywhere(const std::string& account, const std::string& by);
  /// Removes what has ended, and counts of attempts that nobody needs. For a daily job.
  Status sweep();

 private:
  Ground ground_;
  SessionLimits limits_;
};

/// A new token: 256 bits, as text.
Result<std::string> new_token(Entropy& entropy);
/// Within a change: begins a session; the account's oldest ones above limits::kSessionsOfAccount end.
Status open_session(store::Transaction& tx, const SealKeys& seal, std::string_view token, const std::string& account,
                    SessionStage stage, int64_t now);
/// Within a change: ends one, if there is one.
Status close_session(store::Transaction& tx, const SealKeys& seal, std::string_view token);

}  // namespace zhili::identity
