#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "fuse/evaluation.hpp"
#include "fuse/fusion.hpp"
#include "fuse/review.hpp"

namespace zhili::fuse {

/// What a report shows beside what the run holds in memory.
struct ReportInput {
  std::string title;                       ///< Under the heading, e.g. the configuration's file name.
  std::string made_at;                     ///< As shown, e.g. "2026-01-31 08:00 UTC"; may be empty.
  std::string version;                     ///< Of the program.
  std::vector<StepTime> times;             ///< Of all steps.
  uint64_t peak_memory = 0;                ///< Bytes; 0 = unknown.
  unsigned threads = 0;                    ///< 0 = unknown.
  std::span<const Edge> review;            ///< Pairs for review, the most worthwhile first; the first ones are shown.
  uint64_t review_found = 0;               ///< How many there are.
  Decided decided;                         ///< What people decided.
  const Evaluation* evaluation = nullptr;  ///< Null where the truth is not known.
  bool plain = false;                      ///< Shows identity numbers and telephones whole.
};

/// Pairs of the review list for a report: the first of each kind of doubt in turn, in the order of the list.
std::vector<Edge> examples_of(const ReviewList& review);

/// One self-contained HTML page about a run whose steps are all done: no outside address, nothing to load, readable
/// without scripts; Chinese with a switch to English; light, dark and print. Identity numbers and telephones are
/// masked unless `plain`. Errors: kCancelled.
Result<std::string> draw_report(const Fusion& fusion, const ReportInput& input);

}  // namespace zhili::fuse
