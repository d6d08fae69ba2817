#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace zhili::ingest {

inline constexpr size_t kTrendBatches = 20;  ///< That a new one is held against: the newest of its kind.
inline constexpr size_t kTrendFewest = 5;    ///< With fewer nothing is called sudden.

/// One figure of a batch, with what it was in earlier batches, newest first.
struct Series {
  std::string field;  ///< Empty for the batch as a whole.
  std::string figure;
  double value = 0;
  std::vector<double> before;
  double least_change = 0;  ///< Less is never called sudden.
};

/// A figure that changed suddenly.
struct Alarm {
  std::string field;
  std::string figure;
  double value = 0;
  double median = 0;  ///< Of the earlier batches.
  double bound = 0;   ///< How far from the median a figure may be.
};

/// Figures that lie further from the median of earlier batches than 4 times their usual distance from it: the median of
/// the distances, times 1.4826, which is the standard deviation where figures are normally distributed (Rousseeuw and
/// Croux, 1993). One odd batch among the earlier ones moves neither. `least_change` keeps figures that never changed
/// from raising an alarm over a trifle.
std::vector<Alarm> sudden_changes(std::span<const Series> series);

}  // namespace zhili::ingest
