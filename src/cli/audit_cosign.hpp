#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/context.hpp"

namespace zhili::cli {

struct AuditCosignOptions {
  std::filesystem::path directory;
  std::vector<std::string> keys;
  std::filesystem::path with;
  std::filesystem::path memory;
};

/// `zhili audit cosign`: what a witness does with a copy of a log. Cosigns its checkpoint if the log has only grown
/// since the one cosigned before, and puts the cosignature under the copy's checkpoint.
Status cosign_log_copy(const AuditCosignOptions& options, const Context& context);

}  // namespace zhili::cli
