#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <re2/re2.h>

#include "base/result.hpp"
#include "catalog/catalog.hpp"
#include "catalog/dataset.hpp"
#include "expression/expression.hpp"

namespace zhili::ingest {

/// What can be wrong with a value or a row. A value is counted under the first that it breaks.
enum class Rule : uint8_t {
  kMissing,     ///< A required value is not there.
  kForm,        ///< It is not of its type: no date, no number.
  kCheckDigit,  ///< An ID number or credit code that can't be: its check character, or its date of birth, is wrong.
  kCode,        ///< It is not in the list of codes.
  kRange,       ///< It is too small or too large, or a day that no calendar has.
  kPattern,     ///< It does not match the element's pattern.
  kLength,      ///< It is too long.
  kRepeated,    ///< Of a key: an earlier row has the same.
  kChange,      ///< Of a batch of changes: what is to be done with the row is not told.
  kRow,         ///< A rule over the row's fields does not hold.
};
inline constexpr size_t kRules = 10;
/// "missing", "form", "check_digit", "code", "range", "pattern", "length", "repeated", "change", "row".
std::string_view name_of(Rule rule);

/// A set of texts that is quick to ask.
class CodeSet {
 public:
  CodeSet() = default;
  explicit CodeSet(std::vector<std::string> codes);
  bool empty() const { return codes_.empty(); }
  bool contains(std::string_view value) const;

 private:
  std::vector<std::string> codes_;
  std::vector<uint32_t> places_;  // Open addressing: the code's place, from 1.
};

/// What is checked of one field.
struct FieldStandard {
  std::string id;
  std::string column;  ///< As the file calls it.
  catalog::ValueType type = catalog::ValueType::kText;
  bool key = false;
  bool required = false;
  CodeSet codes;
  std::unique_ptr<re2::RE2> pattern;  ///< None where there is nothing to match.
  std::optional<double> min;
  std::optional<double> max;
  size_t max_length = 0;  ///< In characters; 0: any.
  bool in_rules = false;  ///< Rules over rows read it.
};

/// A rule over a row.
struct RowRule {
  std::string id;
  expression::Expression holds;
  bool rejects = false;
};

/// A dataset with its data elements, made ready for checking rows. Immutable once made; read by many threads.
class Standard {
 public:
  /// Errors: kConfig with every rule or pattern that can't be read, each with its place.
  static Result<Standard> create(const catalog::Dataset& dataset, const catalog::Catalog& catalog);

  const std::string& dataset() const { return dataset_; }
  const std::vector<FieldStandard>& fields() const { return fields_; }
  const std::vector<RowRule>& rules() const { return rules_; }
  /// Places of the key's fields.
  const std::vector<uint32_t>& keys() const { return keys_; }

 private:
  Standard() = default;

  std::string dataset_;
  std::vector<FieldStandard> fields_;
  std::vector<RowRule> rules_;
  std::vector<uint32_t> keys_;
};

}  // namespace zhili::ingest
