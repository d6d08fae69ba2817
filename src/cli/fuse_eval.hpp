#pragma once

#include <filesystem>

#include "cli/context.hpp"

namespace zhili::cli {

struct EvalArguments {
  std::filesystem::path dir;
  std::filesystem::path truth;
};

/// `zhili fuse eval`: how right a result is, given the truth. Reads and blocks the data again, to tell what blocking
/// missed; changes nothing.
Status eval(const EvalArguments& arguments, const Context& context);

}  // namespace zhili::cli
