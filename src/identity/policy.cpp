#include "identity/policy.hpp"

#include <algorithm>
#include <utility>

namespace zhili::identity {
namespace {

constexpr std::string_view kDefaultPolicy =
#include "identity/default_policy.inc"
    ;

}  // namespace

bool Terms::add(Term term) {
  if (!index_.try_emplace(term.id, static_cast<uint32_t>(terms_.size())).second) return false;
  terms_.push_back(std::move(term));
  return true;
}

std::optional<uint32_t> Terms::find(std::string_view id) const {
  const auto found = index_.find(id);
  if (found == index_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string> Terms::ids() const {
  std::vector<std::string> out;
  out.reserve(terms_.size());
  for (const Term& term : terms_) out.push_back(term.id);
  return out;
}

const Rule* Policy::find(std::string_view rule) const {
  const auto found = std::ranges::find(rules, rule, &Rule::id);
  return found == rules.end() ? nullptr : &*found;
}

std::string_view default_policy_yaml() { return kDefaultPolicy; }

}  // namespace zhili::identity
