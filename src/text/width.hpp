#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// How wide text is where each character takes one cell or two: terminals, and pictures that can't ask a font.
namespace zhili::text {

/// Cells of a character: two for East Asian Wide and Fullwidth, in the ranges that names and addresses use
/// (Unicode Standard Annex 11), none for combining marks and other characters that take no room, else one.
size_t display_width(char32_t c);
/// Cells of a text.
size_t display_width(std::string_view text);

/// The text cut to at most `width` cells, with … at the end where something was cut. Control characters become spaces,
/// and marks that turn the direction of writing are left out: neither can disturb the line that the text stands in.
std::string shortened(std::string_view text, size_t width);

}  // namespace zhili::text
