#pragma once

#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "base/result.hpp"

namespace zhili::cli {

/// Writes to stdout. Errors: kIo, also for a full disk, since the bytes are flushed.
Status print(std::string_view text);
/// The value in one line.
Status print(const boost::json::value& value);
/// A sentence for the user on stderr.
void remark(std::string_view text);

/// "usage", "config", …: the error's kind for scripts.
std::string_view code_name(ErrorCode code);
/// {"error": {"code", "exit", "message", "file", "line", "column", "hint", "others": […]}} without what is unknown.
boost::json::value error_json(const Error& error);
/// Tells the error on stderr.
void print_error(const Error& error, bool json);

}  // namespace zhili::cli
