#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/context.hpp"

namespace zhili::cli {

struct BaseLoadWords {
  std::filesystem::path directory;  ///< Of the installation.
  std::filesystem::path result;     ///< Of `zhili fuse run --members`.
  std::string kind;
  std::string purpose;
  std::string basis;
  std::filesystem::path divisions;   ///< May be empty.
  std::vector<std::string> located;  ///< "FILE:ADDRESS:AREA", columns of a register that tells where addresses lie.
  std::string elsewhere;             ///< Area of entities whose address tells none; may be empty.
  bool online = false;               ///< Batches change it from then on.
};

/// `zhili base load`: takes the entities of a fusing run into the vault, each with the records that it was made from,
/// under a recorded purpose.
Status load_base(const BaseLoadWords& words, const Context& context);

}  // namespace zhili::cli
