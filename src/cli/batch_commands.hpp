#pragma once

#include "cli/context.hpp"

namespace zhili::cli {

/// Adds `zhili batch`: sends departments' batches, and tells their quality.
void add_batch_commands(CLI::App& program, Context& context);

}  // namespace zhili::cli
