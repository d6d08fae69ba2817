#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/key.hpp"
#include "base/result.hpp"
#include "cli/context.hpp"

namespace zhili::cli {

struct AuditVerifyOptions {
  std::filesystem::path directory;
  std::vector<std::string> keys;
  std::vector<std::string> witnesses;
  std::optional<std::filesystem::path> since;
};

/// Reads what `option` was given: keys of witnesses, or of logs. Errors: kUsage.
Result<std::vector<audit::VerifyKey>> parse_verify_keys(const std::vector<std::string>& texts, bool cosigners,
                                                        std::string_view option);

/// `zhili audit verify`: checks a copied log, every file of it.
Status verify_log_copy(const AuditVerifyOptions& options, const Context& context);

}  // namespace zhili::cli
