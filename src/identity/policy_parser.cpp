#include <algorithm>
#include <span>
#include <utility>

#include "base/output_dir.hpp"
#include "config/fields.hpp"
#include "identity/policy.hpp"
#include "identity/policy_keys.hpp"

namespace zhili::identity {
namespace {

using config::Mark;
using config::YamlNode;

/// Turns the tree of a policy into a Policy; what is wrong goes to the mistakes. Used once.
class Parser {
 public:
  Parser(Policy& policy, config::Mistakes& mistakes) : policy_(policy), mistakes_(mistakes), fields_(mistakes) {}

  void parse(const YamlNode& root);

 private:
  struct Section {
    std::string_view key;
    std::string_view what;
    Terms& terms;
    bool sound = true;  // Else the words that rules name are not held against it.
  };

  void version(const YamlNode& root);
  void terms(const YamlNode& root, Section& section);
  void rule(const YamlNode& node);
  void rule_grade(const YamlNode& node, Rule& rule);
  void rule_second_factor(const YamlNode& node, Rule& rule);
  void check_purposes(const YamlNode& node, const Rule& rule);
  bool selection(const YamlNode& node, const Section& section, TermSet& chosen);
  bool plain_id(const std::string& id, Mark mark, std::string_view what);
  void note(const YamlNode& node, std::string_view what, std::string& zh, std::string& en);
  void misplaced(const YamlNode& node, std::string_view key, std::string_view effect, std::string_view instead);

