#include <algorithm>
#include <array>
#include <charconv>

#include "http/api_open.hpp"
#include "opendata/dcat.hpp"
#include "opendata/query.hpp"

/// CKAN's Action API, version 3, as far as it reads: https://docs.ckan.org/en/latest/api/. Its errors have CKAN's form.
namespace zhili::http {
namespace {

namespace json = boost::json;
using opendata::Publication;

constexpr int64_t kMostNames = 1'000'000;

/// What an action fails with, as CKAN tells it.
struct ActionError {
  int status = 409;
  std::string type;
  std::string message;
  std::string field = {};  ///< Of a validation error.
};
/// JSON text of the result.
using ActionResult = std::expected<std::string, ActionError>;

std::unexpected<ActionError> not_there() { return std::unexpected(ActionError{404, "Not Found Error", "Not found"}); }
std::unexpected<ActionError> invalid(std::string field, std::string message) {
  return std::unexpected(ActionError{409, "Validation Error", std::move(message), std::move(field)});
}
std::unexpected<ActionError> action_error(const Error& error) {
  if (error.code == ErrorCode::kNotFound) return not_there();
  if (error.code == ErrorCode::kInput) return invalid(error.place.file, error.message);
  return std::unexpected(ActionError{503, "Internal Server Error", "The server can't answer now"});
}

/// One call of an action.
struct Call {
  const ApiParts& parts;
  std::string base;
  json::object asked;
  std::vector<Publication> all;
  opendata::Names names;

