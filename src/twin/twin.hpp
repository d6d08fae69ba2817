#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/cancel.hpp"
#include "base/progress.hpp"
#include "base/result.hpp"
#include "twin/errors.hpp"

/// A made-up district with the truth known: see docs/twin.md.
namespace zhili::twin {

struct TwinOptions {
  uint64_t people = 0;  ///< Residents at the end; 1 to limits::kTwinPeople.
  uint64_t seed = 1;
  std::filesystem::path out;  ///< Directory; appears whole or not at all.
  unsigned threads = 0;       ///< 0: as many as the machine lets us use. The output does not depend on it.
  double error_scale = 1;     ///< Every rate of the error table is multiplied by it; 0 makes registers without errors.
  Progress::Mode progress = Progress::Mode::kAuto;
};

struct TwinSummary {
  uint64_t people = 0;       ///< Residents.
  uint64_t persons = 0;      ///< All who ever lived in the district, or came from kin there.
  uint64_t households = 0;   ///< With a member at the end.
  uint64_t enterprises = 0;  ///< Closed ones included.
  uint64_t dwellings = 0;
  uint64_t buildings = 0;
  uint64_t records_of_people = 0;                        ///< In the nine registers.
  std::vector<std::pair<std::string, uint64_t>> tables;  ///< File and rows, in a fixed order.
  ErrorCounts errors{};
};

/// Makes the district and writes its files into options.out. The same people, seed and error_scale give the same bytes.
/// Memory: some 50 MB a thread, and 4 bytes a resident for the buildings. Errors: kUsage, kLimit, kIo, kCancelled.
Result<TwinSummary> generate(const TwinOptions& options, const Cancel& cancel);

}  // namespace zhili::twin
