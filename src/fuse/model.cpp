#include "fuse/model.hpp"

#include <algorithm>

#include <boost/json.hpp>

namespace zhili::fuse {

double Model::weight(uint32_t comparison, LevelNumber level) const {
  if (level == kMissing) return 0;
  const auto& entry = comparisons[comparison].levels[level - 1];
  return std::log2(entry.m / entry.u);
}

double Model::taken(uint32_t comparison, const GivenModel& given) const {
  const double u = comparisons[comparison].levels[0].u;
  return std::clamp(1 - std::log2(given.share) / std::log2(u), 0.0, 1.0);
}

double Model::weight_given(uint32_t comparison, LevelNumber level, const GivenModel& given) const {
  if (level == kMissing) return 0;
  if (level == kEqual) return std::log2(comparisons[comparison].levels[0].m / given.share);
  return weight(comparison, level) * (1 - taken(comparison, given));
}

std::string Model::to_json() const {
  std::string out = "{\n  \"format\": \"zhili-fuse-model/1\",\n";
  out += fmt::format("  \"prior\": {:.6e},\n  \"comparisons\": [\n", prior);
  for (size_t c = 0; c < comparisons.size(); ++c) {
    const auto& comparison = comparisons[c];
    out += fmt::format("    {{\"attribute\": {}, \"term_frequency\": {}, \"levels\": [\n",
                       boost::json::serialize(boost::json::value(comparison.attribute)), comparison.term_frequency);
    for (size_t k = 0; k < comparison.levels.size(); ++k) {
      const auto& level = comparison.levels[k];
      out += fmt::format("      {{\"level\": {}, \"m\": {:.6e}, \"u\": {:.6e}, \"weight\": {:.3f}}}{}\n",
                         boost::json::serialize(boost::json::value(level.label)), level.m, level.u,
                         std::log2(level.m / level.u), k + 1 < comparison.levels.size() ? "," : "");
    }
    out += "    ], \"given\": [";
    for (size_t g = 0; g < comparison.given.size(); ++g) {
      const auto& given = comparison.given[g];
      out += fmt::format("{}{{\"equal\": {}, \"share\": {:.6e}}}", g == 0 ? "" : ", ",
                         boost::json::serialize(boost::json::value(given.attribute)), given.share);
    }
    out += fmt::format("]}}{}\n", c + 1 < comparisons.size() ? "," : "");
  }
  out += "  ],\n  \"dropped\": [";
  for (size_t d = 0; d < dropped.size(); ++d) {
    out += fmt::format("{}\n    {{\"attribute\": {}, \"reason\": {}}}", d == 0 ? "" : ",",
                       boost::json::serialize(boost::json::value(dropped[d].attribute)),
                       boost::json::serialize(boost::json::value(dropped[d].reason)));
  }
  return out + (dropped.empty() ? "]\n}\n" : "\n  ]\n}\n");
}

namespace {

Result<double> share(const boost::json::object& object, std::string_view key, const Place& place,
                     std::string_view where) {
  const auto* value = object.if_contains(key);
  if (value == nullptr || !value->is_number()) {
    return fail(ErrorCode::kConfig, place, "Write it as a number between 0 and 1.", "{}: \"{}\" is missing", where,
                key);
  }
  const double number = value->to_number<double>();
  if (!(number > 0 && number < 1)) {
    return fail(ErrorCode::kConfig, place, "Write a number between 0 and 1, both excluded.", "{}: \"{}\" is {}", where,
                key, number);
  }
  return number;
}

Result<ComparisonModel> read_comparison(const boost::json::value& json, const Place& place, const Config& config,
                                        const Comparison& expected) {
  const auto& name = config.attributes[expected.attribute].name;
  const auto* object = json.if_object();
  const auto* attribute = object == nullptr ? nullptr : object->if_contains("attribute");
  const auto* levels = object == nullptr ? nullptr : object->if_contains("levels");
  if (attribute == nullptr || levels == nullptr || !attribute->is_string() || !levels->is_array() ||
      attribute->get_string() != name || levels->get_array().size() + 1 != static_cast<size_t>(expected.count())) {
    return fail(ErrorCode::kConfig, place,
                "Use a model that a run with the same attributes and levels wrote, or leave it out.",
                "the model has no comparison of \"{}\" with {} levels in this place", name, expected.count() - 1);
  }
  ComparisonModel out{name, expected.term_frequency, {}, {}};
  if (const auto* frequency = object->if_contains("term_frequency"); frequency != nullptr && frequency->is_bool()) {
    out.term_frequency = frequency->get_bool();
  }
  for (size_t k = 0; k < levels->get_array().size(); ++k) {
    const auto where = fmt::format("{}, level {}", name, k + 1);
    const auto* level = levels->get_array()[k].if_object();
    if (level == nullptr) return fail(ErrorCode::kConfig, place, "", "{} is not an object", where);
    LevelModel entry;
    entry.label = expected.label(static_cast<LevelNumber>(k + 1));
    ZHILI_ASSIGN(entry.m, share(*level, "m", place, where));
    ZHILI_ASSIGN(entry.u, share(*level, "u", place, where));
    out.levels.push_back(std::move(entry));
  }
  return out;
}

/// What a comparison depends on, by attribute names; the comparisons' numbers are those of `expected`.
Status read_given(const boost::json::value& json, const Place& place, const Config& config,
                  const std::vector<Comparison>& expected, ComparisonModel& out) {
  const auto* list = json.as_object().if_contains("given");
  if (list == nullptr) return {};
  const auto bad = [&] {
    return fail(ErrorCode::kConfig, place, "Write {\"equal\": attribute, \"share\": number} for each.",
                "{}: \"given\" does not list compared attributes with their shares", out.attribute);
  };
  if (!list->is_array()) return bad();
  for (const auto& entry : list->get_array()) {
    const auto* object = entry.if_object();
    const auto* equal = object == nullptr ? nullptr : object->if_contains("equal");
    if (equal == nullptr || !equal->is_string()) return bad();
    GivenModel given;
    given.attribute = std::string(equal->get_string());
    const auto at = std::ranges::find_if(
        expected, [&](const Comparison& c) { return config.attributes[c.attribute].name == given.attribute; });
    if (at == expected.end()) return bad();
    given.comparison = static_cast<uint32_t>(at - expected.begin());
    const auto refuse = [&](std::string_view what) {
      return fail(ErrorCode::kConfig, place, "Take that entry out of \"given\".", "{} {}", out.attribute, what);
    };
    if (given.attribute == out.attribute) return refuse("depends on itself");
    if (std::ranges::find(out.given, given.attribute, &GivenModel::attribute) != out.given.end()) {
      return refuse(fmt::format("depends on {} twice", given.attribute));
    }
    if (out.given.size() == kParents) return refuse(fmt::format("depends on more than {} others", kParents));
    ZHILI_ASSIGN(given.share, share(*object, "share", place, out.attribute + ", given " + given.attribute));
    out.given.push_back(std::move(given));
  }
  return {};
}

Result<boost::json::object> parse_model(std::string_view json, const std::filesystem::path& path) {
  Place place{path.string(), 0, 0};
  boost::system::error_code ec;
  boost::json::stream_parser parser;
  const size_t read = parser.write_some(json.data(), json.size(), ec);
  if (!ec) parser.finish(ec);
  if (ec) {
    const auto before = json.substr(0, read);
    place.line = static_cast<uint64_t>(std::ranges::count(before, '\n')) + 1;
    place.column = before.size() - (before.rfind('\n') + 1) + 1;
    return fail(ErrorCode::kConfig, place, "Write the model as JSON, as a run does.", "not JSON: {}", ec.message());
  }
  auto value = parser.release();
  auto* object = value.if_object();
  const auto* format = object == nullptr ? nullptr : object->if_contains("format");
  if (format == nullptr || *format != "zhili-fuse-model/1") {
    return fail(ErrorCode::kConfig, place, "Use the model.json of an earlier run.", "not a fuse model");
  }
  return std::move(*object);
}

}  // namespace

Result<Redundancy> Model::dropped_in(std::string_view json, const std::filesystem::path& path, const Config& config) {
  const Place place{path.string(), 0, 0};
  ZHILI_ASSIGN(const auto object, parse_model(json, path));
  const auto* list = object.if_contains("dropped");
  Redundancy out;
  if (list == nullptr) return out;
  const auto bad = [&](std::string_view what) {
    return fail(ErrorCode::kConfig, place, "Write {\"attribute\": name, \"reason\": text} for each.",
                "the model's \"dropped\" {}", what);
  };
  if (!list->is_array()) return bad("is no list");
  for (const auto& entry : list->get_array()) {
    const auto* dropped = entry.if_object();
    const auto* name = dropped == nullptr ? nullptr : dropped->if_contains("attribute");
    const auto* reason = dropped == nullptr ? nullptr : dropped->if_contains("reason");
    if (name == nullptr || !name->is_string() || (reason != nullptr && !reason->is_string())) {
      return bad("does not list attributes with reasons");
    }
    const auto attribute = config.find_attribute(name->get_string());
    if (attribute == kNoAttribute) {
      return bad(fmt::format("names {}, which is no attribute of the configuration", std::string(name->get_string())));
    }
    out.dropped.push_back({attribute, reason == nullptr ? "is left out" : std::string(reason->get_string())});
  }
  return out;
}

Result<Model> Model::from_json(std::string_view json, const std::filesystem::path& path, const Config& config,
                               const std::vector<Comparison>& comparisons) {
  const Place place{path.string(), 0, 0};
  ZHILI_ASSIGN(const auto object, parse_model(json, path));
  Model model;
  ZHILI_ASSIGN(model.prior, share(object, "prior", place, "model"));
  const auto* list = object.if_contains("comparisons");
  if (list == nullptr || !list->is_array() || list->get_array().size() != comparisons.size()) {
    std::vector<std::string> names;
    names.reserve(comparisons.size());
    for (const auto& comparison : comparisons) names.push_back(config.attributes[comparison.attribute].name);
    return fail(ErrorCode::kConfig, place,
                "Use a model that a run with the same attributes wrote; \"dropped\" lists those that it leaves out.",
                "the model does not have the {} comparisons of this configuration: {}", comparisons.size(),
                fmt::join(names, ", "));
  }
  for (size_t c = 0; c < comparisons.size(); ++c) {
    ZHILI_ASSIGN(auto comparison, read_comparison(list->get_array()[c], place, config, comparisons[c]));
    ZHILI_TRY(read_given(list->get_array()[c], place, config, comparisons, comparison));
    model.comparisons.push_back(std::move(comparison));
  }
  return model;
}

}  // namespace zhili::fuse
