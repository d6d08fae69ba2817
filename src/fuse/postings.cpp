#include "fuse/postings.hpp"

#include <algorithm>
#include <bit>

#include "base/hash.hpp"

namespace zhili::fuse {

size_t Postings::slot_of(uint64_t key) const {
  size_t slot = mix64(key) & (slots_.size() - 1);
  while (slots_[slot].key != 0 && slots_[slot].key != key) slot = (slot + 1) & (slots_.size() - 1);
  return slot;
}

void Postings::grow(size_t slots) {
  auto old = std::move(slots_);
  slots_.assign(slots, {});
  for (const auto& slot : old) {
    if (slot.key != 0) slots_[slot_of(slot.key)] = slot;
  }
}

void Postings::reserve(uint64_t keys) {
  const size_t slots = std::bit_ceil(keys + keys / 2);
  if (slots > slots_.size()) grow(slots);
}

size_t Postings::add_slot(uint64_t key) {
  size_t slot = slot_of(key);
  if (slots_[slot].key == key) return slot;
  if ((used_ + 1) * 4 > slots_.size() * 3) {
    grow(slots_.size() * 2);
    slot = slot_of(key);
  }
  ++used_;
  slots_[slot].key = key;
  return slot;
}

/// Those behind it that would not be found any more move up.
void Postings::erase_slot(size_t slot) {
  const size_t mask = slots_.size() - 1;
  --used_;
  for (size_t next = (slot + 1) & mask; slots_[next].key != 0; next = (next + 1) & mask) {
    const size_t home = mix64(slots_[next].key) & mask;
    if (((next - home) & mask) < ((next - slot) & mask)) continue;
    slots_[slot] = slots_[next];
    slot = next;
  }
  slots_[slot] = {};
}

uint32_t Postings::new_part() {
  if (free_parts_.empty()) {
    parts_.emplace_back();
    return static_cast<uint32_t>(parts_.size() - 1);
  }
  const uint32_t number = free_parts_.back();
  free_parts_.pop_back();
  return number;
}

/// Splits the part in `slot`, and what of it is still too large.
void Postings::split(size_t slot, uint32_t depth) {
  struct Open {
    uint64_t key;
    uint32_t depth;
  };
  std::vector<Open> open{{slots_[slot].key, depth}};
  std::vector<uint32_t> members;
  while (!open.empty()) {
    const Open now = open.back();
    open.pop_back();
    auto& list = slots_[slot_of(now.key)].list;
    const auto there = lists_.of(list);
    members.assign(there.begin(), there.end());
    lists_.clear(list);
    const uint32_t number = new_part();
    list = {number, kParted};
    parts_[number].records = members.size();
    parts_[number].depth = now.depth;
    for (const uint32_t record : members) {
      const uint64_t key = part_of(now.key, now.depth, record);
      auto& part = slots_[add_slot(key)].list;
      if (part.size == 0) parts_[number].keys.push_back(key);
      lists_.add(part, record);
    }
    for (const uint64_t key : parts_[number].keys) {
      const auto& part = slots_[slot_of(key)].list;
      if (now.depth + 1 == split_by_.size()) break;
      if (!compared(part) || stays_split(key)) open.push_back({key, now.depth + 1});
    }
  }
}

void Postings::insert(uint64_t key, uint32_t record, std::vector<std::vector<uint32_t>>& parted) {
  for (uint32_t depth = 0;; ++depth) {
    const size_t slot = add_slot(key);
    auto& list = slots_[slot].list;
    if (list.size == 0 && depth < split_by_.size() && stays_split(key)) {
      const uint32_t number = new_part();
      parts_[number].depth = depth;
      list = {number, kParted};
    }
    if (list.size == kParted) {
      auto& part = parts_[list.at];
      ++part.records;
      const uint64_t next = part_of(key, part.depth, record);
      if (slots_[slot_of(next)].key == 0) part.keys.push_back(next);
      key = next;
      continue;
    }
    lists_.add(list, record);
    if (list.size != max_block_ + 1) return;
    const auto members = lists_.of(list);
    parted.emplace_back(members.begin(), members.end());
    if (depth < split_by_.size()) split(slot, depth);
    return;
  }
}

/// Takes all records out of the parts of a split block, which becomes whole again.
void Postings::unite(uint64_t key, std::vector<uint32_t>& members) {
  std::vector<uint64_t> open{key};
  while (!open.empty()) {
    const uint64_t now = open.back();
    open.pop_back();
    const size_t slot = slot_of(now);
    auto& list = slots_[slot].list;
    if (list.size == kParted) {
      auto& part = parts_[list.at];
      open.insert(open.end(), part.keys.begin(), part.keys.end());
      part = {};
      free_parts_.push_back(list.at);
      list = {};
    } else {
      const auto there = lists_.of(list);
      members.insert(members.end(), there.begin(), there.end());
      lists_.clear(list);
    }
    if (now != key) erase_slot(slot);
  }
  std::ranges::sort(members);
  auto& list = slots_[slot_of(key)].list;
  for (const uint32_t record : members) lists_.add(list, record);
}

void Postings::remove(uint64_t key, uint32_t record, std::vector<std::vector<uint32_t>>& joined) {
  uint64_t whole = 0;  // The first on the way that is small enough now.
  uint64_t parent = 0;
  for (;;) {
    const size_t slot = slot_of(key);
    auto& list = slots_[slot].list;
    if (list.size == kParted) {
      auto& part = parts_[list.at];
      if (--part.records <= max_block_ && whole == 0 && !stays_split(key)) whole = key;
      parent = key;
      key = part_of(key, part.depth, record);
      continue;
    }
    lists_.remove(list, record);
    if (list.size == max_block_ && whole == 0) {
      // It was given up; or it has just lost one of many, and all its pairs were compared before.
      const auto members = lists_.of(list);
      joined.emplace_back(members.begin(), members.end());
    }
    if (list.size == 0) {
      erase_slot(slot);
      if (parent != 0) std::erase(parts_[slots_[slot_of(parent)].list.at].keys, key);
    }
    break;
  }
  if (whole == 0) return;
  joined.emplace_back();
  unite(whole, joined.back());
}

Postings::Leaf Postings::find(uint64_t key, uint32_t record) const {
  for (;;) {
    const auto& slot = slots_[slot_of(key)];
    if (slot.key == 0) return {};
    if (slot.list.size != kParted) {
      Leaf out{key, {}};
      if (compared(slot.list)) out.records = lists_.of(slot.list);
      return out;
    }
    key = part_of(key, parts_[slot.list.at].depth, record);
  }
}

}  // namespace zhili::fuse
