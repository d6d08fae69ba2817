#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/cancel.hpp"
#include "base/hash.hpp"
#include "base/progress.hpp"
#include "base/result.hpp"
#include "fuse/config.hpp"
#include "fuse/project.hpp"
#include "fuse/records.hpp"

namespace zhili::fuse {

/// Which sources' records may be paired at all: the link mode, and sources that are unique in themselves.
class AllowedPairs {
 public:
  explicit AllowedPairs(const Config& config);
  bool operator()(uint16_t a, uint16_t b) const { return allowed_[a * sources_ + b] != 0; }
  /// True when every source may be paired with every source, itself included.
  bool all() const { return all_; }
  /// All pairs of records that may be one entity.
  double count(const std::vector<SourceCount>& counts) const;

 private:
  size_t sources_;
  std::vector<uint8_t> allowed_;
  bool all_ = true;
};

/// A block that was larger than `max_block`, and what became of it.
struct LargeBlock {
  std::string key;  ///< As text, e.g. "wang wei + 1980".
  uint64_t records = 0;
  std::vector<std::string> split_by;  ///< Attributes that it was split by, in order.
  uint64_t pairs = 0;                 ///< Of the whole block.
  uint64_t pairs_kept = 0;            ///< Of the parts that are scored.
};

/// Keys of blocks, and of parts of blocks, that are split.
using SplitParts = std::unordered_set<uint64_t>;
/// Key of the part of a block that agrees in the value of an attribute (its text; empty: missing), the depth-th by
/// which the block is split.
inline uint64_t key_of_part(uint64_t key, uint32_t depth, std::string_view value) {
  return combine64(key, hash_bytes(value, depth + 1)) | 1;
}

/// The records of one rule, leaf by leaf. A leaf is a block, or a part of a block that was too large; records of a leaf
/// lie in ascending order. Leaf k is order[starts[k] .. starts[k+1]); leaf numbers in `Blocks::leaf` are k + 1.
struct RuleBlocks {
  std::vector<uint32_t> order;
  std::vector<uint32_t> starts;
  uint64_t blocks = 0;
  uint64_t pairs = 0;             ///< In leaves, before pairs of other rules are taken off; all sources counted.
  uint64_t largest = 0;           ///< Records of the largest leaf.
  std::vector<LargeBlock> large;  ///< The largest first, at most kLargeShown.
  uint64_t large_count = 0;
  uint64_t pairs_given_up = 0;  ///< Pairs of large blocks that no leaf holds.
  SplitParts split;
  size_t leaves() const { return starts.empty() ? 0 : starts.size() - 1; }
};

inline constexpr size_t kLargeShown = 20;

/// Puts rules over words behind the others, as `Blocks::build` wants them.
void put_word_rules_last(std::vector<BlockingRule>& rules);

/// The attributes that a block of the rule is split by when it is too large, in this order: those that the rule does
/// not use, the one with most values first.
std::vector<uint32_t> split_order(const Config& config, const BlockingRule& rule, const Records& records);
using SplitOrders = std::vector<std::vector<uint32_t>>;  ///< By rule.
SplitOrders split_orders(const Config& config, const std::vector<BlockingRule>& rules, const Records& records);

/// Candidate pairs: two records that share a leaf of some rule. Each pair belongs to the first rule, and within a rule
/// to the lowest leaf, that holds both, so that it is scored exactly once.
class Blocks {
 public:
  /// `always_split`, if not null: by rule, the parts that are split whatever their size.
  static Result<Blocks> build(const Config& config, const std::vector<BlockingRule>& rules, const SplitOrders& split_by,
                              const std::vector<SplitParts>* always_split, const Records& records,
                              Projections& projections, unsigned threads, Progress::Mode progress, Cancel& cancel);

  const std::vector<RuleBlocks>& rules() const { return rules_; }
  /// Slots of a record in `leaf`: one for a rule with one key a record, kKeysOfRecord for a rule over words.
  uint32_t width() const { return width_; }
  const uint32_t* leaves_of(uint64_t record) const { return leaf_.data() + record * width_; }
  /// True when the rule brings the two records together.
  bool holds(uint32_t rule, uint64_t a, uint64_t b) const;
  /// True when some rule does.
  bool hold(uint64_t a, uint64_t b) const;
  /// Slots of the rules before this one that have one key a record; they come first.
  uint32_t single_slots_before(uint32_t rule) const { return std::min(slot_[rule], single_slots_); }
  /// True when an earlier rule than this one, or an earlier leaf of it, holds the pair; leaves are counted from 0.
  bool held_before(uint32_t rule, uint32_t leaf, uint64_t a, uint64_t b) const;
  bool over_words(uint32_t rule) const { return slot_[rule] >= single_slots_; }
  /// For a rule over words: true when an earlier such rule, or an earlier leaf of the same rule, holds the pair whose
  /// slots are `a` and `b`.
  bool word_rules_hold(uint32_t rule, uint32_t leaf, const uint32_t* a, const uint32_t* b) const;

 private:
  void enter_leaves(uint32_t rule);

  std::vector<RuleBlocks> rules_;
  std::vector<uint32_t> slot_;  ///< By rule: its first slot.
  uint32_t single_slots_ = 0;
  uint32_t width_ = 0;
  std::vector<uint32_t> leaf_;
};

/// Pairs of records that one rule would give, without building its leaves. For planning.
uint64_t count_pairs(const BlockingRule& rule, const Records& records, Projections& projections, unsigned threads);

}  // namespace zhili::fuse
