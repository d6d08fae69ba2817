#pragma once

#include <cstdint>
#include <vector>

#include "fuse/block.hpp"
#include "fuse/compare.hpp"

namespace zhili::fuse {

/// A piece of the candidate pairs, small enough to spread evenly over threads: some whole leaves, or some rows of one
/// large leaf (then leaf_end == leaf_begin + 1 and the first records are [row_begin, row_end) of it).
struct PairTask {
  uint32_t rule = 0;
  uint32_t leaf_begin = 0;
  uint32_t leaf_end = 0;
  uint32_t row_begin = 0;
  uint32_t row_end = UINT32_MAX;
  uint64_t pairs = 0;
};

/// Cuts all leaves into tasks of about `pairs_each` pairs.
std::vector<PairTask> cut_into_tasks(const Blocks& blocks, uint64_t pairs_each);

/// Walks candidate pairs with the rows of a leaf copied side by side, so that a pair costs no cache miss.
/// One for each thread.
class PairWalker {
 public:
  PairWalker(const Blocks& blocks, const Comparisons& comparisons, const Records& records, const AllowedPairs& allowed)
      : blocks_(blocks), comparisons_(comparisons), records_(records), allowed_(allowed) {}

  /// Calls visit(record_a, record_b, row_a, row_b) with record_a < record_b. `each_once` leaves out pairs that an
  /// earlier rule or leaf holds.
  template <class Visit>
  void walk(const PairTask& task, bool each_once, Visit&& visit) {
    const auto& rule = blocks_.rules()[task.rule];
    for (uint32_t leaf = task.leaf_begin; leaf < task.leaf_end; ++leaf) {
      const uint32_t begin = rule.starts[leaf];
      const uint32_t n = rule.starts[leaf + 1] - begin;
      gather(rule.order.data() + begin, n);
      const uint32_t last = std::min(task.row_end, n);
      for (uint32_t i = task.row_begin; i < last; ++i) {
        const uint32_t* row_i = rows_.data() + size_t{i} * row_width_;
        const uint32_t* leaves_i = leaves_.data() + size_t{i} * leaf_width_;
        for (uint32_t j = i + 1; j < n; ++j) {
          if (!allowed_(sources_[i], sources_[j])) continue;
          if (each_once &&
              blocks_.held_before(task.rule, leaf + 1, leaves_i, leaves_.data() + size_t{j} * leaf_width_)) {
            continue;
          }
          visit(members_[i], members_[j], row_i, rows_.data() + size_t{j} * row_width_);
        }
      }
    }
  }

 private:
  void gather(const uint32_t* members, uint32_t n) {
    members_ = members;
    row_width_ = comparisons_.width();
    leaf_width_ = blocks_.width();
    rows_.resize(size_t{n} * row_width_);
    leaves_.resize(size_t{n} * leaf_width_);
    sources_.resize(n);
    for (uint32_t i = 0; i < n; ++i) {
      std::copy_n(comparisons_.row(members[i]), row_width_, rows_.data() + size_t{i} * row_width_);
      std::copy_n(blocks_.leaves_of(members[i]), leaf_width_, leaves_.data() + size_t{i} * leaf_width_);
      sources_[i] = records_.source(members[i]);
    }
  }

  const Blocks& blocks_;
  const Comparisons& comparisons_;
  const Records& records_;
  const AllowedPairs& allowed_;
  const uint32_t* members_ = nullptr;
  uint32_t row_width_ = 0;
  uint32_t leaf_width_ = 0;
  std::vector<uint32_t> rows_;
  std::vector<uint32_t> leaves_;
  std::vector<uint16_t> sources_;
};

}  // namespace zhili::fuse
