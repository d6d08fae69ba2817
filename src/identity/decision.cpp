#include "identity/decision.hpp"

#include <array>
#include <optional>
#include <utility>

namespace zhili::identity {
namespace {

/// A request in the policy's terms.
struct Asked {
  uint32_t action;
  uint32_t resource;
  std::optional<uint32_t> purpose;
  const Request& request;
};

/// A post as the rules see it.
struct Post {
  const Assignment* assignment;
  std::optional<uint32_t> role;
  bool area_known;  // Or empty.

  bool usable() const { return role.has_value() && area_known; }
};

Decision refused(Reason reason) { return {false, reason, nullptr, nullptr}; }

bool names_role(const Rule& rule, const Post& post) {
  return post.role.has_value() ? rule.roles.test(*post.role) : rule.every_role;
}

bool names_task(const Rule& rule, const Asked& asked) {
  return rule.actions.test(asked.action) && rule.resources.test(asked.resource);
}

bool names_purpose(const Rule& rule, const Asked& asked) {
  return rule.every_purpose || (asked.purpose.has_value() && rule.purposes.test(*asked.purpose));
}

bool in_area(const AreaTree& areas, const Post& post, const Request& request) {
  if (request.area.empty() || post.assignment->area.empty()) return false;
  // Only a deny gets here with an unknown area: it closes more rather than less.
  return !post.area_known || areas.within(request.area, post.assignment->area);
}

bool in_scope(const Rule& rule, const AreaTree& areas, const Actor& actor, const Post& post, const Request& request) {
  switch (rule.scope) {
    case Scope::kEverything:
      return true;
    case Scope::kArea:
      return in_area(areas, post, request);
    case Scope::kDepartment:
      return !request.department.empty() && request.department == post.assignment->department;
    case Scope::kOwn:
      return !request.subject.empty() && request.subject == actor.account;
  }
  return false;
}

Reason out_of_scope(Scope scope) {
  switch (scope) {
    case Scope::kEverything:
    case Scope::kArea:
      return Reason::kOutsideArea;
    case Scope::kDepartment:
      return Reason::kOtherDepartment;
    case Scope::kOwn:
      return Reason::kNotOwn;
  }
  return Reason::kOutsideArea;
}

/// The first condition of an allow that is not met; kAllowed if all are.
Reason test_allow(const Rule& rule, const AreaTree& areas, const Actor& actor, const Post& post, const Asked& asked) {
  if (!post.usable() || !names_role(rule, post) || !names_task(rule, asked)) return Reason::kNotGranted;
  if (!names_purpose(rule, asked)) return Reason::kOtherPurpose;
  if (!in_scope(rule, areas, actor, post, asked.request)) return out_of_scope(rule.scope);
  if (asked.request.grade > rule.grade) return Reason::kGradeTooHigh;
  if (rule.second_factor && !actor.second_factor) return Reason::kSecondFactor;
  return Reason::kAllowed;
}

bool test_deny(const Rule& rule, const AreaTree& areas, const Actor& actor, const Post& post, const Asked& asked) {
  return names_role(rule, post) && names_task(rule, asked) && names_purpose(rule, asked) &&
         in_scope(rule, areas, actor, post, asked.request) && asked.request.grade >= rule.grade &&
         !(rule.second_factor && actor.second_factor);
}

Reason unusable(const std::vector<Post>& posts) {
  if (posts.empty()) return Reason::kNoPost;
  for (const Post& post : posts) {
    if (post.role.has_value()) return Reason::kUnknownArea;
  }
  return Reason::kUnknownRole;
}

Decision decide_allow(const Policy& policy, const AreaTree& areas, const Actor& actor, const std::vector<Post>& posts,
                      const Asked& asked) {
  Decision best;
  for (const Rule& rule : policy.rules) {
    if (rule.effect != Effect::kAllow) continue;
    for (const Post& post : posts) {
      const Reason reason = test_allow(rule, areas, actor, post, asked);
      if (reason == Reason::kAllowed) return {true, reason, &rule, &rule};
      if (reason > best.reason) best = {false, reason, nullptr, &rule};
    }
  }
  return best;
}

struct Words {
  std::string_view code;
  std::string_view zh;
  std::string_view en;
};

// In the order of Reason.
constexpr std::array<Words, 16> kWords{{
    {"allowed", "允许", "allowed"},
    {"denied", "有规则明确禁止", "a rule forbids it"},
    {"unknown_action", "未定义的操作", "the policy knows no such action"},
    {"unknown_resource", "未定义的资源类型", "the policy knows no such kind of resource"},
    {"unknown_purpose", "未定义的使用目的", "the policy knows no such purpose"},
    {"unknown_area", "未登记的区域", "the area is not registered"},
    {"unknown_grade", "数据级别不存在", "there is no such grade"},
    {"unknown_role", "所任角色未在权限规则中定义", "the policy knows none of the roles held"},
    {"no_post", "未担任任何岗位", "no post is held"},
    {"not_granted", "所任角色没有此项权限", "the roles held give no such right"},
    {"not_own", "不是本人的信息", "it is about somebody else"},
    {"other_purpose", "不得用于此目的", "allowed, but not for this purpose"},
    {"other_department", "不属于本部门", "another department owns it"},
    {"outside_area", "超出管辖区域", "outside the area of the post"},
    {"grade_too_high", "数据级别高于可查看的级别", "the fields are of a higher grade than may be seen"},
    {"second_factor_needed", "需要二次验证", "it needs a second factor"},
}};

}  // namespace

Decision decide(const Policy& policy, const AreaTree& areas, const Actor& actor, const Request& request) {
  const auto action = policy.actions.find(request.action);
  if (!action) return refused(Reason::kUnknownAction);
  const auto resource = policy.resources.find(request.resource);
  if (!resource) return refused(Reason::kUnknownResource);
  const auto purpose = policy.purposes.find(request.purpose);
  if (!purpose && !request.purpose.empty()) return refused(Reason::kUnknownPurpose);
  if (!request.area.empty() && !areas.has(request.area)) return refused(Reason::kUnknownArea);
  if (request.grade < 1 || request.grade > limits::kGrades) return refused(Reason::kUnknownGrade);

  const Asked asked{*action, *resource, purpose, request};
  std::vector<Post> posts;
  posts.reserve(actor.assignments.size());
  bool usable = false;
  for (const Assignment& assignment : actor.assignments) {
    const bool area_known = assignment.area.empty() || areas.has(assignment.area);
    posts.push_back({&assignment, policy.roles.find(assignment.role), area_known});
    usable = usable || posts.back().usable();
  }
  for (const Rule& rule : policy.rules) {
    if (rule.effect != Effect::kDeny) continue;
    for (const Post& post : posts) {
      if (test_deny(rule, areas, actor, post, asked)) return {false, Reason::kDenied, &rule, nullptr};
    }
  }
  if (!usable) return refused(unusable(posts));
  return decide_allow(policy, areas, actor, posts, asked);
}

std::string_view code_of(Reason reason) { return kWords.at(static_cast<size_t>(reason)).code; }

std::string words_of(const Decision& decision, Language language) {
  const Words& words = kWords.at(static_cast<size_t>(decision.reason));
  const bool chinese = language == Language::kChinese;
  std::string out(chinese ? words.zh : words.en);
  const Rule* rule = decision.rule != nullptr ? decision.rule : decision.nearest;
  if (rule == nullptr) return out;
  const std::string& note = chinese ? rule->note_zh : rule->note_en;
  out += chinese ? fmt::format("（规则 {}）", rule->id) : fmt::format(" (rule {})", rule->id);
  if (!note.empty()) out += (chinese ? "：" : ": ") + note;
  return out;
}

}  // namespace zhili::identity
