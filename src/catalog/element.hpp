#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace zhili::catalog {

/// What people read for a word.
struct Title {
  std::string zh;
  std::string en;
  bool operator==(const Title&) const = default;
};

/// What the values of a field are: how two spellings are known to be one when it is looked up by.
enum class ValueType : uint8_t {
  kText,
  kPersonName,
  kIdNumber,
  kCreditCode,
  kPhone,
  kAddress,
  kDate,
  kCategory,
  kNumber,
  kLatitude,
  kLongitude,
};
std::string_view name_of(ValueType type);

/// One value of a code list (值域).
struct Code {
  std::string value;
  Title title;
  bool operator==(const Code&) const = default;
};

/// A data element (数据元), after GB/T 18391 and GB/T 19488.1: what a fact is and which values it may have, once for
/// all datasets that hold it. What is left out is not checked.
struct Element {
  std::string id;
  std::string pack;
  Title title;
  ValueType type = ValueType::kText;
  int grade = 1;              ///< The lowest that a field of it may have; 1 to limits::kGrades.
  std::string standard;       ///< Where it is laid down: "GB 11643-1999".
  std::string pattern;        ///< A regular expression of RE2 that whole values match.
  std::vector<Code> codes;    ///< The only values, where there are any.
  std::optional<double> min;  ///< Of numbers.
  std::optional<double> max;
  size_t max_length = 0;  ///< In characters; 0: any.
  std::string unit;       ///< Of numbers: "m²".
  bool operator==(const Element&) const = default;
};

}  // namespace zhili::catalog
