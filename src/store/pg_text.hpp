#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "store/rows.hpp"
#include "store/value.hpp"

/// PostgreSQL's text formats, apart from the connection.
namespace zhili::store {

/// What PostgreSQL says, in one line and without quoted values, which may be personal: it puts them behind ": \"".
std::string one_line(std::string_view message);

/// The error that an SQLSTATE stands for (appendix A of PostgreSQL's manual).
Error error_of_state(std::string_view state, const std::string& said, const std::string& where);

/// A value that came as text, by the number of its type. Bytes are decoded to the end of `scratch`, which must have
/// room for them: it may not move while cells point into it.
Cell cell_of_text(unsigned type, std::string_view text, std::string& scratch);

/// Appends one row in the text format of COPY.
void append_copy_line(std::string& out, std::span<const Value> row);

}  // namespace zhili::store
