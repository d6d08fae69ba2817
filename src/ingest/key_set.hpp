#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace zhili::ingest {

/// Which keys a batch has had, by their hashes of 64 bits: two of a million keys share one with a chance of 1 in 36
/// million. Memory is bounded: over kMost keys it looks at every second one by its hash, then at every fourth.
class KeySet {
 public:
  static constexpr size_t kMost = size_t{1} << 24;

  explicit KeySet(size_t most = kMost) : most_(most), slots_(size_t{1} << 12) {}

  /// Whether the key was there. False for one that is not looked at.
  bool add(uint64_t hash) {
    hash += hash == 0 ? 1 : 0;
    if (!is_looked_at(hash)) return false;
    size_t at = hash & (slots_.size() - 1);
    for (; slots_[at] != 0; at = (at + 1) & (slots_.size() - 1)) {
      if (slots_[at] == hash) return true;
    }
    slots_[at] = hash;
    if (++used_ * 2 > slots_.size()) grow();
    return false;
  }
  /// False once some keys are not looked at: what was counted as repeated is then the least.
  bool is_exact() const { return shift_ == 0; }
  size_t size() const { return used_; }

 private:
  bool is_looked_at(uint64_t hash) const { return shift_ == 0 || hash >> (64 - shift_) == 0; }
  void grow() {
    const std::vector<uint64_t> old = std::move(slots_);
    if (used_ >= most_) ++shift_;
    slots_.assign(used_ >= most_ ? old.size() : old.size() * 2, 0);
    used_ = 0;
    for (const uint64_t hash : old) {
      if (hash == 0 || !is_looked_at(hash)) continue;
      size_t at = hash & (slots_.size() - 1);
      while (slots_[at] != 0) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = hash;
      ++used_;
    }
  }

  size_t most_;
  unsigned shift_ = 0;
  size_t used_ = 0;
  std::vector<uint64_t> slots_;
};

}  // namespace zhili::ingest
