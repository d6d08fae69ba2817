#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "vault/vault.hpp"

/// What people write about a row or a person: proposals, questions, answers. Kept sealed like what it is about; told by
/// Door::text alone; sealed anew with the vault's keys.
namespace zhili::vault {

/// Seals a text under an id that nothing else has. Errors: kLimit for more than kTextBytes.
Result<std::string> seal_text(Vault& vault, std::string_view id, std::string_view text);
/// Within a change: keeps what was sealed. Errors: kConflict where the id is taken; kBusy where the keys were changed.
Status keep_text(store::Transaction& transaction, Vault& vault, std::string_view id, const std::string& sealed);

}  // namespace zhili::vault
