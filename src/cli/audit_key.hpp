#pragma once

#include <filesystem>
#include <string>

#include "base/result.hpp"
#include "cli/context.hpp"

namespace zhili::cli {

struct AuditKeyOptions {
  std::string name;
  std::filesystem::path out;
  bool sm2 = false;
  bool witness = false;
};

/// `zhili audit key`: makes a key that signs checkpoints, and prints what verifiers need.
Status make_key(const AuditKeyOptions& options, const Context& context);

}  // namespace zhili::cli
