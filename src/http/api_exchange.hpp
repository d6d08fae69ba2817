#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "exchange/requests.hpp"
#include "http/api_json.hpp"

/// What operations on requests between departments, and on what comes of them, share.
namespace zhili::http {

/// What the room `exchange` can't do, as its client is told: 403 for what the policy forbids, each mistake with its
/// place, 409 for what has moved on meanwhile.
Problem problem_of_exchange(const Error& error);

/// The texts of a list; none where it is none.
std::vector<std::string> texts_of(const boost::json::value& list);

}  // namespace zhili::http
