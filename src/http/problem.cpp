#include "http/problem.hpp"

#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace zhili::http {
namespace {

Problem with_reason(Problem problem, const Error& error) {
  if (!error.message.empty()) problem.more["reason"] = error.message;
  problem.hint = {error.hint, error.hint};
  return problem;
}

/// Title, detail and hint in one language.
boost::json::object said(const Problem& problem, Language language) {
  boost::json::object out{{"title", problem.title.in(language)}};
  if (!problem.detail.in(language).empty()) out["detail"] = problem.detail.in(language);
  if (!problem.hint.in(language).empty()) out["hint"] = problem.hint.in(language);
  return out;
}

}  // namespace

Problem internal_problem() {
  return {500,
          "internal",
          {"服务器内部错误", "Internal error"},
          {"服务器未能完成请求；请凭请求编号联系管理员",
           "The server could not do it; tell an administrator the request's id"}};
}

Problem too_busy() {
  Problem out{503,
              "too-busy",
              {"服务器繁忙", "Too busy"},
              {"未做任何更改，请稍后重试", "Nothing was done; try again in a moment"}};
  out.headers.emplace_back("Retry-After", "1");
  return out;
}

Problem not_found() {
  return {404, "not-found", {"未找到", "Not found"}, {"没有所请求的内容", "There is nothing of that name"}};
}

Problem not_signed_in() {
  Problem out{401,
              "not-signed-in",
              {"尚未登录", "Not signed in"},
              {"请登录，或提供有效的密钥", "Sign in, or give a valid key"}};
  out.headers.emplace_back("WWW-Authenticate", "Bearer");
  return out;
}

Problem not_allowed(std::string_view type, Words detail) {
  return {403, std::string(type), {"不允许", "Not allowed"}, std::move(detail)};
}

Problem bad_request(std::string_view type, Words detail) {
  return {400, std::string(type), {"请求有误", "Bad request"}, std::move(detail)};
}

Problem invalid_request(std::vector<FieldError> errors) {
  Problem out{400,
              "invalid-request",
              {"请求不符合接口约定", "The request breaks the contract"},
              {"请按 errors 所列逐项更正", "Mend what errors lists"}};
  out.errors = std::move(errors);
  return out;
}

Problem problem_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::kUsage:
    case ErrorCode::kInput:
      return with_reason(
          {422, "unacceptable", {"内容不可接受", "Not acceptable"}, {"所给内容有误", "What was given is wrong"}},
          error);
    case ErrorCode::kNotFound:
      return with_reason(not_found(), error);
    case ErrorCode::kConflict:
      return with_reason({409, "conflict", {"冲突", "Conflict"}, {"与已有内容冲突", "It clashes with what is there"}},
                         error);
    case ErrorCode::kConstraint:
      return with_reason({409,
                          "constraint",
                          {"违反数据约束", "A rule of the data forbids it"},
                          {"数据规则不允许", "A rule of the data forbids it"}},
                         error);
    case ErrorCode::kLimit:
      return with_reason({422, "limit", {"超出限制", "Over a limit"}, {"超出限制", "A limit was passed"}}, error);
    case ErrorCode::kBusy:
      return too_busy();
    case ErrorCode::kUnavailable:
    case ErrorCode::kDiskFull:
    case ErrorCode::kCancelled: {
      Problem out{503,
                  "unavailable",
                  {"暂时不可用", "Not available"},
                  {"存储暂时不可用，未做任何更改", "The store is out of reach; nothing was done"}};
      out.headers.emplace_back("Retry-After", "5");
      return out;
    }
    case ErrorCode::kOutcomeUnknown:
      return {503,
              "outcome-unknown",
              {"结果未知", "Outcome unknown"},
              {"无法确认更改是否完成；重复之前请先查看", "It may be done or not; look before you repeat it"}};
    case ErrorCode::kInternal:
    case ErrorCode::kConfig:
    case ErrorCode::kIo:
      break;
  }
  return internal_problem();
}

Response problem_response(const Problem& problem, Language language, std::string_view instance) {
  boost::json::object body = said(problem, language);
  body["type"] = "/problems/" + problem.type;
  body["code"] = problem.type;
  body["status"] = problem.status;
  if (!instance.empty()) body["instance"] = instance;
  if (!problem.errors.empty()) {
    boost::json::array errors;
    for (const FieldError& error : problem.errors) {
      boost::json::object entry;
      if (error.parameter.empty()) {
        entry["pointer"] = error.pointer;
      } else {
        entry["parameter"] = error.parameter;
      }
      entry["code"] = error.code;
      entry["message"] = error.message.in(language);
      entry["zh"] = error.message.zh;
      entry["en"] = error.message.en;
      errors.push_back(std::move(entry));
    }
    body["errors"] = std::move(errors);
  }
  body["zh"] = said(problem, Language::kChinese);
  body["en"] = said(problem, Language::kEnglish);
  for (const auto& member : problem.more) body.emplace(member.key(), member.value());
  Response out;
  out.status = problem.status;
  out.content_type = "application/problem+json";
  out.body = boost::json::serialize(body);
  out.headers = problem.headers;
  out.code = problem.type;
  return out;
}

}  // namespace zhili::http
