#include "http/json_schema.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include <boost/json/serialize.hpp>
#include <re2/re2.h>

#include "base/limits.hpp"

namespace zhili::http {
namespace json = boost::json;

namespace {

enum TypeBit : uint8_t {
  kNull = 1,
  kBoolean = 2,
  kObject = 4,
  kArray = 8,
  kNumber = 16,
  kString = 32,
  kInteger = 64,
};

constexpr std::array<std::pair<std::string_view, TypeBit>, 7> kTypes = {{{"null", kNull},
                                                                         {"boolean", kBoolean},
                                                                         {"object", kObject},
                                                                         {"array", kArray},
                                                                         {"number", kNumber},
                                                                         {"string", kString},
                                                                         {"integer", kInteger}}};

// What says something about a value and forbids none.
constexpr std::array<std::string_view, 14> kDescribing = {
    "title",     "description", "default",          "example",         "examples",     "deprecated", "readOnly",
    "writeOnly", "$comment",    "contentMediaType", "contentEncoding", "externalDocs", "$schema",    "$id"};

enum class Format : uint8_t { kNone, kDate, kDateTime };

bool is_whole(double number) { return std::isfinite(number) && std::floor(number) == number; }

std::optional<double> number_in(const json::value& value) {
  switch (value.kind()) {
    case json::kind::int64:
      return static_cast<double>(value.get_int64());
    case json::kind::uint64:
      return static_cast<double>(value.get_uint64());
    case json::kind::double_:
      return value.get_double();
    case json::kind::null:
    case json::kind::bool_:
    case json::kind::string:
    case json::kind::array:
    case json::kind::object:
      break;
  }
  return std::nullopt;
}

uint8_t types_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return kNull;
    case json::kind::bool_:
      return kBoolean;
    case json::kind::object:
      return kObject;
    case json::kind::array:
      return kArray;
    case json::kind::string:
      return kString;
    case json::kind::double_:
      return is_whole(value.get_double()) ? kNumber | kInteger : kNumber;
    case json::kind::int64:
    case json::kind::uint64:
      return kNumber | kInteger;
  }
  return 0;
}

// As JSON Schema has it: 1 and 1.0 are the same number.
bool same(const json::value& a, const json::value& b) {
  if (a == b) return true;
  const std::optional<double> x = number_in(a);
  return x.has_value() && x == number_in(b);
}

size_t characters_of(std::string_view text) {
  return static_cast<size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

// Two digits at `at`; -1 where they are none.
int two_digits(std::string_view text, size_t at) {
  if (at + 2 > text.size()) return -1;
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return digit(text[at]) && digit(text[at + 1]) ? (text[at] - '0') * 10 + (text[at + 1] - '0') : -1;
}

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const int century = two_digits(text, 0);
  const int rest = two_digits(text, 2);
  const int month = two_digits(text, 5);
  const int day = two_digits(text, 8);
  if (century < 0 || rest < 0 || month < 1 || month > 12 || day < 1) return false;
  const int year = century * 100 + rest;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return day <= kDays[static_cast<size_t>(month - 1)] + (month == 2 && leap ? 1 : 0);
}

bool is_clock(std::string_view text, size_t at) {
  const int hour = two_digits(text, at);
  const int minute = two_digits(text, at + 3);
  return hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && text[at + 2] == ':';
}

// RFC 3339: 2026-01-02T03:04:05.678+08:00
bool is_date_time(std::string_view text) {
  if (text.size() < 20 || !is_date(text.substr(0, 10)) || (text[10] != 'T' && text[10] != 't')) return false;
  const int second = two_digits(text, 17);
  if (!is_clock(text, 11) || text[16] != ':' || second < 0 || second > 60) return false;
  size_t at = 19;
  if (text[at] == '.') {
    const size_t first = ++at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    if (at == first) return false;
  }
  const std::string_view zone = text.substr(at);
  if (zone == "Z" || zone == "z") return true;
  return zone.size() == 6 && (zone[0] == '+' || zone[0] == '-') && is_clock(zone, 1);
}

void append_pointer(std::string& pointer, std::string_view name) {
  pointer += '/';
  for (const char c : name) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
}

