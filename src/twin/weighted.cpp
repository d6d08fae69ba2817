#include "twin/weighted.hpp"

#include <numeric>

namespace zhili::twin {

Weighted::Weighted(std::span<const double> weights) : keep_(weights.size(), 1.0), other_(weights.size()) {
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  std::vector<double> scaled;
  std::vector<uint32_t> small;
  std::vector<uint32_t> large;
  for (uint32_t i = 0; i < weights.size(); ++i) {
    scaled.push_back(weights[i] * static_cast<double>(weights.size()) / sum);
    (scaled[i] < 1 ? small : large).push_back(i);
    other_[i] = i;
  }
  while (!small.empty() && !large.empty()) {
    const uint32_t low = small.back();
    const uint32_t high = large.back();
    small.pop_back();
    keep_[low] = scaled[low];
    other_[low] = high;
    scaled[high] -= 1 - scaled[low];
    if (scaled[high] < 1) {
      large.pop_back();
      small.push_back(high);
    }
  }
}

}  // namespace zhili::twin
