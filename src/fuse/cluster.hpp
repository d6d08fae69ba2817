#pragma once

#include <cstdint>
#include <vector>

#include "fuse/score.hpp"

namespace zhili::fuse {

/// A group that links held together and that was cut, for the report.
struct Cut {
  std::vector<uint32_t> records;  ///< Of the whole group.
  uint32_t parts = 0;
  bool by_constraint = false;  ///< Two valid identifying values, a unique source, one-to-one or a decision stood in it.
};

struct Clusters {
  std::vector<uint32_t> of_record;  ///< By record: cluster number, in order of each cluster's lowest record.
  uint32_t count = 0;
  std::vector<Cut> cuts;  ///< At most kCutsShown, the largest first.
  uint64_t cut_count = 0;
};
inline constexpr size_t kCutsShown = 50;

/// One pair speaks with at most this many bits for or against joining two clusters.
inline constexpr float kMostBitsOfPair = 20;

/// Records that people have decided on: hard constraints.
struct Decided {
  std::vector<std::pair<uint32_t, uint32_t>> same;
  std::vector<std::pair<uint32_t, uint32_t>> different;
};

/// Groups records into entities. Groups that links of at least `threshold` bits connect are clustered from the bottom
/// up by the mean weight of all pairs between two clusters (pairs that blocking missed are scored now), so that one
/// weak link never joins two clusters whose other pairs speak against it. Constraints are never broken: decisions,
/// different valid identifying values, unique sources, one-to-one sources.
Result<Clusters> cluster(const Config& config, const Records& records, const std::vector<Edge>& edges,
                         const Scorer& scorer, const Decided& decided, float threshold, unsigned threads,
                         Progress::Mode progress, Cancel& cancel);

}  // namespace zhili::fuse