// Keywords of one schema while it is read; the first mistake is kept.
class Keywords {
 public:
  Keywords(const json::object& from, const std::string& where) : from_(from), where_(where) {}

  std::unexpected<Error> wrong(std::string_view key, std::string_view expected) const {
    return fail(ErrorCode::kConfig, {}, fmt::format("Write {}.", expected), "{}: {} is not {}", where_, key, expected);
  }
  Status count(std::string_view key, uint64_t& out) const {
    const json::value* found = from_.if_contains(key);
    if (found == nullptr) return {};
    const auto* number = found->if_int64();
    if (number == nullptr || *number < 0) return wrong(key, "a whole number from 0");
    out = static_cast<uint64_t>(*number);
    return {};
  }
  Status number(std::string_view key, std::optional<double>& out) const {
    const json::value* found = from_.if_contains(key);
    if (found == nullptr) return {};
    out = number_in(*found);
    if (!out) return wrong(key, "a number");
    return {};
  }
  Status flag(std::string_view key, bool& out) const {
    const json::value* found = from_.if_contains(key);
    if (found == nullptr) return {};
    if (!found->is_bool()) return wrong(key, "true or false");
    out = found->get_bool();
    return {};
  }

 private:
  const json::object& from_;
  const std::string& where_;
};

}  // namespace

struct JsonSchema::Rules {
  struct Property {
    std::string name;
    const JsonSchema* schema = nullptr;  // Null: anything goes.
    bool required = false;
  };

  std::string types_zh;
  std::string types_en;
  std::vector<json::value> choices;  // enum, or const.
  std::string choices_text;
  std::vector<Property> properties;
  const JsonSchema* others_schema = nullptr;  // additionalProperties
  uint64_t fewest_properties = 0;
  uint64_t most_properties = UINT64_MAX;
  const JsonSchema* items = nullptr;
  uint64_t fewest_items = 0;
  uint64_t most_items = UINT64_MAX;
  uint64_t shortest = 0;
  uint64_t longest = UINT64_MAX;
  std::unique_ptr<RE2> pattern;
  std::string pattern_text;
  std::optional<double> lowest;
  std::optional<double> highest;
  std::optional<double> above;
  std::optional<double> below;
  json::value fallback;  // default
  bool has_fallback = false;
  uint8_t types = 0;  // 0: any.
  bool never = false;
  bool others = true;  // Properties that are not named may be there.
  bool unique = false;
  Format format = Format::kNone;
};

namespace {

using Rules = JsonSchema::Rules;

/// One walk over a value.
class Check {
 public:
  explicit Check(std::vector<FieldError>& errors) : errors_(errors) {}

  void value(const Rules& rules, const json::value& value);

  const Rules& (*rules_of)(const JsonSchema&) = nullptr;

 private:
  bool full() const { return errors_.size() >= limits::kFieldErrors; }
  void add(std::string_view code, std::string zh, std::string en) {
    if (!full()) errors_.push_back({pointer_, {}, std::string(code), {std::move(zh), std::move(en)}});
  }
  void text(const Rules& rules, std::string_view value);
  void number(const Rules& rules, double value);
  void list(const Rules& rules, const json::array& value);
  void object(const Rules& rules, const json::object& value);
  void member(const Rules& rules, std::string_view name, const json::value& value, size_t& required);

