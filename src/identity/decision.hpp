#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "identity/area_tree.hpp"
#include "identity/policy.hpp"

namespace zhili::identity {

/// A post that someone holds: a role, in a department, for an area. Department and area may be empty.
struct Assignment {
  std::string role;
  std::string department;
  std::string area;
  bool operator==(const Assignment&) const = default;
};

/// Who acts: a person's account, or a system's or device's key.
struct Actor {
  std::string account;
  std::vector<Assignment> assignments;
  bool second_factor = false;  ///< The session began, or was raised, with one.
};

/// What is asked for. Views: they live as long as the call.
struct Request {
  std::string_view action;
  std::string_view resource;    ///< The kind.
  std::string_view department;  ///< That owns the resource; may be empty.
  std::string_view area;        ///< Where the resource lies; empty where it lies nowhere.
  std::string_view subject;     ///< The account that the resource is about; may be empty.
  std::string_view purpose;     ///< May be empty where a rule needs none.
  int grade = 1;                ///< The highest grade of the fields asked for, 1 to limits::kGrades.
};

enum class Reason : uint8_t {
  kAllowed,
  kDenied,           ///< A rule forbids it.
  kUnknownAction,    ///< The request names what the policy or the tree of areas does not know.
  kUnknownResource,  //
  kUnknownPurpose,   //
  kUnknownArea,      ///< Of the request, or of all posts that the actor holds.
  kUnknownGrade,     //
  kUnknownRole,      ///< The policy knows no role that the actor holds.
  kNoPost,           ///< The actor holds no post.
  kNotGranted,       ///< No rule gives the actor's roles this action on this kind.
  // From here on a rule does, and `nearest` is the one that comes nearest: the later in this list, the nearer.
  kNotOwn,
  kOtherPurpose,
  kOtherDepartment,
  kOutsideArea,
  kGradeTooHigh,
  kSecondFactor,  ///< With a second factor it would be allowed.
};

/// Of one decision. Pointers are into the policy.
struct Decision {
  bool allowed = false;
  Reason reason = Reason::kNotGranted;
  const Rule* rule = nullptr;     ///< That decided. None: nothing allows it.
  const Rule* nearest = nullptr;  ///< The rule that came nearest to allowing it.
};

/// Decides by the rules: what no rule allows is refused; a rule that denies beats all that allow; among rules of one
/// effect the first in the file is named. What is unknown is refused. A post whose role or area is unknown gives
/// nothing, yet rules that deny by it still hold.
Decision decide(const Policy& policy, const AreaTree& areas, const Actor& actor, const Request& request);

/// "outside_area": for machines; never changes.
std::string_view code_of(Reason reason);

enum class Language : uint8_t { kChinese, kEnglish };
/// The reason for people, with the note of the rule that decided.
std::string words_of(const Decision& decision, Language language);

}  // namespace zhili::identity
