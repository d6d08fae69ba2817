#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "catalog/element.hpp"
#include "ingest/standard.hpp"

/// Checks of single values. Each looks first whether the value is written as its standard has it, which most are, and
/// only then asks the parsers that know every spelling.
namespace zhili::ingest {

/// What a value is: sound, or the rule that it breaks.
struct Verdict {
  bool sound = true;
  Rule rule = Rule::kForm;
};
inline constexpr Verdict kSound{};
constexpr Verdict breaks(Rule rule) { return {false, rule}; }

Verdict check_id_number(std::string_view value);
Verdict check_credit_code(std::string_view value);
Verdict check_phone(std::string_view value);
/// A name holds no digits, and no signs that a mask or a lost character leaves.
Verdict check_person_name(std::string_view value);
/// `day`: days since 1970 where it is sound.
Verdict check_date(std::string_view value, int32_t& day);
/// `number` where it is sound: digits with a point, without separators.
Verdict check_number(std::string_view value, double& number);
/// Longer than so many characters.
bool is_longer(std::string_view value, size_t characters);

}  // namespace zhili::ingest
