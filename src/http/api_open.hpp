#pragma once

#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "http/api_json.hpp"
#include "opendata/search.hpp"

/// What the operations on open data share.
namespace zhili::http {

/// Names of the departments by id.
Result<opendata::Names> provider_names(const ApiParts& parts);
/// Which begins all addresses of this server as the client sees it, without a slash at its end.
std::string base_url(const ApiParts& parts, const Request& request);
/// A resource's id is its publication's with the format behind a dot.
std::string resource_id(std::string_view publication, std::string_view format);

/// A data set as anybody may fetch it, also a script of another site.
Response&& for_anybody(Response&& response);

}  // namespace zhili::http
