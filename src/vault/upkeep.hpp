#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "vault/records.hpp"
#include "vault/subject.hpp"
#include "vault/vault.hpp"

namespace zhili::vault {

class SubjectRows;

/// What becomes of subjects of one kind, all at once.
struct SubjectChanges {
  /// New, or other than before.
  std::vector<Subject> put = {};
  /// Their ids went out of use.
  std::vector<std::string> gone = {};
  /// Ids that went out of use, and which ones their records went to: ledger and account go with them.
  std::vector<std::pair<std::string, std::string>> merged = {};
  struct Rows {
    std::string dataset;
    std::vector<Records::Link> links;
  };
  /// Which rows of datasets are about which subject from now on.
  std::vector<Rows> about = {};
};

/// Keeps subjects of one kind as they change, within changes of whoever knows what they are. In the place of Intake,
/// which takes all of them at once. Each change has its entry in the audit log, with purpose and basis.
class Upkeep {
 public:
  /// Errors: kInput for a kind, basis or purpose that the catalogue does not have. `vault` outlives it.
  static Result<std::unique_ptr<Upkeep>> create(Vault& vault, const std::string& kind, std::string purpose,
                                                std::string basis);
  Upkeep(const Upkeep&) = delete;
  Upkeep& operator=(const Upkeep&) = delete;
  ~Upkeep();

  /// Checked, indexed and sealed. Belongs to one thread at a time. Errors: kInput, kLimit.
  class Prepared;
  Result<std::shared_ptr<const Prepared>> prepare(const SubjectChanges& changes);
  /// Within a change; from any thread. Error: kBusy where the vault has a new key: prepare it anew.
  Status apply(store::Transaction& transaction, const Prepared& prepared) const;

 private:
  Upkeep(Vault& vault, const catalog::EntityKind& kind, std::string purpose, std::string basis);
  Status add_entry(store::Transaction& transaction, const Prepared& prepared) const;
  Status merge(store::Transaction& transaction, const std::string& from, const std::string& to) const;

  Vault& vault_;
  const catalog::EntityKind& kind_;
  const std::string purpose_;
  const std::string basis_;
  const Records records_;
  std::shared_ptr<SubjectRows> rows_;
  mutable std::atomic<bool> stale_{false};  // The vault's keys are to be read anew.
};

}  // namespace zhili::vault
