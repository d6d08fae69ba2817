#pragma once

#include <filesystem>
#include <string>

#include "cli/context.hpp"

namespace zhili::cli {

struct LookupArguments {
  std::filesystem::path dir;
  std::string id;  ///< Of an entity, present or old, or SOURCE:RECORD.
};

/// `zhili fuse lookup`: shows an entity of a result.
Status lookup(const LookupArguments& arguments, const Context& context);

}  // namespace zhili::cli
