#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "fuse/block.hpp"
#include "fuse/lists.hpp"

namespace zhili::fuse {

/// The blocks of one rule while records come and go: which records share a key, and how a block that is too large is
/// split, as Blocks::build does it. Which two records are compared depends on the records that are in, not on the order
/// in which they came. Not thread-safe.
class Postings {
 public:
  /// Standard value of a record in an attribute, as it was when the record went in.
  using ValueOf = std::function<std::string_view(uint32_t record, uint32_t attribute)>;

  /// `always_split` (see Blocks::build) outlives this.
  Postings(uint64_t max_block, std::vector<uint32_t> split_by, const SplitParts& always_split, ValueOf value_of)
      : max_block_(max_block),
        split_by_(std::move(split_by)),
        always_split_(always_split),
        value_of_(std::move(value_of)),
        slots_(1024) {}

  /// Puts a record under a key. Where a block is split or given up by that, its members are appended to `parted`: pairs
  /// of them may not be compared any more.
  void insert(uint64_t key, uint32_t record, std::vector<std::vector<uint32_t>>& parted);
  /// Takes a record out. Where that brings parts of a block together, their members are appended to `joined`: all pairs
  /// of them are compared now.
  void remove(uint64_t key, uint32_t record, std::vector<std::vector<uint32_t>>& joined);

  /// The part of a block where a record is.
  struct Leaf {
    uint64_t key = 0;
    std::span<const uint32_t> records;  ///< Empty where the part is too large to be compared. Until the next change.
  };
  Leaf find(uint64_t key, uint32_t record) const;
  /// Whether the block of a key is split, so that a record's other values say where in it the record is.
  bool is_split(uint64_t key) const { return slots_[slot_of(key)].list.size == kParted; }

  /// Sets memory aside for so many keys.
  void reserve(uint64_t keys);
  uint64_t bytes() const { return slots_.capacity() * sizeof(Slot) + lists_.bytes(); }

 private:
  static constexpr uint32_t kParted = UINT32_MAX;
  struct Slot {
    uint64_t key = 0;  // 0: free.
    Lists::List list;  // Of size kParted: `at` is a number in parts_.
  };
  /// A block, or a part of one, that was split.
  struct Part {
    uint64_t records = 0;
    uint32_t depth = 0;  // Its own parts agree in split_by[depth].
    std::vector<uint64_t> keys;
  };

  uint64_t part_of(uint64_t key, uint32_t depth, uint32_t record) const {
    return key_of_part(key, depth, value_of_(record, split_by_[depth]));
  }
  bool stays_split(uint64_t key) const { return !always_split_.empty() && always_split_.contains(key); }
  size_t slot_of(uint64_t key) const;
  size_t add_slot(uint64_t key);
  void erase_slot(size_t slot);
  void grow(size_t slots);
  bool compared(const Lists::List& list) const { return list.size <= max_block_; }
  void split(size_t slot, uint32_t depth);
  void unite(uint64_t key, std::vector<uint32_t>& members);
  uint32_t new_part();

  uint64_t max_block_;
  std::vector<uint32_t> split_by_;
  const SplitParts& always_split_;
  ValueOf value_of_;
  Lists lists_;
  std::vector<Slot> slots_;
  size_t used_ = 0;
  std::vector<Part> parts_;
  std::vector<uint32_t> free_parts_;
};

}  // namespace zhili::fuse
