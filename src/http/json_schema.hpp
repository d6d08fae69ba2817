#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "base/result.hpp"
#include "http/problem.hpp"

namespace zhili::http {

/// A JSON Schema (draft 2020-12, as OpenAPI 3.1 has it), narrowed to what is checked here: `type`, `enum`, `const`;
/// `properties`, `required`, `additionalProperties`, `minProperties`, `maxProperties`; `items`, `minItems`, `maxItems`,
/// `uniqueItems`; `minLength`, `maxLength` (in characters), `pattern` (RE2's language, found anywhere); `minimum`,
/// `maximum`, `exclusiveMinimum`, `exclusiveMaximum`; `format` of date and date-time; `$ref` into the document, also to
/// itself. Words that only describe are passed over. Text with NUL is always refused: the store keeps none. Immutable.
class JsonSchema {
 public:
  JsonSchema(const JsonSchema&) = delete;
  JsonSchema& operator=(const JsonSchema&) = delete;
  ~JsonSchema();

  /// What is wrong with `value`, at most limits::kFieldErrors of it.
  std::vector<FieldError> check(const boost::json::value& value) const;
  /// The value that a parameter's text stands for, by the types that this schema allows; the text where none fits.
  boost::json::value value_of(std::string_view text) const;
  bool is_list() const;
  /// Of a list's elements; null where anything goes.
  const JsonSchema* items() const;
  /// The schema's `default`; null where there is none.
  const boost::json::value* fallback() const;

  struct Rules;

 private:
  friend class SchemaSet;
  JsonSchema();
  std::unique_ptr<Rules> rules_;
};

/// Makes and owns the schemas of one document; each $ref is made once.
class SchemaSet {
 public:
  /// The document outlives all calls of read().
  explicit SchemaSet(const boost::json::value& document) : document_(document) {}
  SchemaSet(const SchemaSet&) = delete;
  SchemaSet& operator=(const SchemaSet&) = delete;

  /// Error: kConfig for a keyword that is not above, or a value of the wrong kind; `where` begins its message.
  Result<const JsonSchema*> read(const boost::json::value& schema, const std::string& where) {
    return read(schema, where, 0);
  }

 private:
  Result<const JsonSchema*> read(const boost::json::value& schema, const std::string& where, int depth);
  Result<const JsonSchema*> read_reference(std::string_view pointer, const std::string& where, int depth);
  Status fill(JsonSchema& out, const boost::json::object& from, const std::string& where, int depth);
  JsonSchema& make();

  const boost::json::value& document_;
  std::vector<std::unique_ptr<JsonSchema>> schemas_;
  std::map<std::string, const JsonSchema*, std::less<>> by_reference_;
};

}  // namespace zhili::http
