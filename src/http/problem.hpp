#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "base/result.hpp"
#include "http/message.hpp"

namespace zhili::http {

/// The same said in both languages.
struct Words {
  std::string zh;
  std::string en;
  const std::string& in(Language language) const { return language == Language::kEnglish ? en : zh; }
};

/// What is wrong with one part of a request.
struct FieldError {
  std::string pointer;    ///< Of the body (RFC 6901), e.g. "/items/0/name"; empty is the whole body.
  std::string parameter;  ///< Or a parameter's name; then `pointer` says nothing.
  std::string code;       ///< "too_long": for machines; never changes.
  Words message;
};

/// A failure as RFC 9457 tells it. It holds no personal data, no SQL, and no word of the request beyond names.
struct Problem {
  int status = 500;
  std::string type;   ///< "outside-area": shown as `code`, and as `type` /problems/outside-area; never changes.
  Words title;        ///< The same for each problem of the type.
  Words detail = {};  ///< Of this one; may be empty.
  Words hint = {};    ///< The way out; may be empty.
  std::vector<FieldError> errors = {};
  boost::json::object more = {};                                  ///< Further members.
  std::vector<std::pair<std::string, std::string>> headers = {};  ///< E.g. Retry-After.
};

/// What a room's error is to a client. Errors that are this side's fault (kInternal, kIo, kConfig) say no more than
/// that; the others give the error's words as `reason`, in English.
Problem problem_of(const Error& error);

// Those that several places give.
Problem bad_request(std::string_view type, Words detail);  ///< 400
Problem invalid_request(std::vector<FieldError> errors);   ///< 400 invalid-request
Problem not_found();                                       ///< 404 not-found
Problem not_signed_in();                                   ///< 401 not-signed-in
Problem not_allowed(std::string_view type, Words detail);  ///< 403
Problem too_busy();                                        ///< 503 too-busy
Problem internal_problem();                                ///< 500 internal

/// application/problem+json. `instance` is the request's id. `language` chooses title, detail and hint; beside them it
/// says the same in each, so that a page whose reader changes the language need not ask again for what was refused.
Response problem_response(const Problem& problem, Language language, std::string_view instance);

}  // namespace zhili::http
