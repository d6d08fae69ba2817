#include <algorithm>
#include <set>

#include "base/output_dir.hpp"
#include "http/api_open.hpp"
#include "http/etag.hpp"
#include "identity/directory.hpp"
#include "opendata/dcat.hpp"
#include "opendata/geojson.hpp"
#include "opendata/query.hpp"
#include "vault/refusals.hpp"

namespace zhili::http {
namespace {

namespace json = boost::json;
using opendata::Publication;
using opendata::Publications;
using opendata::Version;

constexpr size_t kFileBytes = size_t{1} << 30;  // Of a publication's Parquet file.
constexpr size_t kFormKept = 200;               // Days of use that are told.

std::string asked(const Request& request, std::string_view name) {
  return std::string(request.query_parameter(name).value_or(""));
}

json::object title_json(const catalog::Title& title) { return {{"zh", title.zh}, {"en", title.en}}; }

json::object provider_json(const std::string& id, const opendata::Names& names) {
  const auto found = names.find(id);
  if (found == names.end()) return {{"id", id}, {"zh", id}, {"en", id}};
  return {{"id", id}, {"zh", found->second.first}, {"en", found->second.second}};
}

json::object version_json(const Version& version) {
  return {{"version", version.number},  {"at", time_text(version.at)}, {"digest", version.digest},
          {"rows", version.rows},       {"added", version.added},      {"removed", version.removed},
          {"changed", version.changed}, {"entry", version.entry}};
}

json::object summary_json(const Publication& one, const opendata::Names& names) {
  json::array formats;
  for (const std::string_view format : opendata::formats_of(one.newest.columns)) formats.emplace_back(format);
  return {{"id", one.plan.id},
          {"title", title_json(one.plan.title)},
          {"summary", one.plan.summary},
          {"provider", provider_json(one.provider, names)},
          {"theme", one.plan.theme},
          {"tags", json::array(one.plan.tags.begin(), one.plan.tags.end())},
          {"licence", one.plan.licence},
          {"shape", name_of(one.plan.shape)},
          {"noise", one.plan.epsilon.has_value()},
          {"formats", std::move(formats)},
          {"rows", one.newest.rows},
          {"version", one.newest.number},
          {"changed_at", time_text(one.changed_at)}};
}

/// What other catalogues have.
Result<json::value> harvested_json(const ApiParts& parts, const std::string& words) {
  ZHILI_ASSIGN(const auto found, parts.open.harvests.find(words));
  json::array out;
  for (const auto& one : found) {
    out.push_back({{"id", one.id},
                   {"title", one.title},
                   {"description", one.description},
                   {"page", one.page},
                   {"publisher", one.publisher},
                   {"formats", one.formats},
                   {"source", one.source}});
  }
  return json::value(std::move(out));
}

Answer search_open(const ApiParts& parts, const Request& request) {
  ZHILI_ASSIGN(const auto names, provider_names(parts));
  ZHILI_ASSIGN(const auto all, parts.open.publications.list());
  opendata::Search search;
  search.facets = {"organization", "groups", "tags", "res_format"};
  std::string words = asked(request, "q");
  // A colon of somebody's words names no field.
  std::ranges::replace(words, ':', ' ');
  ZHILI_TRY(opendata::read_terms("q", words, search));
  for (const char* field : {"organization", "groups", "tags", "res_format"}) {
    if (auto value = asked(request, field); !value.empty()) search.filters.push_back({field, std::move(value), false});
  }
  search.sort = asked(request, "sort");
  search.descending = search.sort == "changed";
  search.start = static_cast<size_t>(request.query_integer("start").value_or(0));
  search.rows = static_cast<size_t>(request.query_integer("rows").value_or(20));
  ZHILI_ASSIGN(const auto found, opendata::search(all, search, names));
  json::array items;
  for (const Publication* one : found.found) items.emplace_back(summary_json(*one, names));
  json::object facets;
  for (const auto& [field, counts] : found.facets) {
    json::array values;
    for (const auto& [value, count] : counts) {
      json::object facet{{"value", value}, {"count", count}, {"zh", value}, {"en", value}};
      if (field == "organization") {
        for (auto& [key, text] : provider_json(value, names)) facet[key] = text;
      }
      values.emplace_back(std::move(facet));
    }
    facets[field] = std::move(values);
  }
  json::object out{{"count", found.count}, {"items", std::move(items)}, {"facets", std::move(facets)}};
  // Facets are this catalogue's own; others know none of them.
  if (search.filters.empty() && search.start == 0) {
    ZHILI_ASSIGN(out["elsewhere"], harvested_json(parts, words));
  }
  return for_anybody(Response::json(out));
}

json::array column_list(const std::vector<opendata::Column>& columns) {
  return json::parse(opendata::columns_json(columns)).as_array();
}

Answer get_open(const ApiParts& parts, const Request& request) {
  ZHILI_ASSIGN(const auto one, parts.open.publications.find(request.path_parameter("publication")));
  parts.open.uses.note(one.plan.id, "view");
  ZHILI_ASSIGN(const auto names, provider_names(parts));
  ZHILI_ASSIGN(const auto versions, parts.open.publications.versions(one.plan.id));
  json::object out = summary_json(one, names);
  json::array all;
  for (const Version& version : versions) all.emplace_back(version_json(version));
  out["versions"] = std::move(all);
  out["columns"] = column_list(one.newest.columns);
  out["check"] = json::parse(one.newest.check);
  out["dataset"] = one.plan.dataset;
  out["basis"] = one.plan.basis;
  out["cycle"] = one.cycle;
  out["key"] = json::array(one.plan.key.begin(), one.plan.key.end());
  out["created_at"] = time_text(one.created_at);
  const std::string tag = fmt::format("\"{}-{}\"", one.newest.number, one.changed_at);
  if (is_known(request.headers, tag)) return for_anybody(not_modified(tag));
  return for_anybody(Response::json(out).with("ETag", tag));
}

/// What is wrong with a query, by the parameter's name.
Problem wrong_query(const Error& error) {
  return invalid_request({{{}, error.place.file, "invalid", {"参数有误", error.message}}});
}

Answer list_rows(const ApiParts& parts, const Request& request) {
  ZHILI_ASSIGN(const auto one, parts.open.publications.find(request.path_parameter("publication")));
  parts.open.uses.note(one.plan.id, "query");
  const int64_t version = request.query_integer("version").value_or(one.newest.number);
  ZHILI_ASSIGN(const auto table, parts.open.publications.table(one.plan.id, version));
  json::object asked_for;
  for (const char* key : {"filters", "q", "fields", "sort", "offset", "limit"}) {
    if (const auto value = request.query_parameter(key)) asked_for[key] = *value;
  }
  const auto query = opendata::query_from(asked_for);
  if (!query) return wrong_query(query.error());
  const auto found = opendata::find_rows(*table, *query);
  if (!found) return wrong_query(found.error());
  const std::string tag = fmt::format("\"{}-{}\"", version, one.plan.id);
  if (is_known(request.headers, tag)) return for_anybody(not_modified(tag));
  std::vector<opendata::Column> columns;
  columns.reserve(found->columns.size());
  for (const size_t column : found->columns) columns.push_back(table->columns()[column]);
  std::string out = fmt::format(R"({{"version":{},"total":{},"columns":{},"rows":[)", version, found->total,
                                opendata::columns_json(columns));
  for (size_t i = 0; i < found->rows.size(); ++i) {
    out += i == 0 ? "[" : ",[";
    for (size_t at = 0; at < found->columns.size(); ++at) {
      if (at > 0) out += ',';
      append_json_cell(out, columns[at], table->cell(found->rows[i], found->columns[at]));
    }
    out += ']';
  }
  return for_anybody(Response::json_text(out + "]}").with("ETag", tag));
}

Answer get_difference(const ApiParts& parts, const Request& request) {
  const auto from = request.query_integer("from").value_or(1);
  const auto to = request.query_integer("to").value_or(1);
  ZHILI_ASSIGN(const auto made, parts.open.publications.difference(request.path_parameter("publication"), from, to));
  json::array rows;
  for (const auto& [before, after] : made.rows) {
    rows.push_back(
        {{"before", json::array(before.begin(), before.end())}, {"after", json::array(after.begin(), after.end())}});
  }
  const auto list = [](const std::vector<std::string>& texts) { return json::array(texts.begin(), texts.end()); };
  return for_anybody(Response::json(json::object{{"by_key", made.by_key},
                                                 {"columns", list(made.columns)},
                                                 {"columns_added", list(made.columns_added)},
                                                 {"columns_removed", list(made.columns_removed)},
                                                 {"added", made.added},
                                                 {"removed", made.removed},
                                                 {"changed", made.changed},
                                                 {"rows", std::move(rows)}}));
}

Result<std::string> geojson_of(const ApiParts& parts, const opendata::PublicTable& table) {
  ZHILI_ASSIGN(const auto shapes, identity::Directory(parts.ground).shapes());
  std::map<std::pair<std::string, std::string>, std::string> by_name;
  for (const auto& shape : shapes) {
    if (const auto* area = parts.rules->areas.find(shape.area)) by_name[{area->level, area->name_zh}] = shape.geometry;
  }
  return opendata::to_geojson(table, [&](std::string_view level, std::string_view name) -> std::string_view {
    const auto found = by_name.find({std::string(level), std::string(name)});
    return found == by_name.end() ? std::string_view() : std::string_view(found->second);
  });
}

Answer get_file(const ApiParts& parts, const Request& request) {
  const std::string format(request.path_parameter("format"));
  ZHILI_ASSIGN(const auto one, parts.open.publications.find(request.path_parameter("publication")));
  const int64_t version = request.query_integer("version").value_or(one.newest.number);
  ZHILI_ASSIGN(const auto table, parts.open.publications.table(one.plan.id, version));
  const auto formats = opendata::formats_of(table->columns());
  if (std::ranges::find(formats, format) == formats.end()) return not_found();
  const std::string tag = fmt::format("\"{}-{}-{}\"", one.plan.id, version, format);
  if (is_known(request.headers, tag)) return for_anybody(not_modified(tag));
  parts.open.uses.note(one.plan.id, "download");
  Response out;
  if (format == "parquet") {
    ZHILI_ASSIGN(const auto path, parts.open.publications.parquet(one.plan.id, version));
    ZHILI_ASSIGN(out.body, read_file(path, kFileBytes));
  } else if (format == "geojson") {
    ZHILI_ASSIGN(out.body, geojson_of(parts, *table));
  } else {
    out.body = format == "csv" ? opendata::to_csv(*table) : opendata::to_json(*table);
  }
  out.content_type = opendata::format_type(format);
  if (format == "csv") out.content_type += "; charset=utf-8";
  out.with("ETag", tag);
  out.with("Content-Disposition", fmt::format(R"(attachment; filename="{}-v{}.{}")", one.plan.id, version, format));
  return for_anybody(std::move(out));
}

Answer get_uses(const ApiParts& parts, const Request& request) {
  ZHILI_ASSIGN(const auto one, parts.open.publications.find(request.path_parameter("publication")));
  ZHILI_ASSIGN(const auto days, parts.open.uses.days(one.plan.id, kFormKept));
  constexpr int64_t kDay = int64_t{86'400} * 1'000'000;
  json::array items;
  for (const auto& day : days) {
    items.push_back({{"day", time_text(day.day * kDay, 0).substr(0, 10)},
                     {"views", day.views},
                     {"queries", day.queries},
                     {"downloads", day.downloads}});
  }
  return for_anybody(Response::json(json::object{{"items", std::move(items)}}));
}

Answer catalogue(const ApiParts& parts, const Request& request, bool rdf) {
  ZHILI_ASSIGN(const auto names, provider_names(parts));
  ZHILI_ASSIGN(const auto all, parts.open.publications.list());
  const opendata::CatalogInfo info{base_url(parts, request), {parts.name_zh, parts.name_en}};
  Response out = Response::text(rdf ? to_rdf(all, info, names) : to_jsonld(all, info, names));
  out.content_type = rdf ? "application/rdf+xml" : "application/ld+json";
  return for_anybody(std::move(out));
}

// What officers do.

Result<opendata::Plan> plan_in(const Request& request) { return opendata::plan_from_json(request.body); }

json::object check_json(const opendata::Check& check) {
  return json::parse(opendata::to_json(check, true)).as_object();
}

/// None where the caller may do it to open data of the department.
std::optional<Problem> require_open(const ApiParts& parts, const Request& request, std::string_view action,
                                    std::string_view department) {
  identity::Request what;
  what.action = action;
  what.resource = opendata::kResource;
  what.department = department;
  what.purpose = opendata::kPurpose;
  return require(parts, request, what);
}

Answer check_open(const ApiParts& parts, const Request& request) {
  ZHILI_ASSIGN(const auto plan, plan_in(request));
  ZHILI_ASSIGN(const auto listed, parts.registry.find(plan.dataset));
  if (auto problem = require_open(parts, request, "publish", listed.dataset.provider)) return *problem;
  ZHILI_ASSIGN(const auto check, parts.open.publications.check(request.caller.actor(), plan, {}));
  return Response::json(check_json(check));
}

Answer publish_open(const ApiParts& parts, const Request& request) {
  ZHILI_ASSIGN(const auto plan, plan_in(request));
  ZHILI_ASSIGN(const auto listed, parts.registry.find(plan.dataset));
  if (auto problem = require_open(parts, request, "publish", listed.dataset.provider)) return *problem;
  ZHILI_ASSIGN(const auto outcome, parts.open.publications.publish(request.caller.actor(), plan, {}));
  if (!outcome.version) {
    Problem out{422,
                "check-refused",
                {"未通过开放检查", "The check refused it"},
                {outcome.check.refused_zh, outcome.check.refused},
                {"把字段变粗、去掉一个字段，或放宽可舍弃的比例。",
                 "Make columns coarser, leave one out, or let more rows be left out."}};
    out.more["check"] = check_json(outcome.check);
    return out;
  }
  json::object out = version_json(*outcome.version);
  out["id"] = plan.id;
  out["check"] = check_json(outcome.check);
  return Response::json(out, 201);
}

Answer withdraw_open(const ApiParts& parts, const Request& request) {
  ZHILI_ASSIGN(const auto one, parts.open.publications.find(request.path_parameter("publication")));
  if (auto problem = require_open(parts, request, "decide", one.provider)) return *problem;
  ZHILI_TRY(parts.open.publications.withdraw(request.caller.actor(), request.path_parameter("publication"),
                                             body_text(request, "reason")));
  return Response::empty();
}

json::object wish_json(const opendata::Wish& wish) {
  json::object out{
      {"id", wish.id}, {"at", time_text(wish.at)}, {"title", wish.title}, {"text", wish.text}, {"state", wish.state}};
  if (wish.state == "answered") {
    out["answer"] = wish.answer;
    out["answered_at"] = time_text(wish.answered_at);
  }
  return out;
}

Answer send_wish(const ApiParts& parts, const Request& request) {
  const auto wish = parts.open.wishes.ask(body_text(request, "title"), body_text(request, "text"));
  if (!wish && wish.error().code == ErrorCode::kInput) {
    return invalid_request({{"",
                             {},
                             "invalid",
                             {"内容为空、过长，或含有电话、证件一类的长号码；请去掉后再提交",
                              wish.error().message + ": leave it out, and send again"}}});
  }
  if (!wish) return problem_of(wish.error());
  return Response::json(json::object{{"id", wish->id}}, 201);
}

Answer list_wishes(const ApiParts& parts, const Request& request) {
  const std::string department = vault::department_of(request.caller.actor());
  if (auto problem = require_open(parts, request, "read", department)) return *problem;
  const auto position = parts.cursors.position(request);
  if (!position) return position.error();
  const auto limit = static_cast<size_t>(request.query_integer("limit").value_or(50));
  ZHILI_ASSIGN(const auto found, parts.open.wishes.list(request.caller.actor(), position->value_or(""), limit));
  json::array items;
  for (const auto& one : found) items.emplace_back(wish_json(one));
  json::object out{{"items", std::move(items)}};
  if (found.size() == limit) {
    ZHILI_ASSIGN(out["next"], parts.cursors.next(request, found.back().id));
  }
  return Response::json(out);
}

Answer answer_wish(const ApiParts& parts, const Request& request) {
  const std::string department = vault::department_of(request.caller.actor());
  if (auto problem = require_open(parts, request, "decide", department)) return *problem;
  ZHILI_ASSIGN(const auto wish, parts.open.wishes.answer(request.caller.actor(), request.path_parameter("wish"),
                                                         body_text(request, "answer")));
  return Response::json(wish_json(wish));
}

}  // namespace

Result<opendata::Names> provider_names(const ApiParts& parts) {
  ZHILI_ASSIGN(const auto departments, identity::Directory(parts.ground).departments());
  opendata::Names out;
  for (const auto& one : departments) out[one.id] = {one.name_zh, one.name_en};
  return out;
}

std::string base_url(const ApiParts& parts, const Request& request) {
  std::string out = parts.public_url;
  if (out.empty()) {
    out = fmt::format("{}://{}", request.secure ? "https" : "http", request.headers.find("host").value_or("localhost"));
  }
  while (out.ends_with('/')) out.pop_back();
  return out;
}

Response&& for_anybody(Response&& response) {
  response.with("Access-Control-Allow-Origin", "*").with("Cache-Control", "no-cache");
  return std::move(response);
}

void add_open_data_api(Handlers& handlers, const ApiParts& parts) {
  const auto add = [&](std::string_view id, Answer (*work)(const ApiParts&, const Request&)) {
    handlers.add(std::string(id), answering([&parts, work](const Request& request) { return work(parts, request); }));
  };
  add("searchOpenData", search_open);
  add("getOpenData", get_open);
  add("listOpenRows", list_rows);
  add("getOpenDifference", get_difference);
  add("getOpenFile", get_file);
  add("getOpenUses", get_uses);
  add("checkOpenData", check_open);
  add("publishOpenData", publish_open);
  add("withdrawOpenData", withdraw_open);
  add("sendWish", send_wish);
  add("listWishes", list_wishes);
  add("answerWish", answer_wish);
  handlers.add("getCatalogJsonLd",
               answering([&parts](const Request& request) { return catalogue(parts, request, false); }));
  handlers.add("getCatalogRdf",
               answering([&parts](const Request& request) { return catalogue(parts, request, true); }));
}

}  // namespace zhili::http
