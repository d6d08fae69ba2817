#include "fuse/pairs.hpp"

#include <algorithm>

namespace zhili::fuse {

std::vector<PairTask> cut_into_tasks(const Blocks& blocks, uint64_t pairs_each) {
  std::vector<PairTask> tasks;
  for (uint32_t r = 0; r < blocks.rules().size(); ++r) {
    const auto& rule = blocks.rules()[r];
    PairTask task{.rule = r};
    const auto flush = [&](uint32_t leaf) {
      if (task.leaf_end > task.leaf_begin) tasks.push_back(task);
      task = PairTask{.rule = r, .leaf_begin = leaf, .leaf_end = leaf};
    };
    for (uint32_t leaf = 0; leaf < rule.leaves(); ++leaf) {
      const uint64_t n = rule.starts[leaf + 1] - rule.starts[leaf];
      const uint64_t pairs = n * (n - 1) / 2;
      if (pairs <= 2 * pairs_each) {
        task.leaf_end = leaf + 1;
        task.pairs += pairs;
        if (task.pairs >= pairs_each) flush(leaf + 1);
        continue;
      }
      flush(leaf);
      for (uint32_t row = 0; row + 1 < n;) {
        PairTask piece{.rule = r, .leaf_begin = leaf, .leaf_end = leaf + 1, .row_begin = row};
        while (row + 1 < n && piece.pairs < pairs_each) piece.pairs += n - 1 - row++;
        piece.row_end = row;
        tasks.push_back(piece);
      }
      task = PairTask{.rule = r, .leaf_begin = leaf + 1, .leaf_end = leaf + 1};
    }
    flush(0);
  }
  return tasks;
}

void PairWalker::gather(uint32_t rule, std::span<const uint32_t> members) {
  const uint32_t slots = blocks_.single_slots_before(rule);
  stride_ = whole_lanes(static_cast<uint32_t>(members.size())) + kBatch;
  if (slots_.size() < size_t{slots} * stride_) slots_.resize(size_t{slots} * stride_);
  for (uint32_t i = 0; i < members.size(); ++i) {
    const uint32_t* leaves = blocks_.leaves_of(members[i]);
    for (uint32_t s = 0; s < slots; ++s) slots_[size_t{s} * stride_ + i] = leaves[s];
  }
}

void PairWalker::mark_skipped(uint32_t rule, uint32_t leaf, const PairRow& row, bool each_once) {
  std::fill_n(skip_.begin(), whole_lanes(row.count), 0);
  if (!allowed_.all()) {
    const uint16_t source = records_.source(row.members[row.i]);
    for (uint32_t k = 0; k < row.count; ++k) {
      skip_[k] = allowed_(source, records_.source(row.members[row.begin + k])) ? 0 : 1;
    }
  }
  if (!each_once) return;
  for (uint32_t s = 0; s < blocks_.single_slots_before(rule); ++s) {
    const uint32_t* column = slots_.data() + size_t{s} * stride_;
    if (column[row.i] != 0) mark_equal(column + row.begin, column[row.i], row.count, 1, skip_.data());
  }
  if (!blocks_.over_words(rule)) return;
  const uint32_t* leaves = blocks_.leaves_of(row.members[row.i]);
  for (uint32_t k = 0; k < row.count; ++k) {
    if (skip_[k] == 0 &&
        blocks_.word_rules_hold(rule, leaf + 1, leaves, blocks_.leaves_of(row.members[row.begin + k]))) {
      skip_[k] = 1;
    }
  }
}

}  // namespace zhili::fuse
