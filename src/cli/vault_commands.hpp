#pragma once

#include "cli/context.hpp"

namespace zhili::cli {

/// zhili vault key, rotate, jobs.
void add_vault_commands(CLI::App& program, Context& context);

}  // namespace zhili::cli
