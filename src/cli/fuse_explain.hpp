#pragma once

#include <filesystem>
#include <string>

#include "cli/context.hpp"

namespace zhili::cli {

struct ExplainArguments {
  std::filesystem::path target;  ///< The directory of a result, or a configuration.
  std::filesystem::path data;    ///< For a configuration; may be empty.
  std::string a;                 ///< SOURCE:RECORD.
  std::string b;
  std::filesystem::path svg;  ///< May be empty.
  std::string language = "zh";
  bool plain = false;  ///< The picture shows identity numbers and telephones whole.
};

/// `zhili fuse explain`: why two records are one entity, or are not. With a result its model and entities are told;
/// with a configuration the whole run is done in memory. Changes nothing but the picture's file.
Status explain(const ExplainArguments& arguments, const Context& context);

}  // namespace zhili::cli
