#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "opendata/public_table.hpp"

/// How well rows hide whom they are about: k-anonymity (Sweeney 2002), distinct l-diversity (Machanavajjhala et al.
/// 2007), and the risk that somebody who knows a person's quasi-identifiers finds the row (prosecutor's risk; El Emam
/// and Dankar 2008).
namespace zhili::opendata {

/// A share of records is told whose risk is above this: what the European Medicines Agency (policy 0070) and Health
/// Canada allow at most for what everybody may read.
inline constexpr double kRiskThreshold = 0.09;
inline constexpr size_t kSmallClasses = 10;  ///< That are shown.

/// Rows that look alike by all quasi-identifiers.
struct SmallClass {
  std::vector<std::string> values;  ///< In the order of the quasi-identifiers.
  size_t size = 0;
  size_t distinct = 0;  ///< The fewest different values of a sensitive column; 0 without one.
  bool operator==(const SmallClass&) const = default;
};

struct Risk {
  uint64_t rows = 0;
  uint64_t classes = 0;
  uint64_t k = 0;                      ///< Size of the smallest class; 0 without rows.
  uint64_t l = 0;                      ///< The fewest different values of a sensitive column in a class; 0 without one.
  double max_risk = 0;                 ///< 1 / k.
  double mean_risk = 0;                ///< Over records: classes / rows.
  double at_risk = 0;                  ///< Share of records whose risk is above kRiskThreshold.
  uint64_t suppressed = 0;             ///< Rows that were left out, as they were in classes too small.
  std::vector<SmallClass> small = {};  ///< The smallest that break what is asked for, before anything was left out.
};

/// Columns by their numbers.
struct Exposed {
  std::vector<size_t> quasi;
  std::vector<size_t> sensitive;
};

/// Measures a table.
Risk measure(const PublicTable& table, const Exposed& exposed);

/// Takes out the rows of classes with fewer than k rows, or fewer than l values of a sensitive column, and measures
/// what is left. Without quasi-identifiers all rows are one class.
Risk suppress(PublicTable& table, const Exposed& exposed, uint64_t k, uint64_t l);

}  // namespace zhili::opendata
