#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/progress.hpp"
#include "fuse/block.hpp"
#include "fuse/cluster.hpp"
#include "fuse/compare.hpp"
#include "fuse/config.hpp"
#include "fuse/frozen.hpp"
#include "fuse/plan.hpp"
#include "fuse/project.hpp"
#include "fuse/records.hpp"
#include "fuse/score.hpp"
#include "fuse/train.hpp"
#include "text/division.hpp"

namespace zhili::fuse {

/// Seconds that a step took.
struct StepTime {
  std::string step;
  double seconds = 0;
};

/// One run, step by step. Each step needs the one before it. Everything it made stays readable, so that golden records,
/// reports and explanations are drawn from the same memory. Not movable: later parts point into earlier ones.
class Fusion {
 public:
  static Result<std::unique_ptr<Fusion>> create(Config config, unsigned threads, Progress::Mode progress,
                                                Cancel& cancel);

  /// Everything that a run would learn is taken from `model` instead. Before `read`; the configuration then names no
  /// model of its own.
  void freeze(FrozenModel model);
  /// What the run learnt. After `learn`.
  FrozenModel frozen() const;

  /// In the place of read, block and learn, after `freeze`: takes records that are there already.
  Status adopt(Records records);
  /// What may be edited of a run once its clusters are made, by who keeps them in step.
  struct Live {
    Records& records;
    Projections& projections;
    Comparisons& comparisons;
    Scorer& scorer;
  };
  Live live() { return {records_, *projections_, *comparisons_, *scorer_}; }
  const SplitOrders& split_by() const { return split_by_; }
  /// By rule; once frozen.
  const std::vector<SplitParts>& always_split() const { return frozen_->split; }
  /// Frees what only the steps before needed.
  void forget_steps();

  Status read();                         ///< Records, standardised; comparisons.
  Status block();                        ///< Rules (declared, or proposed from the data), blocks.
  Status learn();                        ///< The model, from the configuration's file or trained.
  Status score();                        ///< Edges above the review's low mark.
  Status group(const Decided& decided);  ///< Clusters.

  const Config& config() const { return config_; }
  const text::DivisionTable& divisions() const { return divisions_; }
  const Records& records() const { return records_; }
  Projections& projections() { return *projections_; }
  const AllowedPairs& allowed() const { return allowed_; }
  const std::vector<BlockingRule>& rules() const { return rules_; }
  /// How the rules were proposed; null when the configuration declares them.
  const Plan* plan() const { return plan_ ? &*plan_ : nullptr; }
  const Blocks& blocks() const { return blocks_; }
  const Comparisons& comparisons() const { return *comparisons_; }
  const Model& model() const { return training_.model; }
  const TrainingReport& training() const { return training_.report; }
  const Scorer& scorer() const { return *scorer_; }
  const Scored& scored() const { return scored_; }
  const Clusters& clusters() const { return clusters_; }
  const std::vector<StepTime>& times() const { return times_; }
  unsigned threads() const { return threads_; }
  /// Whether long work on this run shows how far it is.
  Progress::Mode progress() const { return progress_; }
  Cancel& cancel() const { return cancel_; }
  /// Weight from which a pair is one entity, bits.
  float threshold() const { return static_cast<float>(weight_of(config_.threshold)); }

 private:
  Fusion(Config config, text::DivisionTable divisions, unsigned threads, Progress::Mode progress, Cancel& cancel);
  Status read_labels();
  Result<Redundancy> dropped_when_frozen() const;
  template <class Work>
  Status timed(std::string step, Work&& work);

  Config config_;
  text::DivisionTable divisions_;
  unsigned threads_;
  Progress::Mode progress_;
  Cancel& cancel_;
  AllowedPairs allowed_;
  Records records_;
  std::string model_json_;  // Of the file that the configuration names.
  Decided labels_;
  std::unique_ptr<Projections> projections_;
  std::optional<Plan> plan_;
  std::vector<BlockingRule> rules_;
  SplitOrders split_by_;
  std::unique_ptr<FrozenModel> frozen_;  // Null where the run learns.
  Blocks blocks_;
  std::unique_ptr<Comparisons> comparisons_;
  Training training_;
  std::unique_ptr<Scorer> scorer_;
  Scored scored_;
  Clusters clusters_;
  std::vector<StepTime> times_;
};

}  // namespace zhili::fuse
