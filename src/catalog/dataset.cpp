#include "catalog/dataset.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <span>

#include <boost/json.hpp>

#include "base/limits.hpp"
#include "catalog/keys.hpp"
#include "catalog/parser.hpp"

namespace zhili::catalog {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 3> kSharings{"unconditional", "conditional", "not_shared"};
constexpr std::array<std::string_view, 3> kOpennesses{"open", "on_request", "not_open"};
constexpr std::array<std::string_view, 7> kCycles{"continuous", "daily",  "weekly",   "monthly",
                                                  "quarterly",  "yearly", "on_change"};
constexpr size_t kMostFields = 1000;
constexpr size_t kMostRelated = 100;
constexpr size_t kMostRules = 200;
constexpr size_t kShortText = 200;
constexpr size_t kLongText = 4000;

class Checker {
 public:
  Checker(const Catalog& catalog, std::vector<DatasetMistake>& out) : catalog_(catalog), out_(out) {}

  void check(const Dataset& dataset);

 private:
  void add(std::string path, std::string_view zh, std::string_view en) {
    out_.push_back({std::move(path), std::string(zh), std::string(en)});
  }
  void word(const std::string& path, const std::string& value) {
    if (is_word(value)) return;
    add(path, "须为标识：小写字母开头，可含数字、_、-、.，至多64个字符",
        "must be a word: a-z first, then a-z 0-9 _ - . up to 64 characters");
  }
  void text(const std::string& path, const std::string& value, size_t most, bool wanted) {
    if (wanted && value.empty()) add(path, "不能为空", "must not be empty");
    if (value.size() > most) {
      add(path, fmt::format("至多{}字节", most), fmt::format("must be at most {} bytes", most));
    }
  }
  void title(const std::string& path, const Title& title) {
    text(path + "/zh", title.zh, kShortText, true);
    text(path + "/en", title.en, kShortText, true);
  }
  void fields(const std::vector<DatasetField>& fields);
  void field(const std::string& path, const DatasetField& field);
  void element(const std::string& path, const DatasetField& field);
  void quality(const Dataset& dataset);
  void expression(const std::string& path, const std::string& text, std::span<const expression::Field> names) {
    const auto read = expression::Expression::compile(text, names);
    if (read) return;
    const auto& mistake = read.error();
    add(path, fmt::format("第{}行第{}字：{}", mistake.line, mistake.column, mistake.zh),
        fmt::format("line {}, character {}: {}", mistake.line, mistake.column, mistake.en));
  }
  void sharing(const Dataset& dataset);

