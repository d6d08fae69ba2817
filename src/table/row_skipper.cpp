#include "table/row_skipper.hpp"

#include "base/limits.hpp"

namespace zhili::table {

RowSkipper::State RowSkipper::step(char c) {
  const bool is_quote = quote_ != 0 && c == quote_;
  const bool is_blank = c == ' ' || c == '\t' || c == '\r';
  switch (state_) {
    case State::kStart:
      if (is_quote) return State::kQuoted;
      return is_blank ? State::kStart : State::kPlain;
    case State::kQuoted:
      return is_quote ? State::kQuoteSeen : State::kQuoted;
    case State::kQuoteSeen:
      if (is_quote) return State::kQuoted;
      return is_blank ? State::kBehind : State::kBroken;
    case State::kBehind:
      return is_blank ? State::kBehind : State::kBroken;
    case State::kPlain:
    case State::kBroken:
      break;
  }
  return state_;
}

void RowSkipper::end_cell() {
  if (cell_bytes_ <= limits::kCellBytes || long_cell_bytes_ > 0) return;
  long_cell_ = cell_;
  long_cell_bytes_ = cell_bytes_;
  long_cell_line_ = cell_line_;
  long_cell_column_ = cell_column_;
}

bool RowSkipper::feed(std::string_view piece, size_t& used) {
  for (size_t i = 0; i < piece.size(); ++i) {
    const char c = piece[i];
    ++bytes_;
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) ++column_;
    if (state_ != State::kQuoted && c == newline_) {
      end_cell();
      used = i + 1;
      return true;
    }
    if (state_ != State::kQuoted && state_ != State::kBroken && c == delimiter_) {
      end_cell();
      ++cell_;
      cell_bytes_ = 0;
      cell_line_ = line_;
      cell_column_ = column_;
      state_ = State::kStart;
      continue;
    }
    if (c == newline_) {
      ++newlines_;
      ++line_;
      column_ = 1;
    }
    ++cell_bytes_;
    state_ = step(c);
  }
  used = piece.size();
  return false;
}

}  // namespace zhili::table
