#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/limits.hpp"
#include "identity/decision.hpp"
#include "vault/rows.hpp"

/// The words in which the door refuses.
namespace zhili::vault {

struct RefusalWords {
  std::string_view code;
  std::string_view zh;
  std::string_view en;
};
inline constexpr RefusalWords kUnknownBasis{"unknown_basis", "未登记的法律依据",
                                            "the catalogue knows no such legal basis"};
inline constexpr RefusalWords kOtherPurpose{"basis_other_purpose", "该法律依据不支持此使用目的",
                                            "this legal basis does not carry the purpose"};
inline constexpr RefusalWords kNotFound{"not_found", "没有此记录", "there is no such subject"};
inline constexpr RefusalWords kNoMask{"no_mask", "该字段没有脱敏形式", "the field has no masked form"};
inline constexpr RefusalWords kNotGranted{"not_granted", "共享授权不含该字段", "the grant does not open the field"};

inline Refusal refusal_of(const RefusalWords& words) {
  return {std::string(words.code), {}, std::string(words.zh), std::string(words.en), {}};
}

inline Refusal refusal_of(const identity::Decision& decision) {
  const identity::Rule* rule = decision.rule != nullptr ? decision.rule : decision.nearest;
  return {std::string(identity::code_of(decision.reason)),
          rule == nullptr ? std::string() : rule->id,
          identity::words_of(decision, identity::Language::kChinese),
          identity::words_of(decision, identity::Language::kEnglish),
          {}};
}

inline std::unexpected<Error> wrong_ask(std::string_view what, std::string_view word, std::string hint) {
  return fail(ErrorCode::kInput, {}, std::move(hint), "{} '{}'", what, word.substr(0, limits::kIdBytes));
}

/// The body that who asks acts for: the department of the first post that has one.
inline std::string department_of(const identity::Actor& actor) {
  for (const auto& post : actor.assignments) {
    if (!post.department.empty()) return post.department;
  }
  return {};
}

/// Until when a disclosure on a legal basis is withheld from its subject; 0 where it is not.
template <class Terms>
int64_t withheld_until(const Terms& withheld, std::string_view basis, int64_t now) {
  const auto found = withheld.find(basis);
  return found == withheld.end() ? 0 : now + found->second;
}

}  // namespace zhili::vault
