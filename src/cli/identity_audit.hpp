#pragma once

#include "audit/audit_log.hpp"
#include "identity/audit_sink.hpp"

namespace zhili::cli {

/// Binds the events of accounts to the audit log. An event's name stands in the entry's counts.
class IdentityAudit : public identity::AuditSink {
 public:
  /// The log outlives it.
  explicit IdentityAudit(const audit::AuditLog& log) : log_(log) {}
  Status record(store::Transaction& transaction, const identity::Event& event) override;

 private:
  const audit::AuditLog& log_;
};

}  // namespace zhili::cli
