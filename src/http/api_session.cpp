#include <set>

#include "http/api_json.hpp"
#include "identity/accounts.hpp"
#include "identity/admit.hpp"
#include "identity/sessions.hpp"
#include "identity/sign_in.hpp"
#include "vault/bindings.hpp"

namespace zhili::http {
namespace {

using identity::SignInAnswer;
using identity::SignInOutcome;

constexpr std::string_view kTicketCookie = "zhili-sign-on";

/// What at least one post allows, whatever purpose, area and grade: for menus.
boost::json::array may(const vault::Rules& rules, const identity::Actor& actor) {
  std::set<std::string> out;
  const auto& policy = rules.policy;
  for (const auto& post : actor.assignments) {
    const auto role = policy.roles.find(post.role);
    if (!role) continue;
    for (const auto& rule : policy.rules) {
      if (rule.effect != identity::Effect::kAllow || !rule.roles.test(*role)) continue;
      if (rule.second_factor && !actor.second_factor) continue;
      for (size_t a = 0; a < policy.actions.all().size(); ++a) {
        for (size_t r = 0; rule.actions.test(a) && r < policy.resources.all().size(); ++r) {
          if (rule.resources.test(r)) out.insert(policy.actions.all()[a].id + ":" + policy.resources.all()[r].id);
        }
      }
    }
  }
  return boost::json::array(out.begin(), out.end());
}

std::string_view stage_name(identity::SessionStage stage) {
  switch (stage) {
    case identity::SessionStage::kWaiting:
      return "second_factor_needed";
    case identity::SessionStage::kOneFactor:
      return "one_factor";
    case identity::SessionStage::kTwoFactors:
      break;
  }
  return "two_factors";
}

Answer session_answer(const ApiParts& parts, std::string_view token, int status, bool secure, bool fresh) {
  ZHILI_ASSIGN(const auto who, identity::Sessions(parts.ground).check(token));
  ZHILI_ASSIGN(const std::string csrf, identity::Sessions::csrf_token(token));
  boost::json::object out{{"stage", stage_name(who.stage)}, {"csrf", csrf}, {"ends", time_text(who.ends)}};
  if (who.stage != identity::SessionStage::kWaiting) {
    out["account"] = who.actor.account;
    out["name"] = who.name;
    boost::json::array posts;
    for (const auto& post : who.actor.assignments) posts.emplace_back(post_json(post));
    out["posts"] = std::move(posts);
    ZHILI_ASSIGN(const auto bound, vault::Bindings(parts.vault).of_account(who.actor.account));
    boost::json::array subjects;
    for (const auto& subject : bound) {
      subjects.emplace_back(boost::json::object{{"kind", subject.kind}, {"id", subject.id}});
    }
    out["subjects"] = std::move(subjects);
    out["may"] = may(*parts.rules, who.actor);
  }
  Response response = Response::json(out, status);
  response.secret = true;
  if (fresh) response.with("Set-Cookie", session_cookie(token, secure));
  return response;
}

Problem refused_sign_in() {
  return {401,
          "sign-in-refused",
          {"登录失败", "Not signed in"},
          {"账号、口令或动态口令不正确", "The login name, the password or the code is not right"}};
}

Answer sign_in_answer(const ApiParts& parts, const Request& request, const SignInAnswer& answer) {
  switch (answer.outcome) {
    case SignInOutcome::kSignedIn:
    case SignInOutcome::kSecondFactorNeeded:
      return session_answer(parts, answer.token, 201, request.secure, true);
    case SignInOutcome::kRefused:
      return refused_sign_in();
    case SignInOutcome::kLocked:
      return not_allowed("account-locked", {"账号已锁定，请联系管理员", "The account is locked; ask an administrator"});
    case SignInOutcome::kTooEarly:
      break;
  }
  const int64_t wait = std::max<int64_t>(1, (answer.retry_at - parts.ground.store.now() + 999'999) / 1'000'000);
  Problem out{429,
              "too-many-attempts",
              {"尝试次数过多", "Too many attempts"},
              {fmt::format("请在 {} 秒后重试", wait), fmt::format("Try again in {} seconds", wait)}};
  out.headers.emplace_back("Retry-After", std::to_string(wait));
  return out;
}

std::string old_token(const Request& request) {
  const Shown shown = credential_in(request.headers, request.secure);
  return shown.by == Credential::kSession ? shown.token : std::string();
}

Answer sign_in(const ApiParts& parts, const Request& request) {
  ZHILI_ASSIGN(const auto answer, identity::SignIns(parts.ground)
                                      .with_password(body_text(request, "login"), body_text(request, "password"),
                                                     request.peer, old_token(request)));
  parts.callers.forget_all();
  return sign_in_answer(parts, request, answer);
}

Answer give_second_factor(const ApiParts& parts, const Request& request) {
  ZHILI_ASSIGN(const auto answer,
               identity::SignIns(parts.ground).with_second_factor(request.caller.token, body_text(request, "code")));
  parts.callers.forget_all();
  return sign_in_answer(parts, request, answer);
}

Answer sign_out(const ApiParts& parts, const Request& request) {
  identity::Sessions sessions(parts.ground);
  if (request.query_parameter("everywhere") == "true") {
    const std::string& account = request.caller.actor().account;
    ZHILI_TRY(sessions.sign_out_everywhere(account, account));
  } else {
    ZHILI_TRY(sessions.sign_out(request.caller.token));
  }
  parts.callers.forget_all();
  return Response::empty().with("Set-Cookie", session_cookie_end(request.secure));
}

std::string ticket_cookie(std::string_view ticket, bool secure, bool end) {
  return fmt::format("{}={}; Path=/api/v1/sign-on; HttpOnly; SameSite=Lax{}{}", kTicketCookie, ticket,
                     secure ? "; Secure" : "", end ? "; Max-Age=0" : "; Max-Age=600");
}

std::string ticket_in(const Headers& headers) {
  const std::string cookies(headers.find("cookie").value_or(""));
  for (size_t at = 0; at < cookies.size();) {
    const size_t end = std::min(cookies.find(';', at), cookies.size());
    std::string_view one = std::string_view(cookies).substr(at, end - at);
    while (one.starts_with(' ')) one.remove_prefix(1);
    if (one.starts_with(kTicketCookie) && one.substr(kTicketCookie.size()).starts_with('=')) {
      return std::string(one.substr(kTicketCookie.size() + 1));
    }
    at = end + 1;
  }
  return {};
}

Response redirect(std::string to) {
  Response out = Response::empty(303);
  out.with("Location", std::move(to));
  return out;
}

Answer start_sign_on(const ApiParts& parts, const Request& request) {
  if (parts.sign_on == nullptr) {
    return Problem{404,
                   "no-sign-on",
                   {"未配置统一身份登录", "No sign-on provider"},
                   {"请用账号和口令登录", "Sign in by password"}};
  }
  ZHILI_ASSIGN(auto begun, parts.sign_on->begin());
  Response out = redirect(std::move(begun.url));
  out.with("Set-Cookie", ticket_cookie(begun.ticket, request.secure, false));
  return out;
}

Answer finish_sign_on(const ApiParts& parts, const Request& request) {
  if (parts.sign_on == nullptr) return not_found();
  const auto given = [&](std::string_view name) { return std::string(request.query_parameter(name).value_or("")); };
  const auto person =
      parts.sign_on->finish(ticket_in(request.headers), {given("code"), given("state"), given("iss"), given("error")});
  // A person is before the page: they are led on, with what went wrong as a word.
  const auto back = [&](std::string_view why) {
    Response out = redirect(fmt::format("/sign-in?failed={}", why));
    out.with("Set-Cookie", ticket_cookie("", request.secure, true));
    return out;
  };
  if (!person)
    return back(person.error().code == ErrorCode::kUnavailable ? "provider_unavailable" : "provider_refused");
  identity::Accounts accounts(parts.ground);
  const auto account = identity::admit(accounts, *person, *parts.sign_on_config);
  if (!account) return back("no_account");
  const auto answer =
      identity::SignIns(parts.ground).with_provider(*account, person->second_factor, old_token(request));
  parts.callers.forget_all();
  if (!answer || answer->token.empty()) return back("no_account");
  Response out = redirect("/");
  out.with("Set-Cookie", session_cookie(answer->token, request.secure));
  out.with("Set-Cookie", ticket_cookie("", request.secure, true));
  return out;
}

}  // namespace

void add_session_api(Handlers& handlers, const ApiParts& parts) {
  handlers.add("signIn", answering([&parts](const Request& request) { return sign_in(parts, request); }));
  handlers.add("getSession", answering([&parts](const Request& request) {
                 return session_answer(parts, request.caller.token, 200, request.secure, false);
               }));
  handlers.add("signOut", answering([&parts](const Request& request) { return sign_out(parts, request); }));
  handlers.add("giveSecondFactor",
               answering([&parts](const Request& request) { return give_second_factor(parts, request); }));
  handlers.add("startSignOn", answering([&parts](const Request& request) { return start_sign_on(parts, request); }));
  handlers.add("finishSignOn", answering([&parts](const Request& request) { return finish_sign_on(parts, request); }));
}

}  // namespace zhili::http
