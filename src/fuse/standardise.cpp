#include <charconv>
#include <cmath>

#include "fuse/records.hpp"
#include "text/address.hpp"
#include "text/credit_code.hpp"
#include "text/date.hpp"
#include "text/fold.hpp"
#include "text/id_number.hpp"
#include "text/person_name.hpp"
#include "text/phone.hpp"

namespace zhili::fuse {
namespace {

/// Words that stand for "nothing" in registers. Compared after folding.
bool stands_for_nothing(std::string_view folded) {
  constexpr std::string_view kNothing[] = {"",     "-",    "--",   "/",    ".",  "null", "none", "nan",
                                           "n/a",  "na",   "nil",  "\\n",  "无", "不详", "未知", "空",
                                           "暂无", "待补", "不明", "未填", "?",  "??",   "???",  "unknown"};
  for (const auto nothing : kNothing) {
    if (folded == nothing) return true;
  }
  return false;
}

std::string canonical_number(double number) {
  if (number == std::floor(number) && std::abs(number) < 1e15) return fmt::format("{:.0f}", number);
  return fmt::format("{}", number);
}

std::optional<double> number_in(std::string_view folded) {
  std::string digits;
  digits.reserve(folded.size());
  for (const char c : folded) {
    if (c != ',' && c != ' ') digits += c;
  }
  double number = 0;
  const char* begin = digits.data() + (digits.starts_with('+') ? 1 : 0);
  const auto [end, error] = std::from_chars(begin, digits.data() + digits.size(), number);
  if (error != std::errc() || end == begin || !std::isfinite(number)) return std::nullopt;
  return number;
}

Standard of_date(const Attribute& attribute, std::string_view raw) {
  const auto parsed = text::parse_date(raw, attribute.order);
  if (!parsed) return {};
  return {std::string(parsed->digits.data(), parsed->digits.size()), parsed->valid};
}

Standard of_id_number(std::string_view raw) {
  if (const auto id = text::parse_id_number(raw)) return {id->number, id->valid()};
  // Not shaped like a number: what is there may still agree with itself elsewhere.
  return {text::fold(raw), false};
}

Standard of_coordinate(std::string_view raw, double limit) {
  const auto number = number_in(text::fold(raw));
  if (!number || std::abs(*number) > limit) return {};
  return {canonical_number(*number)};
}

}  // namespace

bool says_nothing(std::string_view raw) { return stands_for_nothing(text::fold(raw)); }

Standard standardise(const Attribute& attribute, std::string_view raw, const text::DivisionTable& divisions) {
  auto folded = text::fold(raw);
  if (stands_for_nothing(folded)) return {};
  switch (attribute.type) {
    case SemanticType::kChineseName:
      return {attribute.part == NamePart::kFull ? text::parse_chinese_name(raw).full : folded};
    case SemanticType::kLatinName:
      return {text::standardise_latin_name(raw)};
    case SemanticType::kIdNumber:
      return of_id_number(raw);
    case SemanticType::kCreditCode: {
      if (const auto code = text::parse_credit_code(raw)) return {code->code, code->valid()};
      return {std::move(folded), false};
    }
    case SemanticType::kDate:
      return of_date(attribute, raw);
    case SemanticType::kPhone:
      return {text::standardise_phone(raw)};
    case SemanticType::kAddress:
      return {text::parse_address(raw, divisions).standard()};
    case SemanticType::kNumber: {
      const auto number = number_in(folded);
      if (!number) return {};
      return {canonical_number(*number)};
    }
    case SemanticType::kLatitude:
      return of_coordinate(raw, 90);
    case SemanticType::kLongitude:
      return of_coordinate(raw, 180);
    case SemanticType::kCategory:
    case SemanticType::kText:
      break;
  }
  return {std::move(folded)};
}

}  // namespace zhili::fuse
