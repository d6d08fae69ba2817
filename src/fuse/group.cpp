#include "fuse/group.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <tuple>

#include "fuse/union_find.hpp"

namespace zhili::fuse {
namespace {

constexpr float kNever = -std::numeric_limits<float>::infinity();

}  // namespace

GroupClusterer::GroupClusterer(const Config& config, const Records& records, std::span<const Edge> edges,
                               const Scorer& scorer, const Decided& decided, float threshold)
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
bool GroupClusterer::never(uint32_t a, uint32_t b) const {
  const auto pair = std::minmax(a, b);
  if (!different_.empty() && std::ranges::binary_search(different_, std::pair<uint32_t, uint32_t>(pair))) return true;
  if (decided_same(a, b)) return false;
  if (records_.source(a) == records_.source(b) && single_[records_.source(a)] != 0) return true;
  return scorer_.comparisons().exclude(scorer_.comparisons().row(a), scorer_.comparisons().row(b));
}

bool GroupClusterer::decided_same(uint32_t a, uint32_t b) const {
  return !same_.empty() && std::ranges::binary_search(same_, std::pair<uint32_t, uint32_t>(std::minmax(a, b)));
}

bool GroupClusterer::split(std::span<const uint32_t> members, Scorer::Scratch& scratch,
                           std::vector<uint32_t>& cluster_of) const {
  const size_t n = members.size();
  auto mean = weights_of(members, scratch);
  bool constrained = false;
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = i + 1; j < n; ++j) {
      if (never(members[i], members[j])) {
        constrained = true;
        mean[i * n + j] = mean[j * n + i] = kNever;
      } else if (decided_same(members[i], members[j])) {
        mean[i * n + j] = mean[j * n + i] = 1e6F;
      }
    }
  }
  agglomerate(mean, n, cluster_of);
  return constrained;
}

/// Weight of each pair of members, as a square. What weighs least need not be known exactly. Scoring knows the pairs
/// that blocking brought together; only the others are weighed.
std::vector<float> GroupClusterer::weights_of(std::span<const uint32_t> members, Scorer::Scratch& scratch) const {
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
void GroupClusterer::agglomerate(std::vector<float>& mean, size_t n, std::vector<uint32_t>& cluster_of) const {
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

/// Cuts a group that is too large to weigh all its pairs: links are taken from the strongest down, and one that would
/// make a piece too large is left out. What people decided to be the same stays together whatever the size. The pieces
/// hold places in the group, and come out in order of their first member.
std::vector<std::vector<uint32_t>> GroupClusterer::pieces_of(std::span<const uint32_t> members,
                                                             std::vector<GroupLink> links) const {
  std::ranges::sort(links, [](const GroupLink& x, const GroupLink& y) {
    return std::tuple(-x.weight, x.a, x.b) < std::tuple(-y.weight, y.a, y.b);
  });
  UnionFind piece(members.size());
  std::vector<uint32_t> size(members.size(), 1);
  const auto join = [&](uint32_t a, uint32_t b) {
    const uint32_t sum = size[a] + size[b];
    size[piece.join(a, b)] = sum;
  };
  std::vector<std::pair<uint32_t, uint32_t>> places;  // By record: its place.
  if (!same_.empty()) {
    for (uint32_t i = 0; i < members.size(); ++i) places.emplace_back(members[i], i);
    std::ranges::sort(places);
  }
  const auto place = [&](uint32_t record) {
    return std::ranges::lower_bound(places, record, {}, [](const auto& entry) { return entry.first; });
  };
  for (const auto& [x, y] : same_) {
    const auto at = place(x);
    if (at == places.end() || at->first != x) continue;  // Links hold the two in one group.
    const uint32_t a = piece.root(at->second);
    const uint32_t b = piece.root(place(y)->second);
    if (a != b) join(a, b);
  }
  for (const auto& link : links) {
    const uint32_t a = piece.root(link.a);
    const uint32_t b = piece.root(link.b);
    if (a != b && size[a] + size[b] <= kDense && !never(members[link.a], members[link.b])) join(a, b);
  }
  std::vector<std::vector<uint32_t>> pieces;
  std::vector<uint32_t> number(members.size(), UINT32_MAX);
  for (uint32_t i = 0; i < members.size(); ++i) {
    const uint32_t root = piece.root(i);
    if (number[root] == UINT32_MAX) {
      number[root] = static_cast<uint32_t>(pieces.size());
      pieces.emplace_back();
    }
    pieces[number[root]].push_back(i);
  }
  return pieces;
}

bool GroupClusterer::run(std::span<const uint32_t> members, std::vector<GroupLink> links, Scorer::Scratch& scratch,
                         std::vector<uint32_t>& cluster_of) const {
  if (members.size() <= kDense) return split(members, scratch, cluster_of);
  bool constrained = false;
  std::vector<uint32_t> of_whole(members.size(), 0);
  std::vector<uint32_t> piece_members;
  uint32_t base = 0;
  for (const auto& piece : pieces_of(members, std::move(links))) {
    piece_members.clear();
    for (const uint32_t place : piece) piece_members.push_back(members[place]);
    constrained = split(piece_members, scratch, cluster_of) || constrained;
    for (size_t i = 0; i < piece.size(); ++i) of_whole[piece[i]] = base + cluster_of[i];
    base += *std::ranges::max_element(cluster_of) + 1;
  }
  cluster_of = std::move(of_whole);
  return constrained;
}

}  // namespace zhili::fuse
