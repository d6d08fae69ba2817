#pragma once

#include "cli/context.hpp"

namespace zhili::cli {

/// `zhili init`: makes an installation, or brings areas and departments of one up to date.
void add_init_command(CLI::App& program, Context& context);

}  // namespace zhili::cli
