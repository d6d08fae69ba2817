#pragma once

#include <optional>

#include "http/contract.hpp"
#include "http/message.hpp"
#include "http/problem.hpp"

namespace zhili::http {

/// Holds a request against its operation: parameters of path, query and header, media type and JSON of the body. Fills
/// in `json` and the defaults of parameters. A problem (400, 415) where it does not fit.
std::optional<Problem> validate(const Operation& operation, Request& request);

/// "application/json; charset=utf-8" is "application/json".
std::string media_type_of(std::string_view content_type);

}  // namespace zhili::http
