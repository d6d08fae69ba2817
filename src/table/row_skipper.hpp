#pragma once

#include <cstdint>
#include <string_view>

namespace zhili::table {

/// Passes over one row of delimited text, piece by piece, without keeping it: for rows too long to hold. Learns where
/// it ends, how many lines it spans and which cell is the too long one.
class RowSkipper {
 public:
  RowSkipper(char delimiter, char quote, char newline, uint64_t line)
      : delimiter_(delimiter), quote_(quote), newline_(newline), line_(line), cell_line_(line) {}

  /// Takes the next piece. True when the row ends in it; `used` is then the offset behind its newline.
  bool feed(std::string_view piece, size_t& used);

  uint64_t bytes() const { return bytes_; }
  uint64_t newlines() const { return newlines_; }
  /// The first cell over limits::kCellBytes: index, bytes (0 when there is none) and where it begins.
  size_t long_cell() const { return long_cell_; }
  uint64_t long_cell_bytes() const { return long_cell_bytes_; }
  uint64_t long_cell_line() const { return long_cell_line_; }
  uint64_t long_cell_column() const { return long_cell_column_; }
  /// Whether a quote is open, and where the cell at hand begins.
  bool in_quotes() const { return state_ == State::kQuoted; }
  uint64_t cell_line() const { return cell_line_; }
  uint64_t cell_column() const { return cell_column_; }

 private:
  enum class State { kStart, kPlain, kQuoted, kQuoteSeen, kBehind, kBroken };
  State step(char c);
  void end_cell();

  char delimiter_;
  char quote_;
  char newline_;
  State state_ = State::kStart;
  uint64_t bytes_ = 0;
  uint64_t newlines_ = 0;
  uint64_t line_;
  uint64_t column_ = 1;
  size_t cell_ = 0;
  uint64_t cell_bytes_ = 0;
  uint64_t cell_line_;
  uint64_t cell_column_ = 1;
  size_t long_cell_ = 0;
  uint64_t long_cell_bytes_ = 0;
  uint64_t long_cell_line_ = 0;
  uint64_t long_cell_column_ = 0;
};

}  // namespace zhili::table