  const Catalog& catalog_;
  std::vector<DatasetMistake>& out_;
};

void Checker::field(const std::string& path, const DatasetField& field) {
  word(path + "/id", field.id);
  title(path + "/title", field.title);
  text(path + "/column", field.column, kShortText, false);
  if (!field.element.empty()) element(path, field);
  text(path + "/collected_because", field.collected_because, kLongText, false);
  if (field.grade < 1 || field.grade > limits::kGrades) {
    add(path + "/grade", fmt::format("须为1至{}级", limits::kGrades), fmt::format("must be 1 to {}", limits::kGrades));
  }
}

/// A field keeps to the standard of what it holds: others join and read it by that.
void Checker::element(const std::string& path, const DatasetField& field) {
  const Element* standard = catalog_.element(field.element);
  if (standard == nullptr) {
    add(path + "/element", "标准中没有这个数据元，请选用已有的，或留空",
        "no standard has this data element: choose one, or leave it out");
    return;
  }
  if (field.type != standard->type) {
    add(path + "/type", fmt::format("该数据元的类型为{}", name_of(standard->type)),
        fmt::format("the data element is of type {}", name_of(standard->type)));
  }
  if (field.grade >= 1 && field.grade < standard->grade) {
    add(path + "/grade", fmt::format("该数据元至少为{}级", standard->grade),
        fmt::format("the data element is of grade {} at least", standard->grade));
  }
}

void Checker::quality(const Dataset& dataset) {
  if (dataset.rules.size() > kMostRules) {
    add("/rules", fmt::format("至多{}条规则", kMostRules), fmt::format("must be at most {}", kMostRules));
    return;
  }
  std::vector<expression::Field> names;
  names.reserve(dataset.fields.size());
  for (const DatasetField& field : dataset.fields) names.push_back({field.id, expression_type(field.type)});
  std::set<std::string_view> seen;
  for (size_t i = 0; i < dataset.rules.size(); ++i) {
    const QualityRule& rule = dataset.rules[i];
    const std::string path = fmt::format("/rules/{}", i);
    word(path + "/id", rule.id);
    title(path + "/title", rule.title);
    text(path + "/holds", rule.holds, kLongText, true);
    if (!rule.holds.empty()) expression(path + "/holds", rule.holds, names);
    if (!seen.insert(rule.id).second) add(path + "/id", "规则重复", "is there twice");
  }
  const HoldBack& hold = dataset.hold_back;
  for (const auto& [path, share] : {std::pair{"/hold_back/mistaken_rows", hold.mistaken_rows},
                                    std::pair{"/hold_back/fewer_rows", hold.fewer_rows}}) {
    if (share && !(*share >= 0 && *share <= 1)) add(path, "须为0至1的比例", "must be a share, 0 to 1");
  }
}

void Checker::fields(const std::vector<DatasetField>& fields) {
  if (fields.empty()) add("/fields", "至少要有一个信息项", "must have a field");
  if (fields.size() > kMostFields) {
    add("/fields", fmt::format("至多{}个信息项", kMostFields), fmt::format("must have at most {} fields", kMostFields));
    return;
  }
  std::set<std::string_view> ids;
  std::set<std::string_view> columns;
  for (size_t i = 0; i < fields.size(); ++i) {
    const std::string path = fmt::format("/fields/{}", i);
    field(path, fields[i]);
    if (!ids.insert(fields[i].id).second) {
      add(path + "/id", "信息项重复", "is there twice");
    } else if (!columns.insert(fields[i].in_file()).second) {
      add(path + "/column", "列名重复", "is there twice");
    }
  }
}

void Checker::sharing(const Dataset& dataset) {
  if (dataset.sharing == Sharing::kConditional) {
    text("/sharing_condition", dataset.sharing_condition, kLongText, true);
  } else if (!dataset.sharing_condition.empty()) {
    add("/sharing_condition", "只有有条件共享才有共享条件", "belongs to conditional sharing only");
  }
  // Nobody may withhold data on a whim: the regulation asks for the law that forbids it to be shared.
  if (dataset.sharing == Sharing::kNotShared && dataset.basis.empty()) {
    add("/basis", "不予共享须有法律、行政法规或者国务院决定作为依据", "must name the law by which it is not shared");
  } else if (!dataset.basis.empty() && catalog_.legal_basis(dataset.basis) == nullptr) {
    add("/basis", "未登记的法律依据", "the catalogue knows no such legal basis");
  }
  if (dataset.openness == Openness::kOnRequest) {
    text("/open_condition", dataset.open_condition, kLongText, true);
  } else if (!dataset.open_condition.empty()) {
    add("/open_condition", "只有有条件开放才有开放条件", "belongs to data that is open on request only");
  }
  if (dataset.openness != Openness::kOpen) return;
  for (size_t i = 0; i < dataset.fields.size(); ++i) {
    if (dataset.fields[i].grade < 3) continue;
    add(fmt::format("/fields/{}/grade", i), "涉及个人信息的字段不能直接开放", "personal data is not opened as it is");
  }
}

void Checker::check(const Dataset& dataset) {
  word("/id", dataset.id);
  if (!is_resource_code(dataset.code)) {
    add("/code", "须为信息资源代码，如 306012/000001：类1位、项2位、目3位、细目不定长，斜线后为顺序码",
        "must be a resource code such as 306012/000001: class, item, category, details, '/', serial number");
  }
  title("/title", dataset.title);
  text("/summary", dataset.summary, kLongText, true);
  text("/provider", dataset.provider, limits::kIdBytes, true);
  text("/format", dataset.format, kShortText, true);
  text("/source_system", dataset.source_system, kShortText, false);
  fields(dataset.fields);
  sharing(dataset);
  quality(dataset);
  if (dataset.related.size() > kMostRelated) {
    add("/related", fmt::format("至多{}个关联资源", kMostRelated), fmt::format("must be at most {}", kMostRelated));
    return;
  }
  for (size_t i = 0; i < dataset.related.size(); ++i) {
    if (is_resource_code(dataset.related[i])) continue;
    add(fmt::format("/related/{}", i), "须为信息资源代码", "must be a resource code");
  }
}

json::value title_json(const Title& title) { return {{"zh", title.zh}, {"en", title.en}}; }

/// Reads JSON of a known form; remembers the first place that does not have it.
class Reader {
 public:
  explicit Reader(const json::object& object, std::string path = {}) : object_(object), path_(std::move(path)) {}

