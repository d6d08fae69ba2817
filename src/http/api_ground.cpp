#include "http/api_json.hpp"
#include "identity/directory.hpp"

namespace zhili::http {
namespace {

boost::json::array terms_json(const identity::Terms& terms) {
  boost::json::array out;
  for (const auto& term : terms.all()) {
    out.emplace_back(boost::json::object{{"id", term.id}, {"zh", term.zh}, {"en", term.en}});
  }
  return out;
}

boost::json::array bases_json(const catalog::Catalog& catalog) {
  boost::json::array out;
  for (const auto& basis : catalog.legal_bases()) {
    boost::json::array articles;
    for (const int article : basis.articles) articles.emplace_back(std::to_string(article));
    out.emplace_back(
        boost::json::object{{"id", basis.id},
                            {"zh", basis.title},
                            {"for", basis.reason},
                            {"articles", std::move(articles)},
                            {"purposes", boost::json::array(basis.purposes.begin(), basis.purposes.end())}});
  }
  return out;
}

boost::json::array kinds_json(const catalog::Catalog& catalog) {
  boost::json::array out;
  for (const auto& kind : catalog.kinds()) {
    boost::json::array fields;
    for (const auto& field : kind.fields) {
      fields.emplace_back(boost::json::object{{"id", field.id},
                                              {"zh", field.title.zh},
                                              {"en", field.title.en},
                                              {"type", catalog::name_of(field.type)},
                                              {"grade", field.grade},
                                              {"look_up", field.look_up}});
    }
    out.emplace_back(boost::json::object{
        {"id", kind.id}, {"zh", kind.title.zh}, {"en", kind.title.en}, {"fields", std::move(fields)}});
  }
  return out;
}

/// What pages need before anybody is signed in. Open to all: nothing stands here that the sign-in page may not show.
Answer installation(const ApiParts& parts) {
  return Response::json(boost::json::object{{"name", boost::json::object{{"zh", parts.name_zh}, {"en", parts.name_en}}},
                                            {"sign_on", parts.sign_on != nullptr}});
}

Answer words(const ApiParts& parts) {
  const auto& policy = parts.rules->policy;
  boost::json::array purposes = terms_json(policy.purposes);
  for (const auto& purpose : parts.catalog.purposes()) {
    if (policy.purposes.find(purpose.id)) continue;
    purposes.emplace_back(boost::json::object{{"id", purpose.id}, {"zh", purpose.title.zh}, {"en", purpose.title.en}});
  }
  boost::json::array sources;
  for (const auto& source : parts.catalog.sources()) {
    sources.emplace_back(boost::json::object{{"id", source.id}, {"zh", source.register_name}, {"owner", source.owner}});
  }
  return Response::json(boost::json::object{{"roles", terms_json(policy.roles)},
                                            {"actions", terms_json(policy.actions)},
                                            {"resources", terms_json(policy.resources)},
                                            {"purposes", std::move(purposes)},
                                            {"bases", bases_json(parts.catalog)},
                                            {"kinds", kinds_json(parts.catalog)},
                                            {"sources", std::move(sources)}});
}

boost::json::object area_json(const identity::Area& area) {
  boost::json::object out{{"id", area.id}, {"level", area.level}, {"zh", area.name_zh}, {"en", area.name_en}};
  if (!area.parent.empty()) out["parent"] = area.parent;
  return out;
}

Answer list_areas(const ApiParts& parts, const Request& request) {
  const auto all = parts.rules->areas.areas();
  const auto position = parts.cursors.position(request);
  if (!position) return position.error();
  const size_t first = std::stoul("0" + position->value_or(""));
  const auto limit = static_cast<size_t>(request.query_integer("limit").value_or(100));
  boost::json::array items;
  size_t at = first;
  for (; at < all.size() && items.size() < limit; ++at) items.emplace_back(area_json(all[at]));
  boost::json::object out{{"items", std::move(items)}};
  if (at < all.size()) {
    ZHILI_ASSIGN(out["next"], parts.cursors.next(request, std::to_string(at)));
  }
  return Response::json(out);
}

Answer area_shapes(const ApiParts& parts) {
  ZHILI_ASSIGN(const auto shapes, identity::Directory(parts.ground).shapes());
  std::string out = R"({"type":"FeatureCollection","features":[)";
  bool first = true;
  for (const auto& shape : shapes) {
    const auto* area = parts.rules->areas.find(shape.area);
    if (area == nullptr) continue;
    out += fmt::format(R"({}{{"type":"Feature","properties":{},"geometry":{}}})", first ? "" : ",",
                       boost::json::serialize(area_json(*area)), shape.geometry);
    first = false;
  }
  Response response = Response::json_text(out + "]}");
  response.content_type = "application/geo+json";
  return response;
}

Answer departments(const ApiParts& parts) {
  ZHILI_ASSIGN(const auto all, identity::Directory(parts.ground).departments());
  boost::json::array items;
  for (const auto& one : all) {
    boost::json::object item{{"id", one.id}, {"zh", one.name_zh}, {"en", one.name_en}};
    if (!one.area.empty()) item["area"] = one.area;
    items.emplace_back(std::move(item));
  }
  return Response::json(boost::json::object{{"items", std::move(items)}});
}

Answer check_permission(const ApiParts& parts, const Request& request) {
  const std::string action = body_text(request, "action");
  const std::string resource = body_text(request, "resource");
  const std::string purpose = body_text(request, "purpose");
  const std::string area = body_text(request, "area");
  const std::string department = body_text(request, "department");
  identity::Request what;
  what.action = action;
  what.resource = resource;
  what.purpose = purpose;
  what.area = area;
  what.department = department;
  what.grade = static_cast<int>(body_integer(request, "grade").value_or(1));
  const auto decision = identity::decide(parts.rules->policy, parts.rules->areas, request.caller.actor(), what);
  boost::json::object out{{"allowed", decision.allowed},
                          {"reason", identity::code_of(decision.reason)},
                          {"words", identity::words_of(decision, request.language)}};
  const auto* rule = decision.rule != nullptr ? decision.rule : decision.nearest;
  if (rule != nullptr) out["rule"] = rule->id;
  return Response::json(out);
}

}  // namespace

void add_ground_api(Handlers& handlers, const ApiParts& parts) {
  handlers.add("getInstallation", answering([&parts](const Request&) { return installation(parts); }));
  handlers.add("getWords", answering([&parts](const Request&) { return words(parts); }));
  handlers.add("listAreas", answering([&parts](const Request& request) { return list_areas(parts, request); }));
  handlers.add("getAreaShapes", answering([&parts](const Request&) { return area_shapes(parts); }));
  handlers.add("listDepartments", answering([&parts](const Request&) { return departments(parts); }));
  handlers.add("checkPermission",
               answering([&parts](const Request& request) { return check_permission(parts, request); }));
}

}  // namespace zhili::http
