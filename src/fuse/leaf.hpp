#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace zhili::fuse {

/// Numbers are compared so many at a time; columns are padded so that the last step may read on.
using Lanes [[gnu::vector_size(16)]] = uint32_t;
inline constexpr uint32_t kLanes = sizeof(Lanes) / sizeof(uint32_t);
/// Records that a record is weighed against in one go.
inline constexpr uint32_t kBatch = 128;
inline constexpr uint32_t whole_lanes(uint32_t n) { return (n + kLanes - 1) / kLanes * kLanes; }

namespace lanes {
inline Lanes load(const uint32_t* from) {
  Lanes out;
  std::memcpy(&out, from, sizeof out);
  return out;
}
inline void store(Lanes lanes, uint32_t* to) { std::memcpy(to, &lanes, sizeof lanes); }
}  // namespace lanes

/// marks[k] |= bit where values[k] is x, for k in [0, whole_lanes(n)).
inline void mark_equal(const uint32_t* values, uint32_t x, uint32_t n, uint32_t bit, uint32_t* marks) {
  const Lanes wanted = Lanes{} + x;
  const Lanes bits = Lanes{} + bit;
  for (uint32_t k = 0; k < n; k += kLanes) {
    const auto same = Lanes(lanes::load(values + k) == wanted);
    lanes::store(lanes::load(marks + k) | (same & bits), marks + k);
  }
}

/// Marks where values[k] is x in `equal`, and where it is another value than x but not missing (0) in `open`.
inline void mark_equal_or_open(const uint32_t* values, uint32_t x, uint32_t n, uint32_t bit, uint32_t* equal,
                               uint32_t* open) {
  const Lanes wanted = Lanes{} + x;
  const Lanes bits = Lanes{} + bit;
  for (uint32_t k = 0; k < n; k += kLanes) {
    const Lanes there = lanes::load(values + k);
    const auto same = Lanes(there == wanted);
    const auto missing = Lanes(there == Lanes{});
    lanes::store(lanes::load(equal + k) | (same & bits), equal + k);
    lanes::store(lanes::load(open + k) | (~(same | missing) & bits), open + k);
  }
}

/// The records of one leaf with what comparing them needs, column by column: a record is compared with all behind it,
/// which lie scattered in the tables of values, but here one after the other. Filled by Comparisons::gather.
struct Leaf {
  std::span<const uint32_t> members;            ///< Record numbers, ascending.
  bool whole = true;                            ///< False: `features` is not filled, each is looked up when needed.
  uint32_t stride = 0;                          ///< Length of a column: the members, padded by kBatch.
  std::vector<uint32_t> values;                 ///< Value number of comparison c in member i: values[c * stride + i].
  std::vector<std::vector<uint32_t>> features;  ///< By comparison: its words for member 0, for member 1, and so on.

  const uint32_t* column(uint32_t comparison) const { return values.data() + size_t{comparison} * stride; }
};

/// Record `i` of a leaf beside the `count` records from `begin` on, all behind it.
struct PairRow {
  std::span<const uint32_t> members;  ///< Of the whole leaf.
  uint32_t leaf = 0;                  ///< Its place in the rule.
  bool new_leaf = false;              ///< The row before was of another leaf.
  uint32_t i = 0;
  uint32_t begin = 0;
  uint32_t count = 0;              ///< At most kBatch.
  const uint32_t* skip = nullptr;  ///< [k] is not 0 where the pair with record begin + k is to be left out.
};

}  // namespace zhili::fuse
