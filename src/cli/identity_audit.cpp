#include "cli/identity_audit.hpp"

namespace zhili::cli {
namespace {

using audit::Action;
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

}  // namespace

Status IdentityAudit::record(store::Transaction& transaction, const identity::Event& event) {
  ZHILI_ASSIGN(auto entry, log_.draft(action_of(event.kind), Ref::of_actor(event.actor)));
  ZHILI_ASSIGN(const Word what, Word::create(identity::name_of(event.kind)));
  entry.count(what, 1);
  if (!event.object.empty()) entry.object(Ref::of_actor(event.object));
  if (const auto area = audit::Area::create(event.area)) entry.area(*area);
  // The rest of what was granted can be held against the entry, and need not be told by it.
  if (!event.role.empty())
    entry.change("role=" + event.role + " department=" + event.department + " area=" + event.area);
  return log_.add(transaction, entry);
}

}  // namespace zhili::cli
