#include <algorithm>
#include <cmath>

#include "fuse/charts.hpp"
#include "fuse/report_html.hpp"
#include "fuse/report_sections.hpp"
#include "fuse/wording.hpp"

/// Blocking, the model and the scores.
namespace zhili::fuse {
namespace {

const RuleEstimate* estimate_of(const Plan& plan, const BlockingRule& rule) {
  const auto found =
      std::ranges::find_if(plan.estimates, [&](const RuleEstimate& e) { return e.rule.parts == rule.parts; });
  return found == plan.estimates.end() ? nullptr : &*found;
}

/// Numbers of the rules. A plan lists them as it chose them; blocking puts rules over words last.
std::vector<size_t> in_order_of_plan(const Fusion& fusion) {
  std::vector<size_t> order(fusion.rules().size());
  for (size_t r = 0; r < order.size(); ++r) order[r] = r;
  if (fusion.plan() == nullptr) return order;
  std::ranges::stable_sort(order, {}, [&](size_t r) {
    const auto* estimate = estimate_of(*fusion.plan(), fusion.rules()[r]);
    return estimate == nullptr ? 2 : estimate->recall_so_far;
  });
  return order;
}

std::string rules_table(const Sheet& sheet) {
  const auto& fusion = sheet.fusion;
  const auto* plan = fusion.plan();
  std::vector<HtmlTable::Head> head{{{"规则", "Rule"}, false},
                                    {{"记录对", "Pairs"}},
                                    {{"首先由它找到", "Found by it first"}},
                                    {{"块", "Blocks"}},
                                    {{"最大块（条）", "Largest block"}}};
  if (plan != nullptr) {
    head.push_back({{"预计查全", "Estimated recall"}});
    head.push_back({{"累计", "So far"}});
  }
  HtmlTable table(
      {"分块规则：在全部键上一致的记录才比对", "Blocking rules: records that agree in all keys are compared"}, head);
  const auto& counts = fusion.scored().counts.pairs_by_rule;
  uint64_t most = 1;
  for (const auto& rule : fusion.blocks().rules()) most = std::max(most, rule.pairs);
  for (const size_t r : in_order_of_plan(fusion)) {
    const auto& rule = fusion.blocks().rules()[r];
    std::vector<std::string> cells{
        escaped(fusion.rules()[r].text),
        bar_cell(static_cast<double>(rule.pairs) / static_cast<double>(most), with_commas(rule.pairs)),
        with_commas(counts.size() > r ? counts[r] : 0), with_commas(rule.blocks), with_commas(rule.largest)};
    if (plan != nullptr) {
      const auto* estimate = estimate_of(*plan, fusion.rules()[r]);
      cells.push_back(estimate == nullptr ? "–" : percent_cell(estimate->recall, 1));
      cells.push_back(estimate == nullptr ? "–" : percent_cell(estimate->recall_so_far, 2));
    }
    table.row(cells);
  }
  return table.str();
}

std::string large_blocks(const Sheet& sheet) {
  struct Entry {
    const std::string* rule;
    const LargeBlock* block;
  };
  std::vector<Entry> all;
  uint64_t count = 0;
  for (size_t r = 0; r < sheet.fusion.rules().size(); ++r) {
    const auto& rule = sheet.fusion.blocks().rules()[r];
    count += rule.large_count;
    for (const auto& block : rule.large) all.push_back({&sheet.fusion.rules()[r].text, &block});
  }
  if (all.empty()) {
    return paragraph(
        {"没有超过上限的块，全部候选对都已比对。", "No block passed the limit; every candidate pair was compared."});
  }
  std::ranges::stable_sort(all, [](const Entry& a, const Entry& b) { return a.block->pairs > b.block->pairs; });
  if (all.size() > kLargeShown) all.resize(kLargeShown);
  HtmlTable table({"最大的块及其拆分", "The largest blocks, and how they were split"},
                  {{{"块", "Block"}, false},
                   {{"规则", "Rule"}, false},
                   {{"记录", "Records"}},
                   {{"拆分依据", "Split by"}, false},
                   {{"记录对", "Pairs"}},
                   {{"保留", "Kept"}}});
  for (const auto& [rule, block] : all) {
    const auto key = sheet.input.plain ? block->key : masked(SemanticType::kText, block->key);
    table.row({escaped(key, 40), escaped(*rule), with_commas(block->records),
               escaped(fmt::format("{}", fmt::join(block->split_by, " → ")), 60), with_commas(block->pairs),
               percent_cell(static_cast<double>(block->pairs_kept) /
                            static_cast<double>(std::max<uint64_t>(block->pairs, 1)))});
  }
  const auto given_up = with_commas(sheet.figures.pairs_given_up);
  return callout({fmt::format("{} 个块超过 {} 条记录的上限，已拆分；其中 {} 对未比对（可能仍由其他规则找到）。",
                              with_commas(count), with_commas(sheet.fusion.config().max_block), given_up),
                  fmt::format("{} blocks passed the limit of {} records and were split; {} of their pairs were not "
                              "compared there (other rules may still find them).",
                              with_commas(count), with_commas(sheet.fusion.config().max_block), given_up)}) +
         details({"查看最大的块", "Show the largest blocks"}, table.str());
}

/// Weights of a model, the largest of which fills its bar.
double most_weight(const Model& model) {
  double most = 1;
  for (const auto& comparison : model.comparisons) {
    for (const auto& level : comparison.levels) most = std::max(most, std::abs(std::log2(level.m / level.u)));
  }
  return most;
}

/// Three significant digits, for a probability that may be one in a million.
std::string chance(double p) {
  int digits = 1;
  for (double limit = 0.0995; p < limit && digits < 6; limit /= 10) ++digits;
  return percent_cell(p, digits);
}

/// What other equal comparisons take from the weight of this one.
std::string dependences(const Model& model, uint32_t c) {
  std::string out;
  for (const auto& given : model.comparisons[c].given) {
    const auto weight = bits_text(model.weight_given(c, kEqual, given));
    out +=
        paragraph({fmt::format("若 {} 已相同，“相同”只值 {} 比特。", given.attribute, weight),
                   fmt::format("Where {} is equal already, \"equal\" weighs {} bits only.", given.attribute, weight)});
  }
  return out;
}

/// Attributes that are not compared since they say nothing of their own.
std::string dropped(const Fusion& fusion) {
  std::string out;
  for (const auto& entry : fusion.comparisons().redundancy().dropped) {
    const auto& name = fusion.config().attributes[entry.attribute].name;
    out += paragraph({fmt::format("属性 {} 不单独比对，因为它与其他属性说的是同一件事（{}）。", name, entry.reason),
                      fmt::format("Attribute {} is not compared by itself: it {}.", name, entry.reason)});
  }
  return out;
}

/// One comparison and its levels.
std::string comparison_card(const Sheet& sheet, uint32_t c, double most) {
  const auto& fusion = sheet.fusion;
  const auto& comparison = fusion.comparisons().list()[c];
  const auto& entry = fusion.model().comparisons[c];
  const auto& attribute = fusion.config().attributes[comparison.attribute];
  auto notes = type_label(attribute.type);
  if (entry.term_frequency) {
    notes.zh += "；按稀有度调整";
    notes.en += "; adjusted by rarity";
  }
  if (comparison.identifying) {
    notes.zh += "；标识号码";
    notes.en += "; identifying";
  }
  HtmlTable table({attribute.name + "：" + notes.zh, attribute.name + ": " + notes.en},
                  {{{"级别", "Level"}, false},
                   {{"m", "m"}},
                   {{"u", "u"}},
                   {{"权重", "Weight"}},
                   {{"反对 ← → 支持", "against ← → for"}, false}});
  for (size_t k = 0; k < entry.levels.size(); ++k) {
    const auto& level = entry.levels[k];
    const double weight = std::log2(level.m / level.u);
    table.row({spans(level_label(fusion.config(), comparison, static_cast<LevelNumber>(k + 1))),
               bar_cell(level.m, chance(level.m)), bar_cell(level.u, chance(level.u)), bits_text(weight),
               weight_bar(weight, most)});
  }
  return fmt::format("<div class=\"card plainly\">\n<h3>{}</h3>\n{}{}</div>\n", escaped(attribute.name), table.str(),
                     dependences(fusion.model(), c));
}

std::string comparison_cards(const Sheet& sheet) {
  const double most = most_weight(sheet.fusion.model());
  std::string out = "<div class=\"cards\">\n";
  for (uint32_t c = 0; c < sheet.fusion.comparisons().size(); ++c) out += comparison_card(sheet, c, most);
  return out + "</div>\n" +
         paragraph({"m：同一实体的两条记录落在该级别的概率；u：两个实体的两条记录落在该级别的概率；权重 = "
                    "log₂(m/u)，单位比特。",
                    "m: the chance that two records of one entity fall on the level; u: the same for two entities; "
                    "weight = log₂(m/u), in bits."});
}

std::string training_table(const Sheet& sheet) {
  const auto& training = sheet.fusion.training();
  if (training.rules.empty()) {
    return paragraph({"模型取自配置所指的文件，本次没有重新学习。",
                      "The model was read from the configuration's file; nothing was learnt."});
  }
  HtmlTable table({"各规则上的学习（EM）", "What EM learnt from the pairs of each rule"},
                  {{{"规则", "Rule"}, false},
                   {{"所见记录对", "Pairs seen"}},
                   {{"其中预计相符", "Matches expected"}},
                   {{"轮数", "Rounds"}},
                   {{"采用", "Used"}, false}});
  for (const auto& rule : training.rules) {
    const auto used = rule.used ? Both{"是", "yes"} : Both{"否", "no"};
    table.row({escaped(rule.text), with_commas(static_cast<uint64_t>(rule.pairs)),
               with_commas(static_cast<uint64_t>(std::llround(std::max(0.0, rule.matches)))),
               std::to_string(rule.iterations), spans(used)});
  }
  return details({"模型如何学得", "How the model was learnt"},
                 paragraph({fmt::format("u 取自 {} 对随机记录；m 由期望最大化在各规则的记录对上学得，不用标注。",
                                        with_commas(training.random_pairs)),
                            fmt::format("u comes from {} random pairs; m from expectation–maximisation over the pairs "
                                        "of each rule, without labels.",
                                        with_commas(training.random_pairs))}) +
                     table.str());
}

}  // namespace

std::string blocking_section(const Sheet& sheet) {
  const auto& f = sheet.figures;
  const auto possible = short_number(f.possible_pairs);
  const auto candidates = short_number(static_cast<double>(f.candidate_pairs));
  const double part = static_cast<double>(f.candidate_pairs) / std::max(1.0, f.possible_pairs);
  auto out = paragraph({fmt::format("可能的记录对有 {}；分块规则选出 {}（{}），每对只比对一次。", possible.zh,
                                    candidates.zh, percent(part, 3)),
                        fmt::format("Of {} possible pairs the rules bring {} together ({}); each is compared once.",
                                    possible.en, candidates.en, percent(part, 3))});
  if (const auto* plan = sheet.fusion.plan(); plan != nullptr) {
    const auto likely = with_commas(static_cast<uint64_t>(plan->likely_matches));
    out += paragraph(
        {fmt::format("规则由数据自动提出；预计查全率以 {} 对很可能相符的记录估计。", likely),
         fmt::format("The rules were proposed from the data; recall is estimated over {} likely matches.", likely)});
  }
  return section("blocking", {"分块", "Blocking"}, out + rules_table(sheet) + large_blocks(sheet));
}

std::string model_section(const Sheet& sheet) {
  const auto& model = sheet.fusion.model();
  const auto prior = bits_text(model.prior_weight());
  const auto odds = short_number(1 / std::max(model.prior, 1e-15));
  return section(
      "model", {"模型", "The model"},
      paragraph({fmt::format("任取两条记录，约每 {} 对中有 1 对属于同一实体：先验权重 {} 比特。每项比对在此之上加减。",
                             odds.zh, prior),
                 fmt::format("About one in {} random pairs is one entity: a prior weight of {} bits. Each comparison "
                             "adds to it or takes off.",
                             odds.en, prior)}) +
          comparison_cards(sheet) + dropped(sheet.fusion) + training_table(sheet));
}

std::string scores_section(const Sheet& sheet) {
  const auto& f = sheet.figures;
  const auto& config = sheet.fusion.config();
  HtmlTable table({"比对过的记录对去了哪里", "Where the compared pairs went"},
                  {{{"得分", "Score"}, false}, {{"记录对", "Pairs"}}, {{"占比", "Share"}}});
  const auto row = [&](const Both& name, uint64_t n) {
    table.row(
        {spans(name), with_commas(n),
         percent_cell(static_cast<double>(n) / static_cast<double>(std::max<uint64_t>(f.candidate_pairs, 1)), 2)});
  };
  const auto threshold = set_share(config.threshold);
  const auto band = set_share(config.review_low) + "–" + set_share(config.review_high);
  row({"达到阈值 " + threshold + "，作为链接", "at least the threshold, " + threshold + ": links"}, f.linked_pairs);
  row({"低于阈值", "below the threshold"}, f.candidate_pairs - f.linked_pairs);
  row({"其中在复核区间 " + band, "in the review band, " + band}, f.review_pairs);
  const auto text = paragraph(
      {"每对记录的得分是先验与各项比对权重之和。图中最左一列是所有得分更低的记录对：它们够不到复核区间，不必称重到底。",
       "A pair's score is the prior and the weights of all comparisons. The column at the far left holds all "
       "pairs that score lower: they can't reach the review band, and are not weighed to the end."});
  return section("scores", {"得分分布", "Scores"},
                 "<div class=\"pair\">\n" +
                     figure(draw_histogram(sheet.fusion).inlined(),
                            {"记录对按权重的数量（对数刻度）", "Pairs by weight, on a logarithmic scale"}) +
                     "<div>\n" + text + table.str() + "</div>\n</div>\n");
}

}  // namespace zhili::fuse
