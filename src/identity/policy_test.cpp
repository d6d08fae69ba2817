#include "identity/policy.hpp"

#include <filesystem>
#include <set>
#include <span>
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "base/output_dir.hpp"
#include "identity/policy_keys.hpp"

namespace zhili::identity {
namespace {

constexpr std::string_view kHead = R"(version: 1
roles: {clerk: {zh: 办事员, en: clerk}, chief: {zh: 科长, en: chief}}
actions: {read: {zh: 查看, en: read}}
resources: {case: {zh: 事项, en: case}}
purposes: {visit: {zh: 走访, en: visit}}
rules:
)";

std::string mistakes_in(std::string_view rules) {
  const auto policy = parse_policy(std::string(kHead) + std::string(rules), "p.yaml");
  return policy ? std::string() : policy.error().text();
}

TEST(Policy, ReadsEveryKey) {
  const auto policy = parse_policy(std::string(kHead) + R"(  - id: a
    effect: allow
    roles: [chief]
    actions: any
    resources: [case]
    scope: department
    purposes: any
    up_to_grade: 4
    second_factor: true
    note: {zh: 依据, en: basis}
  - {id: b, effect: deny, roles: any, actions: [read], resources: any, scope: own, from_grade: 2, unless_second_factor: true}
)",
                                   "p.yaml");
  ASSERT_TRUE(policy) << policy.error().text();
  ASSERT_EQ(policy->rules.size(), 2U);
  const Rule& a = policy->rules[0];
  EXPECT_EQ(a.effect, Effect::kAllow);
  EXPECT_FALSE(a.roles.test(0));
  EXPECT_TRUE(a.roles.test(1));
  EXPECT_FALSE(a.every_role);
  EXPECT_EQ(a.scope, Scope::kDepartment);
  EXPECT_FALSE(a.every_purpose);
  EXPECT_TRUE(a.purposes.test(0));
  EXPECT_EQ(a.grade, 4);
  EXPECT_TRUE(a.second_factor);
  EXPECT_EQ(a.note_zh, "依据");
  const Rule& b = policy->rules[1];
  EXPECT_EQ(b.effect, Effect::kDeny);
  EXPECT_TRUE(b.every_role);
  EXPECT_TRUE(b.every_purpose);
  EXPECT_EQ(b.grade, 2);
  EXPECT_EQ(policy->find("b"), &b);
  EXPECT_EQ(policy->find("c"), nullptr);
  EXPECT_EQ(policy->roles.all()[1].zh, "科长");
}

