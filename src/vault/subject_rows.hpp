#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "catalog/catalog.hpp"
#include "store/store.hpp"
#include "vault/sealer.hpp"
#include "vault/subject.hpp"
#include "vault/vault.hpp"

/// How a subject becomes rows of the store. For the room's own use.
namespace zhili::vault {

/// One subject on its way into the store.
struct ReadySubject {
  std::string id;
  std::string place;
  std::string golden;      // Sealed only once it is known that it changed.
  std::string provenance;  //
  std::string content;     // Digest of all that, under the newest key.
  std::string digests;     // For the blind index, one after the other.
  bool there = false;
};

/// Belongs to one thread at a time, but for what works within a change.
class SubjectRows {
 public:
  /// With the vault's keys as they are now. Both outlive it.
  SubjectRows(const Vault& vault, const catalog::EntityKind& kind);

  const DataKeys& keys() const { return *keys_; }
  const catalog::EntityKind& kind() const { return kind_; }
  Sealer& sealer() { return sealer_; }

  /// Checks it and makes its documents, not sealed yet. Errors: kInput, kLimit.
  Result<ReadySubject> prepare(const Subject& subject);
  Status seal(ReadySubject& ready);
  /// Within a change: puts it in the place of what is there, where `there` says that something is. No other change on
  /// its way is about this subject.
  Status append(store::Transaction& transaction, const ReadySubject& ready, const std::string& entry) const;
  /// The same where other changes on their way may be, at a higher price.
  Status replace(store::Transaction& transaction, const ReadySubject& ready, const std::string& entry) const;
  /// Within a change: removes it, and whose account it is. False where it is not there.
  Result<bool> remove(store::Transaction& transaction, const std::string& subject) const;
  /// What an entry of the audit log about subjects digests.
  static std::string listed(const ReadySubject& ready);
  static Status write_listed(store::Transaction& transaction, int64_t area_id, const std::string& entry,
                             const std::string& job, const std::string& listed);

 private:
  std::vector<store::Value> row_of(const ReadySubject& ready, int64_t version, const std::string& entry) const;
  Status check(const Subject& subject) const;

  const Vault& vault_;
  const catalog::EntityKind& kind_;
  const std::shared_ptr<const DataKeys> keys_;
  Sealer sealer_;
};

}  // namespace zhili::vault
