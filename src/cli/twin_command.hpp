#pragma once

#include "cli/context.hpp"

namespace zhili::cli {

/// Adds `zhili twin`.
void add_twin_command(CLI::App& program, Context& context);

}  // namespace zhili::cli
