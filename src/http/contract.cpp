#include "http/contract.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <utility>

#include <boost/json/serialize.hpp>

#include "base/limits.hpp"
#include "config/yaml.hpp"

namespace zhili::http {
namespace json = boost::json;

struct Contract::Parts {
  json::value document;
  std::string text;
  std::unique_ptr<SchemaSet> schemas;
  std::vector<Operation> operations;
  std::string prefix;
};

namespace {

std::unexpected<Error> wrong(const std::string& where, std::string hint, std::string_view what) {
  return fail(ErrorCode::kConfig, {}, std::move(hint), "{}: {}", where, what);
}

// A plain scalar as YAML's core schema reads it.
json::value scalar(const config::YamlNode& node) {
  const std::string& text = node.text;
  if (node.quoted) return json::string(text);
  if (text.empty() || text == "null" || text == "~") return nullptr;
  if (text == "true" || text == "false") return text == "true";
  const char* const end = text.data() + text.size();
  int64_t whole = 0;
  if (const auto read = std::from_chars(text.data(), end, whole); read.ec == std::errc() && read.ptr == end)
    return whole;
  double number = 0;
  const bool numeric = text.find_first_not_of("0123456789+-.eE") == std::string::npos;
  if (const auto read = std::from_chars(text.data(), end, number);
      numeric && read.ec == std::errc() && read.ptr == end) {
    return number;
  }
  return json::string(text);
}

Result<json::value> to_json(const config::YamlNode& node, const std::string& file) {
  switch (node.kind) {
    case config::YamlNode::Kind::kNull:
      return nullptr;
    case config::YamlNode::Kind::kScalar:
      return scalar(node);
    case config::YamlNode::Kind::kList: {
      json::array out;
      for (const config::YamlNode& item : node.items) {
        ZHILI_ASSIGN(json::value value, to_json(item, file));
        out.push_back(std::move(value));
      }
      return out;
    }
    case config::YamlNode::Kind::kMap:
      break;
  }
  json::object out;
  for (size_t i = 0; i < node.keys.size(); ++i) {
    if (out.contains(node.keys[i].text)) {
      return fail(ErrorCode::kConfig, {file, node.keys[i].mark.line, node.keys[i].mark.column}, "Write each key once.",
                  "The key '{}' stands twice", node.keys[i].text);
    }
    ZHILI_ASSIGN(json::value value, to_json(node.items[i], file));
    out.emplace(node.keys[i].text, std::move(value));
  }
  return out;
}

std::string text_of(const json::value* value) {
  const auto* text = value != nullptr ? value->if_string() : nullptr;
  return text != nullptr ? std::string(text->data(), text->size()) : std::string();
}

bool flag_of(const json::object& from, std::string_view key) {
  const json::value* found = from.if_contains(key);
  return found != nullptr && found->is_bool() && found->get_bool();
}

/// Reads the operations of one document.
class Reader {
 public:
  Reader(const json::value& document, SchemaSet& schemas) : document_(document), schemas_(schemas) {}

  Status read(std::vector<Operation>& out);
  const std::string& prefix() const { return prefix_; }

 private:
  Status read_security_schemes();
  Status read_path(const std::string& path, const json::object& item, std::vector<Operation>& out);
  Result<Operation> read_operation(const std::string& path, Method method, const json::object& from,
                                   const json::object& item);
  Status read_parameters(const json::value* list, Operation& out, const std::string& where);
  Result<Parameter> read_parameter(const json::object& from, const std::string& where);
  Status read_body(const json::object& from, Operation& out, const std::string& where);
  Status read_security(const json::object& from, Operation& out, const std::string& where);
  Status read_extensions(const json::object& from, Operation& out, const std::string& where);
  Result<const json::object*> resolve(const json::value& value, const std::string& where);

