#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/value.hpp>

#include "base/result.hpp"
#include "identity/sessions.hpp"

namespace zhili::http {

using identity::Language;

enum class Method : uint8_t { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions, kOther };
inline constexpr size_t kMethods = 8;

/// "GET"
std::string_view name_of(Method method);
/// Whether it may change something.
constexpr bool writes(Method method) {
  return method != Method::kGet && method != Method::kHead && method != Method::kOptions;
}

/// Header fields in their order; names in small letters.
class Headers {
 public:
  void add(std::string_view name, std::string_view value);
  /// The first of that name, which is given in small letters.
  std::optional<std::string_view> find(std::string_view name) const;
  size_t count(std::string_view name) const;
  size_t size() const { return fields_.size(); }
  std::pair<std::string_view, std::string_view> operator[](size_t at) const;

 private:
  struct Field {
    uint32_t at;
    uint32_t name;   // Length; the value follows the name.
    uint32_t value;  // Length.
  };
  std::string text_;
  std::vector<Field> fields_;
};

/// By what a request is signed.
enum class Credential : uint8_t { kNone, kSession, kKey };

/// Who a request comes from, as far as its credentials were asked for and are good.
struct Caller {
  Credential by = Credential::kNone;
  std::shared_ptr<const identity::SignedIn> who;  ///< Shared with the cache of callers. None for kNone.
  std::string token;                              ///< Of a session; to end it, or to make its CSRF token.

  bool known() const { return who != nullptr; }
  /// Of someone who is known.
  const identity::Actor& actor() const { return who->actor; }
};

struct Operation;

/// A request whose parameters and body keep to the contract. It owns all it shows, and may be moved to another thread.
struct Request {
  using Texts = std::vector<std::pair<std::string, std::string>>;

  std::string id;  ///< Names the request in logs and problems: 32 hexadecimal digits.
  const Operation* operation = nullptr;
  Method method = Method::kGet;
  std::string path;  ///< Decoded, without the query.
  Texts path_parameters;
  Texts query;  ///< Decoded, in their order; with defaults of the contract for what is not given.
  Headers headers;
  std::string body;
  boost::json::value json;  ///< The body, where the contract says JSON; else null.
  std::string peer;         ///< Address without port, e.g. "192.0.2.1".
  bool secure = false;      ///< Came over TLS.
  Caller caller;
  Language language = Language::kChinese;
  int64_t received = 0;  ///< Microseconds since 1970 UTC.

  /// Of a parameter of the path that the contract names; empty for an unknown name.
  std::string_view path_parameter(std::string_view name) const;
  /// The first of that name.
  std::optional<std::string_view> query_parameter(std::string_view name) const;
  /// Every one of that name.
  std::vector<std::string_view> query_parameters(std::string_view name) const;
  /// Of a parameter that the contract says is an integer.
  std::optional<int64_t> query_integer(std::string_view name) const;
};

/// An answer. Headers that hold for all (security, lengths, request id) are added behind the handler.
struct Response {
  int status = 200;
  std::string content_type;  ///< Empty: no body.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::shared_ptr<const std::string> shared_body;  ///< Instead of `body`: kept elsewhere, such as a file in memory.
  /// Holds tokens, keys or codes: it is not compressed, as the length would tell about them (BREACH).
  bool secret = false;
  std::string code;  ///< Of the problem that it tells, for the log; else empty.

  static Response json(const boost::json::value& value, int status = 200);
  /// Text that is JSON already.
  static Response json_text(std::string text, int status = 200);
  static Response text(std::string text, int status = 200);
  static Response empty(int status = 204);
  Response& with(std::string name, std::string value) &;
  Response&& with(std::string name, std::string value) &&;
  std::string_view content() const { return shared_body ? std::string_view(*shared_body) : std::string_view(body); }
};

/// The language that Accept-Language prefers of the two that there are; Chinese where it says nothing of either.
Language choose_language(std::string_view accept_language);

}  // namespace zhili::http
