#include "fuse/record_index.hpp"

#include <atomic>
#include <bit>

#include "base/hash.hpp"
#include "base/parallel.hpp"

namespace zhili::fuse {
namespace {

uint64_t slot_hash(uint32_t source, std::string_view id) { return hash_bytes(id, mix64(source)); }

}  // namespace

RecordIndex::RecordIndex(const Records& records, unsigned threads)
    : records_(records), slots_(std::bit_ceil(records.size() + records.size() / 2 + 2), 0), used_(records.size()) {
  const size_t mask = slots_.size() - 1;
  // Ids are unique within a source, so no look at the record in a taken slot is needed.
  parallel_for(records.size(), 1U << 14, threads, [&](uint64_t begin, uint64_t end, unsigned) {
    for (uint64_t r = begin; r < end; ++r) {
      size_t slot = slot_hash(records.source(r), records.id(r)) & mask;
      uint32_t free = 0;
      while (!std::atomic_ref(slots_[slot])
                  .compare_exchange_strong(free, static_cast<uint32_t>(r + 1), std::memory_order_relaxed)) {
        free = 0;
        slot = (slot + 1) & mask;
      }
    }
  });
}

void RecordIndex::put(uint32_t record) {
  const size_t mask = slots_.size() - 1;
  size_t slot = slot_hash(records_.source(record), records_.id(record)) & mask;
  while (slots_[slot] != 0) slot = (slot + 1) & mask;
  slots_[slot] = record + 1;
}

void RecordIndex::reserve(uint64_t records) {
  const size_t slots = std::bit_ceil(records + records / 2 + 2);
  if (slots <= slots_.size()) return;
  const auto old = std::move(slots_);
  slots_.assign(slots, 0);
  for (const uint32_t entry : old) {
    if (entry != 0) put(entry - 1);
  }
}

void RecordIndex::add(uint32_t record) {
  if (++used_ * 3 > slots_.size() * 2) reserve(used_ * 2);
  put(record);
}

std::optional<uint32_t> RecordIndex::find(uint32_t source, std::string_view id) const {
  const size_t mask = slots_.size() - 1;
  for (size_t slot = slot_hash(source, id) & mask; slots_[slot] != 0; slot = (slot + 1) & mask) {
    const uint32_t record = slots_[slot] - 1;
    if (records_.source(record) == source && records_.id(record) == id) return record;
  }
  return std::nullopt;
}

uint64_t hash_record(std::string_view source, std::string_view id, uint64_t seed) {
  return hash_bytes(id, hash_bytes(source, mix64(seed)));
}

}  // namespace zhili::fuse
