#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "fuse/evaluate.hpp"
#include "fuse/fusion.hpp"
#include "fuse/truth.hpp"

namespace zhili::fuse {

/// Pairs that a configuration is about: with `link: link` those across sources, with `dedupe` those within one. Only
/// they count, as true, as predicted and as right.
bool in_scope(const Config& config, uint16_t source_a, uint16_t source_b);

/// How right the entities are; needs no more than links.csv.
struct EntityEvaluation {
  uint64_t labelled = 0;  ///< Records that truth and result have in common.
  uint32_t true_entities = 0;
  uint32_t found_entities = 0;  ///< That hold a labelled record.
  PairQuality pairs;            ///< Pairs of records in one cluster, in scope.
  BCubed b_cubed;
  std::vector<SourcePairQuality> by_source;
};
EntityEvaluation evaluate_entities(const Config& config, const Truth& truth, std::span<const uint32_t> entity,
                                   std::span<const uint16_t> source);

/// How right the links are, before clustering; needs the run's pairs.
struct LinkEvaluation {
  PairQuality pairs;         ///< Pairs of at least the threshold. True pairs that no rule found are among the missed.
  uint64_t not_brought = 0;  ///< True pairs in scope that no blocking rule brings together.
  uint64_t barred = 0;       ///< True pairs in scope that the configuration rules out: a source declared unique.
  std::vector<CurvePoint> curve;
  double found_share() const;  ///< Share of the true pairs that blocking brings together.
};
/// Errors: kCancelled.
Result<LinkEvaluation> evaluate_links(const Fusion& fusion, const Truth& truth);

/// Both, as the report shows them.
struct Evaluation {
  EntityEvaluation entities;
  std::optional<LinkEvaluation> links;
};
/// `entity` by record: the clusters of the fusion, or what a result on disk says. Errors: kCancelled.
Result<Evaluation> evaluate(const Fusion& fusion, const Truth& truth, std::span<const uint32_t> entity);

/// All figures, also by pair of sources and over thresholds; `sources` are their ids.
boost::json::object evaluation_json(const Evaluation& evaluation, std::span<const std::string> sources);

}  // namespace zhili::fuse
