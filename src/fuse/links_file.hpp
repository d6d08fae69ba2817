#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

#include "base/cancel.hpp"
#include "base/progress.hpp"
#include "base/result.hpp"

namespace zhili::fuse {

/// One line of links.csv. The texts live until the next line.
struct Link {
  std::string_view source;
  std::string_view record;
  std::string_view entity;
  uint64_t line = 0;  ///< In the file, from 1.
};

/// Calls `take` for each line of the links.csv in `dir`, in order, until one fails. Errors: kNotFound where `dir` holds
/// no result; kInput for a line that can't be read; those of `take`.
Status read_links_file(const std::filesystem::path& dir, Progress::Mode progress, const Cancel& cancel,
                       const std::function<Status(const Link&)>& take);

}  // namespace zhili::fuse
