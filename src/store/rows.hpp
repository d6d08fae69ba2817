#pragma once

#include <cstdint>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/value.hpp"

namespace zhili::store {

/// A value as the store gives it out; text and bytes are views.
struct Cell {
  Type type = Type::kNull;
  union {
    int64_t integer = 0;
    double real;
  };
  std::string_view bytes = {};
};

/// One row of a result. A view, good as long as the Rows it comes from (or, in Snapshot::each, as the call). The caller
/// keeps to the columns and types that its SQL names: what is null, or of another type, reads as 0 or empty; a whole
/// number and a double read as each other.
class Row {
 public:
  explicit Row(std::span<const Cell> cells) : cells_(cells) {}

  size_t columns() const { return cells_.size(); }
  Type type(size_t column) const { return cells_[column].type; }
  bool is_null(size_t column) const { return cells_[column].type == Type::kNull; }
  int64_t int64(size_t column) const {
    const Cell& cell = cells_[column];
    if (cell.type == Type::kInt64) return cell.integer;
    return cell.type == Type::kDouble ? static_cast<int64_t>(cell.real) : 0;
  }
  double real(size_t column) const {
    const Cell& cell = cells_[column];
    if (cell.type == Type::kDouble) return cell.real;
    return cell.type == Type::kInt64 ? static_cast<double>(cell.integer) : 0;
  }
  std::string_view text(size_t column) const { return cells_[column].bytes; }
  std::string_view bytes(size_t column) const { return cells_[column].bytes; }
  /// A copy that owns its bytes.
  Value value(size_t column) const;

 private:
  std::span<const Cell> cells_;
};

/// The rows of a query. It owns all it shows and is independent of the transaction that it came from.
class Rows {
 public:
  class Iterator {
   public:
    using difference_type = std::ptrdiff_t;
    using value_type = Row;
    Iterator() = default;
    Iterator(const Rows* rows, size_t at) : rows_(rows), at_(at) {}
    Row operator*() const { return (*rows_)[at_]; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    Iterator operator++(int) { return {rows_, at_++}; }
    bool operator==(const Iterator&) const = default;

   private:
    const Rows* rows_ = nullptr;
    size_t at_ = 0;
  };

  size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  size_t columns() const { return names_.size(); }
  const std::string& name(size_t column) const { return names_[column]; }
  Row operator[](size_t row) const { return Row({cells_.data() + row * columns(), columns()}); }
  Iterator begin() const { return {this, 0}; }
  Iterator end() const { return {this, count_}; }

  // What follows is for the engines, which fill it.

  void start(std::vector<std::string> names) { names_ = std::move(names); }
  void add(std::span<const Cell> cells);
  /// Bytes of memory it takes.
  size_t memory() const { return memory_; }

 private:
  std::string_view keep(std::string_view bytes);

  std::vector<std::string> names_;
  std::vector<Cell> cells_;
  std::vector<std::unique_ptr<char[]>> blocks_;  // Never moved, so that the cells' views stay good.
  size_t used_ = 0;                              // Of the last block.
  size_t room_ = 0;
  size_t count_ = 0;
  size_t memory_ = 0;
};

}  // namespace zhili::store
