#include "cli/fuse_plan.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "cli/output.hpp"
#include "cli/text_table.hpp"
#include "fuse/config.hpp"
#include "fuse/fusion.hpp"
#include "fuse/plan.hpp"

namespace zhili::cli {
namespace {

constexpr size_t kOthersShown = 10;

std::string percent(double share) { return fmt::format("{:.2f}%", 100 * share); }

std::vector<std::string> row(const fuse::RuleEstimate& estimate, bool chosen) {
  return {estimate.rule.text, fmt::format("{}", estimate.pairs), fmt::format("{}", estimate.largest),
          percent(estimate.recall), chosen ? percent(estimate.recall_so_far) : ""};
}

/// The chosen rules as a configuration has them, to be pasted.
std::string yaml(const fuse::Plan& plan) {
  std::string out = "blocking:\n";
  for (const fuse::BlockingRule& rule : plan.chosen) out += fmt::format("  - \"{}\"\n", rule.text);
  return out;
}

std::string plan_text(const fuse::Plan& plan, uint64_t records) {
  std::string out =
      fmt::format("{} records; {:.0f} pairs may be scored; recall is estimated on {:.0f} likely matches.\n\n", records,
                  plan.budget, plan.likely_matches);
  std::vector<std::vector<std::string>> rows{{"rule", "pairs", "largest block", "recall", "recall so far"}};
  const size_t chosen = plan.chosen.size();
  const size_t shown = std::min(plan.estimates.size(), chosen + kOthersShown);
  for (size_t i = 0; i < shown; ++i) {
    if (i == chosen) rows.push_back({"not chosen:"});
    rows.push_back(row(plan.estimates[i], i < chosen));
  }
  out += aligned(rows, "  ");
  return out + "\nTo hold these rules fast, write them into the configuration:\n\n" + yaml(plan);
}

boost::json::object estimate_json(const fuse::RuleEstimate& estimate, bool chosen) {
  boost::json::object out{{"rule", estimate.rule.text},
                          {"chosen", chosen},
                          {"pairs", estimate.pairs},
                          {"largest_block", estimate.largest},
                          {"recall", estimate.recall}};
  if (chosen) out["recall_so_far"] = estimate.recall_so_far;
  return out;
}

boost::json::object plan_json(const fuse::Plan& plan, uint64_t records) {
  boost::json::array rules;
  for (size_t i = 0; i < plan.estimates.size(); ++i) {
    rules.push_back(estimate_json(plan.estimates[i], i < plan.chosen.size()));
  }
  return {{"records", records},
          {"budget", std::llround(plan.budget)},
          {"likely_matches", std::llround(plan.likely_matches)},
          {"rules", std::move(rules)}};
}

}  // namespace

Status plan(const PlanOptions& options, const Context& context) {
  ZHILI_ASSIGN(fuse::Config config, fuse::load_config(options.config, options.data));
  ZHILI_ASSIGN(const auto fusion,
               fuse::Fusion::create(std::move(config), context.threads, context.progress(), context.cancel));
  ZHILI_TRY(fusion->read());
  ZHILI_ASSIGN(const fuse::Plan proposed,
               fuse::propose_rules(fusion->config(), fusion->records(), fusion->projections(), fusion->comparisons(),
                                   fusion->allowed(), context.threads, context.progress(), context.cancel));
  const uint64_t records = fusion->records().size();
  return context.json ? print(boost::json::value(plan_json(proposed, records))) : print(plan_text(proposed, records));
}

}  // namespace zhili::cli
