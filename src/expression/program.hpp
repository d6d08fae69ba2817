#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <re2/re2.h>

#include "expression/expression.hpp"

namespace zhili::expression {

enum class Op : uint8_t {
  kField,     ///< index: of the field.
  kConstant,  ///< index: into the constants of its type.
  kToday,
  kAnd,
  kOr,
  kNot,
  kNegate,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kLater,    ///< A date and a number of days.
  kEarlier,  ///< The same.
  kDays,     ///< Between two dates.
  kEqual,
  kUnequal,
  kLess,
  kLessEqual,
  kMore,
  kMoreEqual,
  kIsMissing,
  kIn,       ///< index: of the list of its type.
  kBetween,  ///< The value, from, to.
  kMatches,  ///< index: of the pattern.
  kCall,     ///< index: of the function.
};

/// One step of the program, in the order of a calculator with a stack: values first, then what is done with them.
struct Step {
  Op op = Op::kField;
  Type type = Type::kTruth;  ///< Of the (first) operand; of a field or constant its own.
  uint32_t index = 0;
};

/// Functions, by what they do.
enum class Function : uint8_t {
  kLength,
  kLower,
  kUpper,
  kStartsWith,
  kEndsWith,
  kContains,
  kYear,
  kMonth,
  kDay,
  kAgeAt,
  kBirthOf,
  kSexOf,
  kSexCodeOf,
  kDivisionOf,
  kNumber,
  kDate,
  kAbs,
  kRound,
  kFloor,
  kIfMissing,
};

struct Signature {
  std::string_view name;
  Function function;
  std::vector<Type> takes;
  Type gives;
};
/// All functions; some names have several.
const std::vector<Signature>& signatures();

struct TextHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
using TextSet = std::unordered_set<std::string, TextHash, std::equal_to<>>;

/// A compiled expression.
struct Program {
  Type type = Type::kTruth;
  std::vector<Step> steps;
  size_t depth = 0;  ///< Values on the stack at most.
  std::vector<uint32_t> fields;

  std::vector<double> numbers;
  std::vector<int32_t> dates;
  std::vector<std::string> texts;
  std::vector<uint8_t> truths;
  std::vector<std::vector<double>> number_lists;  ///< Sorted.
  std::vector<std::vector<int32_t>> date_lists;   ///< Sorted.
  std::vector<TextSet> text_lists;
  std::vector<std::unique_ptr<re2::RE2>> patterns;
};

}  // namespace zhili::expression
