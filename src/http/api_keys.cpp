#include "identity/api_keys.hpp"

#include "http/api_json.hpp"

namespace zhili::http {
namespace {

std::optional<Problem> require_keys(const ApiParts& parts, const Request& request, const std::string& area) {
  identity::Request what;
  what.action = "manage";
  what.resource = "account";
  what.area = area;
  return require(parts, request, what);
}

boost::json::object key_json(const identity::ApiKey& key) {
  boost::json::object out = post_json(key.scope);
  out["id"] = key.id;
  out["name"] = key.name;
  out["created"] = time_text(key.created);
  out["expires"] = time_text(key.expires);
  if (key.revoked) out["revoked"] = time_text(*key.revoked);
  if (key.last_day != 0) out["last_day"] = time_text(key.last_day).substr(0, 10);
  return out;
}

Answer list_keys(const ApiParts& parts, const Request& request) {
  ZHILI_ASSIGN(const auto all, identity::ApiKeys(parts.ground).list());
  boost::json::array items;
  std::optional<Problem> problem;
  for (const auto& key : all) {
    problem = require_keys(parts, request, key.scope.area);
    if (!problem) items.emplace_back(key_json(key));
  }
  if (items.empty() && problem) return *problem;
  return Response::json(boost::json::object{{"items", std::move(items)}});
}

Answer issue_key(const ApiParts& parts, const Request& request) {
  const identity::Assignment scope{body_text(request, "role"), body_text(request, "department"),
                                   body_text(request, "area")};
  if (!parts.rules->policy.roles.find(scope.role)) {
    return invalid_request({{"/role", {}, "unknown", {"没有这一角色", "The policy knows no such role"}}});
  }
  if (auto problem = require_keys(parts, request, scope.area)) return *problem;
  const int64_t ends = parts.ground.store.now() + body_integer(request, "days").value_or(1) * identity::kDay;
  ZHILI_ASSIGN(
      const std::string key,
      identity::ApiKeys(parts.ground).issue(body_text(request, "name"), scope, ends, request.caller.actor().account));
  Response out = Response::json(boost::json::object{{"id", key.substr(0, key.find('.'))}, {"key", key}}, 201);
  out.secret = true;
  return out;
}

Answer revoke_key(const ApiParts& parts, const Request& request) {
  identity::ApiKeys keys(parts.ground);
  ZHILI_ASSIGN(const auto all, keys.list());
  const std::string id(request.path_parameter("key"));
  for (const auto& key : all) {
    if (key.id != id) continue;
    if (auto problem = require_keys(parts, request, key.scope.area)) return *problem;
    ZHILI_TRY(keys.revoke(id, request.caller.actor().account));
    parts.callers.forget_all();
    return Response::empty();
  }
  return not_found();
}

}  // namespace

void add_key_api(Handlers& handlers, const ApiParts& parts) {
  handlers.add("listKeys", answering([&parts](const Request& request) { return list_keys(parts, request); }));
  handlers.add("issueKey", answering([&parts](const Request& request) { return issue_key(parts, request); }));
  handlers.add("revokeKey", answering([&parts](const Request& request) { return revoke_key(parts, request); }));
}

}  // namespace zhili::http