  std::vector<FieldError>& errors_;
  std::string pointer_;
};

void Check::value(const Rules& rules, const json::value& value) {
  if (full()) return;
  if (rules.never) return add("not_allowed", "此处不允许有值", "Nothing may stand here");
  if (rules.types != 0 && (types_of(value) & rules.types) == 0) {
    return add("wrong_type", "应为" + rules.types_zh, "Has to be " + rules.types_en);
  }
  if (!rules.choices.empty() &&
      std::ranges::none_of(rules.choices, [&value](const json::value& choice) { return same(choice, value); })) {
    return add("not_a_choice", "应为以下之一：" + rules.choices_text, "Has to be one of: " + rules.choices_text);
  }
  switch (value.kind()) {
    case json::kind::string:
      return text(rules, {value.get_string().data(), value.get_string().size()});
    case json::kind::array:
      return list(rules, value.get_array());
    case json::kind::object:
      return object(rules, value.get_object());
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_:
      return number(rules, number_in(value).value_or(0));
    case json::kind::null:
    case json::kind::bool_:
      return;
  }
}

void Check::text(const Rules& rules, std::string_view value) {
  if (value.contains('\0')) return add("nul", "文本中不得有 NUL 字符", "Text may not hold NUL");
  const size_t length = rules.shortest > 0 || rules.longest != UINT64_MAX ? characters_of(value) : 0;
  if (length < rules.shortest) {
    return rules.shortest == 1 ? add("empty", "不能为空", "May not be empty")
                               : add("too_short", fmt::format("至少 {} 个字符", rules.shortest),
                                     fmt::format("Has to have {} characters or more", rules.shortest));
  }
  if (length > rules.longest) {
    return add("too_long", fmt::format("至多 {} 个字符", rules.longest),
               fmt::format("May have {} characters at most", rules.longest));
  }
  if (rules.pattern && !RE2::PartialMatch({value.data(), value.size()}, *rules.pattern)) {
    return add("wrong_form", "格式应符合 " + rules.pattern_text, "Has to match " + rules.pattern_text);
  }
  if (rules.format == Format::kDate && !is_date(value)) {
    add("wrong_form", "应为日期，如 2026-01-31", "Has to be a date such as 2026-01-31");
  } else if (rules.format == Format::kDateTime && !is_date_time(value)) {
    add("wrong_form", "应为时间，如 2026-01-31T08:00:00+08:00", "Has to be a time such as 2026-01-31T08:00:00+08:00");
  }
}

void Check::number(const Rules& rules, double value) {
  if ((rules.lowest && value < *rules.lowest) || (rules.above && value <= *rules.above)) {
    const double bound = rules.lowest ? *rules.lowest : *rules.above;
    return add("too_small", fmt::format("应{} {}", rules.lowest ? "不小于" : "大于", bound),
               fmt::format("Has to be {} {}", rules.lowest ? "at least" : "above", bound));
  }
  if ((rules.highest && value > *rules.highest) || (rules.below && value >= *rules.below)) {
    const double bound = rules.highest ? *rules.highest : *rules.below;
    add("too_large", fmt::format("应{} {}", rules.highest ? "不大于" : "小于", bound),
        fmt::format("Has to be {} {}", rules.highest ? "at most" : "below", bound));
  }
}

void Check::list(const Rules& rules, const json::array& value) {
  if (value.size() < rules.fewest_items) {
    return add("too_few", fmt::format("至少 {} 项", rules.fewest_items),
               fmt::format("Has to have {} items or more", rules.fewest_items));
  }
  if (value.size() > rules.most_items) {
    return add("too_many", fmt::format("至多 {} 项", rules.most_items),
               fmt::format("May have {} items at most", rules.most_items));
  }
  if (rules.unique) {
    // most_items bounds it: reading a schema sees to that.
    for (size_t i = 1; i < value.size(); ++i) {
      if (std::find(value.begin(), value.begin() + static_cast<std::ptrdiff_t>(i), value[i]) !=
          value.begin() + static_cast<std::ptrdiff_t>(i)) {
        return add("doubled", "各项不得重复", "Items may not be repeated");
      }
    }
  }
  if (rules.items == nullptr) return;
  const size_t length = pointer_.size();
  for (size_t i = 0; i < value.size() && !full(); ++i) {
    pointer_ += fmt::format("/{}", i);
    this->value(rules_of(*rules.items), value[i]);
    pointer_.resize(length);
  }
}

void Check::member(const Rules& rules, std::string_view name, const json::value& value, size_t& required) {
  const auto found = std::ranges::find(rules.properties, name, &Rules::Property::name);
  if (found != rules.properties.end() && found->required) ++required;
  const bool known = found != rules.properties.end();
  const JsonSchema* schema = known ? found->schema : rules.others_schema;
  if (known || rules.others) {
    if (schema == nullptr) return;
    const size_t length = pointer_.size();
    append_pointer(pointer_, name);
    this->value(rules_of(*schema), value);
    pointer_.resize(length);
    return;
  }
  // The name comes from the client: it is not repeated, its place in the object tells.
  add("unknown_member", "有约定之外的成员", "There is a member that the contract does not know");
}

void Check::object(const Rules& rules, const json::object& value) {
  if (value.size() < rules.fewest_properties) {
    return add("too_few", fmt::format("至少 {} 个成员", rules.fewest_properties),
               fmt::format("Has to have {} members or more", rules.fewest_properties));
  }
  if (value.size() > rules.most_properties) {
    return add("too_many", fmt::format("至多 {} 个成员", rules.most_properties),
               fmt::format("May have {} members at most", rules.most_properties));
  }
  size_t required = 0;
  for (const auto& entry : value) {
    if (full()) return;
    member(rules, {entry.key().data(), entry.key().size()}, entry.value(), required);
  }
  for (const Rules::Property& property : rules.properties) {
    if (!property.required || value.contains(property.name)) continue;
    const size_t length = pointer_.size();
    append_pointer(pointer_, property.name);
    add("missing", "缺少此项", "Is missing");
    pointer_.resize(length);
  }
}

template <class Number>
bool reads(std::string_view text, Number& out) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  return read.ec == std::errc() && read.ptr == text.data() + text.size();
}

}  // namespace

