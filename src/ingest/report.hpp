#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "catalog/dataset.hpp"
#include "ingest/ingest.hpp"
#include "ingest/standard.hpp"
#include "ingest/table_check.hpp"
#include "ingest/trend.hpp"

namespace zhili::ingest {

/// Whether a batch came when it was promised.
struct Timeliness {
  std::optional<int64_t> due_at;  ///< When it was due; nothing for the first batch, or where no cycle was promised.
  int64_t received_at = 0;
};
/// `last`: when the batch before came.
Timeliness timeliness_of(catalog::Cycle cycle, std::optional<int64_t> last, int64_t received_at);

/// Sampled keys of a batch of changes, held against those that are there.
struct HeldKeys {
  uint64_t looked_at = 0;
  uint64_t inserted_twice = 0;   ///< To be inserted, and there already.
  uint64_t changed_in_vain = 0;  ///< To be updated or deleted, and not there.
};

/// All that is told of a batch beside its figures.
struct Findings {
  Timeliness timeliness;
  std::optional<Neighbours::Consistency> consistency;
  std::optional<HeldKeys> held_keys;
  std::vector<Alarm> alarms;
  std::vector<std::string> held_because;  ///< "mistaken_rows", "fewer_rows", "alarm"; empty where nothing holds it.
};

/// The quality of a batch as JSON, after the measures of GB/T 36344-2018: docs/ingest.md tells what each member means.
/// Holds lines, fields and rules, and no value of a row.
std::string report_of(const Standard& standard, const TableFigures& table, const Findings& findings);

}  // namespace zhili::ingest
