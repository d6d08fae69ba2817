#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "store/store.hpp"

namespace zhili::identity {

/// What happened to an account, a key or the ground that decisions stand on.
enum class EventKind : uint8_t {
  kAccountCreated,
  kAccountLocked,
  kAccountUnlocked,
  kAccountClosed,
  kPasswordSet,
  kExternalIdSet,
  kPostGiven,
  kPostTaken,
  kSecondFactorSet,
  kSecondFactorRemoved,
  kRecoveryCodeUsed,
  kSignedIn,
  kSignInRefused,
  kSecondFactorRefused,
  kSignedOut,
  kSignedOutEverywhere,
  kKeyIssued,
  kKeyRevoked,
  kAreasSet,
  kDepartmentsSet,
};
/// "account_created": for machines; never changes.
std::string_view name_of(EventKind kind);

/// Holds ids and words of the policy only: no login name, no address, no code.
struct Event {
  EventKind kind;
  std::string actor;   ///< The account or key that did it; empty for the program itself and for who is not signed in.
  std::string object;  ///< The account or key that it happened to; empty for a sign-in to no account.
  std::string role;    ///< Of a post or a key.
  std::string department;
  std::string area;
  int64_t time = 0;  ///< Microseconds since 1970 UTC.
};

/// Where events go. `record` is called within the change that makes them, and may be called again when the store runs
/// the change again: it writes through the transaction alone. If it fails, the change fails.
class AuditSink {
 public:
  AuditSink() = default;
  AuditSink(const AuditSink&) = delete;
  AuditSink& operator=(const AuditSink&) = delete;
  virtual ~AuditSink() = default;

  virtual Status record(store::Transaction& transaction, const Event& event) = 0;
};

}  // namespace zhili::identity
