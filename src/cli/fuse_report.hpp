#pragma once

#include <filesystem>

#include "cli/context.hpp"

namespace zhili::cli {

struct ReportArguments {
  std::filesystem::path dir;
  std::filesystem::path truth;  ///< May be empty.
  std::filesystem::path out;    ///< Empty: report.html of `dir`.
  bool plain = false;
};

/// `zhili fuse report`: draws a result's report again, with what the truth says of it. Does the run's work again in
/// memory, and changes no file but the report.
Status report(const ReportArguments& arguments, const Context& context);

}  // namespace zhili::cli