  const json::value& document_;
  SchemaSet& schemas_;
  std::string prefix_;
  std::set<std::string, std::less<>> session_schemes_;
  std::set<std::string, std::less<>> key_schemes_;
};

Result<const json::object*> Reader::resolve(const json::value& value, const std::string& where) {
  const json::object* object = value.if_object();
  if (object == nullptr) return wrong(where, "Write an object.", "it is no object");
  const json::value* reference = object->if_contains("$ref");
  if (reference == nullptr) return object;
  const std::string pointer = text_of(reference);
  boost::system::error_code failed;
  const json::value* target = pointer.starts_with("#/") ? document_.find_pointer(pointer.substr(1), failed) : nullptr;
  if (target == nullptr || failed || !target->is_object() || target->get_object().contains("$ref")) {
    return wrong(where, "Write the part, or mend its name.", "there is no object " + pointer);
  }
  return &target->get_object();
}

Status Reader::read_security_schemes() {
  boost::system::error_code failed;
  const json::value* schemes = document_.find_pointer("/components/securitySchemes", failed);
  if (schemes == nullptr || failed || !schemes->is_object()) return {};
  for (const auto& entry : schemes->get_object()) {
    const std::string name(entry.key().data(), entry.key().size());
    const json::object* scheme = entry.value().if_object();
    if (scheme == nullptr) return wrong("securitySchemes/" + name, "Write an object.", "it is no object");
    const std::string type = text_of(scheme->if_contains("type"));
    if (type == "apiKey" && text_of(scheme->if_contains("in")) == "cookie") {
      session_schemes_.insert(name);
    } else if (type == "http" && text_of(scheme->if_contains("scheme")) == "bearer") {
      key_schemes_.insert(name);
    } else {
      return wrong("securitySchemes/" + name, "Use 'apiKey' in 'cookie' or 'http' with 'bearer'.",
                   "the server knows no such scheme");
    }
  }
  return {};
}

Status Reader::read(std::vector<Operation>& out) {
  const json::object* root = document_.if_object();
  if (root == nullptr || !text_of(root->if_contains("openapi")).starts_with("3.1")) {
    return wrong("the contract", "Begin it with 'openapi: 3.1.0'.", "it is no OpenAPI 3.1 document");
  }
  ZHILI_TRY(read_security_schemes());
  boost::system::error_code failed;
  const std::string url = text_of(document_.find_pointer("/servers/0/url", failed));
  if (url.starts_with('/') && url.size() > 1) prefix_ = url.ends_with('/') ? url.substr(0, url.size() - 1) : url;
  const json::value* paths = root->if_contains("paths");
  if (paths == nullptr || !paths->is_object()) {
    return wrong("the contract", "Add 'paths:' with one operation at least.", "it has no paths");
  }
  std::set<std::string> ids;
  for (const auto& entry : paths->get_object()) {
    const std::string path(entry.key().data(), entry.key().size());
    const json::object* item = entry.value().if_object();
    if (item == nullptr || !path.starts_with('/')) {
      return wrong("paths" + path, "A path begins with / and holds operations.", "it is no path");
    }
    ZHILI_TRY(read_path(path, *item, out));
  }
  if (out.size() > limits::kOperations) return wrong("the contract", "Split it.", "it has too many operations");
  for (size_t i = 0; i < out.size(); ++i) {
    out[i].number = i;
    if (!ids.insert(out[i].id).second) return wrong(out[i].id, "Give each its own.", "the operationId stands twice");
  }
  return {};
}

Status Reader::read_path(const std::string& path, const json::object& item, std::vector<Operation>& out) {
  constexpr std::array<std::pair<std::string_view, Method>, 5> kMethods = {{{"get", Method::kGet},
                                                                            {"post", Method::kPost},
                                                                            {"put", Method::kPut},
                                                                            {"patch", Method::kPatch},
                                                                            {"delete", Method::kDelete}}};
  for (const auto& entry : item) {
    const std::string_view key(entry.key().data(), entry.key().size());
    if (key == "parameters" || key == "summary" || key == "description" || key.starts_with("x-")) continue;
    const auto* method = std::ranges::find(kMethods, key, &std::pair<std::string_view, Method>::first);
    if (method == kMethods.end() || !entry.value().is_object()) {
      return wrong(path, "Use get, post, put, patch, delete, parameters.",
                   "the server does not know '" + std::string(key) + "' here");
    }
    ZHILI_ASSIGN(Operation operation, read_operation(path, method->second, entry.value().get_object(), item));
    out.push_back(std::move(operation));
  }
  return {};
}

Result<Operation> Reader::read_operation(const std::string& path, Method method, const json::object& from,
                                         const json::object& item) {
  Operation out;
  out.id = text_of(from.if_contains("operationId"));
  const std::string where = std::string(name_of(method)) + " " + path;
  if (out.id.empty()) return wrong(where, "Add 'operationId: doThis'.", "it has no operationId");
  out.method = method;
  out.path = prefix_ + path;
  // An operation's own parameters come first; those of its path count where it has none of the name.
  ZHILI_TRY(read_parameters(from.if_contains("parameters"), out, where));
  ZHILI_TRY(read_parameters(item.if_contains("parameters"), out, where));
  ZHILI_TRY(read_body(from, out, where));
  ZHILI_TRY(read_security(from, out, where));
  ZHILI_TRY(read_extensions(from, out, where));
  for (const Parameter& parameter : out.parameters) {
    if (parameter.in == Parameter::In::kPath && !path.contains("{" + parameter.name + "}")) {
      return wrong(where, "Name it in the path, in braces.", "the path has no {" + parameter.name + "}");
    }
  }
  size_t named = 0;
  for (const Parameter& parameter : out.parameters) named += parameter.in == Parameter::In::kPath ? 1 : 0;
  if (static_cast<size_t>(std::ranges::count(path, '{')) != named) {
    return wrong(where, "Declare each {name} of the path under 'parameters'.", "a part of the path is not declared");
  }
  return out;
}

Status Reader::read_parameters(const json::value* list, Operation& out, const std::string& where) {
  if (list == nullptr) return {};
  if (!list->is_array()) return wrong(where, "Write a list.", "parameters is no list");
  for (const json::value& entry : list->get_array()) {
    ZHILI_ASSIGN(const json::object* from, resolve(entry, where + ", a parameter"));
    ZHILI_ASSIGN(Parameter parameter, read_parameter(*from, where));
    const bool known = std::ranges::any_of(out.parameters, [&](const Parameter& other) {
      return other.name == parameter.name && other.in == parameter.in;
    });
    if (!known) out.parameters.push_back(std::move(parameter));
  }
  return {};
}

Result<Parameter> Reader::read_parameter(const json::object& from, const std::string& where) {
  Parameter out;
  out.name = text_of(from.if_contains("name"));
  const std::string in = text_of(from.if_contains("in"));
  const std::string here = where + ", parameter " + out.name;
  if (out.name.empty()) return wrong(here, "Add 'name:'.", "it has no name");
  if (in == "path") {
    out.in = Parameter::In::kPath;
  } else if (in == "query") {
    out.in = Parameter::In::kQuery;
  } else if (in == "header") {
    out.in = Parameter::In::kHeader;
    std::ranges::transform(out.name, out.name.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  } else {
    return wrong(here, "Use path, query or header.", "the server takes no parameter in '" + in + "'");
  }
  out.required = flag_of(from, "required") || out.in == Parameter::In::kPath;
  const json::value* explode = from.if_contains("explode");
  out.exploded = out.in == Parameter::In::kQuery && (explode == nullptr || !explode->is_bool() || explode->get_bool());
  const json::value* schema = from.if_contains("schema");
  if (schema == nullptr) return wrong(here, "Add 'schema:'.", "it has no schema");
  ZHILI_ASSIGN(out.schema, schemas_.read(*schema, here));
  const json::value* fallback = out.schema != nullptr ? out.schema->fallback() : nullptr;
  if (fallback != nullptr && !fallback->is_array() && !fallback->is_object() && !fallback->is_null()) {
    out.fallback = fallback->is_string() ? text_of(fallback) : json::serialize(*fallback);
  }
  return out;
}

Status Reader::read_body(const json::object& from, Operation& out, const std::string& where) {
  const json::value* given = from.if_contains("requestBody");
  if (given == nullptr) return {};
  ZHILI_ASSIGN(const json::object* body, resolve(*given, where + ", requestBody"));
  const json::value* content = body->if_contains("content");
  if (content == nullptr || !content->is_object() || content->get_object().empty()) {
    return wrong(where, "Add 'content:' with a media type.", "its body has no content");
  }
  out.takes_body = true;
  out.body_required = flag_of(*body, "required");
  for (const auto& entry : content->get_object()) {
    std::string type(entry.key().data(), entry.key().size());
    const json::object* media = entry.value().if_object();
    const json::value* schema = media != nullptr ? media->if_contains("schema") : nullptr;
    if (type == "application/json") {
      if (schema == nullptr) return wrong(where, "Add 'schema:'.", "its body has no schema");
      ZHILI_ASSIGN(out.body, schemas_.read(*schema, where + ", requestBody"));
    }
    out.body_types.push_back(std::move(type));
  }
  return {};
}

Status Reader::read_security(const json::object& from, Operation& out, const std::string& where) {
  const json::value* security = from.if_contains("security");
  if (security == nullptr) security = document_.get_object().if_contains("security");
  if (security == nullptr || !security->is_array()) {
    return wrong(where, "Add 'security:', or one for all operations; '[]' is open to all.",
                 "it does not say who may call");
  }
  out.open = security->get_array().empty();
  for (const json::value& entry : security->get_array()) {
    const json::object* need = entry.if_object();
    if (need == nullptr || need->size() > 1)
      return wrong(where, "Name one scheme in each.", "its security is not understood");
    if (need->empty()) {
      out.open = true;  // May be called by anyone; a caller who is known is told to the handler.
      continue;
    }
    const std::string_view name(need->begin()->key().data(), need->begin()->key().size());
    const bool session = session_schemes_.contains(name);
    const bool key = key_schemes_.contains(name);
    if (!session && !key)
      return wrong(where, "Declare it under components/securitySchemes.", "its security is not known");
    out.takes_session = out.takes_session || session;
    out.takes_key = out.takes_key || key;
  }
  return {};
}

Status Reader::read_extensions(const json::object& from, Operation& out, const std::string& where) {
  const std::string runs = text_of(from.if_contains("x-runs"));
  if (runs == "quick") {
    out.runs = Runs::kQuick;
  } else if (runs == "password") {
    out.runs = Runs::kPassword;
  } else if (!runs.empty() && runs != "worker") {
    return wrong(where, "Use quick, worker or password.", "x-runs is not known");
  }
  out.takes_waiting = flag_of(from, "x-waiting-session");
  out.writes = http::writes(out.method) && !flag_of(from, "x-not-a-write");
  out.max_body = out.takes_body ? limits::kBodyBytes : 0;
  out.time_limit = limits::kWorkTime;
  if (const json::value* bytes = from.if_contains("x-max-body")) {
    const auto* number = bytes->if_int64();
    if (number == nullptr || *number < 1 || *number > static_cast<int64_t>(limits::kAnyBodyBytes)) {
      return wrong(where, fmt::format("Give bytes, up to {}.", limits::kAnyBodyBytes), "x-max-body is out of range");
    }
    out.max_body = static_cast<size_t>(*number);
  }
  if (const json::value* seconds = from.if_contains("x-time-limit")) {
    const auto* number = seconds->if_int64();
    if (number == nullptr || *number < 1 || *number > 600) {
      return wrong(where, "Give seconds, 1 to 600.", "x-time-limit is out of range");
    }
    out.time_limit = std::chrono::seconds(*number);
  }
  return {};
}

}  // namespace

Contract::Contract(std::shared_ptr<const Parts> parts) : parts_(std::move(parts)) {}

Result<Contract> Contract::parse(std::string_view yaml, const std::string& file) {
  ZHILI_ASSIGN(const config::YamlNode root, config::parse_yaml(yaml, file));
  auto parts = std::make_shared<Parts>();
  ZHILI_ASSIGN(parts->document, to_json(root, file));
  parts->text = json::serialize(parts->document);
  parts->schemas = std::make_unique<SchemaSet>(parts->document);
  Reader reader(parts->document, *parts->schemas);
  if (Status read = reader.read(parts->operations); !read) {
    Error error = std::move(read.error());
    error.place.file = file;
    return fail(std::move(error));
  }
  parts->prefix = reader.prefix();
  return Contract(std::move(parts));
}

const std::vector<Operation>& Contract::operations() const { return parts_->operations; }

const Operation* Contract::find(std::string_view operation_id) const {
  const auto found = std::ranges::find(parts_->operations, operation_id, &Operation::id);
  return found == parts_->operations.end() ? nullptr : &*found;
}

const std::string& Contract::prefix() const { return parts_->prefix; }

const std::string& Contract::json() const { return parts_->text; }

}  // namespace zhili::http
