#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace zhili::table {

/// The beginning of a row for a message: valid UTF-8 in one line, some 120 characters. Control characters become
/// spaces, bytes that are no UTF-8 become U+FFFD.
std::string excerpt(std::string_view row);

/// Characters in UTF-8 text.
uint64_t count_characters(std::string_view text);

}  // namespace zhili::table
