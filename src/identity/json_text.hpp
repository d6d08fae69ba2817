#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "base/result.hpp"

namespace zhili::identity {

/// A JSON object from outside: at most `limit` bytes, nested 16 levels at most, no name twice. Error: kInput (it tells
/// no content) and kLimit. `what` names it.
Result<boost::json::object> parse_object(std::string_view text, size_t limit, std::string_view what);

/// A member that is text, or nothing.
std::optional<std::string> text_member(const boost::json::object& object, std::string_view name);
/// A member that is a number of whole seconds, or nothing.
std::optional<int64_t> seconds_member(const boost::json::object& object, std::string_view name);

}  // namespace zhili::identity
