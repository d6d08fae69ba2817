#pragma once

#include <cstdint>
#include <filesystem>

#include "base/result.hpp"
#include "cli/context.hpp"

namespace zhili::cli {

struct AuditProofOptions {
  std::filesystem::path directory;
  uint64_t index = 0;
};

struct AuditShowOptions {
  std::filesystem::path directory;
  uint64_t from = 0;
  uint64_t count = 20;
};

/// `zhili audit proof`: what shows that an entry is in a log.
Status print_proof(const AuditProofOptions& options, const Context& context);
/// `zhili audit show`: entries of a log.
Status show_entries(const AuditShowOptions& options, const Context& context);

}  // namespace zhili::cli
