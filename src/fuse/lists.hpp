#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace zhili::fuse {

/// Many lists of numbers that grow and shrink, most of them short: a list of one takes no memory but its handle, others
/// the next power of two. Numbers lie in no order. Not thread-safe.
class Lists {
 public:
  /// One list. Copied only by who knows that the other copy goes out of use.
  struct List {
    uint32_t at = 0;  ///< Of one number: itself.
    uint32_t size = 0;
  };

  /// Good until the list changes.
  std::span<const uint32_t> of(const List& list) const {
    if (list.size == 0) return {};
    return {list.size == 1 ? &list.at : place(list.at), list.size};
  }

  void add(List& list, uint32_t number) {
    if (list.size == 0) {
      list = {number, 1};
      return;
    }
    if (std::has_single_bit(list.size)) move(list, list.size * 2);
    place(list.at)[list.size++] = number;
  }

  /// False where the number is not in the list.
  bool remove(List& list, uint32_t number) {
    const auto numbers = of(list);
    const auto found = std::ranges::find(numbers, number);
    if (found == numbers.end()) return false;
    if (list.size == 1) {
      list = {};
      return true;
    }
    uint32_t* const all = place(list.at);
    all[found - numbers.begin()] = all[list.size - 1];
    --list.size;
    if (list.size == 1) {
      const uint32_t only = all[0];
      release(list.at, 2);
      list.at = only;
    } else if (std::has_single_bit(list.size)) {
      ++list.size;  // What it was, so that `move` knows its room.
      shrink(list);
    }
    return true;
  }

  void clear(List& list) {
    if (list.size > 1) release(list.at, std::bit_ceil(list.size));
    list = {};
  }

  uint64_t bytes() const { return chunks_.size() * kChunk * sizeof(uint32_t); }

 private:
  static constexpr uint32_t kChunk = 1U << 18;

  uint32_t* place(uint32_t at) const { return chunks_[at / kChunk] + at % kChunk; }

  /// Moves a full list to a room of so many.
  void move(List& list, uint32_t room) {
    const uint32_t to = take(room);
    if (list.size == 1) {
      *place(to) = list.at;
    } else {
      std::copy_n(place(list.at), list.size, place(to));
      release(list.at, list.size);
    }
    list.at = to;
  }

  /// To half the room, which all but the last number fill.
  void shrink(List& list) {
    const uint32_t kept = list.size - 1;
    const uint32_t to = take(kept);
    std::copy_n(place(list.at), kept, place(to));
    release(list.at, kept * 2);
    list = {to, kept};
  }

  uint32_t take(uint32_t room) {
    auto& free = free_[std::countr_zero(room)];
    if (!free.empty()) {
      const uint32_t at = free.back();
      free.pop_back();
      return at;
    }
    if (room > kChunk || used_ + room > chunks_.size() * uint64_t{kChunk}) {
      used_ = chunks_.size() * uint64_t{kChunk};
      const uint32_t chunks = (room + kChunk - 1) / kChunk;
      blocks_.push_back(std::make_unique_for_overwrite<uint32_t[]>(size_t{chunks} * kChunk));
      for (uint32_t c = 0; c < chunks; ++c) chunks_.push_back(blocks_.back().get() + size_t{c} * kChunk);
    }
    const auto at = static_cast<uint32_t>(used_);
    used_ += room;
    return at;
  }

  void release(uint32_t at, uint32_t room) { free_[std::countr_zero(room)].push_back(at); }

  std::vector<std::unique_ptr<uint32_t[]>> blocks_;
  std::vector<uint32_t*> chunks_;
  uint64_t used_ = 0;
  std::array<std::vector<uint32_t>, 32> free_;  // By the logarithm of the room.
};

}  // namespace zhili::fuse
