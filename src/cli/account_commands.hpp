#pragma once

#include "cli/context.hpp"

namespace zhili::cli {

/// `zhili account create`, `zhili account code`: who may sign in first, and the code that a telephone's app would show.
void add_account_commands(CLI::App& program, Context& context);

}  // namespace zhili::cli
