#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "identity/decision.hpp"
#include "identity/ground.hpp"

namespace zhili::identity {

enum class AccountState : uint8_t { kActive, kLocked, kClosed };

/// A person who signs in. No more is kept than work needs: what to sign in by, and a name to show colleagues.
struct Account {
  std::string id;
  std::string login;
  std::string name;
  AccountState state = AccountState::kActive;
  bool has_password = false;
  bool has_second_factor = false;
  std::string external_id;  ///< At the sign-on provider; empty for none.
};

/// A post with the moment it ends; microseconds since 1970 UTC, none: open.
struct Post {
  Assignment assignment;
  std::optional<int64_t> until;
};

/// A second factor as its owner sees it, once.
struct SecondFactor {
  std::string secret;  ///< Base 32, to be typed.
  std::string url;     ///< The same as a picture's content.
};

/// Accounts, their posts and second factors. Each change is durable, with its event, when it is answered. `by` is the
/// account that makes it, empty for the program. Unknown accounts are kNotFound. May be used by many threads.
class Accounts {
 public:
  explicit Accounts(const Ground& ground, PasswordRules rules = {}) : ground_(ground), rules_(rules) {}

  /// Makes an account that can't sign in by password yet; gives its id. `external_id` is its id at a sign-on provider,
  /// if it has one. Errors: kInput for the login name; kConflict where there is one, or one that looks like it,
  /// already.
  Result<std::string> create(std::string_view login, std::string_view name, const std::string& by,
                             const std::string& external_id = {});
  Result<Account> find(std::string_view id) const;
  /// Those whose login names come behind `after`, in their order, at most `limit`.
  Result<std::vector<Account>> list(std::string_view after, size_t limit) const;
  /// By login name as typed.
  Result<Account> find_login(std::string_view login) const;

  /// Sets the password and ends all sessions. Error: kInput where it breaks the rules.
  Status set_password(const std::string& id, std::string_view password, const std::string& by);
  /// Locks (and ends all sessions), opens again, closes for good. Error: kConstraint for an account that is closed.
  Status set_state(const std::string& id, AccountState state, const std::string& by);
  /// Binds the account to an id at the sign-on provider. Error: kConflict where another account has it.
  Status set_external_id(const std::string& id, const std::string& external_id, const std::string& by);
  /// The account with an id at the sign-on provider.
  Result<Account> find_external(const std::string& external_id) const;

  /// Errors: kConstraint for an unknown area or department; kLimit. Giving a post again sets its end.
  Status give_post(const std::string& id, const Post& post, const std::string& by);
  Status take_post(const std::string& id, const Assignment& post, const std::string& by);
  /// With those that have ended.
  Result<std::vector<Post>> posts(const std::string& id) const;

  /// Draws a new secret. It counts once `confirm_second_factor` has seen a code of it.
  Result<SecondFactor> begin_second_factor(const std::string& id, std::string_view issuer);
  /// Takes the secret into use, ends all sessions but the one with this token, and gives recovery codes, once. Errors:
  /// kInput for a wrong code; kConstraint where none was begun.
  Result<std::vector<std::string>> confirm_second_factor(const std::string& id, std::string_view code,
                                                         std::string_view token);
  /// Takes it away, for someone who lost it, and ends all sessions.
  Status remove_second_factor(const std::string& id, const std::string& by);

 private:
  Ground ground_;
  PasswordRules rules_;
};

/// What the second factor's secret is sealed under.
std::string second_factor_context(std::string_view account);
/// The account's posts that have not ended, for deciding.
Result<std::vector<Assignment>> current_posts(store::Snapshot& snapshot, std::string_view account, int64_t now);
AccountState account_state(std::string_view word);

}  // namespace zhili::identity
