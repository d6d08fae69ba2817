#include "fuse/evaluate.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace zhili::fuse {
namespace {

uint64_t pairs_of(uint64_t n) { return n < 2 ? 0 : n * (n - 1) / 2; }

/// Calls each(size, truth, predicted) for every non-empty intersection of a true entity and a cluster.
template <class Each>
void intersections(std::span<const uint32_t> truth, std::span<const uint32_t> predicted, Each&& each) {
  std::vector<std::pair<uint32_t, uint32_t>> labels;
  labels.reserve(truth.size());
  for (size_t r = 0; r < truth.size(); ++r) {
    if (truth[r] != kUnlabelled) labels.emplace_back(truth[r], predicted[r]);
  }
  std::ranges::sort(labels);
  for (size_t begin = 0; begin < labels.size();) {
    size_t end = begin;
    while (end < labels.size() && labels[end] == labels[begin]) ++end;
    each(end - begin, labels[begin].first, labels[begin].second);
    begin = end;
  }
}

std::vector<uint64_t> sizes_of(std::span<const uint32_t> labels, std::span<const uint32_t> truth) {
  std::vector<uint64_t> sizes;
  for (size_t r = 0; r < labels.size(); ++r) {
    if (truth[r] == kUnlabelled) continue;
    if (labels[r] >= sizes.size()) sizes.resize(labels[r] + size_t{1}, 0);
    ++sizes[labels[r]];
  }
  return sizes;
}

using BySources = std::map<std::pair<uint16_t, uint16_t>, PairQuality>;

/// Adds the pairs inside each run of equal `group` to `field` of their two sources.
/// `keys` are (group, source), and are sorted here.
void count_groups(std::vector<std::pair<uint64_t, uint16_t>>& keys, uint64_t PairQuality::* field, BySources& out) {
  std::ranges::sort(keys);
  std::vector<std::pair<uint16_t, uint64_t>> counts;
  for (size_t begin = 0; begin < keys.size();) {
    counts.clear();
    size_t end = begin;
    while (end < keys.size() && keys[end].first == keys[begin].first) {
      const uint16_t source = keys[end].second;
      const size_t first = end;
      while (end < keys.size() && keys[end] == keys[first]) ++end;
      counts.emplace_back(source, end - first);
    }
    for (size_t i = 0; i < counts.size(); ++i) {
      const auto [s, n] = counts[i];
      if (n > 1) out[{s, s}].*field += pairs_of(n);
      for (size_t j = i + 1; j < counts.size(); ++j) out[{s, counts[j].first}].*field += n * counts[j].second;
    }
    begin = end;
  }
}

/// (group, source) of the labelled records.
template <class Group>
std::vector<std::pair<uint64_t, uint16_t>> keys_by(std::span<const uint32_t> truth, std::span<const uint16_t> source,
                                                   Group&& group) {
  std::vector<std::pair<uint64_t, uint16_t>> keys;
  keys.reserve(truth.size());
  for (size_t r = 0; r < truth.size(); ++r) {
    if (truth[r] != kUnlabelled) keys.emplace_back(group(r), source[r]);
  }
  return keys;
}

std::vector<SourcePairQuality> listed(const BySources& map) {
  std::vector<SourcePairQuality> out;
  out.reserve(map.size());
  for (const auto& [sources, quality] : map) out.push_back({sources.first, sources.second, quality});
  return out;
}

}  // namespace

double PairQuality::precision() const {
  return predicted_pairs == 0 ? 1 : static_cast<double>(right_pairs) / static_cast<double>(predicted_pairs);
}

double PairQuality::recall() const {
  return true_pairs == 0 ? 1 : static_cast<double>(right_pairs) / static_cast<double>(true_pairs);
}

double PairQuality::f1() const {
  const double sum = precision() + recall();
  return sum == 0 ? 0 : 2 * precision() * recall() / sum;
}

PairQuality& PairQuality::operator+=(const PairQuality& other) {
  true_pairs += other.true_pairs;
  predicted_pairs += other.predicted_pairs;
  right_pairs += other.right_pairs;
  return *this;
}

PairQuality evaluate_clusters(std::span<const uint32_t> truth, std::span<const uint32_t> predicted) {
  PairQuality out;
  for (const uint64_t n : sizes_of(truth, truth)) out.true_pairs += pairs_of(n);
  for (const uint64_t n : sizes_of(predicted, truth)) out.predicted_pairs += pairs_of(n);
  intersections(truth, predicted, [&](uint64_t n, uint32_t, uint32_t) { out.right_pairs += pairs_of(n); });
  return out;
}

