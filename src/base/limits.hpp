#pragma once

#include <cstddef>
#include <cstdint>

/// Every queue, loop and payload has a limit, named here. Passing one is an error of ErrorCode::kLimit that names it.
namespace zhili::limits {

inline constexpr size_t kCellBytes = size_t{1} << 20;    ///< One cell of an input table.
inline constexpr size_t kRowBytes = size_t{8} << 20;     ///< One row of an input table.
inline constexpr size_t kColumns = 4096;                 ///< Columns of an input table.
inline constexpr uint64_t kRecords = uint64_t{1} << 31;  ///< Records of one fusing run, over all sources.
inline constexpr size_t kSources = 4096;                 ///< Sources of one fusing run.
inline constexpr size_t kAttributes = 256;               ///< Attributes of one fusing run.
inline constexpr size_t kComparisons = 31;               ///< Comparisons of one model.
inline constexpr size_t kLevels = 14;                    ///< Declared levels of one comparison.
inline constexpr size_t kBlockingRules = 64;             ///< Blocking rules of one run.
inline constexpr size_t kYamlBytes = size_t{4} << 20;    ///< One YAML file.
inline constexpr int kYamlDepth = 64;                    ///< Nesting in a YAML file.
inline constexpr uint64_t kTwinPeople = 50'000'000;      ///< Residents of one made-up district.

}  // namespace zhili::limits
