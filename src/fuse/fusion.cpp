#include "fuse/fusion.hpp"

#include <algorithm>
#include <chrono>

#include "base/output_dir.hpp"
#include "fuse/decisions.hpp"
#include "fuse/record_index.hpp"

namespace zhili::fuse {

Fusion::Fusion(Config config, text::DivisionTable divisions, unsigned threads, Progress::Mode progress, Cancel& cancel)
    : config_(std::move(config)),
      divisions_(std::move(divisions)),
      threads_(threads),
      progress_(progress),
      cancel_(cancel),
      allowed_(config_) {}

template <class Work>
Status Fusion::timed(std::string step, Work&& work) {
  const auto start = std::chrono::steady_clock::now();
  ZHILI_TRY(cancel_.check());
  ZHILI_TRY(work());
  times_.push_back({std::move(step), std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()});
  return {};
}

Result<std::unique_ptr<Fusion>> Fusion::create(Config config, unsigned threads, Progress::Mode progress,
                                               Cancel& cancel) {
  // Making the table takes as long as reading 50,000 records.
  const bool needed = config.divisions || std::ranges::any_of(config.attributes, [](const Attribute& attribute) {
                        return attribute.type == SemanticType::kAddress || attribute.type == SemanticType::kIdNumber;
                      });
  auto divisions = needed ? text::DivisionTable::national() : text::DivisionTable();
  if (config.divisions) {
    ZHILI_ASSIGN(divisions, divisions.with_file(*config.divisions));
  }
  return std::unique_ptr<Fusion>(new Fusion(std::move(config), std::move(divisions), threads, progress, cancel));
}

void Fusion::freeze(FrozenModel model) { frozen_ = std::make_unique<FrozenModel>(std::move(model)); }

FrozenModel Fusion::frozen() const {
  auto split = frozen_ ? frozen_->split : std::vector<SplitParts>();
  if (!frozen_) {
    for (const auto& rule : blocks_.rules()) split.push_back(rule.split);
  }
  return {training_.model, rules_, split_by_, std::move(split), scorer_->rarity(records_), projections_->word_counts()};
}

Result<Redundancy> Fusion::dropped_when_frozen() const {
  Redundancy out;
  for (const auto& dropped : frozen_->model.dropped) {
    const uint32_t attribute = config_.find_attribute(dropped.attribute);
    if (attribute == kNoAttribute) {
      return fail(ErrorCode::kConfig, {config_.path.string(), 0, 0}, "Learn the model anew.",
                  "the model leaves out \"{}\", which is no attribute", dropped.attribute);
    }
    out.dropped.push_back({attribute, dropped.reason});
  }
  return out;
}

Status Fusion::adopt(Records records) {
  records_ = std::move(records);
  ZHILI_ASSIGN(auto redundancy, dropped_when_frozen());
  projections_ = std::make_unique<Projections>(config_, records_, divisions_, threads_);
  for (const auto& [attribute, counts] : frozen_->words) projections_->use_word_counts(attribute, counts);
  comparisons_ = std::make_unique<Comparisons>(config_, records_, *projections_, std::move(redundancy));
  rules_ = frozen_->rules;
  split_by_ = frozen_->split_by;
  return learn();
}

void Fusion::forget_steps() {
  if (!frozen_) frozen_ = std::make_unique<FrozenModel>(frozen());
  blocks_ = {};
  scored_ = {};
  clusters_ = {};
}

Status Fusion::read() {
  return timed("read", [&]() -> Status {
    Redundancy redundancy;
    if (config_.model) {
      constexpr uint64_t kModelBytes = uint64_t{1} << 20;
      ZHILI_ASSIGN(model_json_, read_file(*config_.model, kModelBytes));
      // A model says itself what it leaves out: other data may show other attributes as redundant. Now, so that a
      // mistake in it is told before the long part of the work.
      ZHILI_ASSIGN(redundancy, Model::dropped_in(model_json_, *config_.model, config_));
    }
    ZHILI_ASSIGN(records_, read_records(config_, divisions_, threads_, progress_, cancel_));
    projections_ = std::make_unique<Projections>(config_, records_, divisions_, threads_);
    if (frozen_) {
      ZHILI_ASSIGN(redundancy, dropped_when_frozen());
      for (const auto& [attribute, counts] : frozen_->words) projections_->use_word_counts(attribute, counts);
    } else if (!config_.model) {
      ZHILI_TRY(read_labels());
      redundancy = find_redundancy(config_, records_, threads_);
    }
    comparisons_ = std::make_unique<Comparisons>(config_, records_, *projections_, std::move(redundancy));
    return {};
  });
}

Status Fusion::block() {
  return timed("block", [&]() -> Status {
    rules_ = frozen_ ? frozen_->rules : config_.blocking;
    if (rules_.empty()) {
      ZHILI_ASSIGN(plan_, propose_rules(config_, records_, *projections_, *comparisons_, allowed_, threads_, progress_,
                                        cancel_));
      rules_ = plan_->chosen;
      if (rules_.empty()) {
        return fail(ErrorCode::kConfig, {config_.path.string(), 0, 0}, "Declare blocking rules, or map more columns.",
                    "no blocking rule fits the data: no two records agree in any key");
      }
    }
    put_word_rules_last(rules_);
    split_by_ = frozen_ ? frozen_->split_by : split_orders(config_, rules_, records_);
    ZHILI_ASSIGN(blocks_, Blocks::build(config_, rules_, split_by_, frozen_ ? &frozen_->split : nullptr, records_,
                                        *projections_, threads_, progress_, cancel_));
    projections_->forget_keys();
    uint64_t pairs = 0;
    for (const auto& rule : blocks_.rules()) pairs += rule.pairs;
    if (pairs > config_.max_pairs) {
      return fail(ErrorCode::kLimit, {config_.path.string(), 0, 0},
                  "Make the blocking rules narrower (zhili fuse plan proposes some), or raise max_pairs.",
                  "the blocking rules give {} pairs; max_pairs is {}", pairs, config_.max_pairs);
    }
    return {};
  });
}

/// Labels are known, so one that can't be taken as written is a mistake, where a decision would be set aside.
Status Fusion::read_labels() {
  if (!config_.labels) return {};
  const auto path = config_.labels->string();
  if (std::error_code ec; !std::filesystem::exists(*config_.labels, ec)) {
    return fail(ErrorCode::kInput, {path, 0, 0}, "Check 'labels' in the configuration.", "does not exist");
  }
  ZHILI_ASSIGN(const auto all, read_decisions(*config_.labels));
  auto resolved = resolve_decisions(standing_decisions(all), config_, RecordIndex(records_, threads_));
  if (!resolved.unknown.empty()) {
    const auto& first = resolved.unknown.front();
    return fail(ErrorCode::kInput, {path, first.line, 0},
                "Name records by the sources' ids and their record_id columns.",
                "a label names a record that is not there: {} and {}", first.a.text(), first.b.text());
  }
  if (!resolved.set_aside.empty()) {
    const auto& first = resolved.set_aside.front();
    return fail(ErrorCode::kInput, {path, first.decision.line, 0}, "Keep the labels that are right.",
                "labels contradict each other: {}", first.text());
  }
  labels_ = std::move(resolved.decided);
  return {};
}

Status Fusion::learn() {
  return timed("learn", [&]() -> Status {
    if (frozen_) {
      training_.model = frozen_->model;
      training_.model.dropped.clear();
    } else if (config_.model) {
      ZHILI_ASSIGN(training_.model, Model::from_json(model_json_, *config_.model, config_, comparisons_->list()));
    } else {
      ZHILI_ASSIGN(training_, train(config_, rules_, records_, blocks_, *comparisons_, allowed_, labels_, threads_,
                                    progress_, cancel_));
    }
    for (const auto& [attribute, reason] : comparisons_->redundancy().dropped) {
      training_.model.dropped.push_back({config_.attributes[attribute].name, reason});
    }
    scorer_ = std::make_unique<Scorer>(*comparisons_, training_.model, records_, frozen_ ? &frozen_->rarity : nullptr);
    return {};
  });
}

Status Fusion::score() {
  return timed("score", [&]() -> Status {
    const auto keep = static_cast<float>(weight_of(std::min(config_.review_low, config_.threshold)));
    ZHILI_ASSIGN(scored_, score_pairs(blocks_, records_, allowed_, *scorer_, keep, threads_, progress_, cancel_));
    return {};
  });
}

Status Fusion::group(const Decided& decided) {
  return timed("cluster", [&]() -> Status {
    ZHILI_ASSIGN(clusters_, cluster(config_, records_, scored_.edges, *scorer_, decided, threshold(), threads_,
                                    progress_, cancel_));
    return {};
  });
}

}  // namespace zhili::fuse
