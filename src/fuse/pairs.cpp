#include "fuse/pairs.hpp"

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

}  // namespace zhili::fuse
