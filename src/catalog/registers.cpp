#include "catalog/registers.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <boost/json.hpp>

#include "catalog/parser.hpp"
#include "config/fields.hpp"
#include "config/yaml.hpp"

namespace zhili::catalog {
namespace fs = std::filesystem;
namespace json = boost::json;
namespace {

using config::YamlNode;

json::value scalar(const YamlNode& node) {
  const std::string& text = node.text;
  if (node.quoted) return json::value(text);
  if (text == "true" || text == "false") return text == "true";
  int64_t whole = 0;
  const char* end = text.data() + text.size();
  if (const auto read = std::from_chars(text.data(), end, whole); read.ec == std::errc() && read.ptr == end) {
    return whole;
  }
  double number = 0;
  if (const auto read = std::from_chars(text.data(), end, number); read.ec == std::errc() && read.ptr == end) {
    return number;
  }
  return json::value(text);
}

/// As JSON. parse_yaml holds the depth in bounds.
json::value value_of(const YamlNode& node) {  // NOLINT(misc-no-recursion)
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return nullptr;
    case YamlNode::Kind::kScalar:
      return scalar(node);
    case YamlNode::Kind::kList: {
      json::array out;
      for (const YamlNode& item : node.items) out.push_back(value_of(item));
      return out;
    }
    case YamlNode::Kind::kMap: {
      json::object out;
      for (size_t i = 0; i < node.items.size(); ++i) out[node.keys[i].text] = value_of(node.items[i]);
      return out;
    }
  }
  return nullptr;
}

/// The place of a path such as "/fields/2/grade": of its innermost part that is there.
config::Mark mark_of(const YamlNode& root, std::string_view path) {
  const YamlNode* node = &root;
  while (!path.empty()) {
    path.remove_prefix(1);
    const size_t end = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, end);
    path.remove_prefix(end);
    size_t index = 0;
    const auto number = std::from_chars(part.data(), part.data() + part.size(), index);
    const YamlNode* inner = nullptr;
    if (node->kind == YamlNode::Kind::kMap) {
      inner = node->find(part);
    } else if (node->kind == YamlNode::Kind::kList && number.ec == std::errc() && index < node->items.size()) {
      inner = &node->items[index];
    }
    if (inner == nullptr) break;
    node = inner;
  }
  return node->mark;
}

constexpr std::array<std::string_view, 18> kRegister{"id",       "code",           "title",
                                                     "summary",  "provider",       "format",
                                                     "fields",   "sharing",        "sharing_condition",
                                                     "openness", "open_condition", "basis",
                                                     "cycle",    "source_system",  "related",
                                                     "rules",    "hold_back",      "version"};
constexpr std::array<std::string_view, 9> kRegisterField{"id",    "title", "column",   "element",          "type",
                                                         "grade", "key",   "required", "collected_because"};
constexpr std::array<std::string_view, 4> kRule{"id", "title", "holds", "rejects"};
constexpr std::array<std::string_view, 3> kHoldBack{"mistaken_rows", "fewer_rows", "on_alarm"};

/// Notes keys that mean nothing, so that no slip of the pen is passed over.
void check_keys(const YamlNode& root, config::Mistakes& mistakes) {
  config::Fields fields(mistakes);
  if (!fields.map(root, "the register", kRegister)) return;
  if (const auto* list = root.find("fields"); list != nullptr && fields.list(*list, "fields")) {
    for (const YamlNode& item : list->items) fields.map(item, "the field", kRegisterField);
  }
  if (const auto* list = root.find("rules"); list != nullptr && fields.list(*list, "rules")) {
    for (const YamlNode& item : list->items) fields.map(item, "the rule", kRule);
  }
  if (const auto* hold = root.find("hold_back")) fields.map(*hold, "hold_back", kHoldBack);
}

/// A field is titled, typed and graded by its data element where it does not say otherwise.
void fill_in(json::value& root, const Catalog& catalog) {
  json::value* fields = root.is_object() ? root.get_object().if_contains("fields") : nullptr;
  if (fields == nullptr || !fields->is_array()) return;
  for (json::value& one : fields->get_array()) {
    if (!one.is_object()) continue;
    json::object& field = one.get_object();
    const json::value* named = field.if_contains("element");
    if (named == nullptr || !named->is_string()) continue;
    const Element* element = catalog.element(named->get_string());
    if (element == nullptr) continue;
    if (!field.contains("title")) field["title"] = {{"zh", element->title.zh}, {"en", element->title.en}};
    if (!field.contains("type")) field["type"] = name_of(element->type);
    if (!field.contains("grade")) field["grade"] = element->grade;
  }
}

}  // namespace

Result<Dataset> parse_register(std::string_view yaml, const std::string& file, const Catalog& catalog) {
  ZHILI_ASSIGN(const YamlNode root, config::parse_yaml(yaml, file));
  config::Mistakes mistakes(file);
  check_keys(root, mistakes);
  if (!mistakes.none()) return fail(std::move(mistakes).error());
  json::value value = value_of(root);
  fill_in(value, catalog);
  auto out = dataset_from_json(json::serialize(value));
  if (!out) {
    const std::string path = out.error().message.substr(0, out.error().message.find(' '));
    const config::Mark mark = mark_of(root, path.starts_with('/') ? path : "");
    return fail(ErrorCode::kConfig, {file, mark.line, mark.column},
                "Write text in quotes where it looks like a number.", "{}", out.error().message);
  }
  for (const DatasetMistake& mistake : mistakes_in(*out, catalog)) {
    mistakes.add(mark_of(root, mistake.path), fmt::format("{} {}", mistake.path, mistake.en), mistake.zh);
  }
  if (!mistakes.none()) return fail(std::move(mistakes).error());
  return out;
}

Result<std::vector<Dataset>> load_registers(const fs::path& directory, const Pack& pack, const Catalog& catalog) {
  ZHILI_ASSIGN(const auto files, read_yaml_files(directory / "registers"));
  const auto stem = [](const Catalog::File& file) { return fs::path(file.name).stem().string(); };
  for (const Catalog::File& file : files) {
    if (std::ranges::find(pack.registers, stem(file)) != pack.registers.end()) continue;
    return fail(ErrorCode::kConfig, {file.name, 0, 0}, "Name it under 'registers' in pack.yaml, or take it out.",
                "the pack names no register '{}'", stem(file));
  }
  std::vector<Dataset> out;
  out.reserve(pack.registers.size());
  for (const std::string& id : pack.registers) {
    const auto file = std::ranges::find(files, id, stem);
    if (file == files.end()) {
      return fail(ErrorCode::kNotFound, {(directory / "pack.yaml").string(), 0, 0},
                  fmt::format("Write registers/{}.yaml, or take it out of 'registers'.", id),
                  "the register '{}' has no file", id);
    }
    ZHILI_ASSIGN(Dataset dataset, parse_register(file->yaml, file->name, catalog));
    if (dataset.id != id) {
      return fail(ErrorCode::kConfig, {file->name, 0, 0}, fmt::format("Write id: {}, or rename the file.", id),
                  "its id is '{}'", dataset.id);
    }
    out.push_back(std::move(dataset));
  }
  return out;
}

Result<std::string> yaml_as_json(std::string_view yaml, const std::string& file) {
  ZHILI_ASSIGN(const auto tree, config::parse_yaml(yaml, file));
  return json::serialize(value_of(tree));
}

}  // namespace zhili::catalog
