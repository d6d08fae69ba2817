#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "opendata/anonymity.hpp"
#include "opendata/generalise.hpp"
#include "opendata/noise.hpp"
#include "opendata/plan.hpp"
#include "opendata/public_table.hpp"

namespace zhili::opendata {

inline constexpr uint64_t kOpenRows = 1'000'000;  ///< Of one publication.
inline constexpr uint64_t kCells = 100'000;       ///< Of counts with noise: all combinations of the columns' values.

/// What the check found.
struct Check {
  uint64_t read = 0;  ///< Rows of the dataset.
  int64_t k = 0;      ///< Asked for.
  int64_t l = 0;
  Risk risk;                    ///< Of records: as published. Of counts: each count is a class.
  uint64_t cells = 0;           ///< Counts that were too small and are not told.
  std::string epsilon = {};     ///< Of counts with noise.
  std::string refused = {};     ///< Why it may not be published, in English,
  std::string refused_zh = {};  ///< and in Chinese; empty where it may.
  bool operator==(const Check&) const = default;
};
/// Without the smallest classes: what the public sees. With them: what its officer sees.
std::string to_json(const Check& check, bool with_classes);

/// Takes the rows of a dataset one by one, in the order of `fields`, and makes open data of them.
class Preparation {
 public:
  /// The plan is settled. Errors: as of Generaliser::create; kLimit for more than kCells cells.
  static Result<Preparation> create(Plan plan, const Ground& ground);

  /// The fields that are read, each once.
  const std::vector<std::string>& fields() const { return fields_; }
  /// Error: kLimit for more than kOpenRows rows of records.
  Status add(const std::vector<std::string_view>& cells);

  struct Prepared {
    PublicTable table;  ///< In its published order. Empty where the check refused it.
    Check check;
  };
  /// Checks, leaves out what is too small, adds noise.
  Result<Prepared> finish(Noise& noise) &&;

 private:
  explicit Preparation(Plan plan) : plan_(std::move(plan)) {}
  Result<Prepared> finish_records();
  Result<Prepared> finish_counts(Noise& noise);
  Status add_noise(Noise& noise);
  Status list_cells();

  Plan plan_;
  bool personal_ = false;
  std::vector<Generaliser> generalisers_;
  std::vector<size_t> read_;  // For each column the place of its field.
  std::vector<std::string> fields_;
  PublicTable records_;
  std::map<std::vector<std::string>, int64_t> counts_;
  uint64_t rows_ = 0;
};

}  // namespace zhili::opendata
