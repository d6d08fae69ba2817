#include "cli/schema.hpp"

#include "audit/audit_log.hpp"

namespace zhili::cli {

std::vector<store::Migration> all_migrations() { return audit::AuditLog::migrations(); }

}  // namespace zhili::cli
