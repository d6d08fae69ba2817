#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace zhili::table {

/// The candidates most like `wanted`, best first, at most `most`, leaving out those that have little in common with it.
/// Likeness is edit distance over characters without regard to ASCII case, or one name being within the other.
std::vector<std::string> nearest_names(std::string_view wanted, std::span<const std::string> candidates,
                                       size_t most = 3);

/// `"a", "b"` for messages; at most `most` names, then "and N more".
std::string quoted_list(std::span<const std::string> names, size_t most = 20);

}  // namespace zhili::table
