#include <algorithm>

#include "catalog/registry.hpp"
#include "http/api_json.hpp"
#include "http/etag.hpp"
#include "identity/directory.hpp"

namespace zhili::http {
namespace {

using catalog::Dataset;
using catalog::Registry;

std::optional<Problem> require_catalogue(const ApiParts& parts, const Request& request, std::string_view action,
                                         std::string_view department = {}) {
  identity::Request what;
  what.action = action;
  what.resource = "catalogue";
  what.department = department;
  return require(parts, request, what);
}

boost::json::object dataset_json(const Dataset& dataset) {
  return boost::json::parse(catalog::to_json(dataset)).as_object();
}

boost::json::object listed_json(const Registry::Listed& listed) {
  return {{"dataset", dataset_json(listed.dataset)}, {"version", listed.version}, {"since", time_text(listed.since)}};
}

std::optional<catalog::Sharing> sharing_named(std::string_view word) {
  using catalog::Sharing;
  for (const Sharing one : {Sharing::kUnconditional, Sharing::kConditional, Sharing::kNotShared}) {
    if (catalog::name_of(one) == word) return one;
  }
  return std::nullopt;
}

std::string asked(const Request& request, std::string_view name) {
  return std::string(request.query_parameter(name).value_or(""));
}

Answer list_datasets(const ApiParts& parts, const Request& request) {
  if (auto problem = require_catalogue(parts, request, "read")) return *problem;
  const auto position = parts.cursors.position(request);
  if (!position) return position.error();
  const auto limit = std::min(static_cast<size_t>(request.query_integer("limit").value_or(50)), Registry::kPage);
  Registry::Search search;
  search.text = asked(request, "q");
  search.code = asked(request, "code");
  search.provider = asked(request, "provider");
  search.element = asked(request, "element");
  search.sharing = sharing_named(asked(request, "sharing"));
  search.after = position->value_or("");
  search.limit = limit;
  ZHILI_ASSIGN(const auto found, parts.registry.search(search));
  boost::json::array items;
  for (const auto& one : found) items.emplace_back(listed_json(one));
  boost::json::object out{{"items", std::move(items)}};
  if (found.size() == limit) {
    ZHILI_ASSIGN(out["next"], parts.cursors.next(request, found.back().dataset.id));
  }
  return Response::json(out);
}

Answer get_dataset(const ApiParts& parts, const Request& request) {
  if (auto problem = require_catalogue(parts, request, "read")) return *problem;
  ZHILI_ASSIGN(const auto listed, parts.registry.find(request.path_parameter("dataset")));
  const std::string tag = etag_of(listed.version);
  if (is_known(request.headers, tag)) return not_modified(tag);
  return Response::json(listed_json(listed)).with("ETag", tag);
}

/// What is wrong with the entry itself, in both languages.
std::optional<Problem> mistaken(const ApiParts& parts, const Dataset& dataset) {
  std::vector<FieldError> errors;
  for (auto& mistake : catalog::mistakes_in(dataset, parts.catalog)) {
    errors.push_back({std::move(mistake.path), {}, "invalid", {std::move(mistake.zh), std::move(mistake.en)}});
  }
  if (errors.empty()) return std::nullopt;
  return invalid_request(std::move(errors));
}

/// Fields that another department shares, so that nobody is asked for them again.
Problem collected_again(const std::vector<Registry::Repeat>& repeats, const Dataset& dataset,
                        const std::vector<identity::Department>& departments) {
  Problem out{409,
              "collected-already",
              {"已有部门采集并共享", "Held and shared by another department"},
              {fmt::format("{}个信息项其他部门已采集并可共享", repeats.size()),
               fmt::format("{} fields are held and shared by other departments", repeats.size())},
              {"向该部门申请共享；确须自行采集的，填写采集理由。",
               "Request them from that department, or give the reason why they have to be collected again."}};
  for (const auto& repeat : repeats) {
    const auto& holder = repeat.holder;
    const auto found = std::ranges::find(departments, holder.provider, &identity::Department::id);
    const bool unnamed = found == departments.end();
    const std::string& zh = unnamed ? holder.provider : found->name_zh;
    const std::string& en = unnamed ? holder.provider : found->name_en;
    out.errors.push_back(
        {fmt::format("/fields/{}", repeat.field),
         {},
         "collected_already",
         {fmt::format("“{}”已由{}的{}采集", dataset.fields[repeat.field].title.zh, zh, holder.dataset),
          fmt::format("'{}' is held by {} in {}", dataset.fields[repeat.field].title.en, en, holder.dataset)}});
  }
  return out;
}

Answer declare(const ApiParts& parts, const Request& request, const Dataset& dataset, int64_t known) {
  if (auto problem = mistaken(parts, dataset)) return *problem;
  ZHILI_ASSIGN(const auto departments, identity::Directory(parts.ground).departments());
  if (std::ranges::find(departments, dataset.provider, &identity::Department::id) == departments.end()) {
    return invalid_request({{"/provider", {}, "unknown", {"没有这一部门", "There is no such department"}}});
  }
  const auto declared = parts.registry.declare(dataset, known, request.caller.actor().account);
  if (!declared && declared.error().code == ErrorCode::kConflict) {
    ZHILI_ASSIGN(const auto repeats, parts.registry.repeats(dataset));
    if (!repeats.empty()) return collected_again(repeats, dataset, departments);
  }
  if (!declared) return problem_of(declared.error());
  return Response::json(listed_json(*declared), known == 0 ? 201 : 200).with("ETag", etag_of(declared->version));
}

Answer declare_dataset(const ApiParts& parts, const Request& request) {
  ZHILI_ASSIGN(const Dataset dataset, catalog::dataset_from_json(request.body));
  if (auto problem = require_catalogue(parts, request, "create", dataset.provider)) return *problem;
  return declare(parts, request, dataset, 0);
}

/// The entry as it is, if the caller may change it and has seen this version.
std::expected<Registry::Listed, Problem> changeable(const ApiParts& parts, const Request& request) {
  const auto listed = parts.registry.find(request.path_parameter("dataset"));
  if (!listed) return std::unexpected(problem_of(listed.error()));
  if (auto problem = require_catalogue(parts, request, "update", listed->dataset.provider)) {
    return std::unexpected(*problem);
  }
  if (auto problem = require_match(request, etag_of(listed->version))) return std::unexpected(*problem);
  return *listed;
}

Answer change_dataset(const ApiParts& parts, const Request& request) {
  ZHILI_ASSIGN(const Dataset dataset, catalog::dataset_from_json(request.body));
  if (dataset.id != request.path_parameter("dataset")) {
    return invalid_request({{"/id", {}, "other", {"与地址中的数据集不一致", "Is not that of the address"}}});
  }
  const auto before = changeable(parts, request);
  if (!before) return before.error();
  // A department gives its dataset to another only with a word from there: it is declared anew by that one.
  if (dataset.provider != before->dataset.provider) {
    return invalid_request({{"/provider", {}, "other", {"提供方不能改变", "The provider can't be changed"}}});
  }
  return declare(parts, request, dataset, before->version);
}

Answer withdraw_dataset(const ApiParts& parts, const Request& request) {
  const auto before = changeable(parts, request);
  if (!before) return before.error();
  ZHILI_TRY(parts.registry.withdraw(before->dataset.id, before->version, request.caller.actor().account));
  return Response::empty();
}

Answer list_versions(const ApiParts& parts, const Request& request) {
  if (auto problem = require_catalogue(parts, request, "read")) return *problem;
  ZHILI_ASSIGN(const auto versions, parts.registry.versions(request.path_parameter("dataset")));
  ActorNames names(parts);
  boost::json::array items;
  for (const auto& version : versions) {
    boost::json::object one{{"version", version.number},
                            {"since", time_text(version.since)},
                            {"by", version.by},
                            {"by_name", names.of(version.by)},
                            {"entry", version.entry}};
    if (version.dataset) one["dataset"] = dataset_json(*version.dataset);
    items.emplace_back(std::move(one));
  }
  return Response::json(boost::json::object{{"items", std::move(items)}});
}

boost::json::object element_json(const catalog::Element& element) {
  boost::json::object out{{"id", element.id},
                          {"zh", element.title.zh},
                          {"en", element.title.en},
                          {"type", catalog::name_of(element.type)},
                          {"grade", element.grade}};
  if (!element.standard.empty()) out["standard"] = element.standard;
  if (!element.pattern.empty()) out["pattern"] = element.pattern;
  if (!element.unit.empty()) out["unit"] = element.unit;
  if (element.min) out["min"] = *element.min;
  if (element.max) out["max"] = *element.max;
  if (element.max_length != 0) out["max_length"] = element.max_length;
  if (element.codes.empty()) return out;
  boost::json::array codes;
  for (const auto& code : element.codes) {
    codes.emplace_back(boost::json::object{{"value", code.value}, {"zh", code.title.zh}, {"en", code.title.en}});
  }
  out["codes"] = std::move(codes);
  return out;
}

Answer list_elements(const ApiParts& parts, const Request& request) {
  if (auto problem = require_catalogue(parts, request, "read")) return *problem;
  boost::json::array items;
  for (const auto& element : parts.catalog.elements()) items.emplace_back(element_json(element));
  return Response::json(boost::json::object{{"items", std::move(items)}});
}

Answer list_holders(const ApiParts& parts, const Request& request) {
  if (auto problem = require_catalogue(parts, request, "read")) return *problem;
  const auto* element = parts.catalog.element(request.path_parameter("element"));
  if (element == nullptr) return not_found();
  ZHILI_ASSIGN(const auto holders, parts.registry.holders(element->id));
  boost::json::array items;
  for (const auto& holder : holders) {
    items.emplace_back(boost::json::object{{"dataset", holder.dataset},
                                           {"field", holder.field},
                                           {"provider", holder.provider},
                                           {"sharing", catalog::name_of(holder.sharing)}});
  }
  return Response::json(boost::json::object{{"element", element_json(*element)}, {"items", std::move(items)}});
}

}  // namespace

void add_catalog_api(Handlers& handlers, const ApiParts& parts) {
  const auto add = [&](std::string_view id, Answer (*work)(const ApiParts&, const Request&)) {
    handlers.add(std::string(id), answering([&parts, work](const Request& request) { return work(parts, request); }));
  };
  add("listDatasets", list_datasets);
  add("declareDataset", declare_dataset);
  add("getDataset", get_dataset);
  add("changeDataset", change_dataset);
  add("withdrawDataset", withdraw_dataset);
  add("listDatasetVersions", list_versions);
  add("listElements", list_elements);
  add("listHolders", list_holders);
}

}  // namespace zhili::http
