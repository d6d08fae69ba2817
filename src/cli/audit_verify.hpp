#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/context.hpp"

namespace zhili::cli {

struct AuditVerifyOptions {
  std::filesystem::path directory;
  std::vector<std::string> keys;
  std::vector<std::string> witnesses;
  std::optional<std::filesystem::path> since;
};

/// `zhili audit verify`: checks a copied log, every file of it.
Status verify_log_copy(const AuditVerifyOptions& options, const Context& context);

}  // namespace zhili::cli
