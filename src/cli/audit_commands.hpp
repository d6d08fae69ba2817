#pragma once

#include "cli/context.hpp"

namespace zhili::cli {

/// Adds `zhili audit` with its commands.
void add_audit_commands(CLI::App& program, Context& context);

}  // namespace zhili::cli
