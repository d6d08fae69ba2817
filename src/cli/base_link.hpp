#pragma once

#include <filesystem>
#include <string>

#include "cli/context.hpp"

namespace zhili::cli {

struct BaseLinkWords {
  std::filesystem::path directory;  ///< Of the installation.
  std::filesystem::path result;     ///< Of `zhili fuse run`.
  std::string kind;
  std::string dataset;
  std::string source;  ///< As the result names the dataset's register.
};

/// `zhili base link`: notes for each row of a dataset whom of the base library it is about, as a fusing run found, so
/// that who reads the row stands in that one's ledger.
Status link_base(const BaseLinkWords& words, const Context& context);

}  // namespace zhili::cli
