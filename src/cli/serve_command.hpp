#pragma once

#include "cli/context.hpp"

namespace zhili::cli {

/// `zhili serve`: the server.
void add_serve_command(CLI::App& program, Context& context);

}  // namespace zhili::cli
