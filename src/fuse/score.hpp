#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <vector>

#include "base/cancel.hpp"
#include "base/progress.hpp"
#include "fuse/model.hpp"
#include "fuse/pairs.hpp"

namespace zhili::fuse {

/// Weight of a pair under a model: prior + sum over comparisons of log2(m / u), with the weight of an equal value moved
/// by how rare the value is (term frequency). Bits. Safe to use from many threads, each with its own memo.
class Scorer {
 public:
  Scorer(const Comparisons& comparisons, const Model& model, const Records& records);

  float weight(const uint32_t* a, const uint32_t* b, LevelMemo& memo) const {
    return weight_from(-std::numeric_limits<float>::infinity(), a, b, memo);
  }
  /// The pair's weight if it is at least `floor`; else some number below `floor`. First all comparisons are settled
  /// that only need to know whether the values are equal; the others, which cost more, follow in the order of how much
  /// they may decide, and only as long as the pair can still reach the floor.
  float weight_from(float floor, const uint32_t* a, const uint32_t* b, LevelMemo& memo) const {
    uint32_t open = 0;
    uint32_t equal = 0;
    const uint32_t n = comparisons_.size();
    for (uint32_t c = 0; c < n; ++c) {
      const uint32_t x = a[c];
      const uint32_t y = b[c];
      const auto both = static_cast<uint32_t>((x != 0) & (y != 0));
      const auto same = static_cast<uint32_t>(x == y);
      equal |= (both & same) << c;
      open |= (both & (same ^ 1U)) << c;
    }
    float sum = prior_;
    for (uint32_t left = equal; left != 0; left &= left - 1) {
      const auto c = static_cast<uint32_t>(std::countr_zero(left));
      sum += equal_weight(c, variant_of(c, equal), a[c]);
    }
    float bound = sum;
    for (uint32_t left = open; left != 0; left &= left - 1) bound += best_unequal_[std::countr_zero(left)];
    for (const uint32_t c : order_) {
      if (bound < floor) return bound;
      if ((open >> c & 1U) == 0) continue;
      const float weight = weights_[c][variant_of(c, equal)][comparisons_.level(c, a, b, memo)];
      bound += weight - best_unequal_[c];
    }
    return bound;
  }
  /// What comparison c adds to the weight of a pair.
  struct Part {
    LevelNumber level;
    float weight;  ///< Of the level.
    float rarity;  ///< Added because the shared value is rarer or commoner than the average.
    /// The equal comparison that says part of it already, so that this one weighs less; -1 where there is none.
    int given;
  };
  Part part(uint32_t comparison, const uint32_t* a, const uint32_t* b, LevelMemo& memo) const;
  float prior() const { return prior_; }
  const Comparisons& comparisons() const { return comparisons_; }

 private:
  /// 0, or n where the n-th comparison that c depends on is equal.
  uint32_t variant_of(uint32_t c, uint32_t equal) const {
    if ((given_[c].any & equal) == 0) return 0;
    uint32_t variant = 1;
    while ((given_[c].bits[variant - 1] & equal) == 0) ++variant;
    return variant;
  }
  float equal_weight(uint32_t c, uint32_t variant, uint32_t value) const {
    const float weight = weights_[c][variant][kEqual];
    return rarity_[c].empty() ? weight : weight + rarity_[c][value] * rarity_share_[c][variant];
  }

  struct Given {
    uint32_t any = 0;
    std::array<uint32_t, kParents> bits{};
  };
  using Variants = std::array<std::array<float, kMaxLevels>, kParents + 1>;

  const Comparisons& comparisons_;
  float prior_;
  std::vector<Given> given_;       ///< By comparison: what it depends on.
  std::vector<Variants> weights_;  ///< By comparison, variant and level.
  std::vector<std::array<float, kParents + 1>> rarity_share_;
  std::vector<std::vector<float>> rarity_;  ///< By value number, for comparisons with term frequency.
  std::vector<uint32_t> order_;             ///< Comparisons, those whose unequal levels differ most first.
  std::vector<float> best_unequal_;         ///< By comparison: the highest weight of unequal values.
};

/// A scored pair that is kept: a < b, weight in bits.
struct Edge {
  uint32_t a;
  uint32_t b;
  float weight;
};

/// What scoring saw, for the report.
struct ScoreCounts {
  static constexpr int kLow = -20;
  static constexpr int kHigh = 60;
  uint64_t pairs = 0;
  std::vector<uint64_t> pairs_by_rule;
  /// By weight, one bit wide. Pairs below the kept weight are not weighed to the end: the lowest bin holds them all.
  std::array<uint64_t, kHigh - kLow + 1> histogram{};
};

struct Scored {
  std::vector<Edge> edges;  ///< Ascending by (a, b).
  ScoreCounts counts;
};

/// Scores each candidate pair once and keeps those of at least `keep` bits. Errors: kCancelled; kLimit when more edges
/// are kept than memory is meant for.
Result<Scored> score_pairs(const Blocks& blocks, const Records& records, const AllowedPairs& allowed,
                           const Scorer& scorer, float keep, unsigned threads, Cancel& cancel);

}  // namespace zhili::fuse
