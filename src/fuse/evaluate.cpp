#include "fuse/evaluate.hpp"

#include <algorithm>

namespace zhili::fuse {
namespace {

uint64_t pairs_of(uint64_t n) { return n * (n - 1) / 2; }

/// Calls each(size, truth, predicted) for every non-empty intersection of a true entity and a cluster.
template <class Each>
void intersections(std::span<const uint32_t> truth, std::span<const uint32_t> predicted, Each&& each) {
  std::vector<std::pair<uint32_t, uint32_t>> labels;
  labels.reserve(truth.size());
  for (size_t r = 0; r < truth.size(); ++r) {
    if (truth[r] != kUnlabelled) labels.push_back({truth[r], predicted[r]});
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

}  // namespace zhili::fuse
