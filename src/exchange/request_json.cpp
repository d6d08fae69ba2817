#include <algorithm>
#include <array>
#include <utility>

#include <boost/json.hpp>

#include "exchange/requests.hpp"

namespace zhili::exchange {
namespace {

namespace json = boost::json;
using vault::GrantedField;
using vault::RowCondition;

constexpr std::array<std::string_view, 2> kKinds = {"one_of", "within"};
constexpr size_t kMostValueBytes = 1000;

/// Reads an object; once something does not fit, everything after it is refused too.
class Reading {
 public:
  explicit Reading(const json::value& value) {
    if (value.is_object()) {
      object_ = &value.get_object();
    } else {
      good_ = false;
    }
  }
  std::string text(std::string_view key) {
    const auto* value = find(key);
    if (value == nullptr || !value->is_string()) return wrong(), std::string();
    return std::string(value->get_string());
  }
  int64_t number(std::string_view key) {
    const auto* value = find(key);
    if (value == nullptr || !value->is_int64()) return wrong(), 0;
    return value->get_int64();
  }
  bool flag(std::string_view key) {
    const auto* value = find(key);
    if (value == nullptr || !value->is_bool()) return wrong(), false;
    return value->get_bool();
  }
  /// Of at most `most` items.
  const json::array& list(std::string_view key, size_t most) {
    static const json::array none;
    const auto* value = find(key);
    if (value == nullptr || !value->is_array() || value->get_array().size() > most) return wrong(), none;
    return value->get_array();
  }
  std::vector<std::string> texts(std::string_view key, size_t most) {
    std::vector<std::string> out;
    const auto& items = list(key, most);
    out.reserve(items.size());
    for (const auto& item : items) {
      if (!item.is_string() || item.get_string().size() > kMostValueBytes) return wrong(), out;
      out.emplace_back(item.get_string());
    }
    return out;
  }
  /// All of it was read, and nothing was missing.
  bool good() const { return good_ && read_ == object_->size(); }

 private:
  const json::value* find(std::string_view key) {
    const json::value* value = good_ ? object_->if_contains(key) : nullptr;
    if (value != nullptr) ++read_;
    return value;
  }
  void wrong() { good_ = false; }

  const json::object* object_ = nullptr;
  size_t read_ = 0;
  bool good_ = true;
};

json::array list_of(const std::vector<std::string>& texts) { return json::array(texts.begin(), texts.end()); }

json::array rows_json(const std::vector<RowCondition>& rows) {
  json::array out;
  for (const RowCondition& one : rows) {
    out.push_back(json::object{
        {"field", one.field}, {"kind", kKinds.at(static_cast<size_t>(one.kind))}, {"values", list_of(one.values)}});
  }
  return out;
}

bool rows_of(Reading& in, std::vector<RowCondition>& out) {
  for (const auto& item : in.list("rows", kRequestConditions)) {
    Reading one(item);
    RowCondition condition;
    condition.field = one.text("field");
    const auto kind = std::ranges::find(kKinds, one.text("kind"));
    condition.values = one.texts("values", vault::kConditionValues);
    if (!one.good() || kind == kKinds.end()) return false;
    condition.kind = static_cast<RowCondition::Kind>(kind - kKinds.begin());
    out.push_back(std::move(condition));
  }
  return true;
}

std::unexpected<Error> misshapen(std::string_view what) {
  return fail(ErrorCode::kInput, {}, "The API's contract says what it holds.", "this is no {}", what);
}

Result<json::value> parse(std::string_view text, std::string_view what) {
  boost::system::error_code wrong;
  json::parse_options options;
  options.max_depth = 8;
  json::value out = json::parse(text, wrong, {}, options);
  if (wrong) return misshapen(what);
  return out;
}

}  // namespace

std::string to_json(const Wanted& wanted) {
  return json::serialize(json::object{{"department", wanted.department},
                                      {"dataset", wanted.dataset},
                                      {"fields", list_of(wanted.fields)},
                                      {"purpose", wanted.purpose},
                                      {"basis", wanted.basis},
                                      {"reason", wanted.reason},
                                      {"rows", rows_json(wanted.rows)},
                                      {"until", wanted.until},
                                      {"per_minute", wanted.per_minute},
                                      {"per_day", wanted.per_day}});
}

std::string to_json(const Conditions& conditions) {
  json::array fields;
  for (const GrantedField& one : conditions.fields) {
    fields.push_back(json::object{{"field", one.field}, {"masked", one.masked}});
  }
  return json::serialize(json::object{{"fields", std::move(fields)},
                                      {"rows", rows_json(conditions.rows)},
                                      {"until", conditions.until},
                                      {"per_minute", conditions.per_minute},
                                      {"per_day", conditions.per_day}});
}

Result<Wanted> wanted_from_json(std::string_view text) {
  constexpr std::string_view kWhat = "request for data";
  ZHILI_ASSIGN(const json::value value, parse(text, kWhat));
  Reading in(value);
  Wanted out;
  out.department = in.text("department");
  out.dataset = in.text("dataset");
  out.fields = in.texts("fields", kRequestFields);
  out.purpose = in.text("purpose");
  out.basis = in.text("basis");
  out.reason = in.text("reason");
  const bool rows = rows_of(in, out.rows);
  out.until = in.number("until");
  out.per_minute = in.number("per_minute");
  out.per_day = in.number("per_day");
  if (!rows || !in.good()) return misshapen(kWhat);
  return out;
}

Result<Conditions> conditions_from_json(std::string_view text) {
  constexpr std::string_view kWhat = "list of conditions";
  ZHILI_ASSIGN(const json::value value, parse(text, kWhat));
  Reading in(value);
  Conditions out;
  for (const auto& item : in.list("fields", kRequestFields)) {
    Reading one(item);
    GrantedField field;
    field.field = one.text("field");
    field.masked = one.flag("masked");
    if (!one.good()) return misshapen(kWhat);
    out.fields.push_back(std::move(field));
  }
  const bool rows = rows_of(in, out.rows);
  out.until = in.number("until");
  out.per_minute = in.number("per_minute");
  out.per_day = in.number("per_day");
  if (!rows || !in.good()) return misshapen(kWhat);
  return out;
}

}  // namespace zhili::exchange
