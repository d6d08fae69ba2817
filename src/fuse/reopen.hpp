#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/cancel.hpp"
#include "base/result.hpp"
#include "fuse/decisions.hpp"
#include "fuse/fusion.hpp"
#include "fuse/run_summary.hpp"

namespace zhili::fuse {

/// Blocking rules from their short form, as run.json lists them. Errors: kInput for one that the configuration's
/// attributes can't have.
Result<std::vector<BlockingRule>> parse_rules(std::span<const std::string> texts, const Config& config,
                                              const std::filesystem::path& path);

/// A finished run back in memory, from the directory of its result and from its configuration and data, which must
/// still be as they were.
struct Reopened {
  RunFile file;
  std::vector<BlockingRule> rules;  ///< Those of the run.
  std::unique_ptr<Fusion> fusion;
  ResolvedDecisions decisions;  ///< Those that stood when the run began.
};

/// How much of the run is done again.
enum class Depth : uint8_t {
  kModel,   ///< Records read, the result's model.json taken: enough to weigh pairs.
  kScores,  ///< Also blocks and scores by the run's own rules.
  kAll,     ///< Everything as the run did it, rules proposed and model trained where it did so; clusters.
};

/// The entity of each of the fusion's records by links.csv of `dir`, as numbers. Errors: kInput where the records
/// differ.
Result<std::vector<uint32_t>> stored_entities(const Fusion& fusion, const std::filesystem::path& dir);

/// Errors: those of the steps; kNotFound where `dir` holds no result; kInput where a repeated run comes to other
/// entities than links.csv, because data, configuration or decisions were changed since.
Result<Reopened> reopen(const std::filesystem::path& dir, Depth depth, unsigned threads, Progress::Mode progress,
                        Cancel& cancel);

}  // namespace zhili::fuse
