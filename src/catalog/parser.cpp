#include "catalog/parser.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <re2/re2.h>

#include "base/limits.hpp"
#include "base/version.hpp"
#include "catalog/keys.hpp"
#include "config/fields.hpp"
#include "config/yaml.hpp"

namespace zhili::catalog {
namespace {

using config::Mark;
using config::Mistakes;
using config::YamlNode;

constexpr size_t kWordBytes = 64;
constexpr size_t kDigitsInWord = 6;
constexpr uint64_t kLastArticle = 9999;
constexpr double kMostNumber = 1e15;
constexpr uint64_t kMostCharacters = 1'000'000;
constexpr size_t kMostCodes = 10'000;
constexpr std::string_view kWordHint = "Use a-z, 0-9, '_', '-' and '.', a letter first; at most six digits in a row.";

class Parser {
 public:
  explicit Parser(Mistakes& mistakes) : mistakes_(mistakes), fields_(mistakes) {}

  void pack(const YamlNode& root, PackFile& out);
  void dataset(const YamlNode& root, EntityKind& out);
  void standards(const YamlNode& root, std::vector<Element>& out);

 private:
  std::string word(const YamlNode& node, std::string_view what);
  std::string required_word(const YamlNode& node, std::string_view what, std::string_view owner);
  std::string required_text(const YamlNode& node, std::string_view key, std::string_view owner,
                            std::string_view example);
  Title title(const YamlNode& node, std::string_view what);
  std::vector<std::string> words(const YamlNode& node, std::string_view what);
  void needs_program(const YamlNode& node);
  void legal_bases(const YamlNode& node, PackFile& out);
  void sources(const YamlNode& node, PackFile& out);
  void purposes(const YamlNode& node, PackFile& out);
  void field(const YamlNode& node, EntityKind& out);
  void element(const YamlNode& node, std::vector<Element>& out);
  void values(const YamlNode& node, const std::string& what, Element& out);
  void codes(const YamlNode& node, Element& out);
  void version(const YamlNode& root, std::string_view owner);
  int grade(const YamlNode& node, std::string_view what, int highest);

