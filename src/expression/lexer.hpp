#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "expression/expression.hpp"

namespace zhili::expression {

enum class TokenKind : uint8_t {
  kNumber,
  kDate,
  kText,
  kName,
  kOpen,
  kClose,
  kComma,
  kPlus,
  kMinus,
  kTimes,
  kDivide,
  kEqual,
  kUnequal,
  kLess,
  kLessEqual,
  kMore,
  kMoreEqual,
  kAnd,
  kOr,
  kNot,
  kIn,
  kBetween,
  kIs,
  kMissing,
  kMatches,
  kTrue,
  kFalse,
  kToday,
  kEnd,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  size_t at = 0;
  size_t length = 0;
  std::string text = {};  ///< Of a name or a text, without its marks.
  double number = 0;
  int32_t day = 0;
};

/// Cuts an expression into its words; the last one is kEnd. Full-width brackets, commas and quotes are taken for what
/// they look like, as input methods write them.
std::expected<std::vector<Token>, Mistake> cut(std::string_view text);

/// With line and column of `at`.
Mistake mistake_at(std::string_view text, size_t at, size_t length, std::string zh, std::string en);

}  // namespace zhili::expression
