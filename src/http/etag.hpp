#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.hpp"
#include "http/problem.hpp"

namespace zhili::http {

/// A strong entity tag of a version: "\"12\"".
std::string etag_of(int64_t version);

/// For a change of what has versions: a problem where If-Match is missing (428) or names another version (412).
std::optional<Problem> require_match(const Request& request, std::string_view etag);

/// Whether If-None-Match says that the client has it already: answer 304.
bool is_known(const Headers& headers, std::string_view etag);
/// 304 with the tag.
Response not_modified(std::string_view etag);

}  // namespace zhili::http
