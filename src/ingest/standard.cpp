#include "ingest/standard.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/hash.hpp"

namespace zhili::ingest {
namespace {

constexpr double kLatitudes = 90;
constexpr double kLongitudes = 180;

Status read_element(FieldStandard& out, const catalog::Element& element) {
  std::vector<std::string> codes;
  codes.reserve(element.codes.size());
  for (const auto& code : element.codes) codes.push_back(code.value);
  out.codes = CodeSet(std::move(codes));
  out.min = element.min;
  out.max = element.max;
  out.max_length = element.max_length;
  if (element.pattern.empty()) return {};
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_max_mem(int64_t{1} << 20);
  auto pattern = std::make_unique<re2::RE2>(element.pattern, options);
  if (!pattern->ok()) {
    return fail(ErrorCode::kConfig, {}, "Write it as RE2 has it.",
                "the pattern of the data element {} can't be read: {}", element.id, pattern->error());
  }
  out.pattern = std::move(pattern);
  return {};
}

}  // namespace

std::string_view name_of(Rule rule) {
  static constexpr std::array<std::string_view, kRules> kNames = {"missing", "form",   "check_digit", "code",   "range",
                                                                  "pattern", "length", "repeated",    "change", "row"};
  return kNames[static_cast<size_t>(rule)];
}

CodeSet::CodeSet(std::vector<std::string> codes) : codes_(std::move(codes)) {
  if (codes_.empty()) return;
  places_.resize(std::bit_ceil(codes_.size() * 4));
  for (uint32_t i = 0; i < codes_.size(); ++i) {
    size_t at = hash_bytes(codes_[i]) & (places_.size() - 1);
    while (places_[at] != 0) at = (at + 1) & (places_.size() - 1);
    places_[at] = i + 1;
  }
}

bool CodeSet::contains(std::string_view value) const {
  size_t at = hash_bytes(value) & (places_.size() - 1);
  for (; places_[at] != 0; at = (at + 1) & (places_.size() - 1)) {
    if (codes_[places_[at] - 1] == value) return true;
  }
  return false;
}

Result<Standard> Standard::create(const catalog::Dataset& dataset, const catalog::Catalog& catalog) {
  Standard out;
  out.dataset_ = dataset.id;
  std::vector<Error> mistakes;
  std::vector<expression::Field> names;
  for (const auto& field : dataset.fields) {
    FieldStandard one{.id = field.id,
                      .column = field.in_file(),
                      .type = field.type,
                      .key = field.key,
                      .required = field.required || field.key};
    if (const auto* element = catalog.element(field.element); element != nullptr) {
      if (auto read = read_element(one, *element); !read) mistakes.push_back(std::move(read).error());
    }
    const double bound = field.type == catalog::ValueType::kLatitude ? kLatitudes : kLongitudes;
    if (field.type == catalog::ValueType::kLatitude || field.type == catalog::ValueType::kLongitude) {
      one.min = std::max(one.min.value_or(-bound), -bound);
      one.max = std::min(one.max.value_or(bound), bound);
    }
    if (field.key) out.keys_.push_back(static_cast<uint32_t>(out.fields_.size()));
    names.push_back({field.id, catalog::expression_type(field.type)});
    out.fields_.push_back(std::move(one));
  }
  for (const auto& rule : dataset.rules) {
    auto holds = expression::Expression::compile(rule.holds, names);
    if (!holds) {
      const auto& mistake = holds.error();
      mistakes.push_back({ErrorCode::kConfig,
                          fmt::format("rule {} can't be read: {}", rule.id, mistake.en),
                          {"rule " + rule.id, mistake.line, mistake.column},
                          "docs/expressions.md tells what a rule may say."});
      continue;
    }
    for (const uint32_t place : holds->fields()) out.fields_[place].in_rules = true;
    out.rules_.push_back({rule.id, std::move(*holds), rule.rejects});
  }
  if (mistakes.empty()) return out;
  Error first = std::move(mistakes.front());
  first.others.assign(std::make_move_iterator(mistakes.begin() + 1), std::make_move_iterator(mistakes.end()));
  return fail(std::move(first));
}

}  // namespace zhili::ingest
