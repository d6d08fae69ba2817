#include "fuse/score.hpp"

#include <algorithm>
#include <atomic>
#include <numeric>

#include "base/parallel.hpp"

namespace zhili::fuse {

Scorer::Scorer(const Comparisons& comparisons, const Model& model, const Records& records,
               const std::vector<Rarity>* frozen)
    : comparisons_(comparisons), prior_(static_cast<float>(model.prior_weight())) {
  const uint32_t n = comparisons.size();
  given_.resize(n);
  weights_.resize(n);
  rarity_share_.resize(n);
  rarity_.resize(n);
  frozen_.resize(n);
  std::vector<float> spread(n, 0);
  for (uint32_t c = 0; c < n; ++c) {
    const auto& entry = model.comparisons[c];
    const int levels = comparisons.list()[c].count();
    const size_t variants = std::min(entry.given.size(), kParents) + 1;
    rarity_share_[c].fill(1);
    best_unequal_.push_back(-std::numeric_limits<float>::infinity());
    for (size_t v = 0; v < variants; ++v) {
      weights_[c][v].fill(0);
      for (int k = 1; k < levels; ++k) {
        const auto level = static_cast<LevelNumber>(k);
        weights_[c][v][k] =
            static_cast<float>(v == 0 ? model.weight(c, level) : model.weight_given(c, level, entry.given[v - 1]));
        if (k > 1) best_unequal_[c] = std::max(best_unequal_[c], weights_[c][v][k]);
      }
      if (v == 0) continue;
      rarity_share_[c][v] = static_cast<float>(1 - model.taken(c, entry.given[v - 1]));
      given_[c].bits[v - 1] = 1U << entry.given[v - 1].comparison;
      given_[c].any |= given_[c].bits[v - 1];
    }
    const auto [low, high] = std::minmax_element(weights_[c][0].begin() + 2, weights_[c][0].begin() + levels);
    spread[c] = *high - *low;
    if (!entry.term_frequency) continue;
    if (frozen != nullptr) {
      frozen_[c] = (*frozen)[c];
      rarity_[c].assign(1, 0);
      continue;
    }
    const auto& frequency = comparisons.frequency(c);
    const double present = static_cast<double>(records.size() - frequency[0]);
    // How many records of other entities hold a value: less its own entity's, which are expected to be this many. The
    // value may yet be held by others whom no file knows: half a record.
    const double own = 1 + model.prior * present * entry.levels[0].m;
    // Of an identifying value the most that its records say is that it is no better than another; only a value that
    // far more records hold than others, as placeholders are, says less.
    const bool identifying = comparisons.list()[c].identifying;
    const double expected =
        identifying ? present / static_cast<double>(frequency.size() - 1) : entry.levels[0].u * present;
    const auto of = [&](double held) {
      const auto rarity = static_cast<float>(std::log2(expected / std::max(0.5, held - own)));
      return identifying ? std::min(rarity, 0.0F) : rarity;
    };
    rarity_[c].assign(frequency.size(), 0);
    for (size_t v = 1; v < frequency.size(); ++v) rarity_[c][v] = of(frequency[v]);
    if (expected > 0) frozen_[c].unseen = of(0);
  }
  extend(records);
  order_.resize(n);
  std::iota(order_.begin(), order_.end(), 0);
  for (uint32_t c = 0; c < n; ++c) {
    for (uint32_t set = 0; set < 256; ++set) {
      if ((set >> (c % 8) & 1U) != 0) most_open_[c / 8][set] += best_unequal_[c];
    }
  }
  std::ranges::stable_sort(order_, std::greater<>{}, [&](uint32_t c) { return spread[c]; });
}

std::vector<Rarity> Scorer::rarity(const Records& records) const {
  auto out = frozen_;
  for (uint32_t c = 0; c < out.size(); ++c) {
    const auto& values = records.column(comparisons_.list()[c].attribute).values;
    for (uint32_t v = 1; v < rarity_[c].size(); ++v) {
      if (rarity_[c][v] != out[c].unseen) out[c].of.insert_or_assign(hash_bytes(values[v]), rarity_[c][v]);
    }
  }
  return out;
}

void Scorer::extend(const Records& records) {
  for (uint32_t c = 0; c < rarity_.size(); ++c) {
    if (rarity_[c].empty()) continue;
    const auto& values = records.column(comparisons_.list()[c].attribute).values;
    for (auto v = static_cast<uint32_t>(rarity_[c].size()); v < values.size(); ++v) {
      rarity_[c].push_back(frozen_[c][values[v]]);
    }
  }
}

float Scorer::weight(const uint32_t* a, const uint32_t* b, LevelMemo& memo) const {
  const Pattern pattern = comparisons_.pattern(a, b, memo);
  const uint32_t equal = equal_in(pattern, comparisons_.size());
  float sum = prior_;
  for (uint32_t c = 0; c < comparisons_.size(); ++c) {
    const LevelNumber level = level_in(pattern, c);
    sum += level == kEqual ? equal_weight(c, variant_of(c, equal), a[c]) : weights_[c][variant_of(c, equal)][level];
  }
  return sum;
}

/// Few sets of equal values occur beside one record, so each is added up once.
float Scorer::sum_of_equal(uint32_t i, uint32_t equal, Scratch& scratch) const {
  auto& known = scratch.sums[(equal * 0x9e3779b1U) >> 24];
  if (known.row == scratch.row && known.equal == equal) return known.weight;
  float sum = prior_;
  for (uint32_t left = equal; left != 0; left &= left - 1) {
    const auto c = static_cast<uint32_t>(std::countr_zero(left));
    sum += equal_weight(c, variant_of(c, equal), scratch.leaf.column(c)[i]);
  }
  known = {scratch.row, equal, sum};
  return sum;
}

/// Finds which values are equal and which differ, and with that how much each pair may weigh at most.
uint32_t Scorer::settle_equal(const PairRow& row, float floor, Scratch& scratch) const {
  const Leaf& leaf = scratch.leaf;
  const uint32_t n = comparisons_.size();
  std::fill_n(scratch.equal.begin(), whole_lanes(row.count), 0);
  std::fill_n(scratch.open.begin(), whole_lanes(row.count), 0);
  for (uint32_t c = 0; c < n; ++c) {
    const uint32_t* column = leaf.column(c);
    if (column[row.i] == 0) continue;
    mark_equal_or_open(column + row.begin, column[row.i], row.count, 1U << c, scratch.equal.data(),
                       scratch.open.data());
  }
  ++scratch.row;
  uint32_t alive = 0;
  for (uint32_t k = 0; k < row.count; ++k) {
    if (row.skip[k] != 0) continue;
    const float bound = sum_of_equal(row.i, scratch.equal[k], scratch) + most_of_open(scratch.open[k]);
    scratch.bound[k] = bound;
    scratch.alive[alive] = k;
    alive += static_cast<uint32_t>(bound >= floor);
  }
  return alive;
}

uint32_t Scorer::weigh_row(const PairRow& row, float floor, Scratch& scratch) const {
  uint32_t alive = settle_equal(row, floor, scratch);
  for (const uint32_t c : order_) {
    if (alive == 0) return 0;
    uint32_t asked = 0;
    for (uint32_t t = 0; t < alive; ++t) {
      const uint32_t k = scratch.alive[t];
      scratch.asked[asked] = row.begin + k;
      asked += scratch.open[k] >> c & 1U;
    }
    if (asked == 0) continue;
    comparisons_.unequal(c, scratch.leaf, row.i, std::span(scratch.asked.data(), asked), scratch.memo,
                         scratch.level.data());
    uint32_t still = 0;
    for (uint32_t t = 0, next = 0; t < alive; ++t) {
      const uint32_t k = scratch.alive[t];
      if ((scratch.open[k] >> c & 1U) != 0) {
        const float weight = weights_[c][variant_of(c, scratch.equal[k])][scratch.level[next++]];
        scratch.bound[k] += weight - best_unequal_[c];
      }
      scratch.alive[still] = k;
      still += static_cast<uint32_t>(scratch.bound[k] >= floor);
    }
    alive = still;
  }
  return alive;
}

Scorer::Part Scorer::part(uint32_t c, const uint32_t* a, const uint32_t* b, LevelMemo& memo) const {
  uint32_t equal = 0;
  for (uint32_t k = 0; k < comparisons_.size(); ++k) {
    equal |= static_cast<uint32_t>(comparisons_.level(k, a, b, memo) == kEqual) << k;
  }
  const LevelNumber level = comparisons_.level(c, a, b, memo);
  const uint32_t variant = variant_of(c, equal);
  Part part{level, weights_[c][variant][level], 0, -1};
  if (variant > 0 && level != kMissing) part.given = std::countr_zero(given_[c].bits[variant - 1]);
  if (level == kEqual) part.rarity = equal_weight(c, variant, a[c]) - part.weight;
  return part;
}

namespace {

/// All lists as one, ascending by (a, b): spread by the first record, then sorted by the second.
std::vector<Edge> in_order(std::vector<std::vector<Edge>> lists, uint64_t records, unsigned threads) {
  std::vector<size_t> starts(records + 1, 0);
  for (const auto& list : lists) {
    for (const auto& edge : list) ++starts[edge.a + 1];
  }
  std::partial_sum(starts.begin(), starts.end(), starts.begin());
  std::vector<Edge> out(starts.back());
  for (auto& list : lists) {
    for (const auto& edge : list) out[starts[edge.a]++] = edge;
    list = {};
  }
  // Now starts[a] is where the edges of a end.
  parallel_for(records, 1U << 12, threads, [&](uint64_t begin, uint64_t end, unsigned) {
    for (uint64_t a = begin; a < end; ++a) {
      const auto first = out.begin() + static_cast<ptrdiff_t>(a == 0 ? 0 : starts[a - 1]);
      std::ranges::sort(first, out.begin() + static_cast<ptrdiff_t>(starts[a]), {}, &Edge::b);
    }
  });
  return out;
}

}  // namespace

Result<Scored> score_pairs(const Blocks& blocks, const Records& records, const AllowedPairs& allowed,
                           const Scorer& scorer, float keep, unsigned threads, Progress::Mode progress, Cancel& cancel,
                           uint64_t most_edges) {
  struct Worker {
    PairWalker walker;
    Scorer::Scratch scratch;
    std::vector<Edge> edges;
    ScoreCounts counts;
  };
  const auto& comparisons = scorer.comparisons();
  std::vector<Worker> workers;
  for (unsigned t = 0; t < threads; ++t) {
    workers.push_back({PairWalker(blocks, records, allowed), Scorer::Scratch(comparisons.size()), {}, {}});
    workers.back().counts.pairs_by_rule.assign(blocks.rules().size(), 0);
  }
  const auto tasks = cut_into_tasks(blocks, 1U << 16);
  uint64_t total = 0;
  for (const auto& task : tasks) total += task.pairs;
  std::atomic<uint64_t> kept{0};
  Progress shown("Scoring", total, "pairs", progress);
  parallel_for(tasks.size(), 1, threads, [&](uint64_t begin, uint64_t end, unsigned thread) {
    auto& worker = workers[thread];
    for (uint64_t t = begin; t < end && !cancel.requested() && kept <= most_edges; ++t) {
      uint64_t seen = 0;
      const size_t before = worker.edges.size();
      worker.walker.walk_rows(tasks[t], true, [&](const PairRow& row) {
        seen += static_cast<uint64_t>(std::count(row.skip, row.skip + row.count, 0U));
        scorer.weigh(row, keep, worker.scratch, [&](uint32_t a, uint32_t b, float weight) {
          const int bin = std::clamp(static_cast<int>(std::floor(weight)), ScoreCounts::kLow, ScoreCounts::kHigh);
          ++worker.counts.histogram[bin - ScoreCounts::kLow];
          worker.edges.push_back({a, b, weight});
        });
      });
      kept += worker.edges.size() - before;
      worker.counts.pairs += seen;
      worker.counts.pairs_by_rule[tasks[t].rule] += seen;
      shown.add(tasks[t].pairs);
    }
  });
  ZHILI_TRY(cancel.check());
  if (kept > most_edges) {
    return fail(ErrorCode::kLimit, {},
                "Check the model: its prior may be far too high. Else raise review.low, or make the blocking rules "
                "narrower.",
                "more than {} pairs weigh enough to be kept", most_edges);
  }
  Scored out;
  out.counts.pairs_by_rule.assign(blocks.rules().size(), 0);
  std::vector<std::vector<Edge>> edges;
  for (auto& worker : workers) {
    edges.push_back(std::move(worker.edges));
    out.counts.pairs += worker.counts.pairs;
    for (size_t r = 0; r < out.counts.pairs_by_rule.size(); ++r) {
      out.counts.pairs_by_rule[r] += worker.counts.pairs_by_rule[r];
    }
    for (size_t i = 0; i < out.counts.histogram.size(); ++i) out.counts.histogram[i] += worker.counts.histogram[i];
  }
  out.edges = in_order(std::move(edges), records.size(), threads);
  out.counts.histogram[0] += out.counts.pairs - out.edges.size();
  return out;
}

}  // namespace zhili::fuse
