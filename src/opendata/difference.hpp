#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "opendata/public_table.hpp"

namespace zhili::opendata {

inline constexpr size_t kDifferenceRows = 1000;  ///< That are told one by one.

/// A row that is other than before, by the columns that both tables have.
struct ChangedRow {
  std::vector<std::string> before;  ///< Empty for one that came.
  std::vector<std::string> after;   ///< Empty for one that went.
  bool operator==(const ChangedRow&) const = default;
};

/// How one table differs from an earlier one.
struct Difference {
  bool by_key = false;               ///< Rows are told apart by their key; else only whole rows come and go.
  std::vector<std::string> columns;  ///< That both have.
  std::vector<std::string> columns_added;
  std::vector<std::string> columns_removed;
  uint64_t added = 0;
  uint64_t removed = 0;
  uint64_t changed = 0;
  std::vector<ChangedRow> rows;  ///< The first kDifferenceRows, in the order of the tables.
};

/// `key`: columns; without one that both have, or where it is not one row's, whole rows are compared.
Difference difference_of(const PublicTable& before, const PublicTable& after, const std::vector<std::string>& key);

}  // namespace zhili::opendata
