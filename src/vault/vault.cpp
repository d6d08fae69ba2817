#include "vault/vault.hpp"

#include <utility>

#include "vault/jobs.hpp"
#include "vault/key_ring.hpp"
#include "vault/tables.hpp"

namespace zhili::vault {

std::vector<store::Migration> Vault::migrations() { return {{"vault", 1, kVaultTables}, {"vault", 2, kRecordTables}}; }

Vault::Vault(store::Store& store, const audit::AuditLog& log, const catalog::Catalog& catalog, VaultOptions options)
    : store_(store), log_(log), catalog_(catalog), options_(options) {}

Vault::~Vault() = default;

Result<std::unique_ptr<Vault>> Vault::open(store::Store& store, const audit::AuditLog& log,
                                           const catalog::Catalog& catalog, MasterKeys master, VaultOptions options) {
  std::unique_ptr<Vault> vault(new Vault(store, log, catalog, options));
  vault->keys_ = std::make_unique<KeyRing>(store, std::move(master), options.area_id);
  auto loaded = vault->keys_->load();
  if (!loaded && loaded.error().code == ErrorCode::kNotFound) {
    const Status made = store.commit([&](store::Transaction& transaction) -> Status {
      ZHILI_ASSIGN(const auto there,
                   transaction.query("SELECT count(*) FROM vault_key WHERE area_id = $1", {options.area_id}));
      if (there[0].int64(0) != 0) return {};  // Another server was faster.
      ZHILI_ASSIGN(const uint32_t number, vault->keys_->add(transaction, options.cipher, store.now()));
      ZHILI_ASSIGN(auto entry, log.draft(audit::Action::kCreate, audit::Ref::of(audit::Kind::kSystem, 0)));
      entry.object(*audit::Ref::create(audit::Kind::kSetting, fmt::format("vault-key-{}", number)));
      return log.add(transaction, entry);
    });
    ZHILI_TRY(made);
    loaded = vault->keys_->load();
  }
  ZHILI_TRY(std::move(loaded));
  ZHILI_TRY(break_off_orphans(*vault));
  return vault;
}

Result<int64_t> Vault::count(const std::string& kind) const {
  ZHILI_ASSIGN(const auto rows,
               store_.query("SELECT count(*) FROM vault_subject WHERE area_id = $1 AND kind = $2", {area_id(), kind}));
  return rows[0].int64(0);
}

}  // namespace zhili::vault
