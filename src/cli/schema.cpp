#include "cli/schema.hpp"

#include "audit/audit_log.hpp"
#include "catalog/in_force.hpp"
#include "catalog/registry.hpp"
#include "exchange/requests.hpp"
#include "http/idempotency.hpp"
#include "identity/tables.hpp"
#include "ingest/ingest.hpp"
#include "library/base.hpp"
#include "opendata/publications.hpp"
#include "vault/vault.hpp"

namespace zhili::cli {

std::vector<store::Migration> all_migrations() {
  std::vector<store::Migration> out = audit::AuditLog::migrations();
  for (auto room :
       {identity::migrations(), catalog::InForce::migrations(), catalog::Registry::migrations(),
        vault::Vault::migrations(), ingest::Ingest::migrations(), library::Base::migrations(),
        exchange::Requests::migrations(), opendata::Publications::migrations(), http::Idempotency::migrations()}) {
    out.insert(out.end(), room.begin(), room.end());
  }
  return out;
}

}  // namespace zhili::cli
