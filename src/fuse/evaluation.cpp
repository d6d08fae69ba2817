#include "fuse/evaluation.hpp"

#include <algorithm>
#include <atomic>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "base/parallel.hpp"

namespace zhili::fuse {
namespace {

constexpr float kCurveStep = 0.5F;  ///< Bits.

std::vector<uint16_t> sources_of(const Records& records) {
  std::vector<uint16_t> out(records.size());
  for (uint64_t r = 0; r < records.size(); ++r) out[r] = records.source(r);
  return out;
}

/// Walks all true pairs, and counts those that blocking can't find.
class MissCounter {
 public:
  MissCounter(const Fusion& fusion, const Truth& truth) : fusion_(fusion), groups_(group_by(truth.entity)) {}

  Status run(LinkEvaluation& out) {
    std::atomic<uint64_t> not_brought{0};
    std::atomic<uint64_t> barred{0};
    Progress progress("Looking for what blocking missed", groups_.size(), "entities", fusion_.progress());
    parallel_for(groups_.size(), 1024, fusion_.threads(), [&](uint64_t begin, uint64_t end, unsigned) {
      Misses misses;
      for (uint64_t g = begin; g < end && !fusion_.cancel().requested(); ++g) of_group(groups_.of(g), misses);
      not_brought += misses.not_brought;
      barred += misses.barred;
      progress.add(end - begin);
    });
    ZHILI_TRY(fusion_.cancel().check());
    out.not_brought = not_brought;
    out.barred = barred;
    return {};
  }

 private:
  struct Misses {
    uint64_t not_brought = 0;
    uint64_t barred = 0;
  };

  void of_group(std::span<const uint32_t> members, Misses& misses) const {
    const auto& records = fusion_.records();
    for (size_t i = 0; i < members.size() && !fusion_.cancel().requested(); ++i) {
      for (size_t j = i + 1; j < members.size(); ++j) {
        const uint16_t a = records.source(members[i]);
        const uint16_t b = records.source(members[j]);
        if (!in_scope(fusion_.config(), a, b)) continue;
        if (!fusion_.allowed()(a, b))
          ++misses.barred;
        else if (!fusion_.blocks().hold(members[i], members[j]))
          ++misses.not_brought;
      }
    }
  }

  const Fusion& fusion_;
  Grouping groups_;
};

}  // namespace

bool in_scope(const Config& config, uint16_t source_a, uint16_t source_b) {
  if (config.link == LinkMode::kLink) return source_a != source_b;
  if (config.link == LinkMode::kDedupe) return source_a == source_b;
  return true;
}

EntityEvaluation evaluate_entities(const Config& config, const Truth& truth, std::span<const uint32_t> entity,
                                   std::span<const uint16_t> source) {
  EntityEvaluation out;
  out.labelled = truth.labelled;
  out.true_entities = truth.entities;
  std::vector<uint8_t> seen;
  for (size_t r = 0; r < entity.size(); ++r) {
    if (truth.entity[r] == kUnlabelled) continue;
    if (entity[r] >= seen.size()) seen.resize(entity[r] + size_t{1}, 0);
    out.found_entities += seen[entity[r]] == 0 ? 1 : 0;
    seen[entity[r]] = 1;
  }
  out.by_source = evaluate_clusters_by_source(truth.entity, entity, source);
  std::erase_if(out.by_source, [&](const SourcePairQuality& entry) { return !in_scope(config, entry.a, entry.b); });
  out.pairs = sum_of(out.by_source);
  out.b_cubed = evaluate_b_cubed(truth.entity, entity);
  return out;
}

double LinkEvaluation::found_share() const {
  if (pairs.true_pairs == 0) return 1;
  return 1 - static_cast<double>(not_brought + barred) / static_cast<double>(pairs.true_pairs);
}

Result<LinkEvaluation> evaluate_links(const Fusion& fusion, const Truth& truth) {
  LinkEvaluation out;
  const auto& records = fusion.records();
  const auto source = sources_of(records);
  auto pairs = true_pairs_by_source(truth.entity, source);
  std::erase_if(pairs, [&](const SourcePairQuality& entry) { return !in_scope(fusion.config(), entry.a, entry.b); });
  out.pairs = sum_of(pairs);
  const float threshold = fusion.threshold();
  for (const auto& edge : fusion.scored().edges) {
    const uint32_t a = truth.entity[edge.a];
    const uint32_t b = truth.entity[edge.b];
    if (edge.weight < threshold || a == kUnlabelled || b == kUnlabelled) continue;
    ++out.pairs.predicted_pairs;
    if (a == b) ++out.pairs.right_pairs;
  }
  out.curve = quality_curve(truth.entity, fusion.scored().edges, out.pairs.true_pairs, kCurveStep);
  ZHILI_TRY(MissCounter(fusion, truth).run(out));
  return out;
}

Result<Evaluation> evaluate(const Fusion& fusion, const Truth& truth, std::span<const uint32_t> entity) {
  Evaluation out;
  out.entities = evaluate_entities(fusion.config(), truth, entity, sources_of(fusion.records()));
  ZHILI_ASSIGN(out.links, evaluate_links(fusion, truth));
  return out;
}

namespace {

namespace json = boost::json;

json::object quality_json(const PairQuality& quality) {
  return {{"precision", quality.precision()},
          {"recall", quality.recall()},
          {"f1", quality.f1()},
          {"true_pairs", quality.true_pairs},
          {"predicted_pairs", quality.predicted_pairs},
          {"right_pairs", quality.right_pairs}};
}

}  // namespace

json::object evaluation_json(const Evaluation& evaluation, std::span<const std::string> sources) {
  const auto& entities = evaluation.entities;
  json::object out{{"labelled_records", entities.labelled},
                   {"true_entities", entities.true_entities},
                   {"found_entities", entities.found_entities}};
  if (evaluation.links) {
    const auto& links = *evaluation.links;
    auto pairs = quality_json(links.pairs);
    pairs["missed_by_blocking"] = links.not_brought;
    pairs["barred_by_configuration"] = links.barred;
    pairs["blocking_recall"] = links.found_share();
    out["pairwise"] = std::move(pairs);
  }
  out["cluster_pairwise"] = quality_json(entities.pairs);
  out["b_cubed"] = {
      {"precision", entities.b_cubed.precision}, {"recall", entities.b_cubed.recall}, {"f1", entities.b_cubed.f1}};
  json::array by_source;
  for (const auto& entry : entities.by_source) {
    auto line = quality_json(entry.quality);
    line["source_a"] = sources[entry.a];
    line["source_b"] = sources[entry.b];
    by_source.push_back(std::move(line));
  }
  out["by_source"] = std::move(by_source);
  if (!evaluation.links) return out;
  json::array curve;
  for (const auto& point : evaluation.links->curve) {
    curve.push_back({{"weight", point.weight},
                     {"precision", point.quality.precision()},
                     {"recall", point.quality.recall()},
                     {"f1", point.quality.f1()}});
  }
  out["thresholds"] = std::move(curve);
  return out;
}

}  // namespace zhili::fuse
