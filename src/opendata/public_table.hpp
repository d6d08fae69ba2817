#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "catalog/element.hpp"

namespace zhili::opendata {

enum class ColumnType : uint8_t { kText, kInteger, kNumber };
std::string_view name_of(ColumnType type);

/// A column of open data.
struct Column {
  std::string id;
  catalog::Title title;
  ColumnType type = ColumnType::kText;
  /// What a map or a chart makes of it: "area:LEVEL", "latitude", "longitude", "count"; empty for nothing.
  std::string means = {};
  bool operator==(const Column&) const = default;
};

/// Open data: cells as text, empty for none. Integers and numbers are written in the shortest form.
class PublicTable {
 public:
  PublicTable() = default;
  explicit PublicTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  const std::vector<Column>& columns() const { return columns_; }
  /// The column's number; columns().size() where there is none.
  size_t find(std::string_view column) const;
  /// The first column that means this; columns().size() where there is none.
  size_t meaning(std::string_view means) const;
  size_t rows() const { return columns_.empty() ? 0 : cells_.size() / columns_.size(); }
  std::string_view cell(size_t row, size_t column) const { return cells_[row * columns_.size() + column]; }
  /// A row: one cell a column.
  void add(std::vector<std::string> cells);
  void remove(const std::vector<bool>& rows);
  /// In the one order in which it is published, which tells nothing of the order in which rows were kept: by all cells,
  /// numbers by their size. Makes the columns of which all cells are whole numbers integers.
  void settle();
  size_t bytes() const;

 private:
  void settle_types();

  std::vector<Column> columns_;
  std::vector<std::string> cells_;  // Row by row.
};

/// The columns as JSON, and back. Error of the latter: kInput.
std::string columns_json(const std::vector<Column>& columns);
Result<std::vector<Column>> columns_from_json(std::string_view json);

/// RFC 4180 with a header of the columns' ids, UTF-8, lines ended by LF. The one form that digests are of.
std::string to_csv(const PublicTable& table);
/// [{"column": value, …}, …] with numbers as numbers and null for none.
std::string to_json(const PublicTable& table);
/// A cell as it stands in JSON.
void append_json_cell(std::string& out, const Column& column, std::string_view cell);
void append_json_text(std::string& out, std::string_view text);
/// SHA-256 of to_csv in hexadecimal digits.
Result<std::string> digest_of(const PublicTable& table);

/// Order by a first number, and then by bytes; what begins with none comes last: "9" < "10-19" < "20" < "a".
bool natural_less(std::string_view left, std::string_view right);

}  // namespace zhili::opendata
