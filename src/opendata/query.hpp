#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

#include "base/result.hpp"
#include "opendata/public_table.hpp"

/// What may be asked of open data: a grammar of its own, and no SQL. Its keys are those of CKAN's datastore_search.
namespace zhili::opendata {

inline constexpr size_t kQueryLimit = 32'000;  ///< Rows of one answer, as CKAN has it.
inline constexpr size_t kQueryWords = 20;
inline constexpr size_t kQueryFilters = 50;

struct Query {
  /// The column's cell is one of these.
  struct Filter {
    std::string column;
    std::vector<std::string> values;
    bool operator==(const Filter&) const = default;
  };
  struct Sort {
    std::string column;
    bool descending = false;
    bool operator==(const Sort&) const = default;
  };
  std::vector<Filter> filters;     ///< All hold.
  std::vector<std::string> words;  ///< Each occurs in some cell, great and small letters alike;
  std::vector<std::pair<std::string, std::string>> in_cell;  ///< or in the cell of a column.
  std::vector<std::string> fields;                           ///< That are told; empty for all.
  std::vector<Sort> sort;                                    ///< Without one: the published order.
  bool distinct = false;
  size_t offset = 0;
  size_t limit = 100;
  bool total = true;
  bool operator==(const Query&) const = default;
};

/// Reads the keys filters, q, fields, sort, distinct, offset, limit and include_total; others are passed over. Lists
/// may be written as text with commas, objects as text of JSON, numbers as text, as forms and addresses have them.
/// Error: kInput; its place's `file` is the key.
Result<Query> query_from(const boost::json::object& asked);

struct Found {
  std::vector<size_t> columns;
  std::vector<uint32_t> rows;
  uint64_t total = 0;
};
/// Error: kInput for a column that the table does not have; the place as above.
Result<Found> find_rows(const PublicTable& table, const Query& query);

}  // namespace zhili::opendata
