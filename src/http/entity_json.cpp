#include "http/entity_json.hpp"

#include <cmath>

namespace zhili::http {

std::string given(const Request& request, std::string_view name) {
  return std::string(request.query_parameter(name).value_or(""));
}

vault::ReasonsAsk reasons_ask(const Request& request, std::string subject) {
  vault::ReasonsAsk ask;
  ask.actor = request.caller.actor();
  ask.kind = request.path_parameter("kind");
  ask.subject = std::move(subject);
  ask.purpose = given(request, "purpose");
  ask.basis = given(request, "basis");
  ask.how = request.caller.by == Credential::kKey ? "api" : "web";
  return ask;
}

double bits_json(double weight) { return std::round(100 * weight) / 100; }

boost::json::value parts_json(const std::string& parts) {
  boost::json::array out;
  boost::system::error_code wrong;
  const auto read = boost::json::parse(parts.empty() ? "[]" : parts, wrong);
  if (wrong || !read.is_array()) return out;
  for (const auto& one : read.get_array()) {
    if (!one.is_array() || one.get_array().size() != 3) continue;
    out.emplace_back(boost::json::object{{"field", one.at(0)}, {"level", one.at(1)}, {"weight", one.at(2)}});
  }
  return out;
}

boost::json::object record_json(const fuse::RecordName& record) {
  return {{"source", record.source}, {"record", record.record}};
}

}  // namespace zhili::http