JsonSchema::JsonSchema() : rules_(std::make_unique<Rules>()) {}
JsonSchema::~JsonSchema() = default;

std::vector<FieldError> JsonSchema::check(const json::value& value) const {
  std::vector<FieldError> errors;
  Check walk(errors);
  walk.rules_of = [](const JsonSchema& schema) -> const Rules& { return *schema.rules_; };
  walk.value(*rules_, value);
  return errors;
}

json::value JsonSchema::value_of(std::string_view text) const {
  const uint8_t types = rules_->types;
  int64_t whole = 0;
  if ((types & (kInteger | kNumber)) != 0 && reads(text, whole)) return whole;
  double number = 0;
  if ((types & kNumber) != 0 && reads(text, number) && std::isfinite(number)) return number;
  if ((types & kBoolean) != 0 && (text == "true" || text == "false")) return text == "true";
  return json::string(text);
}

bool JsonSchema::is_list() const { return (rules_->types & kArray) != 0; }
const JsonSchema* JsonSchema::items() const { return rules_->items; }
const json::value* JsonSchema::fallback() const { return rules_->has_fallback ? &rules_->fallback : nullptr; }

JsonSchema& SchemaSet::make() {
  schemas_.push_back(std::unique_ptr<JsonSchema>(new JsonSchema()));
  return *schemas_.back();
}

