#include "cli/audit_key.hpp"

#include <boost/json.hpp>

#include "audit/key.hpp"
#include "cli/output.hpp"

namespace zhili::cli {

Status make_key(const AuditKeyOptions& options, const Context& context) {
  const auto kind = options.sm2 ? audit::KeyKind::kSm2 : audit::KeyKind::kEd25519;
  auto key = audit::SignKey::generate(options.name, kind);
  if (!key) {
    Error error = std::move(key).error();
    if (error.code == ErrorCode::kConfig) error.code = ErrorCode::kUsage;
    return fail(std::move(error));
  }
  ZHILI_ASSIGN(const audit::VerifyKey verifier, options.witness ? key->cosigner_key() : key->verify_key());
  ZHILI_TRY(key->write(options.out));
  if (context.json) {
    return print(boost::json::value{{"name", options.name},
                                    {"algorithm", options.sm2 ? "sm2-sm3" : "ed25519"},
                                    {"role", options.witness ? "witness" : "log"},
                                    {"file", options.out.string()},
                                    {"key", verifier.text()}});
  }
  if (!context.quiet) {
    remark(fmt::format("The private key is in {}; keep it where only the {} can read it. Verifiers need this:",
                       options.out.string(), options.witness ? "witness" : "log's server"));
  }
  return print(verifier.text() + "\n");
}

}  // namespace zhili::cli
