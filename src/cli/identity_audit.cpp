#include "cli/identity_audit.hpp"

#include "base/hash.hpp"

namespace zhili::cli {
namespace {

using audit::Action;
using audit::Kind;
using audit::Ref;
using audit::Word;
using identity::EventKind;

Action action_of(EventKind kind) {
  switch (kind) {
    case EventKind::kAccountCreated:
    case EventKind::kKeyIssued:
      return Action::kCreate;
    case EventKind::kAccountClosed:
      return Action::kRemove;
    case EventKind::kPostGiven:
      return Action::kGrant;
    case EventKind::kPostTaken:
    case EventKind::kKeyRevoked:
      return Action::kRevoke;
    case EventKind::kSignedIn:
    case EventKind::kSignInRefused:
    case EventKind::kSecondFactorRefused:
    case EventKind::kRecoveryCodeUsed:
      return Action::kSignIn;
    case EventKind::kSignedOut:
    case EventKind::kSignedOutEverywhere:
      return Action::kSignOut;
    case EventKind::kAreasSet:
    case EventKind::kDepartmentsSet:
      return Action::kConfigure;
    case EventKind::kAccountLocked:
    case EventKind::kAccountUnlocked:
    case EventKind::kPasswordSet:
    case EventKind::kExternalIdSet:
    case EventKind::kSecondFactorSet:
    case EventKind::kSecondFactorRemoved:
      break;
  }
  return Action::kChange;
}

/// An account, a key, or the program itself. An id that reads like a number of the outside world, which chance makes
/// once in some ten thousand, is told by its digest.
Ref ref_of(const std::string& id) {
  const Kind kind = id.starts_with("key_") ? Kind::kSystem : id.empty() ? Kind::kSystem : Kind::kAccount;
  if (id.empty()) return Ref::of(kind, 0);
  auto ref = Ref::create(kind, id);
  return ref ? *std::move(ref) : Ref::of(kind, hash_bytes(id));
}

}  // namespace

Status IdentityAudit::record(store::Transaction& transaction, const identity::Event& event) {
  ZHILI_ASSIGN(auto entry, log_.draft(action_of(event.kind), ref_of(event.actor)));
  ZHILI_ASSIGN(const Word what, Word::create(identity::name_of(event.kind)));
  entry.count(what, 1);
  if (!event.object.empty()) entry.object(ref_of(event.object));
  if (const auto area = audit::Area::create(event.area)) entry.area(*area);
  // The rest of what was granted can be held against the entry, and need not be told by it.
  if (!event.role.empty())
    entry.change("role=" + event.role + " department=" + event.department + " area=" + event.area);
  return log_.add(transaction, entry);
}

}  // namespace zhili::cli
