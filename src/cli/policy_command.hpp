#pragma once

#include "cli/context.hpp"

namespace zhili::cli {

/// `zhili policy`: the rules of who may do what, to begin an installation's own with, and to check those.
void add_policy_command(CLI::App& program, Context& context);

}  // namespace zhili::cli
