#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "base/hash.hpp"

namespace zhili::fuse {

/// Numbers distinct strings in order of first arrival. Id 0 is the empty string, which stands for "missing".
/// Views stay valid while the dictionary lives. Costs about 13 bytes a value beside its text. Not thread-safe for
/// `add`.
class Dictionary {
 public:
  Dictionary() : slots_(1024, 0) { spans_.push_back({0, 0}); }

  uint32_t add(std::string_view value) {
    if (value.empty()) return 0;
    const auto hash = static_cast<uint32_t>(hash_bytes(value) >> 32);
    const size_t slot = slot_of(value, hash);
    if (slots_[slot] != 0) return slots_[slot];
    const auto id = static_cast<uint32_t>(spans_.size());
    slots_[slot] = id;
    store(value);
    hashes_.push_back(hash);
    if (spans_.size() * 2 > slots_.size()) grow();
    return id;
  }

  /// 0 when absent.
  uint32_t find(std::string_view value) const {
    return value.empty() ? 0 : slots_[slot_of(value, static_cast<uint32_t>(hash_bytes(value) >> 32))];
  }

  std::string_view operator[](uint32_t id) const {
    const Span span = spans_[id];
    return {chunks_.empty() ? "" : chunks_[span.at / kChunk].get() + span.at % kChunk, span.size};
  }

  /// Ids are in [0, size()).
  uint32_t size() const { return static_cast<uint32_t>(spans_.size()); }
  uint64_t text_bytes() const { return at_; }

  /// Frees the look-up table once all values are in; `add` and `find` must not be called after it.
  void seal() {
    slots_ = {};
    hashes_ = {};
    spans_.shrink_to_fit();
  }

  /// Makes a sealed dictionary take values again, and any one take as many as this without pausing to grow. Memory that
  /// is not used yet is only set aside.
  void unseal(size_t values) {
    values = std::max<size_t>(values, spans_.size());
    spans_.reserve(values);
    hashes_.reserve(values);
    for (auto id = static_cast<uint32_t>(hashes_.size() + 1); id < spans_.size(); ++id) {
      hashes_.push_back(static_cast<uint32_t>(hash_bytes((*this)[id]) >> 32));
    }
    const size_t slots = std::bit_ceil(std::max<size_t>(values * 2, 1024));
    if (slots > slots_.size()) fill_slots(slots);
  }

 private:
  // One value never crosses a chunk; kChunk is more than limits::kCellBytes.
  static constexpr uint64_t kChunk = uint64_t{4} << 20;
  struct [[gnu::packed]] Span {
    uint64_t at : 40;
    uint32_t size : 24;
  };

  /// Where the value is, or the free slot where it would go.
  size_t slot_of(std::string_view value, uint32_t hash) const {
    size_t slot = hash & (slots_.size() - 1);
    while (slots_[slot] != 0) {
      const uint32_t id = slots_[slot];
      if (hashes_[id - 1] == hash && (*this)[id] == value) break;
      slot = (slot + 1) & (slots_.size() - 1);
    }
    return slot;
  }

  void store(std::string_view value) {
    if (chunks_.empty() || at_ % kChunk + value.size() > kChunk || at_ / kChunk >= chunks_.size()) {
      at_ = chunks_.size() * kChunk;
      chunks_.push_back(std::make_unique_for_overwrite<char[]>(kChunk));
    }
    std::memcpy(chunks_.back().get() + at_ % kChunk, value.data(), value.size());
    spans_.push_back({at_, static_cast<uint32_t>(value.size())});
    at_ += value.size();
  }

  void grow() { fill_slots(slots_.size() * 2); }

  void fill_slots(size_t slots) {
    std::vector<uint32_t> wider(slots, 0);
    for (uint32_t id = 1; id < spans_.size(); ++id) {
      size_t slot = hashes_[id - 1] & (wider.size() - 1);
      while (wider[slot] != 0) slot = (slot + 1) & (wider.size() - 1);
      wider[slot] = id;
    }
    slots_ = std::move(wider);
  }

  std::vector<Span> spans_;
  std::vector<uint32_t> hashes_;
  std::vector<uint32_t> slots_;
  std::vector<std::unique_ptr<char[]>> chunks_;
  uint64_t at_ = 0;
};

}  // namespace zhili::fuse
