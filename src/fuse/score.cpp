#include "fuse/score.hpp"

#include <algorithm>
#include <numeric>

#include "base/parallel.hpp"

namespace zhili::fuse {

Scorer::Scorer(const Comparisons& comparisons, const Model& model, const Records& records)
    : comparisons_(comparisons), prior_(static_cast<float>(model.prior_weight())) {
  const uint32_t n = comparisons.size();
  weights_.resize(n);
  equal_.resize(n);
  std::vector<float> best(n, 0);
  std::vector<float> spread(n, 0);
  for (uint32_t c = 0; c < n; ++c) {
    weights_[c].fill(0);
    for (int level = 1; level < comparisons.list()[c].count(); ++level) {
      weights_[c][level] = static_cast<float>(model.weight(c, static_cast<LevelNumber>(level)));
    }
    const auto [low, high] =
        std::minmax_element(weights_[c].begin() + 2, weights_[c].begin() + comparisons.list()[c].count());
    best[c] = *high;
    spread[c] = *high - *low;
    equal_[c].assign(1, weights_[c][kEqual]);
    if (!model.comparisons[c].term_frequency) continue;
    const auto& frequency = comparisons.frequency(c);
    const double present = static_cast<double>(records.size() - frequency[0]);
    const double u = model.comparisons[c].levels[0].u;
    equal_[c].assign(std::max<size_t>(frequency.size(), 2), 0);
    for (size_t v = 1; v < frequency.size(); ++v) {
      equal_[c][v] = weights_[c][kEqual] + static_cast<float>(std::log2(u * present / std::max(1U, frequency[v])));
    }
  }
  order_.resize(n);
  std::iota(order_.begin(), order_.end(), 0);
  std::ranges::stable_sort(order_, std::greater<>{}, [&](uint32_t c) { return spread[c]; });
  best_unequal_ = std::move(best);
}

Scorer::Part Scorer::part(uint32_t c, const uint32_t* a, const uint32_t* b, LevelMemo& memo) const {
  const LevelNumber level = comparisons_.level(c, a, b, memo);
  if (level != kEqual) return {level, weights_[c][level], 0, false};
  for (uint32_t by = 0; by < comparisons_.size(); ++by) {
    if ((comparisons_.covering(c) >> by & 1U) != 0 && comparisons_.level(by, a, b, memo) == kEqual) {
      return {level, 0, 0, true};
    }
  }
  return {level, weights_[c][kEqual], equal_weight(c, a[c]) - weights_[c][kEqual], false};
}

Result<Scored> score_pairs(const Blocks& blocks, const Records& records, const AllowedPairs& allowed,
                           const Scorer& scorer, float keep, unsigned threads, Cancel& cancel) {
  struct Worker {
    PairWalker walker;
    LevelMemo memo;
    std::vector<Edge> edges;
    ScoreCounts counts;
  };
  const auto& comparisons = scorer.comparisons();
  std::vector<Worker> workers;
  for (unsigned t = 0; t < threads; ++t) {
    workers.push_back({PairWalker(blocks, comparisons, records, allowed), LevelMemo(comparisons.size()), {}, {}});
    workers.back().counts.pairs_by_rule.assign(blocks.rules().size(), 0);
  }
  const auto tasks = cut_into_tasks(blocks, 1U << 16);
  uint64_t total = 0;
  for (const auto& task : tasks) total += task.pairs;
  Progress progress("Scoring", total, "pairs");
  parallel_for(tasks.size(), 1, threads, [&](uint64_t begin, uint64_t end, unsigned thread) {
    auto& worker = workers[thread];
    for (uint64_t t = begin; t < end && !cancel.requested(); ++t) {
      uint64_t seen = 0;
      worker.walker.walk(tasks[t], true, [&](uint32_t a, uint32_t b, const uint32_t* row_a, const uint32_t* row_b) {
        const float weight = scorer.weight_from(keep, row_a, row_b, worker.memo);
        ++seen;
        if (weight < keep) return;
        const int bin = std::clamp(static_cast<int>(std::floor(weight)), ScoreCounts::kLow, ScoreCounts::kHigh);
        ++worker.counts.histogram[bin - ScoreCounts::kLow];
        worker.edges.push_back({a, b, weight});
      });
      worker.counts.pairs += seen;
      worker.counts.pairs_by_rule[tasks[t].rule] += seen;
      progress.add(tasks[t].pairs);
    }
  });
  ZHILI_TRY(cancel.check());
  Scored out;
  out.counts.pairs_by_rule.assign(blocks.rules().size(), 0);
  size_t edges = 0;
  for (const auto& worker : workers) edges += worker.edges.size();
  out.edges.reserve(edges);
  for (auto& worker : workers) {
    out.edges.insert(out.edges.end(), worker.edges.begin(), worker.edges.end());
    worker.edges = {};
    out.counts.pairs += worker.counts.pairs;
    for (size_t r = 0; r < out.counts.pairs_by_rule.size(); ++r) {
      out.counts.pairs_by_rule[r] += worker.counts.pairs_by_rule[r];
    }
    for (size_t i = 0; i < out.counts.histogram.size(); ++i) out.counts.histogram[i] += worker.counts.histogram[i];
  }
  out.counts.histogram[0] += out.counts.pairs - out.edges.size();
  std::ranges::sort(out.edges, [](const Edge& x, const Edge& y) { return x.a != y.a ? x.a < y.a : x.b < y.b; });
  return out;
}

}  // namespace zhili::fuse