  Mistakes& mistakes_;
  config::Fields fields_;
};

std::string Parser::word(const YamlNode& node, std::string_view what) {
  const auto text = fields_.text(node, what);
  if (!text) return {};
  if (is_word(*text)) return *text;
  mistakes_.add(node.mark, fmt::format("'{}' will not do as {}", text->substr(0, kWordBytes), what),
                std::string(kWordHint));
  return {};
}

std::string Parser::required_word(const YamlNode& node, std::string_view what, std::string_view owner) {
  const auto* found = fields_.required(node, "id", owner, "id: word");
  return found == nullptr ? std::string() : word(*found, what);
}

std::string Parser::required_text(const YamlNode& node, std::string_view key, std::string_view owner,
                                  std::string_view example) {
  const auto* found = fields_.required(node, key, owner, example);
  return found == nullptr ? std::string() : fields_.text(*found, key).value_or("");
}

Title Parser::title(const YamlNode& node, std::string_view what) {
  if (!fields_.map(node, what, keys::kTitle)) return {};
  return {required_text(node, "zh", what, "zh: 名称"), required_text(node, "en", what, "en: name")};
}

std::vector<std::string> Parser::words(const YamlNode& node, std::string_view what) {
  std::vector<std::string> out;
  if (!fields_.list(node, what)) return out;
  out.reserve(node.items.size());
  for (const YamlNode& item : node.items) {
    std::string one = word(item, what);
    if (!one.empty()) out.push_back(std::move(one));
  }
  return out;
}

void Parser::pack(const YamlNode& root, PackFile& out) {
  if (!fields_.map(root, "the pack", keys::kPack)) return;
  out.pack.id = required_word(root, "the id of a pack", "The pack");
  out.pack.version = required_text(root, "version", "The pack", "version: 0.1.0");
  if (const auto* node = fields_.required(root, "title", "The pack", "title: {zh: 名称, en: name}")) {
    out.pack.title = title(*node, "title");
  }
  if (const auto* node = root.find("description")) out.pack.description = title(*node, "description");
  if (const auto* node = root.find("requires"); node != nullptr && fields_.map(*node, "requires", keys::kRequires)) {
    if (const auto* needed = node->find("zhili")) needs_program(*needed);
  }
  if (const auto* node = root.find("entities")) out.entities = words(*node, "entities");
  if (const auto* node = fields_.required(root, "legal_basis", "The pack", "legal_basis: [{id: …, title: …}]")) {
    legal_bases(*node, out);
  }
  if (const auto* node = root.find("purposes")) purposes(*node, out);
  if (const auto* node = root.find("sources")) sources(*node, out);
  if (const auto* node = root.find("registers")) out.pack.registers = words(*node, "registers");
}

/// "0.1" or "0.1.2" as numbers; none for other text.
std::optional<std::array<int, 3>> version_of(std::string_view text) {
  std::array<int, 3> out{};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (size_t i = 0; i < out.size(); ++i) {
    const auto read = std::from_chars(at, end, out[i]);
    if (read.ec != std::errc() || out[i] < 0) return std::nullopt;
    at = read.ptr;
    if (at == end) return i == 0 ? std::nullopt : std::optional(out);
    if (*at++ != '.') return std::nullopt;
  }
  return std::nullopt;
}

void Parser::needs_program(const YamlNode& node) {
  const auto text = fields_.text(node, "zhili");
  if (!text) return;
  const auto least = text->starts_with(">=") ? version_of(std::string_view(*text).substr(2)) : std::nullopt;
  if (!least) {
    mistakes_.add(node.mark, fmt::format("'{}' is no requirement", text->substr(0, kWordBytes)),
                  "Write the oldest version that will do: \">=0.1\".");
  } else if (*least > version_of(zhili::version())) {
    mistakes_.add(node.mark, fmt::format("The pack needs Zhili {}, and this is {}", *text, zhili::version()),
                  "Install that version of Zhili, or an older one of the pack.");
  }
}

void Parser::legal_bases(const YamlNode& node, PackFile& out) {
  if (!fields_.list(node, "legal_basis")) return;
  for (const YamlNode& item : node.items) {
    constexpr std::string_view kWhat = "The legal basis";
    if (!fields_.map(item, kWhat, keys::kLegalBasis)) continue;
    LegalBasis& basis = out.legal_bases.emplace_back();
    basis.id = required_word(item, "the id of a legal basis", kWhat);
    basis.title = required_text(item, "title", kWhat, "title: 中华人民共和国个人信息保护法");
    if (const auto* articles = item.find("articles"); articles != nullptr && fields_.list(*articles, "articles")) {
      for (const YamlNode& article : articles->items) {
        if (const auto number = fields_.count(article, "articles", 1, kLastArticle)) {
          basis.articles.push_back(static_cast<int>(*number));
        }
      }
    }
    if (const auto* reason = item.find("for")) basis.reason = fields_.text(*reason, "for").value_or("");
    if (const auto* carried = item.find("purposes")) basis.purposes = words(*carried, "purposes");
    const auto same = [&](const LegalBasis& other) { return other.id == basis.id; };
    if (!basis.id.empty() && std::count_if(out.legal_bases.begin(), out.legal_bases.end(), same) > 1) {
      mistakes_.add(item.mark, fmt::format("There is a legal basis '{}' already", basis.id),
                    "Ledgers name a basis by its id.");
    }
  }
}

void Parser::sources(const YamlNode& node, PackFile& out) {
  if (!fields_.map(node, "sources")) return;
  for (size_t i = 0; i < node.items.size(); ++i) {
    const auto& key = node.keys[i];
    if (!is_word(key.text)) {
      mistakes_.add(key.mark, fmt::format("'{}' will not do as the id of a source", key.text.substr(0, kWordBytes)),
                    std::string(kWordHint));
      continue;
    }
    const std::string what = fmt::format("source '{}'", key.text);
    if (!fields_.map(node.items[i], what, keys::kSource)) continue;
    out.sources.push_back({key.text, out.pack.id, required_text(node.items[i], "owner", what, "owner: 民政局"),
                           required_text(node.items[i], "register", what, "register: 婚姻登记")});
  }
}

void Parser::purposes(const YamlNode& node, PackFile& out) {
  if (!fields_.map(node, "purposes")) return;
  for (size_t i = 0; i < node.items.size(); ++i) {
    const auto& key = node.keys[i];
    if (!is_word(key.text)) {
      mistakes_.add(key.mark, fmt::format("'{}' will not do as a purpose", key.text.substr(0, kWordBytes)),
                    std::string(kWordHint));
      continue;
    }
    out.purposes.push_back({key.text, out.pack.id, title(node.items[i], fmt::format("purpose '{}'", key.text))});
  }
}

int Parser::grade(const YamlNode& node, std::string_view what, int highest) {
  const auto number = fields_.count(node, what, 1, static_cast<uint64_t>(highest));
  return number ? static_cast<int>(*number) : 1;
}

void Parser::version(const YamlNode& root, std::string_view owner) {
  const auto* version = fields_.required(root, "version", owner, "version: 1");
  if (version == nullptr || version->text == "1") return;
  mistakes_.add(version->mark, "The version of this format is 1", "Write version: 1");
}

void Parser::dataset(const YamlNode& root, EntityKind& out) {
  if (!fields_.map(root, "the dataset", keys::kDataset)) return;
  version(root, "The dataset");
  out.id = required_word(root, "the id of a dataset", "The dataset");
  if (const auto* node = fields_.required(root, "title", "The dataset", "title: {zh: 人员, en: person}")) {
    out.title = title(*node, "title");
  }
  const auto* resource = root.find("resource");
  out.resource = resource == nullptr ? out.id : word(*resource, "resource");
  const auto* list = fields_.required(root, "fields", "The dataset", "fields: [{id: name, zh: 姓名, en: name, …}]");
  if (list == nullptr || !fields_.list(*list, "fields")) return;
  if (list->items.empty() || list->items.size() > limits::kFieldsOfKind) {
    mistakes_.add(list->mark, fmt::format("A dataset has 1 to {} fields", limits::kFieldsOfKind), "");
    return;
  }
  for (const YamlNode& item : list->items) field(item, out);
  for (const Field& one : out.fields) out.reasons_grade = std::max(out.reasons_grade, one.grade);
  if (const auto* node = root.find("reasons_grade")) {
    out.reasons_grade = grade(*node, "reasons_grade", limits::kGrades);
  }
}

void Parser::field(const YamlNode& node, EntityKind& out) {
  if (!fields_.map(node, "the field", keys::kField)) return;
  Field field;
  field.id = required_word(node, "the id of a field", "The field");
  const std::string what = fmt::format("field '{}'", field.id);
  field.title = {required_text(node, "zh", what, "zh: 姓名"), required_text(node, "en", what, "en: name")};
  if (const auto* type = fields_.required(node, "type", what, "type: text")) {
    if (const auto choice = fields_.choice(*type, "type", keys::kTypes)) field.type = static_cast<ValueType>(*choice);
  }
  if (const auto* found = fields_.required(node, "grade", what, "grade: 3")) {
    field.grade = grade(*found, "grade", limits::kGrades);
  }
  if (const auto* mask = node.find("mask")) {
    if (const auto choice = fields_.choice(*mask, "mask", keys::kMasks)) field.mask = static_cast<MaskKind>(*choice);
  }
  field.masked_grade = std::max(1, field.grade - 1);
  if (const auto* masked = node.find("masked_grade")) {
    field.masked_grade = grade(*masked, "masked_grade", field.grade);
    if (field.mask == MaskKind::kNone) {
      mistakes_.add(masked->mark, "A field without a mask has no masked form", "Add mask: …, or leave it out.");
    }
  }
  if (const auto* look_up = node.find("look_up")) field.look_up = fields_.flag(*look_up, "look_up").value_or(false);
  if (field.id.empty()) return;
  if (out.find(field.id) != nullptr) {
    mistakes_.add(node.mark, fmt::format("There is a field '{}' already", field.id),
                  "Each field has an id of its own.");
    return;
  }
  out.fields.push_back(std::move(field));
}

void Parser::standards(const YamlNode& root, std::vector<Element>& out) {
  if (!fields_.map(root, "the standards", keys::kStandards)) return;
  version(root, "The file of standards");
  const auto* list = fields_.required(root, "elements", "The file of standards",
                                      "elements: [{id: person_name, zh: 姓名, en: name, type: person_name, grade: 3}]");
  if (list == nullptr || !fields_.list(*list, "elements")) return;
  for (const YamlNode& item : list->items) element(item, out);
}

void Parser::element(const YamlNode& node, std::vector<Element>& out) {
  if (!fields_.map(node, "the data element", keys::kElement)) return;
  Element element;
  element.id = required_word(node, "the id of a data element", "The data element");
  const std::string what = fmt::format("data element '{}'", element.id);
  element.title = {required_text(node, "zh", what, "zh: 姓名"), required_text(node, "en", what, "en: name")};
  if (const auto* type = fields_.required(node, "type", what, "type: text")) {
    if (const auto choice = fields_.choice(*type, "type", keys::kTypes)) element.type = static_cast<ValueType>(*choice);
  }
  if (const auto* found = fields_.required(node, "grade", what, "grade: 3")) {
    element.grade = grade(*found, "grade", limits::kGrades);
  }
  if (const auto* standard = node.find("standard")) {
    element.standard = fields_.text(*standard, "standard").value_or("");
  }
  values(node, what, element);
  if (element.id.empty()) return;
  if (std::ranges::find(out, element.id, &Element::id) != out.end()) {
    mistakes_.add(node.mark, fmt::format("There is a data element '{}' already", element.id),
                  "A fact is laid down once.");
    return;
  }
  out.push_back(std::move(element));
}

/// Which values a data element may have.
void Parser::values(const YamlNode& node, const std::string& what, Element& out) {
  if (const auto* pattern = node.find("pattern")) {
    out.pattern = fields_.text(*pattern, "pattern").value_or("");
    const re2::RE2 compiled(out.pattern, re2::RE2::Quiet);
    if (!compiled.ok()) {
      mistakes_.add(pattern->mark, fmt::format("The pattern can't be read: {}", compiled.error()),
                    "It is a regular expression of RE2, for whole values: '[0-9]{6}'.");
    }
  }
  if (const auto* codes_node = node.find("codes")) codes(*codes_node, out);
  const bool number =
      out.type == ValueType::kNumber || out.type == ValueType::kLatitude || out.type == ValueType::kLongitude;
  for (const auto& [key, bound] : {std::pair{"min", &out.min}, std::pair{"max", &out.max}}) {
    const auto* found = node.find(key);
    if (found == nullptr) continue;
    *bound = fields_.number(*found, key, -kMostNumber, kMostNumber);
    if (!number) {
      mistakes_.add(found->mark, fmt::format("'{}' is for numbers, and {} is none", key, what),
                    "Take it out, or write type: number.");
    }
  }
  if (out.min && out.max && *out.min > *out.max) {
    mistakes_.add(node.mark, fmt::format("The min of {} is above its max", what), "Change one of them.");
  }
  if (const auto* length = node.find("max_length")) {
    out.max_length = fields_.count(*length, "max_length", 1, kMostCharacters).value_or(0);
  }
  if (const auto* unit = node.find("unit")) out.unit = fields_.text(*unit, "unit").value_or("");
}

void Parser::codes(const YamlNode& node, Element& out) {
  if (!fields_.map(node, "codes")) return;
  if (node.items.empty() || node.items.size() > kMostCodes) {
    mistakes_.add(node.mark, fmt::format("A code list has 1 to {} values", kMostCodes), "");
    return;
  }
  out.codes.reserve(node.items.size());
  for (size_t i = 0; i < node.items.size(); ++i) {
    const auto& key = node.keys[i];
    if (std::ranges::find(out.codes, key.text, &Code::value) != out.codes.end()) {
      mistakes_.add(key.mark, fmt::format("The code '{}' is there already", key.text), "");
      continue;
    }
    out.codes.push_back({key.text, title(node.items[i], fmt::format("code '{}'", key.text))});
  }
}

}  // namespace

bool is_word(std::string_view text) {
  if (text.empty() || text.size() > kWordBytes || text[0] < 'a' || text[0] > 'z') return false;
  size_t digits = 0;
  return std::ranges::all_of(text, [&](char c) {
    const bool digit = c >= '0' && c <= '9';
    digits = digit ? digits + 1 : 0;
    return digits <= kDigitsInWord && (digit || (c >= 'a' && c <= 'z') || c == '_' || c == '.' || c == '-');
  });
}

Result<PackFile> parse_pack(std::string_view yaml, const std::string& file) {
  ZHILI_ASSIGN(const YamlNode root, config::parse_yaml(yaml, file));
  PackFile out;
  Mistakes mistakes(file);
  Parser(mistakes).pack(root, out);
  if (!mistakes.none()) return fail(std::move(mistakes).error());
  for (LegalBasis& basis : out.legal_bases) basis.pack = out.pack.id;
  return out;
}

Result<EntityKind> parse_dataset(std::string_view yaml, const std::string& file) {
  ZHILI_ASSIGN(const YamlNode root, config::parse_yaml(yaml, file));
  EntityKind out;
  Mistakes mistakes(file);
  Parser(mistakes).dataset(root, out);
  if (!mistakes.none()) return fail(std::move(mistakes).error());
  return out;
}

Result<std::vector<Element>> parse_standards(std::string_view yaml, const std::string& file) {
  ZHILI_ASSIGN(const YamlNode root, config::parse_yaml(yaml, file));
  std::vector<Element> out;
  Mistakes mistakes(file);
  Parser(mistakes).standards(root, out);
  if (!mistakes.none()) return fail(std::move(mistakes).error());
  return out;
}

}  // namespace zhili::catalog
