#pragma once

#include "cli/context.hpp"

namespace zhili::cli {

/// Adds `zhili fuse …`.
void add_fuse_commands(CLI::App& program, Context& context);

}  // namespace zhili::cli
