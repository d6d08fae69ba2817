#include "http/api_json.hpp"
#include "identity/accounts.hpp"
#include "identity/sessions.hpp"
#include "identity/sign_in.hpp"

namespace zhili::http {
namespace {

/// Whether this is the caller's password. Asked as at signing in, so that failures are counted and slowed down alike.
Result<bool> is_own_password(const ApiParts& parts, const Request& request, const std::string& password) {
  ZHILI_ASSIGN(const auto account, identity::Accounts(parts.ground).find(request.caller.actor().account));
  ZHILI_ASSIGN(const auto answer, identity::SignIns(parts.ground).with_password(account.login, password, request.peer));
  if (answer.token.empty()) return false;
  ZHILI_TRY(identity::Sessions(parts.ground).sign_out(answer.token));
  return true;
}

Problem wrong_password() {
  return {403, "wrong-password", {"口令不正确", "Wrong password"}, {"请输入当前口令", "Give the present password"}};
}

Answer change_password(const ApiParts& parts, const Request& request) {
  ZHILI_ASSIGN(const bool right, is_own_password(parts, request, body_text(request, "current")));
  if (!right) return wrong_password();
  const std::string& account = request.caller.actor().account;
  ZHILI_TRY(identity::Accounts(parts.ground).set_password(account, body_text(request, "new"), account));
  parts.callers.forget_all();
  return Response::empty().with("Set-Cookie", session_cookie_end(request.secure));
}

Answer begin_second_factor(const ApiParts& parts, const Request& request) {
  ZHILI_ASSIGN(const bool right, is_own_password(parts, request, body_text(request, "password")));
  if (!right) return wrong_password();
  ZHILI_ASSIGN(const auto factor,
               identity::Accounts(parts.ground).begin_second_factor(request.caller.actor().account, parts.name_zh));
  Response out = Response::json(boost::json::object{{"secret", factor.secret}, {"url", factor.url}}, 201);
  out.secret = true;
  return out;
}

Answer confirm_second_factor(const ApiParts& parts, const Request& request) {
  ZHILI_ASSIGN(const auto codes, identity::Accounts(parts.ground)
                                     .confirm_second_factor(request.caller.actor().account, body_text(request, "code"),
                                                            request.caller.token));
  parts.callers.forget_all();
  Response out =
      Response::json(boost::json::object{{"recovery_codes", boost::json::array(codes.begin(), codes.end())}}, 201);
  out.secret = true;
  return out;
}

}  // namespace

void add_own_account_api(Handlers& handlers, const ApiParts& parts) {
  handlers.add("changePassword",
               answering([&parts](const Request& request) { return change_password(parts, request); }));
  handlers.add("beginSecondFactor",
               answering([&parts](const Request& request) { return begin_second_factor(parts, request); }));
  handlers.add("confirmSecondFactor",
               answering([&parts](const Request& request) { return confirm_second_factor(parts, request); }));
}

}  // namespace zhili::http
