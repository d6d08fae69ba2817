#include "expression/program.hpp"

namespace zhili::expression {

std::string_view name_of(Type type) {
  static constexpr std::string_view kNames[] = {"truth", "number", "date", "text"};
  return kNames[static_cast<size_t>(type)];
}

const std::vector<Signature>& signatures() {
  using enum Type;
  static const std::vector<Signature> all = {
      {"length", Function::kLength, {kText}, kNumber},
      {"lower", Function::kLower, {kText}, kText},
      {"upper", Function::kUpper, {kText}, kText},
      {"starts_with", Function::kStartsWith, {kText, kText}, kTruth},
      {"ends_with", Function::kEndsWith, {kText, kText}, kTruth},
      {"contains", Function::kContains, {kText, kText}, kTruth},
      {"year", Function::kYear, {kDate}, kNumber},
      {"month", Function::kMonth, {kDate}, kNumber},
      {"day", Function::kDay, {kDate}, kNumber},
      {"age_at", Function::kAgeAt, {kDate, kDate}, kNumber},
      {"birth_of", Function::kBirthOf, {kText}, kDate},
      {"sex_of", Function::kSexOf, {kText}, kText},
      {"sex_code_of", Function::kSexCodeOf, {kText}, kText},
      {"division_of", Function::kDivisionOf, {kText}, kText},
      {"number", Function::kNumber, {kText}, kNumber},
      {"date", Function::kDate, {kText}, kDate},
      {"abs", Function::kAbs, {kNumber}, kNumber},
      {"round", Function::kRound, {kNumber}, kNumber},
      {"floor", Function::kFloor, {kNumber}, kNumber},
      {"if_missing", Function::kIfMissing, {kText, kText}, kText},
      {"if_missing", Function::kIfMissing, {kNumber, kNumber}, kNumber},
      {"if_missing", Function::kIfMissing, {kDate, kDate}, kDate},
      {"if_missing", Function::kIfMissing, {kTruth, kTruth}, kTruth},
  };
  return all;
}

}  // namespace zhili::expression
