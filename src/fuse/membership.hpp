#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "fuse/cluster.hpp"

namespace zhili::fuse {

/// The records of each cluster, side by side in ascending order. Fixed once made.
class Membership {
 public:
  explicit Membership(const Clusters& clusters);

  uint32_t clusters() const { return static_cast<uint32_t>(starts_.size() - 1); }
  std::span<const uint32_t> of(uint32_t cluster) const {
    return {members_.data() + starts_[cluster], starts_[cluster + 1] - starts_[cluster]};
  }
  uint32_t size(uint32_t cluster) const { return starts_[cluster + 1] - starts_[cluster]; }

 private:
  std::vector<uint32_t> starts_;
  std::vector<uint32_t> members_;
};

}  // namespace zhili::fuse
