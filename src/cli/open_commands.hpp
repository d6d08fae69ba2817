#pragma once

#include "cli/context.hpp"

namespace zhili::cli {

/// Adds `zhili open`: what departments publish for everybody.
void add_open_commands(CLI::App& program, Context& context);

}  // namespace zhili::cli
