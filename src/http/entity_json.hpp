#pragma once

#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "fuse/decisions.hpp"
#include "http/api_json.hpp"
#include "vault/door.hpp"

/// What the operations on entities and on the base library share.
namespace zhili::http {

/// A query parameter; empty where it is not given.
std::string given(const Request& request, std::string_view name);
/// Of one entity, for purpose and basis of the query.
vault::ReasonsAsk reasons_ask(const Request& request, std::string subject);

/// Bits, to hundredths.
double bits_json(double weight);
/// What each comparison said, out of the vault's text: [{field, level, weight}].
boost::json::value parts_json(const std::string& parts);
boost::json::object record_json(const fuse::RecordName& record);

}  // namespace zhili::http
