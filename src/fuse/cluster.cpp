#include "fuse/cluster.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/parallel.hpp"
#include "fuse/union_find.hpp"

namespace zhili::fuse {
namespace {

/// A group of up to this many records gets all its pairs weighed; a larger one is first cut at its weakest links.
constexpr size_t kDense = 512;
constexpr float kNever = -std::numeric_limits<float>::infinity();

/// Groups of records with their links, cut out of the whole by connected components.
struct Groups {
  std::vector<uint32_t> members;  // Group g: [starts[g], starts[g + 1]), ascending.
  std::vector<uint32_t> starts;
  std::vector<uint32_t> group_of;  // By record; UINT32_MAX for records without links.
};

class Clusterer {
 public:
  Clusterer(const Config& config, const Records& records, std::span<const Edge> edges, const Scorer& scorer,
            const Decided& decided, float threshold)
      : records_(records), edges_(edges), scorer_(scorer), threshold_(threshold) {
    single_.assign(config.sources.size(), 0);
    for (size_t s = 0; s < config.sources.size(); ++s) single_[s] = config.sources[s].unique ? 1 : 0;
    for (const auto& [a, b] : config.one_to_one) single_[a] = single_[b] = 1;
    for (auto [a, b] : decided.different) different_.emplace_back(std::min(a, b), std::max(a, b));
    for (auto [a, b] : decided.same) same_.emplace_back(std::min(a, b), std::max(a, b));
    std::ranges::sort(different_);
    std::ranges::sort(same_);
  }

  /// Two records that no rule may bring together.
  bool never(uint32_t a, uint32_t b) const {
    const auto pair = std::minmax(a, b);
    if (!different_.empty() && std::ranges::binary_search(different_, std::pair<uint32_t, uint32_t>(pair))) return true;
    if (!same_.empty() && std::ranges::binary_search(same_, std::pair<uint32_t, uint32_t>(pair))) return false;
    if (records_.source(a) == records_.source(b) && single_[records_.source(a)] != 0) return true;
    return scorer_.comparisons().exclude(scorer_.comparisons().row(a), scorer_.comparisons().row(b));
  }

  /// Ascending pairs, the lower record first.
  const std::vector<std::pair<uint32_t, uint32_t>>& same() const { return same_; }

  /// Cluster of each member, numbered from 0. Returns whether a constraint took part.
  bool split(std::span<const uint32_t> members, Scorer::Scratch& scratch, std::vector<uint32_t>& cluster_of) const {
    const size_t n = members.size();
    auto mean = weights_of(members, scratch);
    bool constrained = false;
    for (size_t i = 0; i < n; ++i) {
      for (size_t j = i + 1; j < n; ++j) {
        if (never(members[i], members[j])) {
          constrained = true;
          mean[i * n + j] = mean[j * n + i] = kNever;
        } else if (!same_.empty() && std::ranges::binary_search(same_, std::pair(members[i], members[j]))) {
          mean[i * n + j] = mean[j * n + i] = 1e6F;
        }
      }
    }
    agglomerate(mean, n, cluster_of);
    return constrained;
  }