namespace {

Status read_types(const json::object& from, const Keywords& keywords, Rules& rules) {
  const json::value* found = from.if_contains("type");
  if (found == nullptr) return {};
  constexpr std::string_view kExpected = "a JSON type or a list of them";
  json::array list;
  if (const auto* all = found->if_array()) {
    list = *all;
  } else {
    list.push_back(*found);
  }
  constexpr std::array<std::string_view, 7> kChinese = {"null", "布尔值", "对象", "列表", "数字", "文本", "整数"};
  for (const json::value& entry : list) {
    const auto* name = entry.if_string();
    if (name == nullptr) return keywords.wrong("type", kExpected);
    const auto* known = std::ranges::find(kTypes, std::string_view(name->data(), name->size()),
                                          &std::pair<std::string_view, TypeBit>::first);
    if (known == kTypes.end()) return keywords.wrong("type", kExpected);
    rules.types |= known->second;
    if (!rules.types_zh.empty()) rules.types_zh += "或";
    rules.types_zh += kChinese[static_cast<size_t>(known - kTypes.begin())];
    if (!rules.types_en.empty()) rules.types_en += " or ";
    rules.types_en += known->first;
  }
  if (rules.types == 0) return keywords.wrong("type", kExpected);
  return {};
}

Status read_choices(const json::object& from, const Keywords& keywords, Rules& rules) {
  if (const json::value* all = from.if_contains("enum")) {
    const auto* list = all->if_array();
    if (list == nullptr || list->empty()) return keywords.wrong("enum", "a list of values");
    rules.choices.assign(list->begin(), list->end());
  }
  if (const json::value* one = from.if_contains("const")) rules.choices = {*one};
  for (const json::value& choice : rules.choices) {
    if (!rules.choices_text.empty()) rules.choices_text += ", ";
    const auto* text = choice.if_string();
    rules.choices_text += text != nullptr ? std::string(text->data(), text->size()) : json::serialize(choice);
  }
  if (const json::value* fallback = from.if_contains("default")) {
    rules.has_fallback = true;
    rules.fallback = *fallback;
  }
  return {};
}

Status read_text_rules(const json::object& from, const Keywords& keywords, Rules& rules) {
  ZHILI_TRY(keywords.count("minLength", rules.shortest));
  ZHILI_TRY(keywords.count("maxLength", rules.longest));
  if (const json::value* pattern = from.if_contains("pattern")) {
    const auto* text = pattern->if_string();
    if (text == nullptr || text->size() > limits::kPatternBytes) return keywords.wrong("pattern", "a short pattern");
    RE2::Options options(RE2::Quiet);
    options.set_max_mem(int64_t{8} << 20);
    rules.pattern_text.assign(text->data(), text->size());
    rules.pattern = std::make_unique<RE2>(rules.pattern_text, options);
    if (!rules.pattern->ok()) return keywords.wrong("pattern", "a pattern in RE2's language");
  }
  if (const json::value* format = from.if_contains("format")) {
    const auto* text = format->if_string();
    if (text == nullptr) return keywords.wrong("format", "a word");
    if (*text == "date") rules.format = Format::kDate;
    if (*text == "date-time") rules.format = Format::kDateTime;
  }
  return {};
}

Status read_number_rules(const Keywords& keywords, Rules& rules) {
  ZHILI_TRY(keywords.number("minimum", rules.lowest));
  ZHILI_TRY(keywords.number("maximum", rules.highest));
  ZHILI_TRY(keywords.number("exclusiveMinimum", rules.above));
  ZHILI_TRY(keywords.number("exclusiveMaximum", rules.below));
  return {};
}

Status read_size_rules(const Keywords& keywords, Rules& rules) {
  ZHILI_TRY(keywords.count("minProperties", rules.fewest_properties));
  ZHILI_TRY(keywords.count("maxProperties", rules.most_properties));
  ZHILI_TRY(keywords.count("minItems", rules.fewest_items));
  ZHILI_TRY(keywords.count("maxItems", rules.most_items));
  ZHILI_TRY(keywords.flag("uniqueItems", rules.unique));
  // Each item is compared with those before it.
  if (rules.unique && rules.most_items > 1000)
    return keywords.wrong("uniqueItems", "beside a maxItems of 1000 or less");
  return {};
}

Status read_required(const json::object& from, const Keywords& keywords, Rules& rules) {
  const json::value* required = from.if_contains("required");
  if (required == nullptr) return {};
  if (!required->is_array()) return keywords.wrong("required", "a list of names");
  for (const json::value& entry : required->get_array()) {
    if (!entry.is_string()) return keywords.wrong("required", "a list of names");
    const std::string name(entry.get_string().data(), entry.get_string().size());
    const auto found = std::ranges::find(rules.properties, name, &Rules::Property::name);
    if (found == rules.properties.end()) {
      rules.properties.push_back({name, nullptr, true});
    } else {
      found->required = true;
    }
  }
  return {};
}

Status know_all_keywords(const json::object& from, const std::string& where) {
  constexpr std::array<std::string_view, 22> kChecked = {
      "type",          "enum",          "const",    "properties",  "required",         "additionalProperties",
      "items",         "minItems",      "maxItems", "uniqueItems", "minLength",        "maxLength",
      "pattern",       "format",        "minimum",  "maximum",     "exclusiveMinimum", "exclusiveMaximum",
      "minProperties", "maxProperties", "$ref",     "$defs"};
  for (const auto& entry : from) {
    const std::string_view key(entry.key().data(), entry.key().size());
    if (key.starts_with("x-") || std::ranges::find(kChecked, key) != kChecked.end() ||
        std::ranges::find(kDescribing, key) != kDescribing.end()) {
      continue;
    }
    return fail(ErrorCode::kConfig, {}, "Say it by the keywords that json_schema.hpp lists.",
                "{}: the keyword '{}' of a schema is not checked here", where, key);
  }
  return {};
}

}  // namespace

