#include "ingest/trend.hpp"

#include <algorithm>
#include <cmath>

namespace zhili::ingest {
namespace {

constexpr double kDeviations = 4;
constexpr double kOfNormal = 1.4826;

double median_of(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

}  // namespace

std::vector<Alarm> sudden_changes(std::span<const Series> series) {
  std::vector<Alarm> out;
  for (const Series& one : series) {
    if (one.before.size() < kTrendFewest) continue;
    const double median = median_of(one.before);
    std::vector<double> distances;
    distances.reserve(one.before.size());
    for (const double value : one.before) distances.push_back(std::abs(value - median));
    const double bound = std::max(kDeviations * kOfNormal * median_of(std::move(distances)), one.least_change);
    if (std::abs(one.value - median) > bound) out.push_back({one.field, one.figure, one.value, median, bound});
  }
  return out;
}

}  // namespace zhili::ingest
