#pragma once

#include <cstdint>

#include "base/cancel.hpp"
#include "base/progress.hpp"
#include "fuse/cluster.hpp"
#include "fuse/model.hpp"
#include "fuse/pairs.hpp"

namespace zhili::fuse {

/// What training did, for the report.
struct TrainingReport {
  uint64_t random_pairs = 0;
  struct Rule {
    std::string text;
    double pairs = 0;    ///< Pairs that EM saw.
    double matches = 0;  ///< Of these, matches expected.
    int iterations = 0;
    bool used = false;  ///< False: too few pairs, or EM found no two kinds of pairs.
  };
  std::vector<Rule> rules;
  double expected_matches = 0;  ///< Among all candidate pairs.
};

struct Training {
  Model model;
  TrainingReport report;
};

/// Learns a model, without labels if need be. u comes from pairs drawn at random; m from expectation–maximisation over
/// the pairs of each blocking rule, for the comparisons which that rule does not fix (as the rules differ, each
/// comparison is free in some); the prior from the matches expected among all candidate pairs. Matches among the random
/// pairs, which are many in a small file of many duplicates, are then taken out of u and all is repeated. Deterministic
/// in `seed`, whatever the number of threads. Pairs of `labels` are counted beside what that finds: those that are the
/// same in m, the others in u. Each rule's matches weigh as their square root there, so that few labels nudge and many
/// lead. Errors: kCancelled.
Result<Training> train(const Config& config, const std::vector<BlockingRule>& rules, const Records& records,
                       const Blocks& blocks, const Comparisons& comparisons, const AllowedPairs& allowed,
                       const Decided& labels, unsigned threads, Progress::Mode progress, Cancel& cancel);

}  // namespace zhili::fuse