TEST(Policy, TellsEachMistakeWithItsPlace) {
  const std::string text =
      mistakes_in(R"(  - {id: a, effect: allow, roles: [clark], actions: [read], resources: [case], scope: area}
  - {id: a, effect: permit, roles: [clerk], actions: [read], resources: [case], scope: area}
  - {id: 规则, effect: allow, roles: [], actions: read, resources: [case], scope: everywhere}
  - {id: c, effect: allow, roles: [clerk], actions: [read], resources: [case], scope: area, from_grade: 2}
  - {id: d, effect: allow, roles: [clerk], actions: [read], resources: [case], scope: area, up_to_grade: 3}
)");
  for (const std::string_view part :
       {"p.yaml:7:36: 'clark' is not declared in 'roles'", "Did you mean 'clerk'?", "p.yaml:8:10: There is a rule 'a'",
        "effect 'permit' is unknown", "p.yaml:9:10: The id of a rule has ASCII letters",
        "scope 'everywhere' is unknown", "p.yaml:10:93: 'from_grade' belongs to a rule with effect deny",
        "Write 'up_to_grade' here.", "p.yaml:11:5: The rule opens fields of grade 3 for no named purpose"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n---\n" << text;
  }
}

TEST(Policy, RefusesWhatIsOutOfBounds) {
  const auto rule = [](std::string_view more) {
    return fmt::format(
        "  - {{id: a, effect: allow, roles: any, actions: any, resources: any, scope: own, purposes: any, {}}}\n",
        more);
  };
  EXPECT_EQ(mistakes_in(rule("up_to_grade: 5")), "");
  for (const std::string_view more : {"up_to_grade: 6", "up_to_grade: 0", "up_to_grade: -1", "up_to_grade: '2'",
                                      "up_to_grade: 2.5", "second_factor: yes", "roless: [clerk]", "id: b"}) {
    EXPECT_NE(mistakes_in(rule(more)), "") << more;
  }
  EXPECT_FALSE(parse_policy("", "p.yaml"));
  EXPECT_FALSE(parse_policy("version: 2\n", "p.yaml"));
  EXPECT_FALSE(parse_policy("- a\n", "p.yaml"));
  std::string many = "version: 1\nroles:\n";
  for (size_t i = 0; i <= limits::kPolicyTerms; ++i) many += fmt::format("  r{}: {{zh: 字, en: w}}\n", i);
  const auto policy = parse_policy(many, "p.yaml");
  ASSERT_FALSE(policy);
  EXPECT_NE(policy.error().text().find("257 roles; the limit is 256"), std::string::npos);
}

TEST(Policy, NoRoleIsCalledAny) {
  const auto policy = parse_policy("version: 1\nroles: {any: {zh: 字, en: w}}\n", "p.yaml");
  ASSERT_FALSE(policy);
  EXPECT_NE(policy.error().text().find("No role can be called 'any'"), std::string::npos);
}

TEST(Policy, TheDefaultOneIsWhole) {
  const auto policy = parse_policy(default_policy_yaml(), "default");
  ASSERT_TRUE(policy) << policy.error().text();
  EXPECT_GT(policy->rules.size(), 20U);
  for (const Rule& rule : policy->rules) {
    EXPECT_TRUE(rule.effect == Effect::kDeny || rule.grade < limits::kGrades) << rule.id;
  }
}

TEST(Policy, TheOneInTheDocumentsIsWhole) {
  const auto text = read_file(std::filesystem::path(ZHILI_SOURCE_DIR) / "docs/identity.md", 1 << 20);
  ASSERT_TRUE(text);
  const size_t begin = text->find("```yaml file=policy.yaml\n");
  ASSERT_NE(begin, std::string::npos);
  const std::string yaml = text->substr(begin + 25, text->find("\n```", begin) - begin - 24);
  const auto policy = parse_policy(yaml, "docs/identity.md");
  ASSERT_TRUE(policy) << policy.error().text();
  EXPECT_EQ(policy->rules.size(), 3U);
}

// --- schemas/policy.schema.json repeats for editors what the parser knows ---

using Names = std::set<std::string, std::less<>>;

const boost::json::value& schema() {
  static const boost::json::value parsed = [] {
    const auto bytes = read_file(std::filesystem::path(ZHILI_SOURCE_DIR) / "schemas/policy.schema.json", 1 << 20);
    return bytes ? boost::json::parse(*bytes) : boost::json::value();
  }();
  return parsed;
}

Names keys_at(std::string_view pointer) {
  Names names;
  for (const auto& member : schema().at_pointer(pointer).as_object()) names.emplace(member.key());
  return names;
}

Names words_at(std::string_view pointer) {
  Names names;
  for (const auto& word : schema().at_pointer(pointer).as_array()) names.emplace(word.as_string());
  return names;
}

Names names_of(std::span<const std::string_view> words) { return {words.begin(), words.end()}; }

TEST(PolicySchema, HasTheKeysWordsAndLimitsOfTheParser) {
  EXPECT_EQ(keys_at("/properties"), names_of(keys::kTop));
  EXPECT_EQ(words_at("/required"), names_of(keys::kTop));
  EXPECT_EQ(keys_at("/$defs/rule/properties"), names_of(keys::kRule));
  EXPECT_EQ(keys_at("/$defs/term/properties"), names_of(keys::kTerm));
  EXPECT_EQ(words_at("/$defs/rule/properties/effect/enum"), names_of(keys::kEffect));
  EXPECT_EQ(words_at("/$defs/rule/properties/scope/enum"), names_of(keys::kScope));
  EXPECT_EQ(schema().at_pointer("/$defs/grade/maximum").to_number<int>(), limits::kGrades);
  EXPECT_EQ(schema().at_pointer("/properties/rules/maxItems").to_number<size_t>(), limits::kPolicyRules);
  EXPECT_EQ(schema().at_pointer("/$defs/terms/maxProperties").to_number<size_t>(), limits::kPolicyTerms);
  EXPECT_EQ(schema().at_pointer("/$defs/id/pattern").as_string(),
            fmt::format("^[A-Za-z0-9._-]{{1,{}}}$", limits::kIdBytes));
}

}  // namespace
}  // namespace zhili::identity
