#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <boost/json.hpp>

#include "catalog/registers.hpp"
#include "opendata/plan.hpp"

namespace zhili::opendata {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 10> kForms = {"keep",  "band",  "age",  "year",   "quarter",
                                                     "month", "first", "area", "groups", "round"};
constexpr std::array<std::string_view, 3> kRoles = {"plain", "quasi", "sensitive"};
constexpr std::array<std::string_view, 2> kShapes = {"records", "counts"};

std::unexpected<Error> wrong(std::string_view path, std::string_view what) {
  return fail(ErrorCode::kInput, {}, "docs/open_data.md explains the keys of a plan.", "{}: {}", path, what);
}

/// One object of the plan: each key is read once, and what is left is unknown.
class Fields {
 public:
  Fields(const json::object& object, std::string path) : object_(object), path_(std::move(path)) {}

  Status text(std::string_view key, std::string& out, size_t most = 200) {
    const json::value* found = take(key);
    if (found == nullptr) return {};
    if (found->is_int64()) {
      out = std::to_string(found->get_int64());
      return {};
    }
    if (!found->is_string() || found->get_string().size() > most) {
      return wrong(at(key), fmt::format("is text of at most {} bytes", most));
    }
    out = found->get_string();
    return {};
  }
  Status whole(std::string_view key, int64_t& out, int64_t least, int64_t most) {
    const json::value* found = take(key);
    if (found == nullptr) return {};
    if (!found->is_int64() || found->get_int64() < least || found->get_int64() > most) {
      return wrong(at(key), fmt::format("is a whole number from {} to {}", least, most));
    }
    out = found->get_int64();
    return {};
  }
  Status share(std::string_view key, double& out) {
    const json::value* found = take(key);
    if (found == nullptr) return {};
    const double number = found->is_number() ? found->to_number<double>() : -1;
    if (!(number >= 0 && number <= 1)) return wrong(at(key), "is a share from 0 to 1");
    out = number;
    return {};
  }
  Status texts(std::string_view key, std::vector<std::string>& out, size_t most) {
    const json::value* found = take(key);
    if (found == nullptr) return {};
    if (!found->is_array() || found->get_array().size() > most) {
      return wrong(at(key), fmt::format("is a list of at most {} texts", most));
    }
    for (const json::value& one : found->get_array()) {
      if (one.is_int64()) {
        out.push_back(std::to_string(one.get_int64()));
      } else if (one.is_string() && one.get_string().size() <= 200) {
        out.emplace_back(one.get_string());
      } else {
        return wrong(at(key), "is a list of texts of at most 200 bytes");
      }
    }
    return {};
  }
  Status title(std::string_view key, catalog::Title& out) {
    const json::value* found = take(key);
    if (found == nullptr) return {};
    if (!found->is_object()) return wrong(at(key), "is {zh, en}");
    Fields inner(found->get_object(), at(key));
    ZHILI_TRY(inner.text("zh", out.zh));
    ZHILI_TRY(inner.text("en", out.en));
    return inner.done();
  }
  template <class Enum, size_t N>
  Status word(std::string_view key, const std::array<std::string_view, N>& words, Enum& out) {
    const json::value* found = take(key);
    if (found == nullptr) return {};
    const auto* const at_word =
        found->is_string() ? std::ranges::find(words, std::string_view(found->get_string())) : words.end();
    if (at_word == words.end()) return wrong(at(key), fmt::format("is one of {}", fmt::join(words, ", ")));
    out = static_cast<Enum>(at_word - words.begin());
    return {};
  }
  const json::value* take(std::string_view key) {
    const json::value* found = object_.if_contains(key);
    if (found != nullptr) ++taken_;
    return found;
  }
  std::string at(std::string_view key) const { return fmt::format("{}/{}", path_, key); }
  Status done() const {
    if (taken_ == object_.size()) return {};
    return wrong(path_.empty() ? "/" : path_, "has a key that no plan has");
  }

 private:
  const json::object& object_;
  std::string path_;
  size_t taken_ = 0;
};

Status read_groups(const json::value& value, const std::string& path, std::vector<Group>& out) {
  if (!value.is_object() || value.get_object().size() > kPlanValues) return wrong(path, "is {name: [value, …], …}");
  Fields fields(value.get_object(), path);
  for (const auto& [name, values] : value.get_object()) {
    Group& group = out.emplace_back(Group{std::string(name), {}});
    ZHILI_TRY(fields.texts(name, group.values, kPlanValues));
  }
  return {};
}

Result<PlanColumn> read_column(const json::value& value, const std::string& path) {
  if (!value.is_object()) return wrong(path, "is a column");
  Fields fields(value.get_object(), path);
  PlanColumn out;
  constexpr int64_t kWidest = 1'000'000'000;
  ZHILI_TRY(fields.text("field", out.field));
  ZHILI_TRY(fields.text("name", out.name));
  ZHILI_TRY(fields.title("title", out.title));
  ZHILI_TRY(fields.word("as", kForms, out.form));
  if (value.get_object().contains("role")) {
    Role role = Role::kPlain;
    ZHILI_TRY(fields.word("role", kRoles, role));
    out.role = role;
  }
  ZHILI_TRY(fields.whole("width", out.width, 1, kWidest));
  ZHILI_TRY(fields.whole("from", out.from, -kWidest, kWidest));
  ZHILI_TRY(fields.whole("to", out.to, -kWidest, kWidest));
  ZHILI_TRY(fields.whole("characters", out.characters, 1, 100));
  ZHILI_TRY(fields.whole("digits", out.digits, 0, 6));
  ZHILI_TRY(fields.text("level", out.level));
  if (const auto* groups = fields.take("groups")) ZHILI_TRY(read_groups(*groups, fields.at("groups"), out.groups));
  ZHILI_TRY(fields.texts("values", out.values, kPlanValues));
  ZHILI_TRY(fields.done());
  return out;
}

/// A number of a file stands for itself: 0.5 is "0.5".
std::string number_text(const json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_int64()) return std::to_string(value.get_int64());
  return value.is_double() ? fmt::format("{}", value.get_double()) : "";
}

