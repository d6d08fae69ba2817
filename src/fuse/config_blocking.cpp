#include <algorithm>
#include <charconv>
#include <optional>

#include "base/limits.hpp"
#include "fuse/config_parser.hpp"

namespace zhili::fuse {
namespace {

constexpr uint32_t kMostCharacters = 64;
constexpr uint32_t kMostDigits = 6;

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

/// Names of the transforms that fit an attribute.
std::vector<std::string_view> fitting_transforms(const Attribute& attribute) {
  std::vector<std::string_view> names;
  for (size_t i = 0; i < key_transform_names().size(); ++i) {
    if (fits(static_cast<KeyTransform>(i), attribute.type, attribute.part)) names.push_back(key_transform_names()[i]);
  }
  return names;
}

std::string canonical(const KeyPart& part, const Attribute& attribute) {
  if (part.transform == KeyTransform::kExact) return attribute.name;
  if (takes_number(part.transform)) return fmt::format("{}.{}({})", attribute.name, name_of(part.transform), part.n);
  return fmt::format("{}.{}", attribute.name, name_of(part.transform));
}

bool same_parts(const BlockingRule& a, const BlockingRule& b) {
  return a.parts.size() == b.parts.size() && std::ranges::is_permutation(a.parts, b.parts);
}

}  // namespace

void ConfigParser::blocking(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::kScalar && node.text == "auto") return;
  if (node.kind != YamlNode::Kind::kList) {
    fields_.wrong_kind(node, "blocking", "auto or a list of rules", "blocking: [[id_number], [name, birth.year]]");
    return;
  }
  if (node.items.empty()) {
    mistakes_.add(node.mark, "blocking is empty",
                  "Leave it out or write 'auto': rules are then proposed from the data.");
  }
  if (node.items.size() > limits::kBlockingRules) {
    mistakes_.add(node.mark,
                  fmt::format("{} blocking rules; the limit is {}", node.items.size(), limits::kBlockingRules),
                  "Ten rules are plenty; 'zhili fuse plan' shows what each one finds.");
    return;
  }
  for (const YamlNode& item : node.items) blocking_rule(item);
}

void ConfigParser::blocking_rule(const YamlNode& node) {
  BlockingRule rule;
  bool good = true;
  const auto add = [&](std::string_view text, Mark mark) {
    KeyPart part;
    if (!key_part(text, mark, part)) {
      good = false;
      return;
    }
    if (std::ranges::find(rule.parts, part) != rule.parts.end()) {
      mistakes_.add(mark, fmt::format("'{}' stands twice in the rule", trimmed(text)), "Keep one of the two.");
      good = false;
    }
    rule.parts.push_back(part);
  };
  if (node.kind == YamlNode::Kind::kScalar) {
    for (size_t start = 0; start <= node.text.size();) {
      const size_t plus = std::min(node.text.find('+', start), node.text.size());
      add(std::string_view(node.text).substr(start, plus - start), node.mark);
      start = plus + 1;
    }
  } else if (node.kind == YamlNode::Kind::kList && !node.items.empty()) {
    for (const YamlNode& item : node.items) {
      const auto text = fields_.text(item, "a part of a blocking rule");
      good = good && text.has_value();
      if (text) add(*text, item.mark);
    }
  } else {
    fields_.wrong_kind(node, "a blocking rule", "a list of keys", "[name.pinyin, birth.year]");
    good = false;
  }
  if (!good) return;
  for (const KeyPart& part : rule.parts) {
    if (!rule.text.empty()) rule.text += " + ";
    rule.text += canonical(part, config_.attributes[part.attribute]);
  }
  const auto first = std::ranges::find_if(config_.blocking, [&](const BlockingRule& r) { return same_parts(r, rule); });
  if (first != config_.blocking.end()) {
    mistakes_.add(node.mark, fmt::format("Blocking rule '{}' stands twice", rule.text), "Keep one of the two.");
    return;
  }
  config_.blocking.push_back(std::move(rule));
}

bool ConfigParser::key_part(std::string_view text, Mark mark, KeyPart& part) {
  text = trimmed(text);
  const size_t dot = text.find('.');
  const std::string_view name = trimmed(text.substr(0, dot));
  part.attribute = config_.find_attribute(name);
  if (part.attribute == kNoAttribute) {
    const bool list = name.find_first_of(",+ ") != std::string_view::npos;
    mistakes_.add(mark, fmt::format("blocking names '{}', which is no attribute", name),
                  list ? "Write the parts of a rule as a list, [a, b], or in one text with +, \"a + b\"."
                       : config::suggest(name, attribute_names()));
    return false;
  }
  if (dot == std::string_view::npos || !typed(part.attribute)) return true;
  return key_transform(trimmed(text.substr(dot + 1)), text, mark, part);
}

bool ConfigParser::key_transform(std::string_view text, std::string_view whole, Mark mark, KeyPart& part) {
  const Attribute& attribute = config_.attributes[part.attribute];
  const size_t open = text.find('(');
  const std::string_view name = trimmed(text.substr(0, open));
  const auto found = std::ranges::find(key_transform_names(), name);
  if (found == key_transform_names().end()) {
    mistakes_.add(mark, fmt::format("'{}' in blocking is unknown", name),
                  config::suggest(name, fitting_transforms(attribute)));
    return false;
  }
  part.transform = static_cast<KeyTransform>(found - key_transform_names().begin());
  if (!fits(part.transform, attribute.type, attribute.part)) {
    mistakes_.add(
        mark,
        fmt::format("'{}': {} can't be made of type {}{}", whole, name, name_of(attribute.type),
                    attribute.part == NamePart::kFull ? "" : fmt::format(", part {}", name_of(attribute.part))),
        fmt::format("For {}: {}.", name_of(attribute.type), fmt::join(fitting_transforms(attribute), ", ")));
    return false;
  }
  const bool with_number = open != std::string_view::npos;
  const std::string example =
      fmt::format("Write it like this: {}.{}{}", attribute.name, name, takes_number(part.transform) ? "(3)" : "");
  if (with_number != takes_number(part.transform)) {
    mistakes_.add(mark, fmt::format("'{}': {} {}", whole, name, with_number ? "takes no number" : "needs a number"),
                  example);
    return false;
  }
  if (!with_number) return true;
  const uint32_t low = part.transform == KeyTransform::kCell ? 0 : 1;
  const uint32_t high = part.transform == KeyTransform::kCell ? kMostDigits : kMostCharacters;
  const std::string_view inside = trimmed(text.ends_with(')') ? text.substr(open + 1, text.size() - open - 2) : "");
  const auto [stop, error] = std::from_chars(inside.data(), inside.data() + inside.size(), part.n);
  if (error != std::errc() || stop != inside.data() + inside.size() || part.n < low || part.n > high) {
    mistakes_.add(mark, fmt::format("'{}': {} needs a whole number from {} to {} in brackets", whole, name, low, high),
                  example);
    return false;
  }
  return true;
}

}  // namespace zhili::fuse
