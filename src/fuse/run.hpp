#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/cancel.hpp"
#include "base/progress.hpp"
#include "base/result.hpp"
#include "fuse/config.hpp"
#include "fuse/history.hpp"
#include "fuse/run_summary.hpp"

namespace zhili::fuse {

struct RunOptions {
  std::filesystem::path out;
  std::filesystem::path data_dir;  ///< As the configuration was loaded with; kept in run.json.
  /// Where the earlier result lies whose ids and history are carried on. None: `out`, if it holds a result.
  std::optional<std::filesystem::path> previous;
  /// Labels to compare the result with, once it is there (see `read_truth`). The run itself knows nothing of them.
  std::optional<std::filesystem::path> truth;
  std::string version;   ///< Of the program, for the report.
  bool plain = false;    ///< The report shows identity numbers and telephones whole.
  bool members = false;  ///< Writes members.parquet too (members.hpp).
  unsigned threads = 1;
  Progress::Mode progress = Progress::Mode::kAuto;
  RunTime now;
};

/// The whole run: decisions in, records read, blocked, scored and clustered, ids given, golden values chosen, and all
/// outputs written to `out`: links.csv, entities.parquet, pairs.parquet, review.csv, model.json, rejects.csv,
/// history.csv, run.json and report.html. They appear together or not at all: a run that fails or is stopped leaves an
/// earlier result as it was. Files of `out` that are not outputs stay.
/// Errors: those of every step; kNotFound where `previous` holds no result.
Result<RunSummary> run(Config config, const RunOptions& options, Cancel& cancel);

}  // namespace zhili::fuse
