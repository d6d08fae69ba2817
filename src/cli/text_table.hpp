#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace zhili::cli {

/// Rows of cells in columns two spaces apart, each row behind `indent`. Rows may differ in length.
std::string aligned(const std::vector<std::vector<std::string>>& rows, std::string_view indent);

}  // namespace zhili::cli
