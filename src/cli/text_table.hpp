#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace zhili::cli {

/// Cells of a terminal that the text takes: two for a character of East Asian width.
size_t display_width(std::string_view text);

/// The text cut to at most `width` cells, with … at the end where something was cut; control characters become spaces.
std::string shortened(std::string_view text, size_t width);

/// Rows of cells in columns two spaces apart, each row behind `indent`. Rows may differ in length.
std::string aligned(const std::vector<std::vector<std::string>>& rows, std::string_view indent);

}  // namespace zhili::cli