  std::string text(std::string_view key, std::string_view otherwise = "") const {
    const auto* found = asked.if_contains(key);
    if (found == nullptr) return std::string(otherwise);
    if (found->is_string()) return std::string(found->get_string());
    return found->is_null() ? std::string(otherwise) : json::serialize(*found);
  }
  bool truth(std::string_view key) const {
    std::string word = text(key);
    std::ranges::transform(word, word.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return word == "true" || word == "1" || word == "yes" || word == "on";
  }
  std::expected<size_t, ActionError> whole(std::string_view key, size_t otherwise, int64_t most) const {
    const std::string word = text(key);
    if (word.empty()) return otherwise;
    int64_t out = 0;
    const auto read = std::from_chars(word.data(), word.data() + word.size(), out);
    if (read.ec != std::errc() || read.ptr != word.data() + word.size())
      return invalid(std::string(key), "Invalid integer");
    if (out < 0) return invalid(std::string(key), "Must be a natural number");
    return static_cast<size_t>(std::min(out, most));
  }
  const Publication* find(std::string_view id) const {
    const auto found = std::ranges::find(all, id, [](const Publication& one) { return std::string_view(one.plan.id); });
    return found == all.end() ? nullptr : &*found;
  }
  /// A resource's publication and format.
  std::pair<const Publication*, std::string> resource(std::string_view id) const {
    const size_t dot = id.rfind('.');
    if (dot == std::string_view::npos) return {nullptr, ""};
    const Publication* one = find(id.substr(0, dot));
    if (one == nullptr) return {nullptr, ""};
    const auto formats = opendata::formats_of(one->newest.columns);
    const std::string format(id.substr(dot + 1));
    if (std::ranges::find(formats, format) == formats.end()) return {nullptr, ""};
    return {one, format};
  }
  std::pair<std::string, std::string> name_of_provider(const std::string& id) const {
    const auto found = names.find(id);
    return found == names.end() ? std::pair(id, id) : found->second;
  }
};

/// CKAN tells moments in UTC, without saying so.
std::string moment(int64_t at) {
  std::string out = time_text(at);
  out.pop_back();
  return out;
}

json::object resource_json(const Call& call, const Publication& one, std::string_view format, size_t position) {
  return {{"id", resource_id(one.plan.id, format)},
          {"package_id", one.plan.id},
          {"name", fmt::format("{} ({})", one.plan.title.zh, opendata::format_label(format))},
          {"description", one.plan.summary},
          {"format", opendata::format_label(format)},
          {"mimetype", opendata::format_type(format)},
          {"url", call.base + opendata::file_path(one.plan.id, format)},
          {"url_type", "datastore"},
          {"state", "active"},
          {"datastore_active", true},
          {"size", format == "parquet" ? json::value(one.newest.bytes) : json::value()},
          {"hash", format == "csv" ? "sha256:" + one.newest.digest : ""},
          {"created", moment(one.created_at)},
          {"last_modified", moment(one.newest.at)},
          {"metadata_modified", moment(one.changed_at)},
          {"position", position}};
}

json::object organization_json(const Call& call, const std::string& id) {
  const auto [zh, en] = call.name_of_provider(id);
  const auto count = std::ranges::count(call.all, id, &Publication::provider);
  return {{"id", id},
          {"name", id},
          {"title", zh},
          {"display_name", zh},
          {"description", en},
          {"type", "organization"},
          {"is_organization", true},
          {"state", "active"},
          {"approval_status", "approved"},
          {"image_url", ""},
          {"image_display_url", ""},
          {"package_count", count}};
}

json::object group_json(const Call& call, const std::string& id) {
  const auto count = std::ranges::count_if(call.all, [&](const Publication& one) { return one.plan.theme == id; });
  return {{"id", id},
          {"name", id},
          {"title", id},
          {"display_name", id},
          {"description", ""},
          {"type", "group"},
          {"is_organization", false},
          {"state", "active"},
          {"image_display_url", ""},
          {"package_count", count}};
}

json::object tag_json(const std::string& name) {
  return {{"id", name}, {"name", name}, {"display_name", name}, {"state", "active"}, {"vocabulary_id", nullptr}};
}

json::object package_json(const Call& call, const Publication& one) {
  json::array resources;
  for (const std::string_view format : opendata::formats_of(one.newest.columns)) {
    resources.emplace_back(resource_json(call, one, format, resources.size()));
  }
  json::array tags;
  for (const std::string& tag : one.plan.tags) tags.emplace_back(tag_json(tag));
  json::array groups;
  if (!one.plan.theme.empty()) groups.emplace_back(group_json(call, one.plan.theme));
  json::array extras;
  const auto checked = json::parse(one.newest.check).as_object();
  for (const char* key : {"k", "l", "max_risk", "mean_risk", "epsilon"}) {
    const auto* value = checked.if_contains(key);
    if (value == nullptr) continue;
    extras.push_back(
        {{"key", key}, {"value", value->is_string() ? std::string(value->get_string()) : json::serialize(*value)}});
  }
  extras.push_back({{"key", "digest"}, {"value", "sha256:" + one.newest.digest}});
  return {{"id", one.plan.id},
          {"name", one.plan.id},
          {"title", one.plan.title.zh},
          {"title_translated", {{"zh_Hans_CN", one.plan.title.zh}, {"en", one.plan.title.en}}},
          {"notes", one.plan.summary},
          {"type", "dataset"},
          {"state", "active"},
          {"private", false},
          {"isopen", true},
          {"version", std::to_string(one.newest.number)},
          {"url", fmt::format("{}/open/data/{}", call.base, one.plan.id)},
          {"license_id", one.plan.licence},
          {"license_title", one.plan.licence},
          {"license_url", opendata::licence_url(one.plan.licence)},
          {"author", nullptr},
          {"maintainer", nullptr},
          {"metadata_created", moment(one.created_at)},
          {"metadata_modified", moment(one.changed_at)},
          {"owner_org", one.provider},
          {"organization", organization_json(call, one.provider)},
          {"num_resources", resources.size()},
          {"num_tags", tags.size()},
          {"resources", std::move(resources)},
          {"tags", std::move(tags)},
          {"groups", std::move(groups)},
          {"extras", std::move(extras)},
          {"relationships_as_subject", json::array()},
          {"relationships_as_object", json::array()}};
}

std::string id_in(const Call& call) {
  std::string out = call.text("id");
  return out.empty() ? call.text("name_or_id") : out;
}

ActionResult site_read(const Call& /*call*/) { return "true"; }

ActionResult status_show(const Call& call) {
  return json::serialize(json::object{{"ckan_version", "2.11.0"},
                                      {"site_url", call.base},
                                      {"site_title", call.parts.name_zh},
                                      {"site_description", call.parts.name_en},
                                      {"locale_default", "zh_Hans_CN"},
                                      {"error_emails_to", nullptr},
                                      {"extensions", {"datastore"}}});
}

/// A page of names.
ActionResult page_of(const Call& call, std::vector<std::string> names) {
  ZHILI_ASSIGN(const size_t offset, call.whole("offset", 0, kMostNames));
  ZHILI_ASSIGN(const size_t limit, call.whole("limit", kMostNames, kMostNames));
  json::array out;
  for (size_t i = offset; i < names.size() && out.size() < limit; ++i) out.emplace_back(names[i]);
  return json::serialize(out);
}

ActionResult package_list(const Call& call) {
  std::vector<std::string> out;
  out.reserve(call.all.size());
  for (const Publication& one : call.all) out.push_back(one.plan.id);
  return page_of(call, std::move(out));
}

ActionResult package_show(const Call& call) {
  const std::string id = id_in(call);
  if (id.empty()) return invalid("id", "Missing value");
  const Publication* one = call.find(id);
  if (one == nullptr) return not_there();
  call.parts.open.uses.note(one->plan.id, "view");
  return json::serialize(package_json(call, *one));
}

ActionResult resource_show(const Call& call) {
  const std::string id = call.text("id");
  if (id.empty()) return invalid("id", "Missing value");
  const auto [one, format] = call.resource(id);
  if (one == nullptr) return not_there();
  const auto formats = opendata::formats_of(one->newest.columns);
  const auto position = std::ranges::find(formats, format) - formats.begin();
  return json::serialize(resource_json(call, *one, format, static_cast<size_t>(position)));
}

/// What `facet.field` names: a list, or text of one.
std::expected<std::vector<std::string>, ActionError> facets_in(const Call& call) {
  const auto* given = call.asked.if_contains("facet.field");
  std::vector<std::string> out;
  if (given == nullptr || given->is_null()) return out;
  json::value list = *given;
  if (list.is_string()) {
    boost::system::error_code failed;
    auto parsed = json::parse(list.get_string(), failed);
    if (failed) return invalid("facet.field", "Must be a list of JSON");
    list = std::move(parsed);
  }
  if (!list.is_array()) return invalid("facet.field", "Must be a list");
  for (const json::value& one : list.get_array()) {
    if (!one.is_string()) return invalid("facet.field", "Must be a list of text");
    out.emplace_back(one.get_string());
  }
  return out;
}

std::expected<opendata::Search, ActionError> search_in(const Call& call) {
  opendata::Search out;
  for (const char* key : {"q", "fq"}) {
    const Status read = opendata::read_terms(key, call.text(key), out);
    if (!read) return action_error(read.error());
  }
  ZHILI_ASSIGN(out.facets, facets_in(call));
  ZHILI_ASSIGN(out.rows, call.whole("rows", 10, opendata::kSearchRows));
  ZHILI_ASSIGN(out.start, call.whole("start", 0, kMostNames));
  ZHILI_ASSIGN(out.facet_limit, call.whole("facet.limit", 50, kMostNames));
  const std::string sort = call.text("sort", "metadata_modified desc");
  out.descending = sort.ends_with(" desc");
  if (sort.starts_with("metadata_modified") || sort.starts_with("score")) {
    out.sort = "changed";
  } else {
    out.sort = sort.starts_with("name") ? "name" : "title";
  }
  return out;
}

std::string facet_title(const Call& call, const std::string& field, const std::string& value) {
  return field == "organization" ? call.name_of_provider(value).first : value;
}

ActionResult package_search(const Call& call) {
  ZHILI_ASSIGN(const auto search, search_in(call));
  const auto found = opendata::search(call.all, search, call.names);
  if (!found) return action_error(found.error());
  json::array results;
  for (const Publication* one : found->found) results.emplace_back(package_json(call, *one));
  json::object facets;
  json::object search_facets;
  for (const auto& [field, counts] : found->facets) {
    json::object plain;
    json::array items;
    for (const auto& [value, count] : counts) {
      if (search.facet_limit != 0 && items.size() == search.facet_limit) break;
      plain[value] = count;
      items.push_back({{"name", value}, {"display_name", facet_title(call, field, value)}, {"count", count}});
    }
    facets[field] = std::move(plain);
    search_facets[field] = {{"title", field}, {"items", std::move(items)}};
  }
  return json::serialize(json::object{{"count", found->count},
                                      {"sort", call.text("sort", "metadata_modified desc")},
                                      {"results", std::move(results)},
                                      {"facets", std::move(facets)},
                                      {"search_facets", std::move(search_facets)}});
}

template <class Of>
std::vector<std::string> each_once(const Call& call, Of of) {
  std::vector<std::string> out;
  for (const Publication& one : call.all) {
    for (std::string& value : of(one)) out.push_back(std::move(value));
  }
  std::ranges::sort(out);
  out.erase(std::ranges::unique(out).begin(), out.end());
  return out;
}

std::vector<std::string> organizations(const Call& call) {
  return each_once(call, [](const Publication& one) { return std::vector{one.provider}; });
}
std::vector<std::string> groups(const Call& call) {
  return each_once(call, [](const Publication& one) {
    return one.plan.theme.empty() ? std::vector<std::string>() : std::vector{one.plan.theme};
  });
}
std::vector<std::string> tags(const Call& call) {
  return each_once(call, [](const Publication& one) { return one.plan.tags; });
}

template <class Form>
ActionResult list_of(const Call& call, std::vector<std::string> names, Form form) {
  if (!call.truth("all_fields")) return page_of(call, std::move(names));
  json::array out;
  for (const std::string& name : names) out.emplace_back(form(name));
  return json::serialize(out);
}

template <class Form>
ActionResult one_of(const Call& call, const std::vector<std::string>& names, Form form, std::string_view field) {
  const std::string id = call.text("id");
  if (id.empty()) return invalid("id", "Missing value");
  if (!std::ranges::binary_search(names, id)) return not_there();
  json::object out = form(id);
  if (call.truth("include_datasets")) {
    json::array packages;
    for (const Publication& one : call.all) {
      const bool in = field == "organization" ? one.provider == id : one.plan.theme == id;
      if (in) packages.emplace_back(package_json(call, one));
    }
    out["packages"] = std::move(packages);
  }
  return json::serialize(out);
}

ActionResult organization_list(const Call& call) {
  return list_of(call, organizations(call), [&](const std::string& id) { return organization_json(call, id); });
}
ActionResult organization_show(const Call& call) {
  return one_of(
      call, organizations(call), [&](const std::string& id) { return organization_json(call, id); }, "organization");
}
ActionResult group_list(const Call& call) {
  return list_of(call, groups(call), [&](const std::string& id) { return group_json(call, id); });
}
ActionResult group_show(const Call& call) {
  return one_of(call, groups(call), [&](const std::string& id) { return group_json(call, id); }, "groups");
}
ActionResult tag_list(const Call& call) {
  auto all = tags(call);
  if (const std::string query = call.text("query"); !query.empty()) {
    std::erase_if(all, [&](const std::string& tag) { return tag.find(query) == std::string::npos; });
  }
  return list_of(call, std::move(all), tag_json);
}

ActionResult license_list(const Call& call) {
  json::array out;
  for (const std::string& id : each_once(call, [](const Publication& one) { return std::vector{one.plan.licence}; })) {
    out.push_back({{"id", id}, {"title", id}, {"url", opendata::licence_url(id)}, {"status", "active"}});
  }
  return json::serialize(out);
}

std::string_view field_type(const opendata::Column& column) {
  if (column.type == opendata::ColumnType::kInteger) return "int8";
  return column.type == opendata::ColumnType::kNumber ? "float8" : "text";
}

json::array fields_json(const std::vector<opendata::Column>& columns) {
  json::array out;
  out.push_back({{"id", "_id"}, {"type", "int"}});
  for (const auto& column : columns) {
    out.push_back({{"id", column.id},
                   {"type", field_type(column)},
                   {"info", {{"label", column.title.zh}, {"notes", column.title.en}}}});
  }
  return out;
}

/// The records in the form that was asked for: objects or lists, in JSON; csv, as text in JSON.
std::string records_text(const opendata::PublicTable& table, const opendata::Found& found, std::string_view form) {
  const auto& columns = table.columns();
  if (form == "csv") {
    std::vector<opendata::Column> told = {{"_id", {}, opendata::ColumnType::kInteger}};
    for (const size_t column : found.columns) told.push_back(columns[column]);
    opendata::PublicTable part(std::move(told));
    for (const uint32_t row : found.rows) {
      std::vector<std::string> cells = {std::to_string(row + 1)};
      for (const size_t column : found.columns) cells.emplace_back(table.cell(row, column));
      part.add(std::move(cells));
    }
    const std::string csv = to_csv(part);
    std::string out;
    opendata::append_json_text(out, std::string_view(csv).substr(csv.find('\n') + 1));
    return out;
  }
  const bool objects = form != "lists";
  std::string out = "[";
  for (const uint32_t row : found.rows) {
    out += out.size() == 1 ? "" : ",";
    out += objects ? fmt::format("{{\"_id\":{}", row + 1) : fmt::format("[{}", row + 1);
    for (const size_t column : found.columns) {
      out += ',';
      if (objects) {
        opendata::append_json_text(out, columns[column].id);
        out += ':';
      }
      append_json_cell(out, columns[column], table.cell(row, column));
    }
    out += objects ? '}' : ']';
  }
  return out + "]";
}

ActionResult datastore_search(const Call& call) {
  const std::string id = call.text("resource_id", call.text("id"));
  if (id.empty()) return invalid("resource_id", "Missing value");
  const auto [one, format] = call.resource(id);
  if (one == nullptr) {
    return std::unexpected(
        ActionError{404, "Not Found Error", "Not found: Resource \"" + id.substr(0, 100) + "\" was not found."});
  }
  call.parts.open.uses.note(one->plan.id, "query");
  const std::string form = call.text("records_format", "objects");
  if (form != "objects" && form != "lists" && form != "csv")
    return invalid("records_format", "must be one of objects, lists, csv");
  const auto query = opendata::query_from(call.asked);
  if (!query) return action_error(query.error());
  const auto table = call.parts.open.publications.table(one->plan.id, one->newest.number);
  if (!table) return action_error(table.error());
  const auto found = opendata::find_rows(**table, *query);
  if (!found) return action_error(found.error());
  std::vector<opendata::Column> told;
  for (const size_t column : found->columns) told.push_back((*table)->columns()[column]);
  const auto link = [&](size_t offset) {
    return fmt::format("/api/3/action/datastore_search?resource_id={}&limit={}&offset={}", id, query->limit, offset);
  };
  json::object out{{"resource_id", id},
                   {"records_format", form},
                   {"include_total", query->total},
                   {"limit", query->limit},
                   {"offset", query->offset},
                   {"fields", fields_json(told)},
                   {"_links", {{"start", link(0)}, {"next", link(query->offset + query->limit)}}},
                   {"total_estimation_threshold", nullptr}};
  if (query->total) {
    out["total"] = found->total;
    out["total_was_estimated"] = false;
  }
  for (const char* key : {"filters", "q", "sort"}) {
    if (const auto* given = call.asked.if_contains(key)) out[key] = *given;
  }
  std::string text = json::serialize(out);
  text.pop_back();
  return fmt::format("{},\"records\":{}}}", text, records_text(**table, *found, form));
}

ActionResult datastore_info(const Call& call) {
  const std::string id = call.text("id", call.text("resource_id"));
  if (id.empty()) return invalid("id", "Missing value");
  const auto [one, format] = call.resource(id);
  if (one == nullptr) return not_there();
  return json::serialize(json::object{{"meta", {{"id", id}, {"count", one->newest.rows}, {"table_type", "BASE TABLE"}}},
                                      {"fields", fields_json(one->newest.columns)}});
}

struct Action {
  std::string_view name;
  ActionResult (*work)(const Call&);
};
constexpr std::array<Action, 15> kActions = {
    {{"site_read", site_read},
     {"status_show", status_show},
     {"package_list", package_list},
     {"package_search", package_search},
     {"package_show", package_show},
     {"resource_show", resource_show},
     {"organization_list", organization_list},
     {"organization_show", organization_show},
     {"group_list", group_list},
     {"group_show", group_show},
     {"tag_list", tag_list},
     {"license_list", license_list},
     {"datastore_search", datastore_search},
     {"datastore_info", datastore_info},
     {"vocabulary_list", [](const Call& /*call*/) -> ActionResult { return "[]"; }}}};

Response answered(const Call& call, std::string_view action, const ActionResult& result) {
  std::string out = R"({"help":)";
  opendata::append_json_text(out, fmt::format("{}/api/3/action/help_show?name={}", call.base, action));
  if (result) return for_anybody(Response::json_text(fmt::format(R"({},"success":true,"result":{}}})", out, *result)));
  const ActionError& error = result.error();
  json::object told{{"__type", error.type}};
  if (error.field.empty()) {
    told["message"] = error.message;
  } else {
    told[error.field] = {error.message};
  }
  return for_anybody(
      Response::json_text(fmt::format(R"({},"success":false,"error":{}}})", out, json::serialize(told)), error.status));
}

Answer act(const ApiParts& parts, const Request& request) {
  Call call{parts, base_url(parts, request), {}, {}, {}};
  if (request.json.is_object()) call.asked = request.json.get_object();
  for (const auto& [key, value] : request.query) {
    if (!call.asked.contains(key)) call.asked[key] = value;
  }
  const std::string name(request.path_parameter("action"));
  const auto* const action = std::ranges::find(kActions, name, &Action::name);
  if (action == kActions.end()) {
    return for_anybody(Response::json(json::value(fmt::format("Bad request - Action name not known: {}", name)), 400));
  }
  ZHILI_ASSIGN(call.all, parts.open.publications.list());
  ZHILI_ASSIGN(call.names, provider_names(parts));
  return answered(call, name, action->work(call));
}

}  // namespace

std::string resource_id(std::string_view publication, std::string_view format) {
  return fmt::format("{}.{}", publication, format);
}

void add_ckan_api(Handlers& handlers, const ApiParts& parts) {
  for (const char* id : {"getCkanAction", "postCkanAction", "getCkanActionUnversioned", "postCkanActionUnversioned"}) {
    handlers.add(id, answering([&parts](const Request& request) { return act(parts, request); }));
  }
}

}  // namespace zhili::http
