#pragma once

#include "cli/context.hpp"

namespace zhili::cli {

/// Adds `zhili backup` and `zhili restore`.
void add_store_commands(CLI::App& program, Context& context);

}  // namespace zhili::cli
