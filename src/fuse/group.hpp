#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "fuse/cluster.hpp"
#include "fuse/config.hpp"
#include "fuse/records.hpp"
#include "fuse/score.hpp"

namespace zhili::fuse {

/// A link between two members of a group, by their places in it; a < b.
struct GroupLink {
  uint32_t a;
  uint32_t b;
  float weight;
};

/// Clusters one group of records that links hold together, as `cluster` says. What comes out depends on the members'
/// values and their order alone. Safe to use from many threads, each with its own scratch.
class GroupClusterer {
 public:
  /// A group of up to this many records gets all its pairs weighed; a larger one is first cut at its weakest links.
  static constexpr size_t kDense = 512;

  /// `edges`: weights that are known already, ascending by (a, b); may be empty. All outlive this.
  GroupClusterer(const Config& config, const Records& records, std::span<const Edge> edges, const Scorer& scorer,
                 const Decided& decided, float threshold);

  /// Cluster of each member, numbered from 0 in order of the clusters' first members. Returns whether a constraint took
  /// part. With edges, the members ascend. `links` are looked at in groups above kDense alone.
  bool run(std::span<const uint32_t> members, std::vector<GroupLink> links, Scorer::Scratch& scratch,
           std::vector<uint32_t>& cluster_of) const;

 private:
  bool never(uint32_t a, uint32_t b) const;
  bool decided_same(uint32_t a, uint32_t b) const;
  bool split(std::span<const uint32_t> members, Scorer::Scratch& scratch, std::vector<uint32_t>& cluster_of) const;
  std::vector<float> weights_of(std::span<const uint32_t> members, Scorer::Scratch& scratch) const;
  void agglomerate(std::vector<float>& mean, size_t n, std::vector<uint32_t>& cluster_of) const;
  std::vector<std::vector<uint32_t>> pieces_of(std::span<const uint32_t> members, std::vector<GroupLink> links) const;

  const Records& records_;
  std::span<const Edge> edges_;  // Ascending by (a, b).
  const Scorer& scorer_;
  float threshold_;
  std::vector<uint8_t> single_;
  std::vector<std::pair<uint32_t, uint32_t>> different_;
  std::vector<std::pair<uint32_t, uint32_t>> same_;  // Ascending pairs, the lower record first.
};

}  // namespace zhili::fuse
