#include "fuse/membership.hpp"

#include <numeric>

namespace zhili::fuse {

Membership::Membership(const Clusters& clusters)
    : starts_(size_t{clusters.count} + 1, 0), members_(clusters.of_record.size()) {
  for (const uint32_t cluster : clusters.of_record) ++starts_[cluster + 1];
  std::partial_sum(starts_.begin(), starts_.end(), starts_.begin());
  auto next = starts_;
  for (uint32_t record = 0; record < members_.size(); ++record) {
    members_[next[clusters.of_record[record]]++] = record;
  }
}

}  // namespace zhili::fuse
