#include "opendata/generalise.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

namespace zhili::opendata {
namespace {

using catalog::ValueType;

std::optional<double> number_of(std::string_view text) {
  double out = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size() || !std::isfinite(out)) {
    return std::nullopt;
  }
  return out;
}

/// The first so many characters.
std::string_view first_characters(std::string_view text, int64_t count) {
  size_t at = 0;
  while (at < text.size()) {
    const bool begins = (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
    if (begins && count-- == 0) break;
    ++at;
  }
  return text.substr(0, at);
}

ColumnType type_of(const PlanColumn& column, ValueType type) {
  const bool number = type == ValueType::kNumber || type == ValueType::kLatitude || type == ValueType::kLongitude;
  return number && (column.form == Form::kKeep || column.form == Form::kRound) ? ColumnType::kNumber
                                                                               : ColumnType::kText;
}

std::string means_of(const PlanColumn& column, ValueType type) {
  if (column.form == Form::kArea) return "area:" + column.level;
  if (column.form != Form::kKeep && column.form != Form::kRound) return {};
  if (type == ValueType::kLatitude) return "latitude";
  return type == ValueType::kLongitude ? "longitude" : "";
}

}  // namespace

std::string shortest(std::string_view number) {
  const auto value = number_of(number);
  return value ? fmt::format("{}", *value + 0.0) : "";
}

Result<Generaliser> Generaliser::create(const PlanColumn& column, const Ground& ground) {
  Generaliser out(column, ground.areas);
  ZHILI_TRY(out.open(ground));
  return out;
}

Status Generaliser::open(const Ground& ground) {
  const auto* field = ground.dataset.find(plan_.field);
  if (field == nullptr) return fail(ErrorCode::kInput, {}, "", "there is no field '{}'", plan_.field);
  today_ = ground.today;
  made_ = {plan_.id(), plan_.title, type_of(plan_, field->type), means_of(plan_, field->type)};
  number_ = made_.type == ColumnType::kNumber;
  if (plan_.form == Form::kBand || plan_.form == Form::kAge) list_bands();
  for (const Group& group : plan_.groups) {
    domain_.push_back(group.name);
    for (const std::string& value : group.values) groups_[value] = group.name;
  }
  if (plan_.form == Form::kArea) {
    for (const auto& one : ground.areas.areas()) {
      if (one.level != plan_.level) continue;
      level_.push_back(&one);
      domain_.push_back(one.name_zh);
    }
    if (level_.empty()) {
      return fail(ErrorCode::kInput, {}, "zhili init --areas takes areas in.", "no area has the level '{}'",
                  plan_.level);
    }
    std::ranges::stable_sort(
        level_, [](const auto* left, const auto* right) { return left->name_zh.size() > right->name_zh.size(); });
  }
  const auto* element = ground.catalog.element(field->element);
  if (plan_.form == Form::kKeep && plan_.values.empty() && element != nullptr) {
    for (const auto& code : element->codes) domain_.push_back(code.value);
  }
  if (!plan_.values.empty()) {
    domain_ = plan_.values;
    only_domain_ = true;
  }
  std::ranges::sort(domain_, natural_less);
  domain_.erase(std::ranges::unique(domain_).begin(), domain_.end());
  return {};
}

void Generaliser::list_bands() {
  domain_ = {fmt::format("<{}", plan_.from), fmt::format("{}+", plan_.to)};
  for (int64_t at = plan_.from; at < plan_.to; at += plan_.width) domain_.push_back(band(static_cast<double>(at)));
}

std::string Generaliser::band(double number) const {
  if (number < static_cast<double>(plan_.from)) return fmt::format("<{}", plan_.from);
  if (number >= static_cast<double>(plan_.to)) return fmt::format("{}+", plan_.to);
  const int64_t first =
      plan_.from + (static_cast<int64_t>(std::floor(number)) - plan_.from) / plan_.width * plan_.width;
  return plan_.width == 1 ? std::to_string(first) : fmt::format("{}-{}", first, first + plan_.width - 1);
}

std::string Generaliser::dated(std::string_view value) const {
  const auto parsed = text::parse_date(value);
  if (!parsed || !parsed->valid || parsed->date.year == 0) return {};
  const text::PartialDate& date = parsed->date;
  if (plan_.form == Form::kYear) return std::to_string(date.year);
  if (date.month == 0) return {};
  if (plan_.form == Form::kMonth) return fmt::format("{}-{:02}", date.year, date.month);
  if (plan_.form == Form::kQuarter) return fmt::format("{}-Q{}", date.year, (date.month + 2) / 3);
  int age = today_.year - date.year;
  if (std::pair(today_.month, today_.day) < std::pair(date.month, date.day)) --age;
  return band(age);
}

std::string Generaliser::area(std::string_view value) const {
  if (areas_->has(value)) {
    const auto found = std::ranges::find_if(level_, [&](const auto* one) { return areas_->within(value, one->id); });
    return found == level_.end() ? "" : (*found)->name_zh;
  }
  const auto found =
      std::ranges::find_if(level_, [&](const auto* one) { return value.find(one->name_zh) != std::string_view::npos; });
  return found == level_.end() ? "" : (*found)->name_zh;
}

std::string Generaliser::made(std::string_view value) const {
  switch (plan_.form) {
    case Form::kKeep:
      return number_ ? shortest(value) : std::string(value);
    case Form::kBand: {
      const auto number = number_of(value);
      return number ? band(*number) : "";
    }
    case Form::kAge:
    case Form::kYear:
    case Form::kQuarter:
    case Form::kMonth:
      return dated(value);
    case Form::kFirst:
      return std::string(first_characters(value, plan_.characters));
    case Form::kArea:
      return area(value);
    case Form::kGroups: {
      const auto found = groups_.find(value);
      return found == groups_.end() ? "" : found->second;
    }
    case Form::kRound: {
      const auto number = number_of(value);
      return number ? shortest(fmt::format("{:.{}f}", *number, plan_.digits)) : "";
    }
  }
  return {};
}

std::string Generaliser::operator()(std::string_view value) const {
  if (value.empty()) return {};
  std::string out = made(value);
  // Readers of tables take no blanks around a value.
  out.erase(out.find_last_not_of(" \t\r\n") + 1);
  out.erase(0, std::min(out.find_first_not_of(" \t\r\n"), out.size()));
  if (only_domain_ && !std::ranges::binary_search(domain_, out, natural_less)) return {};
  return out;
}

}  // namespace zhili::opendata
