#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "fuse/block.hpp"
#include "fuse/leaf.hpp"
#include "fuse/records.hpp"

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

/// Walks candidate pairs, one record beside many. One for each thread.
class PairWalker {
 public:
  PairWalker(const Blocks& blocks, const Records& records, const AllowedPairs& allowed)
      : blocks_(blocks), records_(records), allowed_(allowed) {}

  /// Calls visit(PairRow) until every pair of the task was in one. Pairs of sources that may not be paired are marked
  /// to be left out; with `each_once` also those that an earlier rule or leaf holds.
  template <class Visit>
  void walk_rows(const PairTask& task, bool each_once, Visit&& visit) {
    const auto& rule = blocks_.rules()[task.rule];
    for (uint32_t leaf = task.leaf_begin; leaf < task.leaf_end; ++leaf) {
      PairRow row;
      row.members = std::span(rule.order).subspan(rule.starts[leaf], rule.starts[leaf + 1] - rule.starts[leaf]);
      row.leaf = leaf;
      row.new_leaf = true;
      row.skip = skip_.data();
      const auto n = static_cast<uint32_t>(row.members.size());
      if (each_once) gather(task.rule, row.members);
      const uint32_t last = std::min(task.row_end, n);
      for (row.i = task.row_begin; row.i < last; ++row.i) {
        for (row.begin = row.i + 1; row.begin < n; row.begin += kBatch) {
          row.count = std::min(kBatch, n - row.begin);
          mark_skipped(task.rule, leaf, row, each_once);
          visit(row);
          row.new_leaf = false;
        }
      }
    }
  }

  /// Calls visit(record_a, record_b) with record_a < record_b for each pair that is wanted(record_a, record_b). For few
  /// of many pairs: only of those is it looked up whether an earlier rule or leaf holds them.
  template <class Wanted, class Visit>
  void walk(const PairTask& task, bool each_once, Wanted&& wanted, Visit&& visit) {
    walk_rows(task, false, [&](const PairRow& row) {
      const uint32_t a = row.members[row.i];
      for (uint32_t k = 0; k < row.count; ++k) {
        const uint32_t b = row.members[row.begin + k];
        if (row.skip[k] != 0 || !wanted(a, b)) continue;
        if (!each_once || !blocks_.held_before(task.rule, row.leaf, a, b)) visit(a, b);
      }
    });
  }

 private:
  void gather(uint32_t rule, std::span<const uint32_t> members);
  void mark_skipped(uint32_t rule, uint32_t leaf, const PairRow& row, bool each_once);

  const Blocks& blocks_;
  const Records& records_;
  const AllowedPairs& allowed_;
  uint32_t stride_ = 0;
  std::vector<uint32_t> slots_;  // By slot of earlier rules with one key a record: the members' leaves, padded.
  std::array<uint32_t, kBatch> skip_{};
};

}  // namespace zhili::fuse
