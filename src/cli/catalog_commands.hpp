#pragma once

#include "cli/context.hpp"

namespace zhili::cli {

/// Adds `zhili catalog`: the departments' datasets of an installation.
void add_catalog_commands(CLI::App& program, Context& context);

}  // namespace zhili::cli
