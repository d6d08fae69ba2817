#include "http/validate.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>

#include "base/limits.hpp"

namespace zhili::http {
namespace json = boost::json;

namespace {

using Errors = std::vector<FieldError>;

void add(Errors& errors, const std::string& parameter, std::string_view code, const char* zh, const char* en) {
  if (errors.size() < limits::kFieldErrors) errors.push_back({{}, parameter, std::string(code), {zh, en}});
}

// A list's elements, each by the type of the list's items.
json::value list_of(const Parameter& parameter, const std::vector<std::string_view>& given) {
  const JsonSchema* items = parameter.schema->items();
  json::array out;
  const auto add_one = [&](std::string_view text) {
    if (items != nullptr) {
      out.push_back(items->value_of(text));
    } else {
      out.emplace_back(text);
    }
  };
  for (std::string_view text : given) {
    if (parameter.exploded) {
      add_one(text);
      continue;
    }
    for (;;) {
      const size_t comma = text.find(',');
      add_one(text.substr(0, comma));
      if (comma == std::string_view::npos) break;
      text.remove_prefix(comma + 1);
    }
  }
  return out;
}

void check_parameter(const Parameter& parameter, const std::vector<std::string_view>& given, Errors& errors) {
  const bool list = parameter.schema != nullptr && parameter.schema->is_list();
  if (given.size() > 1 && !(list && parameter.exploded)) {
    return add(errors, parameter.name, "doubled", "只能给出一次", "May be given once");
  }
  if (parameter.schema == nullptr) return;
  const json::value value = list ? list_of(parameter, given) : parameter.schema->value_of(given.front());
  for (FieldError& error : parameter.schema->check(value)) {
    if (errors.size() >= limits::kFieldErrors) return;
    error.parameter = parameter.name;
    errors.push_back(std::move(error));
  }
}

std::vector<std::string_view> given_in(const Request& request, const Parameter& parameter) {
  std::vector<std::string_view> out;
  switch (parameter.in) {
    case Parameter::In::kPath:
      out.push_back(request.path_parameter(parameter.name));
      break;
    case Parameter::In::kQuery:
      return request.query_parameters(parameter.name);
    case Parameter::In::kHeader:
      if (const auto value = request.headers.find(parameter.name)) out.push_back(*value);
      break;
  }
  return out;
}

void check_parameters(const Operation& operation, Request& request, Errors& errors) {
  for (const auto& [name, value] : request.query) {
    const bool known = std::ranges::any_of(operation.parameters, [&](const Parameter& parameter) {
      return parameter.in == Parameter::In::kQuery && parameter.name == name;
    });
    // The name is the client's own; it is not repeated, but for what a name may look like.
    const bool plain =
        name.size() <= 64 && std::ranges::all_of(name, [](char c) {
          return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
        });
    if (!known)
      add(errors, plain && !name.empty() ? name : "?", "unknown_parameter", "没有此参数", "There is no such parameter");
  }
  Request::Texts fallbacks;
  for (const Parameter& parameter : operation.parameters) {
    const std::vector<std::string_view> given = given_in(request, parameter);
    if (!given.empty()) {
      check_parameter(parameter, given, errors);
    } else if (parameter.required) {
      add(errors, parameter.name, "missing", "缺少此参数", "Is missing");
    } else if (parameter.fallback && parameter.in == Parameter::In::kQuery) {
      fallbacks.emplace_back(parameter.name, *parameter.fallback);
    }
  }
  for (auto& fallback : fallbacks) request.query.push_back(std::move(fallback));
}

Problem unsupported_type(const Operation& operation) {
  Problem out{415,
              "unsupported-media-type",
              {"不支持的内容类型", "Unsupported media type"},
              {"此操作不接受这种内容类型", "The operation does not take this type"}};
  std::string accepted;
  for (const std::string& type : operation.body_types) accepted += (accepted.empty() ? "" : ", ") + type;
  if (!accepted.empty()) {
    out.more["accepted"] = accepted;
    out.headers.emplace_back("Accept", accepted);
  }
  return out;
}

Problem bad_json(const boost::system::error_code& failed) {
  const bool deep = failed == json::error::too_deep;
  return invalid_request({{"",
                           "",
                           deep ? "too_deep" : "no_json",
                           {deep ? "JSON 嵌套过深" : "不是有效的 JSON",
                            deep ? "The JSON is nested too deeply" : "It is not valid JSON"}}});
}

// Whether all of it can be kept: the store takes no NUL in text, and numbers that are finite. Nesting is limited
// already.
bool can_be_kept(const json::value& value) {
  if (const auto* text = value.if_string()) return text->find('\0') == json::string::npos;
  if (const auto* number = value.if_double()) return std::isfinite(*number);
  if (const auto* list = value.if_array()) return std::ranges::all_of(*list, can_be_kept);
  if (const auto* object = value.if_object()) {
    return std::ranges::all_of(*object, [](const json::key_value_pair& entry) {
      return entry.key().find('\0') == json::string_view::npos && can_be_kept(entry.value());
    });
  }
  return true;
}

std::optional<Problem> check_body(const Operation& operation, Request& request) {
  // A body that is packed is not unpacked: nothing here is so large that it would have to be.
  const auto coding = request.headers.find("content-encoding");
  if (coding && *coding != "identity") {
    Problem out{415,
                "unsupported-coding",
                {"不支持的内容编码", "Unsupported content coding"},
                {"请勿压缩请求内容", "Send the body as it is"}};
    out.headers.emplace_back("Accept-Encoding", "identity");
    return out;
  }
  if (request.body.empty()) {
    if (!operation.body_required) return std::nullopt;
    return invalid_request({{"", "", "missing", {"缺少请求内容", "There is no body"}}});
  }
  if (!operation.takes_body) return bad_request("no-body", {"此操作不接受请求内容", "The operation takes no body"});
  const std::string type = media_type_of(request.headers.find("content-type").value_or(""));
  if (std::ranges::find(operation.body_types, type) == operation.body_types.end()) return unsupported_type(operation);
  if (type != "application/json") return std::nullopt;
  boost::system::error_code failed;
  json::parse_options options;
  options.max_depth = limits::kJsonDepth;
  request.json = json::parse(request.body, failed, {}, options);
  if (failed) return bad_json(failed);
  if (!can_be_kept(request.json)) {
    return invalid_request(
        {{"", "", "not_storable", {"含有 NUL 字符或过大的数字", "It holds NUL, or a number that is too large"}}});
  }
  if (operation.body == nullptr) return std::nullopt;
  std::vector<FieldError> errors = operation.body->check(request.json);
  if (!errors.empty()) return invalid_request(std::move(errors));
  return std::nullopt;
}

}  // namespace

std::string media_type_of(std::string_view content_type) {
  std::string out(content_type.substr(0, content_type.find(';')));
  while (!out.empty() && (out.back() == ' ' || out.back() == '\t')) out.pop_back();
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  return out;
}

std::optional<Problem> validate(const Operation& operation, Request& request) {
  Errors errors;
  check_parameters(operation, request, errors);
  if (!errors.empty()) return invalid_request(std::move(errors));
  return check_body(operation, request);
}

}  // namespace zhili::http