 private:
  /// Weight of each pair of members, as a square. What weighs least need not be known exactly. Scoring knows the pairs
  /// that blocking brought together; only the others are weighed.
  std::vector<float> weights_of(std::span<const uint32_t> members, Scorer::Scratch& scratch) const {
    const auto n = static_cast<uint32_t>(members.size());
    std::vector<float> out(size_t{n} * n, -kMostBitsOfPair);
    const auto put = [&](uint32_t i, uint32_t j, float weight) {
      out[size_t{i} * n + j] = out[size_t{j} * n + i] = std::clamp(weight, -kMostBitsOfPair, kMostBitsOfPair);
    };
    std::array<uint32_t, kBatch> known{};
    PairRow row{.members = members, .new_leaf = true, .skip = known.data()};
    for (row.i = 0; row.i + 1 < n; ++row.i) {
      auto edge = std::ranges::lower_bound(edges_, std::pair(members[row.i], members[row.i + 1]), {},
                                           [](const Edge& e) { return std::pair(e.a, e.b); });
      for (row.begin = row.i + 1; row.begin < n; row.begin += kBatch) {
        row.count = std::min(kBatch, n - row.begin);
        uint32_t unknown = 0;
        for (uint32_t k = 0; k < row.count; ++k) {
          const uint32_t b = members[row.begin + k];
          while (edge != edges_.end() && edge->a == members[row.i] && edge->b < b) ++edge;
          known[k] = edge != edges_.end() && edge->a == members[row.i] && edge->b == b ? 1 : 0;
          if (known[k] != 0)
            put(row.i, row.begin + k, edge->weight);
          else
            ++unknown;
        }
        if (unknown == 0) continue;
        uint32_t j = row.begin;
        scorer_.weigh(row, -kMostBitsOfPair, scratch, [&](uint32_t, uint32_t b, float weight) {
          while (members[j] != b) ++j;
          put(row.i, j, weight);
        });
        row.new_leaf = false;
      }
    }
    return out;
  }

  /// Joins the two clusters of highest mean weight again and again while that mean reaches the threshold (UPGMA, by
  /// Lance and Williams' update). Ties go to the lower members.
  void agglomerate(std::vector<float>& mean, size_t n, std::vector<uint32_t>& cluster_of) const {
    std::vector<uint32_t> size(n, 1);
    std::vector<uint32_t> alive(n);
    std::vector<uint32_t> parent(n);
    std::iota(alive.begin(), alive.end(), 0);
    std::iota(parent.begin(), parent.end(), 0);
    std::vector<uint32_t> best(n, 0);
    const auto look = [&](uint32_t i) {
      float top = kNever;
      best[i] = i;
      for (const uint32_t j : alive) {
        if (j != i && mean[i * n + j] > top) {
          top = mean[i * n + j];
          best[i] = j;
        }
      }
    };
    for (const uint32_t i : alive) look(i);
    const auto value = [&](uint32_t i) { return best[i] == i ? kNever : mean[i * n + best[i]]; };
    while (alive.size() > 1) {
      uint32_t i = alive[0];
      for (const uint32_t k : alive) {
        if (value(k) > value(i)) i = k;
      }
      uint32_t j = best[i];
      if (!(value(i) >= threshold_)) break;
      if (i > j) std::swap(i, j);
      std::erase(alive, j);
      parent[j] = i;
      for (const uint32_t k : alive) {
        if (k == i) continue;
        const float a = mean[i * n + k];
        const float b = mean[j * n + k];
        const auto wi = static_cast<float>(size[i]);
        const auto wj = static_cast<float>(size[j]);
        mean[i * n + k] = mean[k * n + i] = a == kNever || b == kNever ? kNever : (a * wi + b * wj) / (wi + wj);
      }
      size[i] += size[j];
      look(i);
      for (const uint32_t k : alive) {
        if (k == i) continue;
        if (best[k] == i || best[k] == j) {
          look(k);
        } else if (mean[k * n + i] > value(k)) {
          best[k] = i;
        }
      }
    }
    cluster_of.assign(n, 0);
    uint32_t next = 0;
    for (uint32_t i = 0; i < n; ++i) cluster_of[i] = parent[i] == i ? next++ : cluster_of[parent[i]];
  }

