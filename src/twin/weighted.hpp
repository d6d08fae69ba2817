#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/random.hpp"

namespace zhili::twin {

/// Draws an index with probability in proportion to its weight, in constant time (Walker 1977, in Vose's form).
class Weighted {
 public:
  Weighted() = default;
  /// At least one weight is positive, none is negative.
  explicit Weighted(std::span<const double> weights);

  size_t draw(Random& random) const {
    const uint64_t column = random.below(keep_.size());
    return random.uniform() < keep_[column] ? column : other_[column];
  }
  size_t size() const { return keep_.size(); }

 private:
  std::vector<double> keep_;
  std::vector<uint32_t> other_;
};

}  // namespace zhili::twin