BCubed evaluate_b_cubed(std::span<const uint32_t> truth, std::span<const uint32_t> predicted) {
  const auto true_sizes = sizes_of(truth, truth);
  const auto predicted_sizes = sizes_of(predicted, truth);
  double records = 0;
  BCubed out;
  intersections(truth, predicted, [&](uint64_t n, uint32_t t, uint32_t p) {
    const auto count = static_cast<double>(n);
    records += count;
    out.precision += count * count / static_cast<double>(predicted_sizes[p]);
    out.recall += count * count / static_cast<double>(true_sizes[t]);
  });
  if (records == 0) return {1, 1, 1};
  out.precision /= records;
  out.recall /= records;
  out.f1 = 2 * out.precision * out.recall / (out.precision + out.recall);
  return out;
}

PairQuality evaluate_pairs(std::span<const uint32_t> truth, std::span<const std::pair<uint32_t, uint32_t>> predicted) {
  PairQuality out;
  for (const uint64_t n : sizes_of(truth, truth)) out.true_pairs += pairs_of(n);
  for (const auto& [a, b] : predicted) {
    if (truth[a] == kUnlabelled || truth[b] == kUnlabelled) continue;
    ++out.predicted_pairs;
    if (truth[a] == truth[b]) ++out.right_pairs;
  }
  return out;
}

std::vector<SourcePairQuality> evaluate_clusters_by_source(std::span<const uint32_t> truth,
                                                           std::span<const uint32_t> predicted,
                                                           std::span<const uint16_t> source) {
  BySources out;
  auto keys = keys_by(truth, source, [&](size_t r) { return uint64_t{truth[r]}; });
  count_groups(keys, &PairQuality::true_pairs, out);
  keys = keys_by(truth, source, [&](size_t r) { return uint64_t{predicted[r]}; });
  count_groups(keys, &PairQuality::predicted_pairs, out);
  keys = keys_by(truth, source, [&](size_t r) { return uint64_t{truth[r]} << 32 | predicted[r]; });
  count_groups(keys, &PairQuality::right_pairs, out);
  return listed(out);
}

std::vector<SourcePairQuality> true_pairs_by_source(std::span<const uint32_t> truth, std::span<const uint16_t> source) {
  BySources out;
  auto keys = keys_by(truth, source, [&](size_t r) { return uint64_t{truth[r]}; });
  count_groups(keys, &PairQuality::true_pairs, out);
  return listed(out);
}

PairQuality sum_of(std::span<const SourcePairQuality> list) {
  PairQuality sum;
  for (const auto& entry : list) sum += entry.quality;
  return sum;
}

std::vector<CurvePoint> quality_curve(std::span<const uint32_t> truth, std::span<const Edge> edges, uint64_t true_pairs,
                                      float step) {
  // One bin a step: what lies at or above its lower end is linked when the threshold stands there.
  std::map<int64_t, PairQuality> bins;
  for (const auto& edge : edges) {
    const uint32_t a = truth[edge.a];
    const uint32_t b = truth[edge.b];
    if (a == kUnlabelled || b == kUnlabelled) continue;
    auto& bin = bins[static_cast<int64_t>(std::floor(edge.weight / step))];
    ++bin.predicted_pairs;
    if (a == b) ++bin.right_pairs;
  }
  std::vector<CurvePoint> curve;
  if (bins.empty()) return curve;
  PairQuality sum;
  for (int64_t k = bins.rbegin()->first; k >= bins.begin()->first; --k) {
    if (const auto bin = bins.find(k); bin != bins.end()) sum += bin->second;
    sum.true_pairs = true_pairs;
    curve.push_back({static_cast<float>(k) * step, sum});
  }
  std::ranges::reverse(curve);
  return curve;
}

Grouping group_by(std::span<const uint32_t> labels) {
  Grouping out;
  uint32_t groups = 0;
  for (const uint32_t label : labels) {
    if (label != kUnlabelled) groups = std::max(groups, label + 1);
  }
  out.starts.assign(size_t{groups} + 1, 0);
  for (const uint32_t label : labels) {
    if (label != kUnlabelled) ++out.starts[label + 1];
  }
  std::partial_sum(out.starts.begin(), out.starts.end(), out.starts.begin());
  out.members.resize(out.starts.back());
  auto next = out.starts;
  for (uint32_t r = 0; r < labels.size(); ++r) {
    if (labels[r] != kUnlabelled) out.members[next[labels[r]]++] = r;
  }
  return out;
}

}  // namespace zhili::fuse