Result<const JsonSchema*> SchemaSet::read_reference(std::string_view pointer, const std::string& where, int depth) {
  if (const auto known = by_reference_.find(pointer); known != by_reference_.end()) return known->second;
  if (!pointer.starts_with("#/")) {
    return fail(ErrorCode::kConfig, {}, "Refer to a part of the same document.", "{}: {} is no reference", where,
                pointer);
  }
  boost::system::error_code failed;
  const json::value* target = document_.find_pointer(pointer.substr(1), failed);
  if (target == nullptr || failed) {
    return fail(ErrorCode::kConfig, {}, "Write the part, or mend its name.", "{}: there is no {}", where, pointer);
  }
  const json::object* from = target->if_object();
  if (from == nullptr || from->contains("$ref")) return read(*target, std::string(pointer), depth + 1);
  // Known before it is read, so that it may refer to itself.
  JsonSchema& out = make();
  by_reference_.emplace(pointer, &out);
  ZHILI_TRY(fill(out, *from, std::string(pointer), depth + 1));
  return &out;
}

Result<const JsonSchema*> SchemaSet::read(const json::value& schema, const std::string& where, int depth) {
  if (depth > static_cast<int>(limits::kSchemaDepth)) {
    return fail(ErrorCode::kConfig, {}, "Make it flatter.", "{}: schemas are nested too deeply", where);
  }
  if (const bool* flag = schema.if_bool()) {
    if (*flag) return nullptr;
    JsonSchema& none = make();
    none.rules_->never = true;
    return &none;
  }
  const json::object* from = schema.if_object();
  if (from == nullptr) return fail(ErrorCode::kConfig, {}, "Write an object.", "{}: it is no schema", where);
  if (const json::value* reference = from->if_contains("$ref")) {
    const auto* pointer = reference->if_string();
    if (pointer == nullptr) return Keywords(*from, where).wrong("$ref", "a reference");
    return read_reference({pointer->data(), pointer->size()}, where, depth);
  }
  JsonSchema& out = make();
  ZHILI_TRY(fill(out, *from, where, depth));
  return &out;
}

Status SchemaSet::fill(JsonSchema& out, const json::object& from, const std::string& where, int depth) {
  ZHILI_TRY(know_all_keywords(from, where));
  Rules& rules = *out.rules_;
  const Keywords keywords(from, where);
  ZHILI_TRY(read_types(from, keywords, rules));
  ZHILI_TRY(read_choices(from, keywords, rules));
  ZHILI_TRY(read_text_rules(from, keywords, rules));
  ZHILI_TRY(read_number_rules(keywords, rules));
  ZHILI_TRY(read_size_rules(keywords, rules));
  if (const json::value* items = from.if_contains("items")) {
    ZHILI_ASSIGN(rules.items, read(*items, where + "/items", depth + 1));
  }
  if (const json::value* others = from.if_contains("additionalProperties")) {
    rules.others = !others->is_bool() || others->get_bool();
    if (!others->is_bool()) {
      ZHILI_ASSIGN(rules.others_schema, read(*others, where + "/additionalProperties", depth + 1));
    }
  }
  if (const json::value* properties = from.if_contains("properties")) {
    if (!properties->is_object()) return keywords.wrong("properties", "an object");
    for (const auto& entry : properties->get_object()) {
      const std::string name(entry.key().data(), entry.key().size());
      ZHILI_ASSIGN(const JsonSchema* member,
                   read(entry.value(), fmt::format("{}/properties/{}", where, name), depth + 1));
      rules.properties.push_back({name, member, false});
    }
  }
  return read_required(from, keywords, rules);
}

}  // namespace zhili::http
