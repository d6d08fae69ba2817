#include <algorithm>

#include "base/limits.hpp"
#include "fuse/config_keys.hpp"
#include "fuse/config_parser.hpp"

namespace zhili::fuse {
namespace {

bool is_name(SemanticType type) { return type == SemanticType::kChineseName || type == SemanticType::kLatinName; }

bool is_pair_half(const Attribute& attribute) {
  return attribute.part != NamePart::kFull || attribute.type == SemanticType::kLatitude ||
         attribute.type == SemanticType::kLongitude;
}

/// Latitude with longitude, given with family name of one script.
bool make_pair(const Attribute& a, const Attribute& b) {
  if (a.part != NamePart::kFull) return a.type == b.type && b.part != NamePart::kFull && a.part != b.part;
  return (a.type == SemanticType::kLatitude && b.type == SemanticType::kLongitude) ||
         (a.type == SemanticType::kLongitude && b.type == SemanticType::kLatitude);
}

bool same_kind(const Attribute& a, const Attribute& b) { return a.type == b.type && a.part == b.part; }

bool may_identify(SemanticType type) {
  switch (type) {
    case SemanticType::kIdNumber:
    case SemanticType::kCreditCode:
    case SemanticType::kDate:
    case SemanticType::kPhone:
    case SemanticType::kCategory:
    case SemanticType::kNumber:
    case SemanticType::kText:
      return true;
    default:
      return false;
  }
}

/// Names of the measures that fit a type.
std::vector<std::string_view> fitting_measures(SemanticType type) {
  std::vector<std::string_view> names;
  for (size_t i = 0; i < measure_names().size(); ++i) {
    if (fits(static_cast<Measure>(i), type)) names.push_back(measure_names()[i]);
  }
  return names;
}

/// How a measure is written, for a hint.
std::string measure_example(Measure measure) {
  const std::string_view name = name_of(measure);
  switch (value_kind(measure)) {
    case MeasureValue::kNone:
      return std::string(name);
    case MeasureValue::kShare:
      return fmt::format("{{{}: 0.9}}", name);
    case MeasureValue::kCount:
      return fmt::format("{{{}: 1}}", name);
    case MeasureValue::kPositive:
      return fmt::format("{{{}: 5}}", name);
    case MeasureValue::kAttribute:
      return fmt::format("{{{}: given}}", name);
    case MeasureValue::kPart:
      return fmt::format("{{{}: building}}", name);
  }
  return {};
}

/// Whether a smaller value of the measure is the stricter one.
bool smaller_is_stricter(Measure measure) {
  return measure != Measure::kJaroWinkler && measure != Measure::kTokenOverlap && measure != Measure::kPrefix;
}

}  // namespace

std::string ConfigParser::what(const Attribute& attribute) const {
  return fmt::format("attribute '{}'", attribute.name);
}

void ConfigParser::attributes(const YamlNode& node) {
  if (!fields_.map(node, "attributes")) return;
  if (node.keys.empty()) {
    mistakes_.add(node.mark, "attributes is empty", "Name at least one: attributes: {name: latin_name}");
  }
  if (node.keys.size() > limits::kAttributes) {
    mistakes_.add(node.mark, fmt::format("{} attributes; the limit is {}", node.keys.size(), limits::kAttributes),
                  "Name only what the golden records need.");
    return;
  }
  for (size_t i = 0; i < node.keys.size(); ++i) attribute(node.keys[i], node.items[i]);
  partners(node);
  levels(node);
  const auto compared = std::ranges::count_if(config_.attributes, &Attribute::compare);
  if (std::cmp_greater(compared, limits::kComparisons)) {
    mistakes_.add(node.mark, fmt::format("{} attributes are compared; the limit is {}", compared, limits::kComparisons),
                  "Write 'compare: false' in those that tell little about who a record is.");
  }
  if (compared == 0 && !config_.attributes.empty()) {
    mistakes_.add(node.mark, "No attribute is compared", "Remove 'compare: false' from at least one.");
  }
}

void ConfigParser::attribute(const YamlNode::Key& key, const YamlNode& node) {
  Attribute attribute;
  attribute.name = key.text;
  attribute.mark = key.mark;
  good_name(key.text, key.mark, "an attribute");
  if (key.text == "default") {
    mistakes_.add(key.mark, "'default' can't be the name of an attribute",
                  "survivorship uses the word for all other attributes: choose another name.");
  }
  if (config_.find_attribute(key.text) != kNoAttribute) return;  // Noted as a doubled key.
  const YamlNode* type = &node;
  if (node.kind == YamlNode::Kind::kMap) {
    fields_.map(node, what(attribute), keys::kAttribute);
    type = node.find("type");
    if (type == nullptr) {
      mistakes_.add(node.mark, fmt::format("{} has no 'type'", what(attribute)),
                    fmt::format("Possible: {}.", fmt::join(semantic_type_names(), ", ")));
    }
  } else if (node.kind != YamlNode::Kind::kScalar) {
    fields_.wrong_kind(node, what(attribute), "a semantic type or a map", fmt::format("{}: {{type: text}}", key.text));
    type = nullptr;
  }
  const auto choice = type == nullptr ? std::nullopt : fields_.choice(*type, "Semantic type", semantic_type_names());
  if (choice) attribute.type = static_cast<SemanticType>(*choice);
  attribute.identifying =
      choice && (attribute.type == SemanticType::kIdNumber || attribute.type == SemanticType::kCreditCode);
  // What the options mean hangs on the type: without it only the keys were checked.
  if (choice && node.kind == YamlNode::Kind::kMap) attribute_options(node, attribute);
  config_.attributes.push_back(std::move(attribute));
  typed_.push_back(choice ? 1 : 0);
}

void ConfigParser::attribute_options(const YamlNode& node, Attribute& attribute) {
  const auto misfit = [&](const YamlNode& value, std::string_view key, std::string_view needed) {
    mistakes_.add(value.mark, fmt::format("'{}' does not fit the type {}", key, name_of(attribute.type)),
                  fmt::format("It is for {}: leave it out.", needed));
  };
  if (const auto* value = node.find("part")) {
    if (!is_name(attribute.type)) misfit(*value, "part", "chinese_name and latin_name");
    attribute.part = static_cast<NamePart>(fields_.choice(*value, "part", name_part_names()).value_or(0));
  }
  if (const auto* value = node.find("order")) {
    if (attribute.type != SemanticType::kDate) misfit(*value, "order", "date");
    attribute.order = static_cast<text::DateOrder>(fields_.choice(*value, "order", keys::kOrder).value_or(0));
  }
  if (const auto* value = node.find("compare")) attribute.compare = fields_.flag(*value, "compare").value_or(true);
  if (const auto* value = node.find("term_frequency")) {
    const bool measured = attribute.type == SemanticType::kNumber || attribute.type == SemanticType::kLatitude ||
                          attribute.type == SemanticType::kLongitude;
    if (measured) misfit(*value, "term_frequency", "types whose values repeat, not for measured ones");
    attribute.term_frequency = fields_.flag(*value, "term_frequency");
  }
  if (const auto* value = node.find("identifying")) {
    const bool identifying = fields_.flag(*value, "identifying").value_or(false);
    if (identifying && !may_identify(attribute.type)) {
      misfit(*value, "identifying", "id_number, credit_code, date, phone, category, number and text");
    }
    attribute.identifying = identifying;
  }
}

void ConfigParser::pair(uint32_t a, uint32_t b) {
  config_.attributes[a].partner = b;
  config_.attributes[b].partner = a;
}

void ConfigParser::named_partner(uint32_t index, const YamlNode& with) {
  const Attribute& attribute = config_.attributes[index];
  const auto name = fields_.text(with, "with");
  if (!name) return;
  const uint32_t other = config_.find_attribute(*name);
  if (other == kNoAttribute) {
    mistakes_.add(with.mark, fmt::format("with names '{}', which is no attribute", *name),
                  config::suggest(*name, attribute_names()));
    return;
  }
  if (!make_pair(attribute, config_.attributes[other])) {
    mistakes_.add(with.mark, fmt::format("'{}' and '{}' make no pair", attribute.name, *name),
                  "Pairs are latitude and longitude, and given and family name of one type.");
    return;
  }
  const uint32_t taken = config_.attributes[other].partner;
  if (taken != kNoAttribute && taken != index) {
    mistakes_.add(with.mark, fmt::format("'{}' goes with '{}' already", *name, config_.attributes[taken].name),
                  "Each attribute belongs to one pair.");
    return;
  }
  pair(index, other);
}

/// Pairs an attribute that names no partner, where there is no doubt.
void ConfigParser::pair_only_two(uint32_t index) {
  const Attribute& attribute = config_.attributes[index];
  if (attribute.partner != kNoAttribute || !is_pair_half(attribute)) return;
  const auto alike =
      std::ranges::count_if(config_.attributes, [&](const Attribute& a) { return same_kind(a, attribute); });
  uint32_t other = kNoAttribute;
  uint32_t halves = 0;
  for (uint32_t i = 0; i < config_.attributes.size(); ++i) {
    if (!make_pair(attribute, config_.attributes[i])) continue;
    other = i;
    ++halves;
  }
  if (halves == 1 && alike == 1 && config_.attributes[other].partner == kNoAttribute) {
    pair(index, other);
    return;
  }
  if (attribute.part != NamePart::kFull) return;  // A name part stands well alone.
  const bool latitude = attribute.type == SemanticType::kLatitude;
  const std::string_view missing = latitude ? "longitude" : "latitude";
  mistakes_.add(attribute.mark, fmt::format("{} has no {}", what(attribute), missing),
                halves == 0 ? fmt::format("Add an attribute of type {}: a place needs both.", missing)
                            : "Say which attributes go together: {type: latitude, with: NAME_OF_THE_LONGITUDE}.");
}

void ConfigParser::partners(const YamlNode& node) {
  for (size_t i = 0; i < node.keys.size(); ++i) {
    if (node.items[i].kind != YamlNode::Kind::kMap) continue;
    const auto* with = node.items[i].find("with");
    const uint32_t index = config_.find_attribute(node.keys[i].text);
    if (with == nullptr || index == kNoAttribute || !typed(index)) continue;
    if (is_pair_half(config_.attributes[index])) {
      named_partner(index, *with);
    } else {
      mistakes_.add(with->mark, fmt::format("'with' does not fit the type {}", name_of(config_.attributes[index].type)),
                    "It is for latitude, longitude and names with 'part: given' or 'part: family'.");
    }
  }
  for (uint32_t i = 0; i < config_.attributes.size(); ++i) pair_only_two(i);
  for (Attribute& attribute : config_.attributes) {
    if (attribute.type == SemanticType::kLongitude) attribute.compare = false;
  }
}

void ConfigParser::levels(const YamlNode& node) {
  for (size_t i = 0; i < node.keys.size(); ++i) {
    if (node.items[i].kind != YamlNode::Kind::kMap) continue;
    const auto* list = node.items[i].find("levels");
    const uint32_t index = config_.find_attribute(node.keys[i].text);
    if (list == nullptr || index == kNoAttribute || !typed(index)) continue;
    level_list(*list, config_.attributes[index]);
  }
}

void ConfigParser::level_list(const YamlNode& node, Attribute& attribute) {
  if (attribute.type == SemanticType::kLongitude) {
    mistakes_.add(node.mark, "A longitude is compared together with its latitude",
                  "Write the levels at the latitude: levels: [{kilometres: 0.1}, {kilometres: 1}]");
    return;
  }
  if (!attribute.compare) {
    mistakes_.add(node.mark, fmt::format("{} has levels and 'compare: false'", what(attribute)),
                  "Remove one of the two.");
    return;
  }
  if (!fields_.list(node, "levels")) return;
  if (node.items.empty()) mistakes_.add(node.mark, "levels is empty", "Leave it out: the type has levels of its own.");
  if (node.items.size() > limits::kLevels) {
    mistakes_.add(node.mark, fmt::format("{} levels; the limit is {}", node.items.size(), limits::kLevels),
                  "Three to six levels are usual.");
    return;
  }
  for (const YamlNode& item : node.items) {
    Level parsed;
    if (level(item, attribute, parsed) && reachable(item, attribute, parsed)) {
      attribute.levels.push_back(std::move(parsed));
    }
  }
}

bool ConfigParser::level(const YamlNode& node, const Attribute& attribute, Level& level) {
  const bool bare = node.kind == YamlNode::Kind::kScalar;
  const bool map = node.kind == YamlNode::Kind::kMap;
  if (map && node.keys.size() != 1) {
    mistakes_.add(node.mark, fmt::format("A level is one measure; here are {}", node.keys.size()),
                  "Write one level for each: [exact, {edit: 1}]");
    return false;
  }
  if (!bare && !map) {
    fields_.wrong_kind(node, "a level", "a measure", "exact, or {jaro_winkler: 0.9}");
    return false;
  }
  const std::string& name = bare ? node.text : node.keys[0].text;
  const Mark mark = bare ? node.mark : node.keys[0].mark;
  const auto found = std::ranges::find(measure_names(), name);
  if (found == measure_names().end()) {
    mistakes_.add(mark, fmt::format("Measure '{}' is unknown", name),
                  config::suggest(name, fitting_measures(attribute.type)));
    return false;
  }
  level.measure = static_cast<Measure>(found - measure_names().begin());
  if (!fits(level.measure, attribute.type)) {
    mistakes_.add(
        mark, fmt::format("Measure '{}' does not fit the type {}", name, name_of(attribute.type)),
        fmt::format("For {}: {}.", name_of(attribute.type), fmt::join(fitting_measures(attribute.type), ", ")));
    return false;
  }
  if (level.measure == Measure::kKilometres) level.other_attribute = attribute.partner;
  const bool needs_value = value_kind(level.measure) != MeasureValue::kNone;
  if (bare == needs_value) {
    mistakes_.add(mark, fmt::format("Measure '{}' {}", name, needs_value ? "needs a value" : "takes no value"),
                  fmt::format("Write it like this: {}", measure_example(level.measure)));
    return false;
  }
  level.text = name;
  return bare || level_value(node.items[0], attribute, level);
}

bool ConfigParser::level_value(const YamlNode& node, const Attribute& attribute, Level& level) {
  constexpr uint64_t kMostDays = 36'600;
  constexpr uint64_t kMostCharacters = 64;
  const std::string name(name_of(level.measure));
  std::optional<double> value;
  switch (value_kind(level.measure)) {
    case MeasureValue::kNone:
      return true;
    case MeasureValue::kShare:
      value = fields_.share(node, name);
      break;
    case MeasureValue::kCount:
      if (const auto n = fields_.count(node, name, 1, level.measure == Measure::kDays ? kMostDays : kMostCharacters)) {
        value = static_cast<double>(*n);
      }
      break;
    case MeasureValue::kPositive:
      value = fields_.positive(node, name);
      break;
    case MeasureValue::kPart: {
      const auto part = fields_.choice(node, "Address part", address_part_names());
      if (!part) return false;
      level.part = address_part_names()[*part];
      level.text += " " + level.part;
      return true;
    }
    case MeasureValue::kAttribute: {
      const auto other = fields_.text(node, name);
      if (!other) return false;
      level.other_attribute = config_.find_attribute(*other);
      if (level.other_attribute == kNoAttribute) {
        mistakes_.add(node.mark, fmt::format("{} names '{}', which is no attribute", name, *other),
                      config::suggest(*other, attribute_names()));
        return false;
      }
      const Attribute& target = config_.attributes[level.other_attribute];
      if (&target == &attribute || target.type != attribute.type) {
        mistakes_.add(node.mark, fmt::format("'{}' can't be exchanged with '{}'", attribute.name, *other),
                      fmt::format("Name another attribute of type {}.", name_of(attribute.type)));
        return false;
      }
      level.text += " " + *other;
      return true;
    }
  }
  if (!value) return false;
  level.value = *value;
  level.text += fmt::format(" {}", *value);
  return true;
}

/// Refuses a level that an earlier one has already taken everything from.
bool ConfigParser::reachable(const YamlNode& node, const Attribute& attribute, const Level& level) {
  for (const Level& earlier : attribute.levels) {
    if (earlier.measure != level.measure || earlier.part != level.part ||
        earlier.other_attribute != level.other_attribute) {
      continue;
    }
    const bool wider = smaller_is_stricter(level.measure) ? level.value > earlier.value : level.value < earlier.value;
    if (wider) continue;
    mistakes_.add(node.mark,
                  fmt::format("Level '{}' is never reached: '{}' stands before it", level.text, earlier.text),
                  "Write the strictest level first.");
    return false;
  }
  return true;
}

}  // namespace zhili::fuse
