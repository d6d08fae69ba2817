#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace zhili::fuse {

/// Counts of pairs, and what follows from them. 0/0 counts as 1: nothing was claimed, nothing was missed.
struct PairQuality {
  uint64_t true_pairs = 0;  ///< Pairs of one entity by the truth.
  uint64_t predicted_pairs = 0;
  uint64_t right_pairs = 0;  ///< In both.
  double precision() const;
  double recall() const;
  double f1() const;
};

/// B-cubed (Bagga and Baldwin, 1998): means over records.
struct BCubed {
  double precision = 0;
  double recall = 0;
  double f1 = 0;
};

/// Truth and prediction by record; both number entities as they like. kUnlabelled records are left out of everything.
inline constexpr uint32_t kUnlabelled = UINT32_MAX;

/// Pairs of records in the same cluster.
PairQuality evaluate_clusters(std::span<const uint32_t> truth, std::span<const uint32_t> predicted);
BCubed evaluate_b_cubed(std::span<const uint32_t> truth, std::span<const uint32_t> predicted);
/// Pairs that were linked, whatever the clusters. True pairs that no blocking rule found count as missed.
PairQuality evaluate_pairs(std::span<const uint32_t> truth, std::span<const std::pair<uint32_t, uint32_t>> predicted);

}  // namespace zhili::fuse