  const Records& records_;
  std::span<const Edge> edges_;  // Ascending by (a, b).
  const Scorer& scorer_;
  float threshold_;
  std::vector<uint8_t> single_;
  std::vector<std::pair<uint32_t, uint32_t>> different_;
  std::vector<std::pair<uint32_t, uint32_t>> same_;
};

Groups connected(size_t n, const std::vector<Edge>& edges, const Decided& decided, float threshold) {
  UnionFind links(n);
  std::vector<uint8_t> linked(n, 0);
  const auto link = [&](uint32_t a, uint32_t b) {
    links.join(a, b);
    linked[a] = linked[b] = 1;
  };
  for (const auto& edge : edges) {
    if (edge.weight >= threshold) link(edge.a, edge.b);
  }
  for (const auto& [a, b] : decided.same) link(a, b);
  Groups groups;
  groups.group_of.assign(n, UINT32_MAX);
  std::vector<uint32_t> sizes;
  for (uint32_t r = 0; r < n; ++r) {
    if (linked[r] == 0) continue;
    const uint32_t root = links.root(r);
    if (root == r) {
      groups.group_of[r] = static_cast<uint32_t>(sizes.size());
      sizes.push_back(0);
    } else {
      groups.group_of[r] = groups.group_of[root];
    }
    ++sizes[groups.group_of[r]];
  }
  groups.starts.assign(sizes.size() + 1, 0);
  std::partial_sum(sizes.begin(), sizes.end(), groups.starts.begin() + 1);
  groups.members.resize(groups.starts.back());
  auto next = groups.starts;
  for (uint32_t r = 0; r < n; ++r) {
    if (groups.group_of[r] != UINT32_MAX) groups.members[next[groups.group_of[r]]++] = r;
  }
  return groups;
}

/// Cuts a group that is too large to weigh all its pairs: links are taken from the strongest down, and one that would
/// make a piece too large is left out. What people decided to be the same stays together whatever the size. Sub-groups
/// come out in order of their lowest member.
std::vector<std::vector<uint32_t>> pieces_of(std::span<const uint32_t> members, std::vector<Edge> links,
                                             const Clusterer& clusterer) {
  std::ranges::sort(links, [](const Edge& x, const Edge& y) {
    return std::tuple(-x.weight, x.a, x.b) < std::tuple(-y.weight, y.a, y.b);
  });
  const auto local = [&](uint32_t record) {
    return static_cast<uint32_t>(std::ranges::lower_bound(members, record) - members.begin());
  };
  UnionFind piece(members.size());
  std::vector<uint32_t> size(members.size(), 1);
  const auto join = [&](uint32_t a, uint32_t b) {
    const uint32_t sum = size[a] + size[b];
    size[piece.join(a, b)] = sum;
  };
  for (const auto& [x, y] : clusterer.same()) {
    if (!std::ranges::binary_search(members, x)) continue;  // Links hold the two in one group.
    const uint32_t a = piece.root(local(x));
    const uint32_t b = piece.root(local(y));
    if (a != b) join(a, b);
  }
  for (const auto& link : links) {
    const uint32_t a = piece.root(local(link.a));
    const uint32_t b = piece.root(local(link.b));
    if (a != b && size[a] + size[b] <= kDense && !clusterer.never(link.a, link.b)) join(a, b);
  }
  std::vector<std::vector<uint32_t>> pieces;
  std::vector<uint32_t> number(members.size(), UINT32_MAX);
  for (uint32_t i = 0; i < members.size(); ++i) {
    const uint32_t root = piece.root(i);
    if (number[root] == UINT32_MAX) {
      number[root] = static_cast<uint32_t>(pieces.size());
      pieces.emplace_back();
    }
    pieces[number[root]].push_back(members[i]);
  }
  return pieces;
}

/// Numbers the clusters of all groups in the order of their first records, and lists the groups that fell apart.
/// local[i] is the cluster of groups.members[i] within its group.
Clusters numbered(const Groups& groups, const std::vector<uint32_t>& local, const std::vector<uint8_t>& constrained,
                  uint64_t records) {
  const size_t count = groups.starts.size() - 1;
  Clusters out;
  out.of_record.assign(records, UINT32_MAX);
  std::vector<std::vector<uint32_t>> numbers(count);  // By group and local cluster.
  std::vector<uint32_t> seen(count, 0);
  for (uint32_t r = 0; r < records; ++r) {
    const uint32_t g = groups.group_of[r];
    if (g == UINT32_MAX) {
      out.of_record[r] = out.count++;
      continue;
    }
    const uint32_t l = local[groups.starts[g] + seen[g]++];
    if (numbers[g].size() <= l) numbers[g].resize(l + 1, UINT32_MAX);
    if (numbers[g][l] == UINT32_MAX) numbers[g][l] = out.count++;
    out.of_record[r] = numbers[g][l];
  }
  for (uint32_t g = 0; g < count; ++g) {
    if (numbers[g].size() < 2) continue;
    ++out.cut_count;
    const uint32_t size = groups.starts[g + 1] - groups.starts[g];
    if (out.cuts.size() >= kCutsShown && size <= out.cuts.back().records.size()) continue;
    out.cuts.push_back({{groups.members.begin() + groups.starts[g], groups.members.begin() + groups.starts[g + 1]},
                        static_cast<uint32_t>(numbers[g].size()),
                        constrained[g] != 0});
    std::ranges::stable_sort(out.cuts, std::greater<>{}, [](const Cut& cut) { return cut.records.size(); });
    if (out.cuts.size() > kCutsShown) out.cuts.pop_back();
  }
  return out;
}

}  // namespace

Result<Clusters> cluster(const Config& config, const Records& records, const std::vector<Edge>& edges,
                         const Scorer& scorer, const Decided& decided, float threshold, unsigned threads,
                         Progress::Mode progress, Cancel& cancel) {
  const Clusterer clusterer(config, records, edges, scorer, decided, threshold);
  const auto groups = connected(records.size(), edges, decided, threshold);
  const size_t count = groups.starts.size() - 1;
  // Links of the few groups that are too large to weigh whole.
  std::vector<std::pair<uint32_t, std::vector<Edge>>> large;
  for (uint32_t g = 0; g < count; ++g) {
    if (groups.starts[g + 1] - groups.starts[g] > kDense) large.push_back({g, {}});
  }
  const auto large_links = [&](uint32_t g) {
    return std::ranges::lower_bound(large, g, {}, [](const auto& entry) { return entry.first; });
  };
  if (!large.empty()) {
    for (const auto& edge : edges) {
      const uint32_t g = groups.group_of[edge.a];
      if (edge.weight >= threshold && groups.starts[g + 1] - groups.starts[g] > kDense) {
        large_links(g)->second.push_back(edge);
      }
    }
  }
  std::vector<uint32_t> local(groups.members.size(), 0);  // Cluster within the group.
  std::vector<uint8_t> constrained(count, 0);
  std::vector<Scorer::Scratch> scratches(threads, Scorer::Scratch(scorer.comparisons().size()));
  Progress shown("Clustering", count, "groups", progress);
  parallel_for(count, 64, threads, [&](uint64_t begin, uint64_t end, unsigned thread) {
    std::vector<uint32_t> cluster_of;
    for (uint64_t g = begin; g < end && !cancel.requested(); ++g) {
      const uint32_t first = groups.starts[g];
      const std::span members(groups.members.data() + first, groups.starts[g + 1] - first);
      if (members.size() <= kDense) {
        constrained[g] = clusterer.split(members, scratches[thread], cluster_of) ? 1 : 0;
        std::ranges::copy(cluster_of, local.begin() + first);
        continue;
      }
      uint32_t base = 0;
      for (const auto& piece : pieces_of(members, large_links(static_cast<uint32_t>(g))->second, clusterer)) {
        if (clusterer.split(piece, scratches[thread], cluster_of)) constrained[g] = 1;
        for (size_t i = 0; i < piece.size(); ++i) {
          const auto at = std::ranges::lower_bound(members, piece[i]) - members.begin();
          local[first + static_cast<size_t>(at)] = base + cluster_of[i];
        }
        base += *std::ranges::max_element(cluster_of) + 1;
      }
    }
    shown.add(end - begin);
  });
  ZHILI_TRY(cancel.check());
  return numbered(groups, local, constrained, records.size());
}

}  // namespace zhili::fuse
