#include "identity/decision.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "base/output_dir.hpp"
#include "base/random.hpp"
#include "identity/decision_cases.hpp"

namespace zhili::identity {
namespace {

std::filesystem::path cases_dir() { return std::filesystem::path(ZHILI_SOURCE_DIR) / "tests/identity"; }

TEST(Decision, AnswersEveryCaseFile) {
  size_t asked = 0;
  for (const auto& entry : std::filesystem::directory_iterator(cases_dir())) {
    if (entry.path().extension() != ".test") continue;
    const auto text = read_file(entry.path(), 1 << 20);
    ASSERT_TRUE(text);
    asked += run_decision_cases(*text, entry.path().filename().string());
  }
  EXPECT_GT(asked, 200U);
}

TEST(Decision, SaysWhyInBothLanguages) {
  const auto policy = parse_policy(default_policy_yaml(), "default");
  ASSERT_TRUE(policy) << policy.error().text();
  const auto areas = AreaTree::create({{"a", "", "区", {}, {}}});
  const Actor actor{"li", {{"case_handler", "health", "a"}}, true};
  const auto decision = decide(*policy, *areas, actor, {"decide", "case", "health", "a", "li", "handle_case", 1});
  EXPECT_EQ(code_of(decision.reason), "denied");
  EXPECT_EQ(words_of(decision, Language::kEnglish),
            "a rule forbids it (rule no-decision-on-oneself): nobody decides in a matter of their own");
  EXPECT_EQ(words_of(decision, Language::kChinese),
            "有规则明确禁止（规则 no-decision-on-oneself）：办理人员应当回避与本人有关的事项");
}

// --- against a naive evaluator, which works on words and climbs parents ---

constexpr std::array<std::string_view, 3> kRoles{"r0", "r1", "r2"};
constexpr std::array<std::string_view, 2> kActions{"a0", "a1"};
constexpr std::array<std::string_view, 2> kKinds{"k0", "k1"};
constexpr std::array<std::string_view, 2> kPurposes{"p0", "p1"};
constexpr std::array<std::string_view, 4> kScopes{"everything", "area", "department", "own"};

struct PlainRule {
  bool allow = true;
  std::vector<std::string> roles, actions, kinds, purposes;  // Empty: any.
  bool purpose_written = true;
  std::string scope;
  int grade = 1;
  bool factor = false;
};

using Parents = std::vector<std::pair<std::string, std::string>>;

template <size_t kSize>
std::vector<std::string> some(Random& random, const std::array<std::string_view, kSize>& words) {
  std::vector<std::string> out;
  if (random.chance(0.3)) return out;
  for (const auto word : words) {
    if (random.chance(0.5)) out.emplace_back(word);
  }
  if (out.empty()) out.emplace_back(random.pick(words));
  return out;
}

std::string list_of(const std::vector<std::string>& words) {
  return words.empty() ? "any" : fmt::format("[{}]", fmt::join(words, ", "));
}

std::string yaml_of(const std::vector<PlainRule>& rules) {
  std::string out = "version: 1\n";
  const auto terms = [&](std::string_view key, const auto& words) {
    out += fmt::format("{}:\n", key);
    for (const auto word : words) out += fmt::format("  {}: {{zh: 字, en: word}}\n", word);
  };
  terms("roles", kRoles);
  terms("actions", kActions);
  terms("resources", kKinds);
  terms("purposes", kPurposes);
  out += "rules:\n";
  for (size_t i = 0; i < rules.size(); ++i) {
    const PlainRule& rule = rules[i];
    out += fmt::format("  - {{id: rule{}, effect: {}, roles: {}, actions: {}, resources: {}, scope: {}", i,
                       rule.allow ? "allow" : "deny", list_of(rule.roles), list_of(rule.actions), list_of(rule.kinds),
                       rule.scope);
    if (rule.purpose_written) out += fmt::format(", purposes: {}", list_of(rule.purposes));
    out += fmt::format(", {}: {}, {}: {}}}\n", rule.allow ? "up_to_grade" : "from_grade", rule.grade,
                       rule.allow ? "second_factor" : "unless_second_factor", rule.factor);
  }
  return out;
}

PlainRule random_rule(Random& random) {
  PlainRule rule;
  rule.allow = random.chance(0.7);
  rule.roles = some(random, kRoles);
  rule.actions = some(random, kActions);
  rule.kinds = some(random, kKinds);
  rule.purposes = some(random, kPurposes);
  rule.scope = random.pick(kScopes);
  rule.grade = static_cast<int>(random.between(1, 5));
  rule.purpose_written = (rule.allow && rule.grade > 1) || random.chance(0.6);
  rule.factor = random.chance(0.25);
  return rule;
}

bool lists(const std::vector<std::string>& words, std::string_view word) {
  return words.empty() || std::ranges::find(words, word) != words.end();
}

bool is_one_of(std::span<const std::string_view> words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

bool is_area(const Parents& parents, std::string_view id) {
  return std::ranges::any_of(parents, [&](const auto& pair) { return pair.first == id; });
}

bool below(const Parents& parents, std::string at, std::string_view high) {
  while (!at.empty()) {
    if (at == high) return true;
    at = std::ranges::find(parents, at, &Parents::value_type::first)->second;
  }
  return false;
}

bool meets(const PlainRule& rule, const Parents& parents, const Actor& actor, const Assignment& post,
           const Request& request) {
  const bool role_known = is_one_of(kRoles, post.role);
  const bool area_known = post.area.empty() || is_area(parents, post.area);
  if (rule.allow && (!role_known || !area_known)) return false;
  if (!lists(rule.roles, post.role) || !lists(rule.actions, request.action) || !lists(rule.kinds, request.resource)) {
    return false;
  }
  if (rule.purpose_written && (request.purpose.empty() || !lists(rule.purposes, request.purpose))) return false;
  if (rule.scope == "own" && (request.subject.empty() || request.subject != actor.account)) return false;
  if (rule.scope == "department" && (request.department.empty() || request.department != post.department)) return false;
  if (rule.scope == "area") {
    if (request.area.empty() || post.area.empty()) return false;
    if (area_known && !below(parents, std::string(request.area), post.area)) return false;
  }
  if (rule.allow) return request.grade <= rule.grade && (!rule.factor || actor.second_factor);
  return request.grade >= rule.grade && !(rule.factor && actor.second_factor);
}

/// "+rule3", "-rule0", "!".
std::string naive(const std::vector<PlainRule>& rules, const Parents& parents, const Actor& actor,
                  const Request& request) {
  const bool known = is_one_of(kActions, request.action) && is_one_of(kKinds, request.resource) &&
                     (request.purpose.empty() || is_one_of(kPurposes, request.purpose)) &&
                     (request.area.empty() || is_area(parents, request.area)) && request.grade >= 1 &&
                     request.grade <= 5;
  if (!known) return "!";
  for (const bool allow : {false, true}) {
    for (size_t i = 0; i < rules.size(); ++i) {
      if (rules[i].allow != allow) continue;
      for (const Assignment& post : actor.assignments) {
        if (meets(rules[i], parents, actor, post, request)) return fmt::format("{}rule{}", allow ? '+' : '-', i);
      }
    }
  }
  return "!";
}

TEST(Decision, AgreesWithANaiveEvaluator) {
  const Parents parents{{"city", ""}, {"e", "city"}, {"w", "city"}, {"e1", "e"}, {"ee", "city"}};
  std::vector<Area> list;
  for (const auto& [id, parent] : parents) list.push_back({id, parent, "level", {}, {}});
  const auto areas = AreaTree::create(list);
  ASSERT_TRUE(areas);
  constexpr std::array<std::string_view, 4> kSomeRoles{"r0", "r1", "r2", "unknown"};
  constexpr std::array<std::string_view, 7> kSomeAreas{"city", "e", "w", "e1", "ee", "", "unknown"};
  constexpr std::array<std::string_view, 3> kDepartments{"d0", "d1", ""};
  constexpr std::array<std::string_view, 3> kSubjects{"me", "you", ""};
  constexpr std::array<std::string_view, 4> kSomePurposes{"p0", "p1", "", "unknown"};
  constexpr std::array<std::string_view, 5> kSomeActions{"a0", "a1", "a0", "a1", "unknown"};
  Random random(11);
  size_t allowed = 0;
  size_t denied = 0;
  for (int round = 0; round < 300; ++round) {
    std::vector<PlainRule> rules;
    for (uint64_t i = 0, n = 1 + random.below(6); i < n; ++i) rules.push_back(random_rule(random));
    const auto policy = parse_policy(yaml_of(rules), "random");
    ASSERT_TRUE(policy) << policy.error().text() << yaml_of(rules);
    for (int ask = 0; ask < 200; ++ask) {
      Actor actor{"me", {}, random.chance(0.5)};
      for (uint64_t i = random.below(4); i > 0; --i) {
        actor.assignments.push_back({std::string(random.pick(kSomeRoles)), std::string(random.pick(kDepartments)),
                                     std::string(random.pick(kSomeAreas))});
      }
      const Request request{random.pick(kSomeActions),
                            random.pick(kKinds),
                            random.pick(kDepartments),
                            random.pick(kSomeAreas),
                            random.pick(kSubjects),
                            random.pick(kSomePurposes),
                            static_cast<int>(random.between(0, 6))};
      const std::string expected = naive(rules, parents, actor, request);
      const Decision decision = decide(*policy, *areas, actor, request);
      ASSERT_EQ(answer_of(decision).substr(0, expected.size()), expected) << yaml_of(rules);
      ASSERT_EQ(decision.rule != nullptr, expected != "!");
      ASSERT_EQ(decision.allowed, expected[0] == '+');
      allowed += decision.allowed ? 1 : 0;
      denied += decision.reason == Reason::kDenied ? 1 : 0;
    }
  }
  EXPECT_GT(allowed, 1000U);
  EXPECT_GT(denied, 1000U);
}

// --- the whole product for the default policy ---

/// Seen from a post in area "here" of department "own": where the resource lies and whose it is.
constexpr std::array<std::string_view, 5> kPlaces{"here", "below", "above", "beside", ""};

/// For each place × {other department, own department} × {about someone else, about the actor}: the highest grade that
/// may be had, 0 for none. Grades are asked one by one; a gap below an allowed grade is a failure.
std::string highest_grades(const Policy& policy, const AreaTree& areas, std::string_view role, const Request& asked,
                           bool factor) {
  const Actor actor{"me", {{std::string(role), "own", "here"}}, factor};
  std::string out;
  for (const std::string_view place : kPlaces) {
    for (const std::string_view department : {"other", "own"}) {
      for (const std::string_view subject : {"you", "me"}) {
        int highest = 0;
        for (int grade = 1; grade <= limits::kGrades; ++grade) {
          Request request = asked;
          request.area = place;
          request.department = department;
          request.subject = subject;
          request.grade = grade;
          if (!decide(policy, areas, actor, request).allowed) continue;
          EXPECT_EQ(highest, grade - 1) << "grade " << grade << " is open and the one below is not";
          highest = grade;
        }
        out += static_cast<char>('0' + highest);
      }
    }
    out += ' ';
  }
  out.pop_back();
  return out;
}

/// One line for each role, action, kind and purpose that opens anything.
std::string whole_table(const Policy& policy, const AreaTree& areas) {
  std::string out =
      "# What the default policy opens: the highest grade of field, 0 for nothing. Lines of zeros are left out.\n"
      "# Columns, first with one factor and then with two: the resource lies here, below, above, beside the area of\n"
      "# the post, nowhere; four digits each: another department's, another department's and about the actor,\n"
      "# the own department's, the own department's and about the actor.\n"
      "# Purpose '-' is none, '*' each and none.\n"
      "# Made by identity_test with ZHILI_WRITE_TABLE=1; read each changed line before you commit it.\n";
  std::vector<std::string> purposes = policy.purposes.ids();
  purposes.insert(purposes.begin(), "");
  const std::string nothing = "0000 0000 0000 0000 0000  0000 0000 0000 0000 0000";
  for (const Term& role : policy.roles.all()) {
    for (const Term& resource : policy.resources.all()) {
      for (const Term& action : policy.actions.all()) {
        std::vector<std::string> opened;
        for (const std::string& purpose : purposes) {
          const Request asked{action.id, resource.id, {}, {}, {}, purpose, 1};
          opened.push_back(highest_grades(policy, areas, role.id, asked, false) + "  " +
                           highest_grades(policy, areas, role.id, asked, true));
        }
        const bool all_same = std::ranges::count(opened, opened[0]) == std::ssize(opened);
        for (size_t i = 0; i < (all_same ? 1 : opened.size()); ++i) {
          if (opened[i] == nothing) continue;
          const std::string purpose = all_same ? "*" : i == 0 ? "-" : purposes[i];
          out += fmt::format("{:<14}{:<11}{:<9}{:<15}{}\n", role.id, resource.id, action.id, purpose, opened[i]);
        }
      }
    }
  }
  return out;
}

TEST(Decision, DefaultPolicyOpensWhatTheTableSays) {
  const auto policy = parse_policy(default_policy_yaml(), "default");
  ASSERT_TRUE(policy) << policy.error().text();
  const auto areas = AreaTree::create({{"above", "", "市", {}, {}},
                                       {"here", "above", "区", {}, {}},
                                       {"beside", "above", "区", {}, {}},
                                       {"below", "here", "街道", {}, {}}});
  ASSERT_TRUE(areas);
  const std::string table = whole_table(*policy, *areas);
  const auto path = cases_dir() / "default_policy.table";
  if (std::getenv("ZHILI_WRITE_TABLE") != nullptr) {
    ASSERT_TRUE(write_file_atomically(path, table));
  }
  const auto committed = read_file(path, 1 << 20);
  ASSERT_TRUE(committed) << committed.error().text();
  EXPECT_EQ(table, *committed);
}

}  // namespace
}  // namespace zhili::identity
