#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/random.hpp"
#include "fuse/entity_id.hpp"
#include "fuse/lists.hpp"

namespace zhili::fuse {

/// The entities that there are now, by number: id and records. Numbers are given anew, ids are not. Not thread-safe.
class EntityTable {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  explicit EntityTable(Lists& lists) : lists_(lists), slots_(1024, 0) {}

  uint32_t add(EntityId id) {
    uint32_t number = 0;
    if (free_.empty()) {
      number = static_cast<uint32_t>(ids_.size());
      ids_.emplace_back();
      members_.emplace_back();
    } else {
      number = free_.back();
      free_.pop_back();
    }
    ids_[number] = id;
    if ((++used_ + 1) * 4 > slots_.size() * 3) grow(slots_.size() * 2);
    slots_[free_slot(id)] = number + 1;
    return number;
  }
  void erase(uint32_t number) {
    erase_slot(slot_of(ids_[number]));
    --used_;
    lists_.clear(members_[number]);
    ids_[number] = {};
    free_.push_back(number);
  }
  uint32_t find(EntityId id) const {
    const size_t slot = slot_of(id);
    return slots_[slot] == 0 ? kNone : slots_[slot] - 1;
  }
  void add_member(uint32_t number, uint32_t record) { lists_.add(members_[number], record); }
  void remove_member(uint32_t number, uint32_t record) { lists_.remove(members_[number], record); }
  EntityId id(uint32_t number) const { return ids_[number]; }
  std::span<const uint32_t> members(uint32_t number) const { return lists_.of(members_[number]); }
  uint64_t size() const { return used_; }
  void reserve(uint64_t entities) {
    ids_.reserve(entities);
    members_.reserve(entities);
    const size_t slots = std::bit_ceil(entities + entities / 2 + 2);
    if (slots > slots_.size()) grow(slots);
  }
  uint64_t bytes() const {
    return ids_.capacity() * (sizeof(EntityId) + sizeof(Lists::List)) + slots_.size() * sizeof(uint32_t);
  }

 private:
  size_t home(EntityId id) const { return mix64(id.bits) & (slots_.size() - 1); }
  size_t slot_of(EntityId id) const {
    size_t slot = home(id);
    while (slots_[slot] != 0 && ids_[slots_[slot] - 1] != id) slot = (slot + 1) & (slots_.size() - 1);
    return slot;
  }
  size_t free_slot(EntityId id) const {
    size_t slot = home(id);
    while (slots_[slot] != 0) slot = (slot + 1) & (slots_.size() - 1);
    return slot;
  }
  void erase_slot(size_t slot) {
    const size_t mask = slots_.size() - 1;
    for (size_t next = (slot + 1) & mask; slots_[next] != 0; next = (next + 1) & mask) {
      const size_t from_home = (next - home(ids_[slots_[next] - 1])) & mask;
      if (from_home < ((next - slot) & mask)) continue;
      slots_[slot] = slots_[next];
      slot = next;
    }
    slots_[slot] = 0;
  }
  void grow(size_t slots) {
    const auto old = std::move(slots_);
    slots_.assign(slots, 0);
    for (const uint32_t entry : old) {
      if (entry != 0) slots_[free_slot(ids_[entry - 1])] = entry;
    }
  }

  Lists& lists_;
  std::vector<EntityId> ids_;
  std::vector<Lists::List> members_;
  std::vector<uint32_t> slots_;  // Number + 1; 0 = free.
  std::vector<uint32_t> free_;
  uint64_t used_ = 0;
};

}  // namespace zhili::fuse
