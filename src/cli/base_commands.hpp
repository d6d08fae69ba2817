#pragma once

#include "cli/context.hpp"

namespace zhili::cli {

/// `zhili base load`.
void add_base_commands(CLI::App& program, Context& context);

}  // namespace zhili::cli
