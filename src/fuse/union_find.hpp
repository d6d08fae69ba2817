#pragma once

#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace zhili::fuse {

/// Disjoint sets of the numbers [0, n), each a set of its own at first (Tarjan, with path halving).
class UnionFind {
 public:
  explicit UnionFind(size_t n) : parent_(n) { std::iota(parent_.begin(), parent_.end(), 0U); }

  uint32_t root(uint32_t x) {
    while (parent_[x] != x) x = parent_[x] = parent_[parent_[x]];
    return x;
  }
  /// The root of the joined set. The lower root stays, so that results do not depend on the order of the links.
  uint32_t join(uint32_t a, uint32_t b) {
    a = root(a);
    b = root(b);
    if (a > b) std::swap(a, b);
    parent_[b] = a;
    return a;
  }

 private:
  std::vector<uint32_t> parent_;
};

}  // namespace zhili::fuse
