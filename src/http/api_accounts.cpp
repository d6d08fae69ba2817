#include <algorithm>

#include "http/api_json.hpp"
#include "http/etag.hpp"
#include "identity/accounts.hpp"
#include "identity/digest.hpp"

namespace zhili::http {
namespace {

using identity::Account;
using identity::Accounts;
using identity::AccountState;

std::string_view state_name(AccountState state) {
  return state == AccountState::kActive ? "active" : state == AccountState::kLocked ? "locked" : "closed";
}

Result<boost::json::object> account_json(const ApiParts& parts, const Account& account) {
  ZHILI_ASSIGN(const auto posts, Accounts(parts.ground).posts(account.id));
  boost::json::array list;
  for (const auto& post : posts) {
    boost::json::object one = post_json(post.assignment);
    if (post.until) one["until"] = time_text(*post.until);
    list.emplace_back(std::move(one));
  }
  boost::json::object out{{"id", account.id},
                          {"login", account.login},
                          {"name", account.name},
                          {"state", state_name(account.state)},
                          {"has_password", account.has_password},
                          {"has_second_factor", account.has_second_factor},
                          {"posts", std::move(list)}};
  if (!account.external_id.empty()) out["external_id"] = account.external_id;
  return out;
}

/// An account has no version of its own: what it looks like is one.
Result<std::string> tag_of(const std::string& text) {
  ZHILI_ASSIGN(const std::string digest, identity::sha256(text));
  return "\"" + identity::to_hex(digest.substr(0, 12)) + "\"";
}

Answer account_answer(const ApiParts& parts, const std::string& id, int status) {
  ZHILI_ASSIGN(const auto account, Accounts(parts.ground).find(id));
  ZHILI_ASSIGN(const auto json, account_json(parts, account));
  std::string text = boost::json::serialize(json);
  ZHILI_ASSIGN(auto tag, tag_of(text));
  Response out = Response::json_text(std::move(text), status);
  out.with("ETag", std::move(tag));
  return out;
}

/// Whether the caller may do this to an account. It lies where its posts lie; one without posts lies where the caller's
/// own posts do.
std::optional<Problem> require_account(const ApiParts& parts, const Request& request, std::string_view action,
                                       const std::string& id, std::span<const identity::Post> posts) {
  identity::Request what;
  what.action = action;
  what.resource = "account";
  what.subject = id;
  std::optional<Problem> problem;
  if (posts.empty()) {
    for (const auto& own : request.caller.actor().assignments) {
      what.area = own.area;
      problem = require(parts, request, what);
      if (!problem) return std::nullopt;
    }
    return problem ? problem : require(parts, request, what);
  }
  for (const auto& post : posts) {
    what.area = post.assignment.area;
    problem = require(parts, request, what);
    if (problem) return problem;
  }
  return std::nullopt;
}

Problem own_account() {
  return not_allowed("own-account", {"不能变更自己的岗位和状态，请由其他管理员办理",
                                     "Nobody changes posts or state of their own account; ask another administrator"});
}

/// What each change of an account begins with.
Result<std::optional<Problem>> check_change(const ApiParts& parts, const Request& request, std::string_view action) {
  const std::string id(request.path_parameter("account"));
  Accounts accounts(parts.ground);
  ZHILI_ASSIGN(const auto account, accounts.find(id));
  ZHILI_ASSIGN(const auto posts, accounts.posts(account.id));
  if (auto problem = require_account(parts, request, action, id, posts)) return problem;
  if (id == request.caller.actor().account) return std::optional(own_account());
  if (const auto match = request.headers.find("if-match"); match && *match != "*") {
    ZHILI_ASSIGN(const auto json, account_json(parts, account));
    ZHILI_ASSIGN(const auto tag, tag_of(boost::json::serialize(json)));
    if (auto problem = require_match(request, tag)) return problem;
  }
  return std::optional<Problem>();
}

Answer list_accounts(const ApiParts& parts, const Request& request) {
  if (auto problem = require_account(parts, request, "look_up", "", {})) return *problem;
  const auto position = parts.cursors.position(request);
  if (!position) return position.error();
  const auto limit = static_cast<size_t>(request.query_integer("limit").value_or(100));
  Accounts accounts(parts.ground);
  ZHILI_ASSIGN(const auto page, accounts.list(position->value_or(""), limit));
  boost::json::array items;
  for (const auto& account : page) {
    ZHILI_ASSIGN(const auto posts, accounts.posts(account.id));
    if (require_account(parts, request, "look_up", account.id, posts)) continue;
    ZHILI_ASSIGN(auto json, account_json(parts, account));
    items.emplace_back(std::move(json));
  }
  boost::json::object out{{"items", std::move(items)}};
  if (page.size() == limit) {
    ZHILI_ASSIGN(out["next"], parts.cursors.next(request, page.back().login));
  }
  return Response::json(out);
}

Answer create_account(const ApiParts& parts, const Request& request) {
  if (auto problem = require_account(parts, request, "create", "", {})) return *problem;
  ZHILI_ASSIGN(const std::string id, Accounts(parts.ground)
                                         .create(body_text(request, "login"), body_text(request, "name"),
                                                 request.caller.actor().account, body_text(request, "external_id")));
  auto out = account_answer(parts, id, 201);
  if (out) out->with("Location", "/api/v1/accounts/" + id);
  return out;
}

Answer get_account(const ApiParts& parts, const Request& request) {
  const std::string id(request.path_parameter("account"));
  ZHILI_ASSIGN(const auto posts, Accounts(parts.ground).posts(id));
  if (auto problem = require_account(parts, request, "read", id, posts)) return *problem;
  auto out = account_answer(parts, id, 200);
  if (out && is_known(request.headers, out->headers.back().second)) return not_modified(out->headers.back().second);
  return out;
}

/// Runs a change of the account, forgets who was remembered, and answers with the account or nothing.
template <class Change>
Answer change_account(const ApiParts& parts, const Request& request, std::string_view action, bool show,
                      Change&& change) {
  ZHILI_ASSIGN(const auto problem, check_change(parts, request, action));
  if (problem) return *problem;
  const std::string id(request.path_parameter("account"));
  Accounts accounts(parts.ground);
  ZHILI_TRY(change(accounts, id, request.caller.actor().account));
  parts.callers.forget_all();
  return show ? account_answer(parts, id, 200) : Answer(Response::empty());
}

Answer set_state(const ApiParts& parts, const Request& request) {
  const std::string word = body_text(request, "state");
  const auto state = identity::account_state(word);
  return change_account(parts, request, "update", true, [&](Accounts& accounts, const std::string& id, const auto& by) {
    return accounts.set_state(id, state, by);
  });
}

Answer set_password(const ApiParts& parts, const Request& request) {
  return change_account(parts, request, "update", false,
                        [&](Accounts& accounts, const std::string& id, const auto& by) {
                          return accounts.set_password(id, body_text(request, "password"), by);
                        });
}

Answer remove_second_factor(const ApiParts& parts, const Request& request) {
  return change_account(
      parts, request, "update", false,
      [&](Accounts& accounts, const std::string& id, const auto& by) { return accounts.remove_second_factor(id, by); });
}

Answer give_post(const ApiParts& parts, const Request& request) {
  identity::Post post;
  post.assignment = {body_text(request, "role"), body_text(request, "department"), body_text(request, "area")};
  const std::string until = body_text(request, "until");
  if (!until.empty()) {
    post.until = time_of(until);
    if (!post.until) {
      return invalid_request({{"/until", {}, "no_time", {"不是有效的时间", "It is no time of RFC 3339"}}});
    }
  }
  if (!parts.rules->policy.roles.find(post.assignment.role)) {
    return invalid_request({{"/role", {}, "unknown", {"没有这一角色", "The policy knows no such role"}}});
  }
  if (auto problem = require_account(parts, request, "manage", "", std::span(&post, 1))) return *problem;
  return change_account(parts, request, "manage", true, [&](Accounts& accounts, const std::string& id, const auto& by) {
    return accounts.give_post(id, post, by);
  });
}

Answer take_post(const ApiParts& parts, const Request& request) {
  const auto given = [&](std::string_view name) { return std::string(request.query_parameter(name).value_or("")); };
  const identity::Assignment post{given("role"), given("department"), given("area")};
  return change_account(parts, request, "manage", true, [&](Accounts& accounts, const std::string& id, const auto& by) {
    return accounts.take_post(id, post, by);
  });
}

}  // namespace

void add_account_api(Handlers& handlers, const ApiParts& parts) {
  const auto add = [&](const char* operation, Answer (*work)(const ApiParts&, const Request&)) {
    handlers.add(operation, answering([&parts, work](const Request& request) { return work(parts, request); }));
  };
  add("listAccounts", list_accounts);
  add("createAccount", create_account);
  add("getAccount", get_account);
  add("setAccountState", set_state);
  add("setAccountPassword", set_password);
  add("removeSecondFactor", remove_second_factor);
  add("givePost", give_post);
  add("takePost", take_post);
}

}  // namespace zhili::http
