#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"

namespace zhili::twin {

/// Rows of one table in the making: text of all cells on end, so that making them costs few allocations.
class Rows {
 public:
  /// Adds a cell to the row that is being made.
  Rows& operator<<(std::string_view cell) {
    text_ += cell;
    ends_.push_back(text_.size());
    return *this;
  }
  void end_row() { starts_.push_back(ends_.size()); }

  size_t rows() const { return starts_.size(); }
  /// The cells of a row; `out` is reused.
  void row(size_t index, std::vector<std::string_view>& out) const {
    out.clear();
    if (!order_.empty()) index = order_[index];
    const size_t first = index == 0 ? 0 : starts_[index - 1];
    for (size_t cell = first; cell < starts_[index]; ++cell) {
      const size_t from = cell == 0 ? 0 : ends_[cell - 1];
      out.push_back(std::string_view(text_).substr(from, ends_[cell] - from));
    }
  }
  /// Puts the rows in an order that says nothing about how they were made. No rows may be added after it.
  void shuffle(Random& random) {
    order_.resize(rows());
    for (size_t i = 0; i < order_.size(); ++i) order_[i] = i;
    for (size_t i = order_.size(); i > 1; --i) std::swap(order_[i - 1], order_[random.below(i)]);
  }

 private:
  std::string text_;
  std::vector<size_t> ends_;    // Of each cell in text_.
  std::vector<size_t> starts_;  // Cells before the end of each row.
  std::vector<size_t> order_;   // Empty: as made.
};

}  // namespace zhili::twin
