#include <cstddef>
#include <cstdint>
#include <string_view>

#include "identity/decision.hpp"

/// Any bytes give a policy or an error that can be told; no policy opens anything to someone without a post.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {  // NOLINT(readability-identifier-naming)
  using namespace zhili::identity;
  const auto policy = parse_policy({reinterpret_cast<const char*>(data), size}, "policy.yaml");
  if (!policy) {
    if (policy.error().text().empty()) __builtin_trap();
    return 0;
  }
  const AreaTree areas;
  for (const Term& action : policy->actions.all()) {
    for (const Term& resource : policy->resources.all()) {
      const Decision nobody = decide(*policy, areas, {"me", {}, true}, {action.id, resource.id, "", "", "me", "", 1});
      if (nobody.allowed || words_of(nobody, Language::kEnglish).empty()) __builtin_trap();
      for (const Term& role : policy->roles.all()) {
        const Actor actor{"me", {{role.id, "d", ""}}, false};
        const Decision decision = decide(*policy, areas, actor, {action.id, resource.id, "d", "", "me", "", 1});
        if (decision.allowed && decision.rule == nullptr) __builtin_trap();
      }
      return 0;  // One is enough: policies may be large.
    }
  }
  return 0;
}
