#pragma once

#include <cstdint>
#include <vector>

#include "base/cancel.hpp"
#include "base/progress.hpp"
#include "base/result.hpp"
#include "fuse/block.hpp"
#include "fuse/compare.hpp"

namespace zhili::fuse {

/// A rule that could be used, and what it would cost and find.
struct RuleEstimate {
  BlockingRule rule;
  uint64_t pairs = 0;        ///< Pairs it gives.
  uint64_t largest = 0;      ///< Records of its largest block.
  double recall = 0;         ///< Estimated share of all matches that it finds.
  double recall_so_far = 0;  ///< With the rules before it; 0 for rules that were not chosen.
};

struct Plan {
  std::vector<BlockingRule> chosen;
  std::vector<RuleEstimate> estimates;  ///< The chosen ones first, in order of choice; then the others by recall.
  double budget = 0;                    ///< Pairs that the plan may cost.
  double likely_matches = 0;            ///< Pairs that the estimate of recall rests on.
};

/// Proposes blocking rules from the data. Rules of one to three keys that types and data allow are counted on a sample.
/// A few strict ones give pairs on which a model is trained; the pairs that it takes for matches stand for all matches.
/// Rules are then chosen one by one, each time the one that adds most finds per pair it costs (a match found twice or
/// thrice still counts a little, since the likely matches are not all), until little is gained or the budget is spent.
/// Then the chosen rules give a broader set of likely matches, and the choice is made once more.
/// The estimated recall is over likely matches: a match that agrees in no key is not among them.
Result<Plan> propose_rules(const Config& config, const Records& records, Projections& projections,
                           const Comparisons& comparisons, const AllowedPairs& allowed, unsigned threads,
                           Progress::Mode progress, Cancel& cancel);

}  // namespace zhili::fuse