  std::string text(std::string_view key) {
    const json::value* value = object_.if_contains(key);
    if (value == nullptr) return {};
    if (const auto* text = value->if_string()) return std::string(*text);
    return wrong(key), std::string();
  }
  bool truth(std::string_view key) {
    const json::value* value = object_.if_contains(key);
    if (value == nullptr) return false;
    if (const bool* is = value->if_bool()) return *is;
    return wrong(key), false;
  }
  int number(std::string_view key) {
    const json::value* value = object_.if_contains(key);
    const int64_t* number = value == nullptr ? nullptr : value->if_int64();
    if (number != nullptr && *number >= 0 && *number <= kLongest) return static_cast<int>(*number);
    return wrong(key), 0;
  }
  std::optional<double> share(std::string_view key) {
    const json::value* value = object_.if_contains(key);
    if (value == nullptr) return std::nullopt;
    if (value->is_number()) return value->to_number<double>();
    return wrong(key), std::nullopt;
  }
  Title title(std::string_view key) {
    const json::value* value = object_.if_contains(key);
    const json::object* object = value == nullptr ? nullptr : value->if_object();
    if (object == nullptr) return wrong(key), Title();
    Reader inner(*object, path_ + "/" + std::string(key));
    Title out{inner.text("zh"), inner.text("en")};
    take(inner);
    return out;
  }
  /// Reads each object of a list.
  template <class Read>
  void each(std::string_view key, Read read) {
    const json::value* value = object_.if_contains(key);
    if (value == nullptr) return;
    const auto* items = value->if_array();
    if (items == nullptr) return wrong(key);
    for (size_t i = 0; i < items->size(); ++i) {
      const json::object* object = (*items)[i].if_object();
      if (object == nullptr) return wrong(fmt::format("{}/{}", key, i));
      Reader inner(*object, fmt::format("{}/{}/{}", path_, key, i));
      read(inner);
      take(inner);
    }
  }
  template <size_t N>
  size_t word(std::string_view key, const std::array<std::string_view, N>& words, size_t otherwise) {
    if (!object_.contains(key)) return otherwise;
    const auto found = std::ranges::find(words, text(key));
    if (found != words.end()) return static_cast<size_t>(found - words.begin());
    return wrong(key), otherwise;
  }
  void wrong(std::string_view key) {
    if (wrong_.empty()) wrong_ = fmt::format("{}/{}", path_, key);
  }
  void take(const Reader& inner) {
    if (wrong_.empty()) wrong_ = inner.wrong_;
  }
  const std::string& first_wrong() const { return wrong_; }

 private:
  static constexpr int64_t kLongest = 1'000'000;
  const json::object& object_;
  std::string path_;
  std::string wrong_;
};

DatasetField field_of(Reader& in) {
  DatasetField field;
  field.id = in.text("id");
  field.title = in.title("title");
  field.column = in.text("column");
  field.element = in.text("element");
  field.type = static_cast<ValueType>(in.word("type", keys::kTypes, 0));
  field.grade = in.number("grade");
  field.key = in.truth("key");
  field.required = in.truth("required");
  field.collected_because = in.text("collected_because");
  return field;
}

QualityRule rule_of(Reader& in) {
  QualityRule rule;
  rule.id = in.text("id");
  rule.title = in.title("title");
  rule.holds = in.text("holds");
  rule.rejects = in.truth("rejects");
  return rule;
}

void read_related(Reader& in, const json::object& object, Dataset& out) {
  const json::value* value = object.if_contains("related");
  if (value == nullptr) return;
  const auto* codes = value->if_array();
  if (codes == nullptr) return in.wrong("related");
  for (size_t i = 0; i < codes->size(); ++i) {
    const auto* code = (*codes)[i].if_string();
    if (code == nullptr) return in.wrong(fmt::format("related/{}", i));
    out.related.emplace_back(*code);
  }
}

void read_hold_back(Reader& in, const json::object& object, Dataset& out) {
  const json::value* value = object.if_contains("hold_back");
  if (value == nullptr) return;
  if (!value->is_object()) return in.wrong("hold_back");
  Reader inner(value->get_object(), "/hold_back");
  out.hold_back = {inner.share("mistaken_rows"), inner.share("fewer_rows"), inner.truth("on_alarm")};
  in.take(inner);
}

json::object hold_back_json(const HoldBack& hold) {
  json::object out;
  if (hold.mistaken_rows) out["mistaken_rows"] = *hold.mistaken_rows;
  if (hold.fewer_rows) out["fewer_rows"] = *hold.fewer_rows;
  if (hold.on_alarm) out["on_alarm"] = true;
  return out;
}

json::array rules_json(const std::vector<QualityRule>& rules) {
  json::array out;
  for (const QualityRule& rule : rules) {
    out.push_back(json::object{
        {"id", rule.id}, {"title", title_json(rule.title)}, {"holds", rule.holds}, {"rejects", rule.rejects}});
  }
  return out;
}

}  // namespace

