#include "store/rows.hpp"

#include <algorithm>
#include <cstring>

namespace zhili::store {
namespace {
constexpr size_t kFirstBlock = 512;
constexpr size_t kLargestBlock = size_t{256} << 10;
}  // namespace

Value Row::value(size_t column) const {
  const Cell& cell = cells_[column];
  switch (cell.type) {
    case Type::kNull:
      break;
    case Type::kInt64:
      return cell.integer;
    case Type::kDouble:
      return cell.real;
    case Type::kText:
      return cell.bytes;
    case Type::kBytes:
      return Bytes{std::string(cell.bytes)};
  }
  return {};
}

void Rows::add(std::span<const Cell> cells) {
  for (Cell cell : cells) {
    if (!cell.bytes.empty()) cell.bytes = keep(cell.bytes);
    cells_.push_back(cell);
  }
  memory_ += cells.size() * sizeof(Cell);
  ++count_;
}

std::string_view Rows::keep(std::string_view bytes) {
  if (used_ + bytes.size() > room_) {
    room_ = std::max(bytes.size(), std::clamp(room_ * 2, kFirstBlock, kLargestBlock));
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(room_));
    memory_ += room_;
    used_ = 0;
  }
  char* place = blocks_.back().get() + used_;
  std::memcpy(place, bytes.data(), bytes.size());
  used_ += bytes.size();
  return {place, bytes.size()};
}

}  // namespace zhili::store
