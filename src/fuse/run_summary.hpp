#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "base/result.hpp"
#include "fuse/evaluation.hpp"
#include "fuse/fusion.hpp"

namespace zhili::fuse {

/// What a run did: what it prints, and what run.json keeps for later commands.
struct RunSummary {
  struct Source {
    std::string id;
    std::string file;
    uint64_t records = 0;
    uint64_t rejected = 0;
  };

  std::string time;  ///< When it began.
  std::filesystem::path config;
  std::filesystem::path data_dir;  ///< May be empty.
  std::filesystem::path out;
  std::filesystem::path decisions;  ///< The file that decisions are read from and written to.
  std::vector<std::string> rules;   ///< Blocking rules that were used.
  double threshold = 0;

  std::vector<Source> sources;
  uint64_t records = 0;
  uint64_t rejected = 0;
  uint64_t entities = 0;
  uint64_t candidate_pairs = 0;
  uint64_t linked_pairs = 0;
  uint64_t cuts = 0;
  uint64_t review_pairs = 0;  ///< Found; review.csv holds at most kReviewRows of them.
  uint64_t ids_kept = 0;
  uint64_t ids_new = 0;
  uint64_t ids_merged = 0;  ///< Earlier ids that went out of use since their records went to others.
  uint64_t ids_split = 0;   ///< New entities that were parts of earlier ones.
  uint64_t ids_gone = 0;    ///< Earlier ids none of whose records is read any more.
  uint64_t decisions_followed = 0;
  uint64_t decisions_set_aside = 0;
  uint64_t decisions_unknown = 0;
  std::vector<std::string> notes;  ///< What the user should know although it stopped nothing.

  std::optional<Evaluation> evaluation;  ///< Where the truth is known.
  std::vector<StepTime> times;
  double seconds = 0;
  uint64_t peak_bytes = 0;  ///< Of resident memory.

  boost::json::object to_json() const;
  /// A few lines for a terminal.
  std::string text() const;
};

/// Of run.json, what later commands need to find the run's files again. Paths are absolute.
struct RunFile {
  std::filesystem::path config;
  std::filesystem::path data_dir;
  std::filesystem::path decisions;
  std::vector<std::string> rules;
  std::vector<std::string> sources;
  double threshold = 0;
  std::string time;
};
/// Errors: kNotFound where `dir` holds no result of a run, kInput for a broken run.json.
Result<RunFile> read_run_file(const std::filesystem::path& dir);

}  // namespace zhili::fuse
