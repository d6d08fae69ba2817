#pragma once

#include <filesystem>

#include "cli/context.hpp"

namespace zhili::cli {

struct PlanOptions {
  std::filesystem::path config;
  std::filesystem::path data;  ///< May be empty.
};

/// `zhili fuse plan`: reads the records and shows the blocking rules that a run would choose, with what each costs and
/// finds. Rules of the configuration play no part in it. Changes nothing.
Status plan(const PlanOptions& options, const Context& context);

}  // namespace zhili::cli
