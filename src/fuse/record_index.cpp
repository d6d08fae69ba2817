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
    : records_(records), slots_(std::bit_ceil(records.size() + records.size() / 2 + 2), 0) {
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
