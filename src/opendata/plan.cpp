#include "opendata/plan.hpp"

#include <algorithm>
#include <set>

namespace zhili::opendata {
namespace {

using catalog::DatasetField;
using catalog::Openness;
using catalog::ValueType;

constexpr int kPersonalGrade = 3;
constexpr size_t kWordBytes = 60;
constexpr std::string_view kCount = "count";

/// For addresses, and for names in the lake.
bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= kWordBytes && ((text[0] >= 'a' && text[0] <= 'z')) &&
         std::ranges::all_of(
             text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; });
}

/// All that is wrong, as one error.
class Mistakes {
 public:
  template <class... Args>
  void add(ErrorCode code, std::string hint, fmt::format_string<Args...> format, Args&&... args) {
    all_.push_back({code, fmt::format(format, std::forward<Args>(args)...), {}, std::move(hint)});
  }
  template <class... Args>
  void input(fmt::format_string<Args...> format, Args&&... args) {
    add(ErrorCode::kInput, "docs/open_data.md explains the keys of a plan.", format, std::forward<Args>(args)...);
  }
  template <class... Args>
  void never(fmt::format_string<Args...> format, Args&&... args) {
    add(ErrorCode::kConstraint, "Leave the field out, or make it coarser.", format, std::forward<Args>(args)...);
  }
  Status status() {
    if (all_.empty()) return {};
    Error first = std::move(all_.front());
    all_.erase(all_.begin());
    first.others = std::move(all_);
    return fail(std::move(first));
  }

 private:
  std::vector<Error> all_;
};

bool names_somebody(ValueType type) {
  return type == ValueType::kPersonName || type == ValueType::kIdNumber || type == ValueType::kPhone;
}

/// What never leaves, whatever the check says: it points at one person.
void check_field(const PlanColumn& column, const DatasetField& field, bool personal, Mistakes& mistakes) {
  const bool whole = column.form == Form::kKeep || column.form == Form::kFirst;
  if (names_somebody(field.type)) {
    mistakes.never("'{}' names a person: it is never opened, in no form", field.id);
  } else if (field.grade >= kPersonalGrade && field.key) {
    mistakes.never("'{}' is the number of a row about a person: it is never opened", field.id);
  } else if (field.grade >= kPersonalGrade && field.type == ValueType::kAddress && column.form != Form::kArea) {
    mistakes.never("'{}' is where somebody lives: it is opened as an area only", field.id);
  } else if (field.grade >= kPersonalGrade && whole &&
             (field.type == ValueType::kLatitude || field.type == ValueType::kLongitude ||
              field.type == ValueType::kCreditCode)) {
    mistakes.never("'{}' points at one place or body behind a person: it is opened coarser only", field.id);
  }
  if (personal && column.role == Role::kPlain && field.grade > 1) {
    mistakes.add(ErrorCode::kConstraint, "Say quasi, or sensitive.",
                 "'{}' is not open by itself: in data about people it can't be plain", field.id);
  }
}

void check_form(const PlanColumn& column, const DatasetField& field, Mistakes& mistakes) {
  const bool banded = column.form == Form::kBand || column.form == Form::kAge;
  constexpr int64_t kMostBands = 1000;
  if (banded && (column.to <= column.from || (column.to - column.from) % column.width != 0 ||
                 (column.to - column.from) / column.width > kMostBands)) {
    mistakes.input("'{}': bands of {} don't fill {} to {}", column.id(), column.width, column.from, column.to);
  }
  const bool dated = column.form == Form::kAge || column.form == Form::kYear || column.form == Form::kQuarter ||
                     column.form == Form::kMonth;
  if (dated && field.type != ValueType::kDate) mistakes.input("'{}' is no date", field.id);
  const bool number =
      field.type == ValueType::kNumber || field.type == ValueType::kLatitude || field.type == ValueType::kLongitude;
  if ((column.form == Form::kBand || column.form == Form::kRound) && !number) {
    mistakes.input("'{}' is no number", field.id);
  }
  if (column.form == Form::kArea && column.level.empty()) mistakes.input("'{}': level is missing", column.id());
  if (column.form == Form::kGroups && column.groups.empty()) mistakes.input("'{}': groups are missing", column.id());
}

