#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace zhili::vault {

/// One field's golden value, and where it comes from.
struct Value {
  std::string field;
  std::string text;
  std::string source;
  std::string record;    ///< Of the source.
  std::string time;      ///< Of the record, as the source has it.
  uint32_t differs = 0;  ///< Other values that the subject's records have.
  bool operator==(const Value&) const = default;
};

/// A record that a subject was made from.
struct Record {
  std::string source;
  std::string record;
  std::string time;
  bool operator==(const Record&) const = default;
};

/// Why two of a subject's records are one.
struct Link {
  uint32_t a = 0;  ///< Places in the list of records.
  uint32_t b = 0;
  double weight = 0;
  double probability = 0;
  std::string parts;  ///< What each comparison said: a JSON list of [field, level, bits], or empty.
  bool operator==(const Link&) const = default;
};

struct Provenance {
  std::vector<Record> records;
  std::vector<Link> links;
  bool operator==(const Provenance&) const = default;
};

/// A person, a household, an enterprise, a place, as the base library has it.
struct Subject {
  std::string id;     ///< That the program made: 1 to 40 of a-z 0-9 _ -, a letter first.
  std::string place;  ///< Id of the area in which it lies; may be empty.
  std::vector<Value> values;
  Provenance provenance;
};

/// The documents that are sealed: compact, of our own, each with a version in front. `decode` takes exactly what
/// `encode` writes. Errors: kInput.
std::string encode(const std::vector<Value>& values);
std::string encode(const Provenance& provenance);
Result<std::vector<Value>> decode_values(std::string_view bytes);
Result<Provenance> decode_provenance(std::string_view bytes);

/// One field of a dataset's row. What is empty is not kept.
struct Cell {
  std::string field;
  std::string text;
  bool operator==(const Cell&) const = default;
};
std::string encode(const std::vector<Cell>& row);
Result<std::vector<Cell>> decode_row(std::string_view bytes);

}  // namespace zhili::vault
