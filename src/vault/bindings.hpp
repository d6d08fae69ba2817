#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "vault/vault.hpp"

namespace zhili::vault {

/// Who of the base library an account's owner is, so that rules about "what is about the actor" hold for them. One
/// account stands for one subject of a kind at most, and one subject has one account. May be used by many threads.
class Bindings {
 public:
  explicit Bindings(const Vault& vault) : vault_(vault) {}

  struct Subject {
    std::string kind;
    std::string id;
    bool operator==(const Subject&) const = default;
  };

  /// Binds, with an entry in the audit log. `by` is the account that does it, empty for the program. Errors: kNotFound
  /// for a subject that is not there; kConflict where account or subject is bound otherwise.
  Status bind(const Subject& subject, const std::string& account, const std::string& by) const;
  /// Error: kNotFound where they are not bound.
  Status release(const Subject& subject, const std::string& by) const;
  Result<std::vector<Subject>> of_account(const std::string& account) const;

 private:
  const Vault& vault_;
};

}  // namespace zhili::vault
