#pragma once

#include <filesystem>

#include "cli/context.hpp"

namespace zhili::cli {

struct CheckOptions {
  std::filesystem::path config;
  std::filesystem::path data;  ///< May be empty.
};

/// `zhili fuse check`: reads the configuration, opens its sources and shows what was understood. Changes nothing.
Status check(const CheckOptions& options, const Context& context);

}  // namespace zhili::cli
