#include "identity/admit.hpp"

#include <algorithm>

namespace zhili::identity {
namespace {

Result<std::string> account_of(Accounts& accounts, const ExternalPerson& person, const SignOnConfig& config) {
  const auto known = accounts.find_external(person.external_id);
  if (known) return known->id;
  if (known.error().code != ErrorCode::kNotFound || !config.create_accounts) return std::unexpected(known.error());
  return accounts.create(person.login, person.name, "", person.external_id);
}

}  // namespace

Result<std::string> admit(Accounts& accounts, const ExternalPerson& person, const SignOnConfig& config) {
  ZHILI_ASSIGN(std::string id, account_of(accounts, person, config));
  if (config.posts_claim.empty()) return id;
  ZHILI_ASSIGN(const std::vector<Post> held, accounts.posts(id));
  const auto holds = [&](const Assignment& post) {
    return std::ranges::any_of(held, [&](const Post& one) { return one.assignment == post && !one.until; });
  };
  for (const PostMapping& mapping : config.posts) {
    const bool due = std::ranges::find(person.posts, mapping.post) != person.posts.end();
    if (due && !holds(mapping.post)) ZHILI_TRY(accounts.give_post(id, {mapping.post, {}}, ""));
    if (!due && holds(mapping.post)) {
      const Status taken = accounts.take_post(id, mapping.post, "");
      // Two values may stand for one post: the second one finds it taken.
      if (!taken && taken.error().code != ErrorCode::kNotFound) return std::unexpected(taken.error());
    }
  }
  return id;
}

}  // namespace zhili::identity
