#pragma once

#include <filesystem>

#include "cli/context.hpp"

namespace zhili::cli {

struct RunArguments {
  std::filesystem::path config;
  std::filesystem::path data;  ///< May be empty.
  std::filesystem::path out;
  std::filesystem::path previous;  ///< May be empty.
  std::filesystem::path truth;     ///< May be empty.
  bool plain = false;
  bool members = false;
};

/// `zhili fuse run`: the whole run, and a summary of it.
Status run(const RunArguments& arguments, const Context& context);

}  // namespace zhili::cli