json::object column_json(const PlanColumn& column) {
  json::object out{{"field", column.field}, {"as", name_of(column.form)}};
  if (!column.name.empty()) out["name"] = column.name;
  if (!column.title.zh.empty() || !column.title.en.empty()) {
    out["title"] = {{"zh", column.title.zh}, {"en", column.title.en}};
  }
  if (column.role) out["role"] = name_of(*column.role);
  if (column.form == Form::kBand || column.form == Form::kAge) {
    out["width"] = column.width;
    out["from"] = column.from;
    out["to"] = column.to;
  }
  if (column.form == Form::kFirst) out["characters"] = column.characters;
  if (column.form == Form::kRound) out["digits"] = column.digits;
  if (column.form == Form::kArea) out["level"] = column.level;
  if (column.form == Form::kGroups) {
    json::object groups;
    for (const Group& group : column.groups) groups[group.name] = json::array(group.values.begin(), group.values.end());
    out["groups"] = std::move(groups);
  }
  if (!column.values.empty()) out["values"] = json::array(column.values.begin(), column.values.end());
  return out;
}

}  // namespace

std::string_view name_of(Form form) { return kForms.at(static_cast<size_t>(form)); }
std::string_view name_of(Role role) { return kRoles.at(static_cast<size_t>(role)); }
std::string_view name_of(Shape shape) { return kShapes.at(static_cast<size_t>(shape)); }

std::string to_json(const Plan& plan) {
  json::array columns;
  for (const PlanColumn& column : plan.columns) columns.push_back(column_json(column));
  json::object out{{"id", plan.id},
                   {"dataset", plan.dataset},
                   {"title", {{"zh", plan.title.zh}, {"en", plan.title.en}}},
                   {"summary", plan.summary},
                   {"basis", plan.basis},
                   {"theme", plan.theme},
                   {"tags", json::array(plan.tags.begin(), plan.tags.end())},
                   {"licence", plan.licence},
                   {"shape", name_of(plan.shape)},
                   {"columns", std::move(columns)},
                   {"key", json::array(plan.key.begin(), plan.key.end())},
                   {"k", plan.k},
                   {"l", plan.l},
                   {"suppress", plan.suppress}};
  if (plan.epsilon) out["epsilon"] = plan.epsilon->text();
  return json::serialize(out);
}

Result<Plan> plan_from_json(std::string_view text) {
  if (text.size() > kPlanBytes) return wrong("/", fmt::format("is at most {} bytes", kPlanBytes));
  boost::system::error_code failed;
  const auto parsed = json::parse(text, failed);
  if (failed || !parsed.is_object()) return wrong("/", "is an object of JSON");
  Fields fields(parsed.get_object(), "");
  Plan out;
  ZHILI_TRY(fields.text("id", out.id));
  ZHILI_TRY(fields.text("dataset", out.dataset));
  ZHILI_TRY(fields.title("title", out.title));
  ZHILI_TRY(fields.text("summary", out.summary, 4000));
  ZHILI_TRY(fields.text("basis", out.basis));
  ZHILI_TRY(fields.text("theme", out.theme));
  ZHILI_TRY(fields.texts("tags", out.tags, 20));
  ZHILI_TRY(fields.text("licence", out.licence));
  ZHILI_TRY(fields.word("shape", kShapes, out.shape));
  if (const auto* columns = fields.take("columns")) {
    if (!columns->is_array() || columns->get_array().size() > kPlanColumns) {
      return wrong("/columns", fmt::format("is a list of at most {} columns", kPlanColumns));
    }
    for (size_t i = 0; i < columns->get_array().size(); ++i) {
      ZHILI_ASSIGN(auto column, read_column(columns->get_array()[i], fmt::format("/columns/{}", i)));
      out.columns.push_back(std::move(column));
    }
  }
  ZHILI_TRY(fields.texts("key", out.key, kPlanColumns));
  ZHILI_TRY(fields.whole("k", out.k, 0, kMostK));
  ZHILI_TRY(fields.whole("l", out.l, 0, kMostK));
  ZHILI_TRY(fields.share("suppress", out.suppress));
  if (const auto* epsilon = fields.take("epsilon"); epsilon != nullptr && !epsilon->is_null()) {
    ZHILI_ASSIGN(out.epsilon, Epsilon::parse(number_text(*epsilon)));
  }
  ZHILI_TRY(fields.done());
  return out;
}

Result<Plan> plan_from_yaml(std::string_view yaml, const std::string& file) {
  ZHILI_ASSIGN(const std::string text, catalog::yaml_as_json(yaml, file));
  auto out = plan_from_json(text);
  if (!out) out.error().place.file = file;
  return out;
}

}  // namespace zhili::opendata
