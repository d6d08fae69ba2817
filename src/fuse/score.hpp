#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/cancel.hpp"
#include "base/hash.hpp"
#include "base/limits.hpp"
#include "base/progress.hpp"
#include "fuse/model.hpp"
#include "fuse/pairs.hpp"

namespace zhili::fuse {

/// What term frequency adds to the weight of an equal value, bits, by the hash of the standard value.
struct Rarity {
  float unseen = 0;  ///< Of values that the table does not hold.
  std::unordered_map<uint64_t, float> of;

  float operator[](std::string_view value) const {
    const auto found = of.find(hash_bytes(value));
    return found == of.end() ? unseen : found->second;
  }
};

/// Weight of a pair under a model: prior + sum over comparisons of log2(m / u), with the weight of an equal value moved
/// by how rare the value is (term frequency). Bits. Safe to use from many threads, each with its own memo.
class Scorer {
 public:
  /// `frozen`, if not null, says how rare values are instead of the records: one entry a comparison.
  Scorer(const Comparisons& comparisons, const Model& model, const Records& records,
         const std::vector<Rarity>* frozen = nullptr);

  float weight(const uint32_t* a, const uint32_t* b, LevelMemo& memo) const;

  /// What a thread needs to weigh with.
  struct Scratch {
    explicit Scratch(size_t comparisons) : memo(comparisons) {}
    LevelMemo memo;
    Leaf leaf;
    std::array<uint32_t, kBatch> equal{};  ///< By pair: comparisons whose values are equal, as bits.
    std::array<uint32_t, kBatch> open{};   ///< By pair: comparisons whose values differ.
    std::array<float, kBatch> bound{};     ///< By pair: the most that it may weigh, as far as is known.
    std::array<uint32_t, kBatch> alive{};  ///< Pairs that can still reach the floor.
    std::array<uint32_t, kBatch> asked{};  ///< Members whose level in one comparison is asked for.
    std::array<LevelNumber, kBatch> level{};
    /// Weight of the equal values of the row's first record, by which they are.
    struct Sum {
      uint64_t row = 0;
      uint32_t equal = 0;
      float weight = 0;
    };
    std::array<Sum, 256> sums{};
    uint64_t row = 0;
  };
  /// Calls take(record_a, record_b, weight) for the pairs of the row that weigh at least `floor`, in order. First all
  /// comparisons are settled that only need to know whether the values are equal; the others, which cost more, follow
  /// in the order of how much they may decide, and only for pairs that can still reach the floor.
  template <class Take>
  void weigh(const PairRow& row, float floor, Scratch& scratch, Take&& take) const {
    if (row.new_leaf) comparisons_.gather(row.members, scratch.leaf);
    const uint32_t heavy = weigh_row(row, floor, scratch);
    for (uint32_t t = 0; t < heavy; ++t) {
      const uint32_t k = scratch.alive[t];
      take(row.members[row.i], row.members[row.begin + k], scratch.bound[k]);
    }
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
  /// What is known of how rare values are, so that others weigh as this one does. One entry a comparison.
  std::vector<Rarity> rarity(const Records& records) const;
  /// Takes in the values that columns were given since.
  void extend(const Records& records);
  const Comparisons& comparisons() const { return comparisons_; }

 private:
  uint32_t weigh_row(const PairRow& row, float floor, Scratch& scratch) const;
  uint32_t settle_equal(const PairRow& row, float floor, Scratch& scratch) const;
  float sum_of_equal(uint32_t i, uint32_t equal, Scratch& scratch) const;
  float most_of_open(uint32_t open) const {
    return (most_open_[0][open & 255U] + most_open_[1][open >> 8 & 255U]) +
           (most_open_[2][open >> 16 & 255U] + most_open_[3][open >> 24]);
  }

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
  std::vector<Rarity> frozen_;              ///< By comparison: of values that come later.
  std::vector<uint32_t> order_;             ///< Comparisons, those whose unequal levels differ most first.
  std::vector<float> best_unequal_;         ///< By comparison: the highest weight of unequal values.
  /// Sum of best_unequal_ by set of comparisons, eight at a time.
  std::array<std::array<float, 256>, 4> most_open_{};
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

/// Scores each candidate pair once and keeps those of at least `keep` bits. Errors: kCancelled; kLimit when more than
/// `most_edges` are kept.
Result<Scored> score_pairs(const Blocks& blocks, const Records& records, const AllowedPairs& allowed,
                           const Scorer& scorer, float keep, unsigned threads, Progress::Mode progress, Cancel& cancel,
                           uint64_t most_edges = limits::kEdges);

}  // namespace zhili::fuse