std::string_view name_of(Sharing sharing) { return kSharings.at(static_cast<size_t>(sharing)); }
std::string_view name_of(Openness openness) { return kOpennesses.at(static_cast<size_t>(openness)); }
std::string_view name_of(Cycle cycle) { return kCycles.at(static_cast<size_t>(cycle)); }

const DatasetField* Dataset::find(std::string_view field) const {
  const auto found = std::ranges::find(fields, field, &DatasetField::id);
  return found == fields.end() ? nullptr : &*found;
}

std::vector<DatasetMistake> mistakes_in(const Dataset& dataset, const Catalog& catalog) {
  std::vector<DatasetMistake> out;
  Checker(catalog, out).check(dataset);
  return out;
}

expression::Type expression_type(ValueType type) {
  switch (type) {
    case ValueType::kNumber:
    case ValueType::kLatitude:
    case ValueType::kLongitude:
      return expression::Type::kNumber;
    case ValueType::kDate:
      return expression::Type::kDate;
    default:
      return expression::Type::kText;
  }
}

bool is_resource_code(std::string_view text) {
  constexpr size_t kCategory = 6;  // 类1位、项2位、目3位
  constexpr size_t kLongest = 64;
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos || slash < kCategory || slash + 1 == text.size() || text.size() > kLongest) {
    return false;
  }
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return text[0] >= '1' && text[0] <= '3' && std::ranges::all_of(text.substr(0, slash), digit) &&
         std::ranges::all_of(text.substr(slash + 1), digit);
}

std::string to_json(const Dataset& dataset) {
  json::array fields;
  for (const DatasetField& field : dataset.fields) {
    json::object one{
        {"id", field.id},   {"title", title_json(field.title)}, {"type", name_of(field.type)}, {"grade", field.grade},
        {"key", field.key}, {"required", field.required}};
    if (!field.column.empty()) one["column"] = field.column;
    if (!field.element.empty()) one["element"] = field.element;
    if (!field.collected_because.empty()) one["collected_because"] = field.collected_because;
    fields.push_back(std::move(one));
  }
  json::object out{{"id", dataset.id},
                   {"code", dataset.code},
                   {"title", title_json(dataset.title)},
                   {"summary", dataset.summary},
                   {"provider", dataset.provider},
                   {"format", dataset.format},
                   {"fields", std::move(fields)},
                   {"sharing", name_of(dataset.sharing)},
                   {"openness", name_of(dataset.openness)},
                   {"cycle", name_of(dataset.cycle)},
                   {"related", json::array(dataset.related.begin(), dataset.related.end())}};
  const auto add = [&](std::string_view key, const std::string& text) {
    if (!text.empty()) out[key] = text;
  };
  add("sharing_condition", dataset.sharing_condition);
  add("basis", dataset.basis);
  add("open_condition", dataset.open_condition);
  add("source_system", dataset.source_system);
  if (!dataset.rules.empty()) out["rules"] = rules_json(dataset.rules);
  if (dataset.hold_back != HoldBack()) out["hold_back"] = hold_back_json(dataset.hold_back);
  return json::serialize(out);
}

Result<Dataset> dataset_from_json(std::string_view text) {
  boost::system::error_code failed;
  const json::value value = json::parse(text, failed);
  if (failed || !value.is_object()) {
    return fail(ErrorCode::kInput, {}, "Send one JSON object.", "a dataset is a JSON object");
  }
  Reader in(value.get_object());
  Dataset out;
  out.id = in.text("id");
  out.code = in.text("code");
  out.title = in.title("title");
  out.summary = in.text("summary");
  out.provider = in.text("provider");
  out.format = in.text("format");
  out.sharing = static_cast<Sharing>(in.word("sharing", kSharings, static_cast<size_t>(out.sharing)));
  out.sharing_condition = in.text("sharing_condition");
  out.basis = in.text("basis");
  out.openness = static_cast<Openness>(in.word("openness", kOpennesses, static_cast<size_t>(out.openness)));
  out.open_condition = in.text("open_condition");
  out.cycle = static_cast<Cycle>(in.word("cycle", kCycles, static_cast<size_t>(out.cycle)));
  out.source_system = in.text("source_system");
  in.each("fields", [&](Reader& field) { out.fields.push_back(field_of(field)); });
  in.each("rules", [&](Reader& rule) { out.rules.push_back(rule_of(rule)); });
  read_related(in, value.get_object(), out);
  read_hold_back(in, value.get_object(), out);
  if (in.first_wrong().empty()) return out;
  return fail(ErrorCode::kInput, {}, "The interface's reference says what a dataset looks like.",
              "{} is not what it should be", in.first_wrong());
}

}  // namespace zhili::catalog
