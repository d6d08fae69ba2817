#include "cli/fuse_eval.hpp"

#include <string>
#include <vector>

#include <boost/json.hpp>

#include "cli/output.hpp"
#include "cli/text_table.hpp"
#include "fuse/evaluation.hpp"
#include "fuse/markup.hpp"
#include "fuse/reopen.hpp"
#include "fuse/truth.hpp"

namespace zhili::cli {
namespace {

constexpr size_t kSourcePairsShown = 45;

std::string share(double value) { return fmt::format("{:.4f}", value); }

std::vector<std::string> row(std::string name, const fuse::PairQuality& quality) {
  return {std::move(name),
          share(quality.precision()),
          share(quality.recall()),
          share(quality.f1()),
          fuse::with_commas(quality.predicted_pairs - quality.right_pairs),
          fuse::with_commas(quality.true_pairs - quality.right_pairs)};
}

std::string truth_text(const fuse::Truth& truth, uint64_t records) {
  auto out =
      fmt::format("The truth (read as {}) tells {} of {} records apart into {} entities.\n", truth.columns,
                  fuse::with_commas(truth.labelled), fuse::with_commas(records), fuse::with_commas(truth.entities));
  if (truth.strangers > 0) {
    out += fmt::format("{} of its {} rows name records that the result does not have, for example {}.\n",
                       fuse::with_commas(truth.strangers), fuse::with_commas(truth.rows), truth.first_stranger);
  }
  return out + "\n";
}

std::string blocking_text(const fuse::LinkEvaluation& links) {
  auto out = fmt::format("Blocking brings {:.2f}% of the {} true pairs together; {} are missed by it",
                         100 * links.found_share(), fuse::with_commas(links.pairs.true_pairs),
                         fuse::with_commas(links.not_brought));
  if (links.barred > 0) {
    out += fmt::format(", {} more are ruled out by the configuration", fuse::with_commas(links.barred));
  }
  return out + ". All of these count as missed.\n";
}

std::string eval_text(const fuse::Evaluation& evaluation, const fuse::Config& config) {
  const auto& b = evaluation.entities.b_cubed;
  std::vector<std::vector<std::string>> rows{{"", "precision", "recall", "F1", "wrong", "missed"}};
  if (evaluation.links) rows.push_back(row("linked pairs", evaluation.links->pairs));
  rows.push_back(row("pairs within entities", evaluation.entities.pairs));
  rows.push_back({"B³, by record", share(b.precision), share(b.recall), share(b.f1)});
  auto out = aligned(rows, "") + "\n";
  if (evaluation.links) out += blocking_text(*evaluation.links);
  const auto& list = evaluation.entities.by_source;
  if (list.size() < 2) return out;
  rows.assign({{"within entities, by sources", "precision", "recall", "F1", "wrong", "missed"}});
  for (size_t i = 0; i < list.size() && i < kSourcePairsShown; ++i) {
    rows.push_back(row(config.sources[list[i].a].id + " – " + config.sources[list[i].b].id, list[i].quality));
  }
  out += "\n" + aligned(rows, "");
  if (list.size() > kSourcePairsShown)
    out += fmt::format("and {} more (--json has all)\n", list.size() - kSourcePairsShown);
  return out;
}

boost::json::object eval_json(const fuse::Truth& truth, const fuse::Evaluation& evaluation,
                              const fuse::Config& config) {
  auto out = fuse::evaluation_json(evaluation, fuse::source_ids(config));
  out["truth"] = {{"kind", truth.of_pairs ? "pairs" : "entities"},
                  {"columns", truth.columns},
                  {"rows", truth.rows},
                  {"strangers", truth.strangers}};
  return out;
}

}  // namespace

Status eval(const EvalArguments& arguments, const Context& context) {
  ZHILI_ASSIGN(const auto run,
               fuse::reopen(arguments.dir, fuse::Depth::kScores, context.threads, context.progress(), context.cancel));
  const auto& fusion = *run.fusion;
  ZHILI_ASSIGN(const auto truth, fuse::read_truth(arguments.truth, fusion.config(), fuse::RecordKeys(fusion.records()),
                                                  context.progress(), context.cancel));
  ZHILI_ASSIGN(const auto stored, fuse::stored_entities(fusion, arguments.dir));
  ZHILI_ASSIGN(const auto evaluation, fuse::evaluate(fusion, truth, stored));
  if (context.json) return print(boost::json::value(eval_json(truth, evaluation, fusion.config())));
  return print(truth_text(truth, fusion.records().size()) + eval_text(evaluation, fusion.config()));
}

}  // namespace zhili::cli
