#pragma once

#include "cli/context.hpp"

namespace zhili::cli {

/// Adds `zhili pack`: makes and checks packs, and tells which texts were in force when.
void add_pack_commands(CLI::App& program, Context& context);

}  // namespace zhili::cli