void settle_column(PlanColumn& column, const DatasetField& field, bool personal) {
  if (column.title.zh.empty()) column.title.zh = field.title.zh;
  if (column.title.en.empty()) column.title.en = field.title.en;
  if (!column.role) column.role = personal && field.grade > 1 ? Role::kQuasi : Role::kPlain;
}

/// With noise, who is in the data must not show in which rows there are: so those follow from the plan alone.
void check_domain(const PlanColumn& column, const DatasetField& field, const catalog::Catalog& catalog,
                  Mistakes& mistakes) {
  if (!column.values.empty() || column.form == Form::kBand || column.form == Form::kAge || column.form == Form::kArea ||
      column.form == Form::kGroups) {
    return;
  }
  const auto* element = catalog.element(field.element);
  if (column.form == Form::kKeep && element != nullptr && !element->codes.empty()) return;
  mistakes.input("'{}': with noise it needs values, as which there are may not show who is in the data", column.id());
}

void check_words(const Plan& plan, const catalog::Catalog& catalog, Mistakes& mistakes) {
  if (!is_word(plan.id)) mistakes.input("id: small letters, digits, '-' and '_', at most {}", kWordBytes);
  if (plan.title.zh.empty() || plan.title.en.empty()) mistakes.input("title: zh and en are missing");
  if (!is_word(plan.licence)) mistakes.input("licence: a word such as cc-by");
  if (!plan.theme.empty() && !is_word(plan.theme)) mistakes.input("theme: a word");
  if (catalog.legal_basis(plan.basis) == nullptr) mistakes.input("basis: the catalogue knows no '{}'", plan.basis);
  if (plan.columns.empty()) mistakes.input("columns: none");
  std::set<std::string> seen;
  if (plan.shape == Shape::kCounts) seen.insert(std::string(kCount));
  for (const PlanColumn& column : plan.columns) {
    if (!is_word(column.id())) mistakes.input("'{}' will not do as a column's name", column.id());
    if (!seen.insert(column.id()).second) mistakes.input("there are two columns '{}'", column.id());
  }
  for (const std::string& key : plan.key) {
    if (!seen.contains(key) || key == kCount) mistakes.input("key: there is no column '{}'", key);
  }
  if (plan.epsilon && plan.shape != Shape::kCounts) mistakes.input("epsilon: noise is for counts");
}

}  // namespace

bool is_personal(const catalog::Dataset& dataset) {
  return std::ranges::any_of(dataset.fields, [](const DatasetField& field) { return field.grade >= kPersonalGrade; });
}

Result<Plan> settled(Plan plan, const catalog::Dataset& dataset, const catalog::Catalog& catalog) {
  if (dataset.openness == Openness::kNotOpen) {
    return fail(ErrorCode::kConstraint, {}, "Its department declares it open or on request first.",
                "the catalogue says of '{}' that it is not open", dataset.id);
  }
  Mistakes mistakes;
  check_words(plan, catalog, mistakes);
  const bool personal = is_personal(dataset);
  for (PlanColumn& column : plan.columns) {
    const DatasetField* field = dataset.find(column.field);
    if (field == nullptr) {
      mistakes.input("'{}' has no field '{}'", dataset.id, column.field);
      continue;
    }
    check_field(column, *field, personal, mistakes);
    check_form(column, *field, mistakes);
    if (plan.epsilon) check_domain(column, *field, catalog, mistakes);
    settle_column(column, *field, personal);
  }
  const bool sensitive =
      std::ranges::any_of(plan.columns, [](const auto& column) { return column.role == Role::kSensitive; });
  if (plan.k == 0) plan.k = personal ? kUsualK : 1;
  if (plan.l == 0) plan.l = sensitive ? 2 : 1;
  if (personal && plan.k < kLeastK) mistakes.input("k: at least {} for data about people", kLeastK);
  if (plan.shape == Shape::kCounts && plan.key.empty()) {
    for (const PlanColumn& column : plan.columns) plan.key.push_back(column.id());
  }
  ZHILI_TRY(mistakes.status());
  return plan;
}

}  // namespace zhili::opendata
