#pragma once

#include <memory>

#include "audit/audit_log.hpp"
#include "catalog/catalog.hpp"
#include "catalog/in_force.hpp"
#include "catalog/registry.hpp"
#include "cli/identity_audit.hpp"
#include "cli/settings.hpp"
#include "exchange/terms.hpp"
#include "identity/ground.hpp"
#include "identity/policy.hpp"
#include "ingest/ingest.hpp"
#include "library/base.hpp"
#include "store/lake.hpp"
#include "store/store.hpp"
#include "vault/door.hpp"
#include "vault/vault.hpp"

namespace zhili::cli {

/// All rooms of one installation, opened and bound to each other. Fixed in memory: the parts refer to each other.
class Installation {
 public:
  /// Opens what `settings` describe. Errors: those of each part, among them kBusy where a server runs on an embedded
  /// store.
  static Result<std::unique_ptr<Installation>> open(Settings settings, store::StoreOptions options = {});
  Installation(const Installation&) = delete;
  Installation& operator=(const Installation&) = delete;
  ~Installation();

  const Settings& settings() const { return settings_; }
  store::Store& store() { return *store_; }
  audit::AuditLog& log() { return *log_; }
  const catalog::Catalog& catalog() const { return catalog_; }
  /// The one catalogue of datasets.
  const catalog::Registry& registry() const { return *registry_; }
  /// Where batches come in.
  const ingest::Ingest& ingest() const { return *ingest_; }
  vault::Vault& vault() { return *vault_; }
  store::Lake& lake() { return *lake_; }
  /// What bases stand on, with the areas as the store has them now.
  Result<library::Ground> library_ground();
  identity::Ground ground() { return {*store_, *identity_audit_, entropy_, *seal_, *passwords_}; }
  const identity::SealKeys& seal() const { return *seal_; }
  identity::Entropy& entropy() { return entropy_; }
  /// Which packs and which policy were in force when.
  catalog::InForce in_force() { return {*store_, *log_, settings_.area_id}; }
  /// Terms of requests between departments.
  std::shared_ptr<const exchange::Terms> terms() const { return terms_; }
  /// The policy with the areas as the store has them now.
  Result<std::shared_ptr<const vault::Rules>> rules();

 private:
  explicit Installation(Settings settings) : settings_(std::move(settings)) {}
  Status open_parts(store::StoreOptions options);
  Status read_policy();
  Status read_terms();

  const Settings settings_;
  identity::SystemEntropy entropy_;
  catalog::Catalog catalog_;
  identity::Policy policy_;
  std::string policy_text_;
  std::shared_ptr<const exchange::Terms> terms_;
  std::string terms_text_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<audit::AuditLog> log_;
  std::unique_ptr<IdentityAudit> identity_audit_;
  std::unique_ptr<identity::SealKeys> seal_;
  std::unique_ptr<identity::PasswordHasher> passwords_;
  std::unique_ptr<catalog::Registry> registry_;
  std::unique_ptr<vault::Vault> vault_;
  std::unique_ptr<store::Lake> lake_;
  std::unique_ptr<ingest::Ingest> ingest_;
};

}  // namespace zhili::cli
