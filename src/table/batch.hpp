#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace zhili::table {

/// Bytes that a batch owns. Grows and never shrinks, so that a batch used again costs no allocation. kSlack bytes past
/// the size asked for may be read (their content is anything): scanners load whole vectors.
class TextBuffer {
 public:
  static constexpr size_t kSlack = 64;

  char* data() { return bytes_.data(); }
  const char* data() const { return bytes_.data(); }
  /// Makes room for `size` bytes plus slack; keeps what is there.
  void reserve(size_t size) {
    if (bytes_.size() < size + kSlack) bytes_.resize(std::max(size + kSlack, bytes_.size() + bytes_.size() / 2));
  }

 private:
  std::vector<char> bytes_;
};

/// Where a cell's text lies in its batch's buffer.
struct CellRange {
  uint32_t offset = 0;
  uint32_t length = 0;
};

/// Some thousand rows of a table. Cells are UTF-8 text in memory that the batch owns: views stay good until the batch
/// is filled again or destroyed. A batch may be read by many threads at once and handed to another thread by move.
class Batch {
 public:
  size_t rows() const { return rows_; }
  size_t columns() const { return columns_; }

  /// The cell's text without the blanks around it; empty when it is missing. column < columns(), row < rows().
  std::string_view cell(size_t column, size_t row) const {
    const CellRange range = cells_[row * columns_ + column];
    return {text_.data() + range.offset, range.length};
  }
  /// The line of the file on which the row begins, from 1; in a Parquet file the row's number, from 1.
  uint64_t line(size_t row) const { return lines_[row]; }

  // What follows is for readers, which fill a batch row by row.

  void clear(size_t columns) {
    columns_ = columns;
    rows_ = 0;
  }
  TextBuffer& text() { return text_; }
  /// Adds a row of empty cells and returns them for the reader to set.
  CellRange* add_row(uint64_t line) {
    const size_t used = rows_ * columns_;
    if (cells_.size() < used + columns_) cells_.resize(std::max(used + columns_, cells_.size() * 2));
    if (lines_.size() <= rows_) lines_.resize(std::max(rows_ + 1, lines_.size() * 2));
    std::fill_n(cells_.begin() + static_cast<ptrdiff_t>(used), columns_, CellRange{});
    lines_[rows_++] = line;
    return cells_.data() + used;
  }
  /// Takes the last row back.
  void drop_row() { --rows_; }

 private:
  TextBuffer text_;
  std::vector<CellRange> cells_;
  std::vector<uint64_t> lines_;
  size_t columns_ = 0;
  size_t rows_ = 0;
};

}  // namespace zhili::table
