#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

namespace zhili {

/// Threads to use when the user names none: the cores that the scheduler gives this process.
unsigned usable_cores();

/// Runs `work(begin, end, thread)` over [0, n) in pieces of at most `grain`, on `threads` threads (0 counts as 1, for
/// both). Pieces are handed out in order; `thread` is in [0, threads). Returns when all are done. `work` must not
/// throw.
template <class Work>
void parallel_for(uint64_t n, uint64_t grain, unsigned threads, Work&& work) {
  grain = std::max<uint64_t>(grain, 1);
  std::atomic<uint64_t> next{0};
  const auto loop = [&](unsigned thread) {
    for (;;) {
      const uint64_t begin = next.fetch_add(grain, std::memory_order_relaxed);
      if (begin >= n) return;
      work(begin, std::min(n, begin + grain), thread);
    }
  };
  const uint64_t pieces = n / grain + (n % grain != 0 ? 1 : 0);
  const auto useful = static_cast<unsigned>(std::min<uint64_t>(threads, pieces));
  std::vector<std::jthread> pool;
  for (unsigned t = 1; t < useful; ++t) pool.emplace_back(loop, t);
  loop(0);
}

}  // namespace zhili
