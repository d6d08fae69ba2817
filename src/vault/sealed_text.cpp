#include "vault/sealed_text.hpp"

#include "vault/key_ring.hpp"
#include "vault/rows.hpp"
#include "vault/words.hpp"

namespace zhili::vault {

Result<std::string> seal_text(Vault& vault, std::string_view id, std::string_view text) {
  if (text.size() > kTextBytes) {
    return fail(ErrorCode::kLimit, {}, "Say it shorter.", "a text of more than {} bytes", kTextBytes);
  }
  Sealer sealer;
  return sealer.seal(vault.keys().keys()->newest(), {vault.area_id(), SealContext::Part::kFileKey, kTexts, id}, text);
}

Status keep_text(store::Transaction& transaction, Vault& vault, std::string_view id, const std::string& sealed) {
  ZHILI_TRY(vault.keys().require_newest(transaction, Sealer::key_of(sealed)));
  // With the keys of files: a change of the vault's keys seals all of that table anew.
  ZHILI_TRY(transaction.execute("INSERT INTO vault_file_key (area_id, dataset, batch, sealed) VALUES ($1, $2, $3, $4)",
                                {vault.area_id(), kTexts, id, store::Bytes{sealed}}));
  return {};
}

}  // namespace zhili::vault
