#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "fuse/score.hpp"

/// How right a result is, given the truth. Truth and prediction are arrays by record that number entities as they like.
/// Everything is sorted, nothing is kept for each pair: ten million records take some 200 MB while this runs.
namespace zhili::fuse {

/// Records whose truth is not known; they are left out of everything.
inline constexpr uint32_t kUnlabelled = UINT32_MAX;

/// Counts of pairs, and what follows from them. 0/0 counts as 1: nothing was claimed, nothing was missed.
struct PairQuality {
  uint64_t true_pairs = 0;  ///< Pairs of one entity by the truth.
  uint64_t predicted_pairs = 0;
  uint64_t right_pairs = 0;  ///< In both.
  double precision() const;
  double recall() const;
  double f1() const;
  PairQuality& operator+=(const PairQuality& other);
};

/// B-cubed (Bagga and Baldwin, 1998): means over records.
struct BCubed {
  double precision = 0;
  double recall = 0;
  double f1 = 0;
};

/// The pairs between two sources, or within one (a == b); a <= b.
struct SourcePairQuality {
  uint16_t a = 0;
  uint16_t b = 0;
  PairQuality quality;
};

/// Precision and recall if all pairs of at least `weight` bits were linked.
struct CurvePoint {
  float weight = 0;
  PairQuality quality;
};

/// Pairs of records in the same cluster.
PairQuality evaluate_clusters(std::span<const uint32_t> truth, std::span<const uint32_t> predicted);
BCubed evaluate_b_cubed(std::span<const uint32_t> truth, std::span<const uint32_t> predicted);
/// Pairs that were linked, whatever the clusters. True pairs that no blocking rule found count as missed.
PairQuality evaluate_pairs(std::span<const uint32_t> truth, std::span<const std::pair<uint32_t, uint32_t>> predicted);

/// `evaluate_clusters` by pair of sources, ascending by (a, b), without those that no true or predicted pair has.
/// `source` by record.
std::vector<SourcePairQuality> evaluate_clusters_by_source(std::span<const uint32_t> truth,
                                                           std::span<const uint32_t> predicted,
                                                           std::span<const uint16_t> source);
/// True pairs alone, by pair of sources (predicted and right are 0).
std::vector<SourcePairQuality> true_pairs_by_source(std::span<const uint32_t> truth, std::span<const uint16_t> source);
PairQuality sum_of(std::span<const SourcePairQuality> list);

/// One point for each step of `step` bits from the weakest edge to the strongest, the lowest weight first.
/// `edges` in any order; `true_pairs` over all records, found or not. Points are at multiples of `step`.
std::vector<CurvePoint> quality_curve(std::span<const uint32_t> truth, std::span<const Edge> edges, uint64_t true_pairs,
                                      float step);

/// Records by label: group g is members[starts[g] .. starts[g + 1]), ascending. Groups come in order of their labels.
struct Grouping {
  std::vector<uint32_t> members;
  std::vector<uint32_t> starts;
  size_t size() const { return starts.empty() ? 0 : starts.size() - 1; }
  std::span<const uint32_t> of(size_t group) const {
    return std::span(members).subspan(starts[group], starts[group + 1] - starts[group]);
  }
};
/// Labels are below labels.size(), or kUnlabelled. A label that no record has gives an empty group.
Grouping group_by(std::span<const uint32_t> labels);

}  // namespace zhili::fuse
