#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "audit/audit_log.hpp"
#include "base/result.hpp"
#include "catalog/catalog.hpp"
#include "store/store.hpp"
#include "vault/master_keys.hpp"
#include "vault/sealer.hpp"

namespace zhili::vault {

class KeyRing;

struct VaultOptions {
  int64_t area_id = 0;                         ///< Whose vault it is, as all tables of the store have it.
  CipherKind cipher = CipherKind::kAes256Gcm;  ///< Of data keys that are made from now on.
};

/// The place where personal values are kept sealed. It has its keys, and nothing else: values go in by Intake
/// (intake.hpp) and come out by Door (door.hpp) alone. May be used by many threads.
class Vault {
 public:
  /// The room's tables.
  static std::vector<store::Migration> migrations();

  /// Opens the vault of a store; an empty one gets its first data key. Store, log and catalogue outlive it. Errors:
  /// kConfig where none of the master keys is the one that the data keys are wrapped with; those of the store.
  static Result<std::unique_ptr<Vault>> open(store::Store& store, const audit::AuditLog& log,
                                             const catalog::Catalog& catalog, MasterKeys master,
                                             VaultOptions options = {});
  Vault(const Vault&) = delete;
  Vault& operator=(const Vault&) = delete;
  ~Vault();

  /// How many subjects of a kind there are.
  Result<int64_t> count(const std::string& kind) const;

  store::Store& store() const { return store_; }
  const audit::AuditLog& log() const { return log_; }
  const catalog::Catalog& catalog() const { return catalog_; }
  const VaultOptions& options() const { return options_; }
  int64_t area_id() const { return options_.area_id; }
  KeyRing& keys() const { return *keys_; }

 private:
  Vault(store::Store& store, const audit::AuditLog& log, const catalog::Catalog& catalog, VaultOptions options);

  store::Store& store_;
  const audit::AuditLog& log_;
  const catalog::Catalog& catalog_;
  const VaultOptions options_;
  std::unique_ptr<KeyRing> keys_;
};

}  // namespace zhili::vault
