#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/problem.hpp"

namespace zhili::http {

/// A request's target, taken apart and decoded.
struct Target {
  std::vector<std::string> segments;  ///< Of the path, decoded one by one. "/a/b" has two, "/" none, "/a/" two.
  std::vector<std::pair<std::string, std::string>> query;

  std::string path() const;
};

/// Takes an origin-form target apart. What two programs may read differently is refused (400): a bad escape, bytes
/// that are no UTF-8 (overlong forms included), NUL and other control characters, "." and ".." as a segment, "//", a
/// backslash or an encoded slash in a path, more than limits::kQueryParameters.
std::expected<Target, Problem> parse_target(std::string_view target);

/// UTF-8 as RFC 3629 has it.
bool is_utf8(std::string_view text);

}  // namespace zhili::http