  Policy& policy_;
  config::Mistakes& mistakes_;
  config::Fields fields_;
  Section roles_{"roles", "role", policy_.roles};
  Section actions_{"actions", "action", policy_.actions};
  Section resources_{"resources", "resource", policy_.resources};
  Section purposes_{"purposes", "purpose", policy_.purposes};
};

void Parser::parse(const YamlNode& root) {
  if (root.kind == YamlNode::Kind::kNull) {
    mistakes_.add({1, 1}, "The policy is empty",
                  "Start with 'version: 1', then 'roles:', 'actions:', 'resources:', 'purposes:' and 'rules:'.");
    return;
  }
  if (!fields_.map(root, "the policy", keys::kTop)) return;
  version(root);
  for (Section* section : {&roles_, &actions_, &resources_, &purposes_}) terms(root, *section);
  const auto* rules = fields_.required(root, "rules", "The policy", "rules: [{id: …, effect: allow, …}]");
  if (rules == nullptr || !fields_.list(*rules, "rules")) return;
  if (rules->items.size() > limits::kPolicyRules) {
    mistakes_.add(rules->mark, fmt::format("{} rules; the limit is {}", rules->items.size(), limits::kPolicyRules),
                  "One rule can name many roles, actions and resources.");
    return;
  }
  for (const YamlNode& item : rules->items) rule(item);
}

void Parser::version(const YamlNode& root) {
  const auto* node = fields_.required(root, "version", "The policy", "version: 1");
  if (node == nullptr || (node->kind == YamlNode::Kind::kScalar && !node->quoted && node->text == "1")) return;
  mistakes_.add(node->mark, "The version of this format is 1", "Write version: 1");
}

void Parser::terms(const YamlNode& root, Section& section) {
  const auto* node = fields_.required(root, section.key, "The policy",
                                      fmt::format("{}: {{name: {{zh: 名称, en: name}}}}", section.key));
  section.sound = node != nullptr && fields_.map(*node, section.key);
  if (!section.sound) return;
  if (node->items.size() > limits::kPolicyTerms) {
    mistakes_.add(node->mark,
                  fmt::format("{} {}; the limit is {}", node->items.size(), section.key, limits::kPolicyTerms),
                  "Take out what no rule needs.");
    section.sound = false;
    return;
  }
  for (size_t i = 0; i < node->items.size(); ++i) {
    Term term{node->keys[i].text, {}, {}};
    if (!plain_id(term.id, node->keys[i].mark, section.what)) continue;
    if (term.id == "any") {
      mistakes_.add(node->keys[i].mark, fmt::format("No {} can be called 'any'", section.what),
                    "'any' stands for all that are declared.");
      continue;
    }
    note(node->items[i], fmt::format("{} '{}'", section.what, term.id), term.zh, term.en);
    section.terms.add(std::move(term));
  }
}

bool Parser::plain_id(const std::string& id, Mark mark, std::string_view what) {
  if (is_plain_id(id)) return true;
  mistakes_.add(
      mark,
      fmt::format("The id of a {} has ASCII letters, digits, '-', '_' and '.', at most {}", what, limits::kIdBytes),
      "Write the Chinese name after 'zh:'.");
  return false;
}

void Parser::note(const YamlNode& node, std::string_view what, std::string& zh, std::string& en) {
  if (!fields_.map(node, what, keys::kTerm)) return;
  if (const auto* value = fields_.required(node, "zh", what, "zh: 名称")) {
    if (auto text = fields_.text(*value, "zh")) zh = std::move(*text);
  }
  if (const auto* value = fields_.required(node, "en", what, "en: name")) {
    if (auto text = fields_.text(*value, "en")) en = std::move(*text);
  }
}

/// True where the word `any` was written.
bool Parser::selection(const YamlNode& node, const Section& section, TermSet& chosen) {
  const std::vector<std::string> known = section.terms.ids();
  if (node.kind == YamlNode::Kind::kScalar && node.text == "any") {
    for (size_t i = 0; i < known.size(); ++i) chosen.set(i);
    return true;
  }
  if (node.kind != YamlNode::Kind::kList || node.items.empty()) {
    fields_.wrong_kind(node, section.key, "a list of at least one word, or 'any'",
                       fmt::format("{}: [a, b]", section.key));
    return false;
  }
  for (const YamlNode& item : node.items) {
    const auto word = fields_.text(item, section.what);
    if (!word) continue;
    if (const auto found = section.terms.find(*word)) {
      chosen.set(*found);
    } else if (section.sound) {
      mistakes_.add(item.mark,
                    fmt::format("'{}' is not declared in '{}'", word->substr(0, limits::kIdBytes), section.key),
                    config::suggest(*word, known));
    }
  }
  return false;
}

void Parser::rule(const YamlNode& node) {
  if (!fields_.map(node, "the rule", keys::kRule)) return;
  Rule rule;
  if (const auto* id = fields_.required(node, "id", "The rule", "id: clerks-read-cases")) {
    const auto text = fields_.text(*id, "id");
    if (text && plain_id(*text, id->mark, "rule")) rule.id = *text;
    if (policy_.find(rule.id) != nullptr && !rule.id.empty()) {
      mistakes_.add(id->mark, fmt::format("There is a rule '{}' already", rule.id),
                    "Decisions name rules by their ids.");
    }
  }
  if (const auto* effect = fields_.required(node, "effect", "The rule", "effect: allow")) {
    const auto choice = fields_.choice(*effect, "effect", keys::kEffect);
    if (!choice) return;  // Half of the keys depend on it.
    rule.effect = static_cast<Effect>(*choice);
  }
  if (const auto* roles = fields_.required(node, "roles", "The rule", "roles: [window_clerk]")) {
    rule.every_role = selection(*roles, roles_, rule.roles);
  }
  if (const auto* actions = fields_.required(node, "actions", "The rule", "actions: [read]")) {
    selection(*actions, actions_, rule.actions);
  }
  if (const auto* resources = fields_.required(node, "resources", "The rule", "resources: [case]")) {
    selection(*resources, resources_, rule.resources);
  }
  if (const auto* scope = fields_.required(node, "scope", "The rule", "scope: area")) {
    if (const auto choice = fields_.choice(*scope, "scope", keys::kScope)) rule.scope = static_cast<Scope>(*choice);
  }
  const auto* purposes = node.find("purposes");
  rule.every_purpose = purposes == nullptr;
  if (purposes != nullptr) selection(*purposes, purposes_, rule.purposes);
  rule_grade(node, rule);
  rule_second_factor(node, rule);
  check_purposes(node, rule);
  if (const auto* words = node.find("note")) note(*words, "note", rule.note_zh, rule.note_en);
  policy_.rules.push_back(std::move(rule));
}

void Parser::misplaced(const YamlNode& node, std::string_view key, std::string_view effect, std::string_view instead) {
  for (const auto& written : node.keys) {
    if (written.text != key) continue;
    mistakes_.add(written.mark, fmt::format("'{}' belongs to a rule with effect {}", key, effect),
                  fmt::format("Write '{}' here.", instead));
  }
}

void Parser::rule_grade(const YamlNode& node, Rule& rule) {
  const bool allow = rule.effect == Effect::kAllow;
  const std::string_view key = allow ? "up_to_grade" : "from_grade";
  misplaced(node, allow ? "from_grade" : "up_to_grade", allow ? "deny" : "allow", key);
  if (const auto* grade = node.find(key)) {
    if (const auto number = fields_.count(*grade, key, 1, limits::kGrades)) rule.grade = static_cast<int>(*number);
  }
}

void Parser::rule_second_factor(const YamlNode& node, Rule& rule) {
  const bool allow = rule.effect == Effect::kAllow;
  const std::string_view key = allow ? "second_factor" : "unless_second_factor";
  misplaced(node, allow ? "unless_second_factor" : "second_factor", allow ? "deny" : "allow", key);
  if (const auto* factor = node.find(key)) rule.second_factor = fields_.flag(*factor, key).value_or(false);
}

/// What is not open to everyone is never opened without saying what for.
void Parser::check_purposes(const YamlNode& node, const Rule& rule) {
  if (rule.effect != Effect::kAllow || rule.grade <= 1 || !rule.every_purpose) return;
  mistakes_.add(node.mark, fmt::format("The rule opens fields of grade {} for no named purpose", rule.grade),
                "Add 'purposes: [...]', or 'purposes: any' if any declared one will do.");
}

}  // namespace

Result<Policy> parse_policy(std::string_view yaml, const std::string& file) {
  ZHILI_ASSIGN(const YamlNode root, config::parse_yaml(yaml, file));
  Policy policy;
  config::Mistakes mistakes(file);
  Parser(policy, mistakes).parse(root);
  if (!mistakes.none()) return fail(std::move(mistakes).error());
  return policy;
}

Result<Policy> load_policy(const std::filesystem::path& path) {
  ZHILI_ASSIGN(const std::string yaml, read_file(path, limits::kYamlBytes));
  return parse_policy(yaml, path.string());
}

}  // namespace zhili::identity
