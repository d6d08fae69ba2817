#include <algorithm>

#include "fuse/charts.hpp"
#include "fuse/report_html.hpp"
#include "fuse/report_sections.hpp"
#include "fuse/wording.hpp"

/// The result at one glance, and the run behind it.
namespace zhili::fuse {
namespace {

double total_seconds(const ReportInput& input) {
  double sum = 0;
  for (const auto& time : input.times) sum += time.seconds;
  return sum;
}

double share(uint64_t part, uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::string lead(const ReportFigures& figures) {
  const auto records = with_commas(figures.records);
  const auto entities = with_commas(figures.entities);
  const size_t n = figures.sources.size();
  return fmt::format(
      "<p class=\"lead\"><span class=\"zh\" lang=\"zh-CN\">{0} 个来源的 {1} 条记录，归为 <b>{2}</b> 个实体。</span>"
      "<span class=\"en\" lang=\"en\">{1} records of {0} source{3} became <b>{2}</b> entities.</span></p>\n",
      n, records, entities, n == 1 ? "" : "s");
}

std::string quality_tiles(const Evaluation& evaluation) {
  const auto& pairs = evaluation.entities.pairs;
  return tile({"查准率（与真值对照）", "Precision (against the truth)"},
              {percent(pairs.precision(), 2), percent(pairs.precision(), 2)},
              {"归在一起的记录对中，确属同一实体", "of pairs put together, those that belong together"}) +
         tile({"查全率（与真值对照）", "Recall (against the truth)"},
              {percent(pairs.recall(), 2), percent(pairs.recall(), 2)},
              {"本属同一实体的记录对中，已归在一起", "of pairs that belong together, those put together"});
}

std::string tiles(const Sheet& sheet) {
  const auto& f = sheet.figures;
  const auto& input = sheet.input;
  std::string out = "<dl class=\"tiles\">\n";
  const uint64_t folded = f.records - f.entities;
  const auto mean =
      fmt::format("{:.2f}", static_cast<double>(f.records) / static_cast<double>(std::max<uint64_t>(f.entities, 1)));
  out += tile({"归并掉的重复", "Folded duplicates"}, {with_commas(folded), with_commas(folded)},
              {fmt::format("占记录的 {}；平均每个实体 {} 条", percent(share(folded, f.records)), mean),
               fmt::format("{} of all records; {} records an entity", percent(share(folded, f.records)), mean)});
  if (f.sources.size() > 1) {
    const uint64_t several = f.entities - f.entities_known[1];
    out += tile(
        {"见于多个来源的实体", "Entities known to several sources"}, {with_commas(several), with_commas(several)},
        {"占实体的 " + percent(share(several, f.entities)), percent(share(several, f.entities)) + " of all entities"});
  }
  out +=
      tile({"待人工复核", "For review by people"}, {with_commas(input.review_found), with_commas(input.review_found)},
           {"得分在灰色区间，或彼此矛盾的记录对", "pairs in the grey zone, or in contradiction"});
  if (sheet.evaluation != nullptr) out += quality_tiles(*sheet.evaluation);
  const double pairs = static_cast<double>(f.candidate_pairs);
  out += tile({"比对的记录对", "Compared pairs"}, short_number(pairs),
              {"占全部可能的 " + percent(pairs / std::max(1.0, f.possible_pairs), 3),
               percent(pairs / std::max(1.0, f.possible_pairs), 3) + " of all possible ones"});
  if (!input.times.empty()) {
    const double seconds = total_seconds(input);
    const auto rate = short_number(static_cast<double>(f.records) / std::max(seconds, 1e-3));
    Both note{"每秒 " + rate.zh + " 条记录", rate.en + " records a second"};
    if (input.threads > 0) {
      note.zh += fmt::format("；{} 个线程", input.threads);
      note.en += fmt::format("; {} thread{}", input.threads, input.threads == 1 ? "" : "s");
    }
    out += tile({"用时", "Time"}, duration(seconds), note);
  }
  if (input.peak_memory > 0) {
    out += tile({"内存峰值", "Peak memory"}, byte_size(input.peak_memory));
  }
  return out + "</dl>\n";
}

std::string facts(const Sheet& sheet) {
  const auto& config = sheet.fusion.config();
  std::string out = "<dl class=\"facts\">\n";
  const auto fact = [&](const Both& name, const Both& value) {
    out += fmt::format("<dt>{}</dt><dd>{}</dd>\n", spans(name), spans(value));
  };
  const auto same = [](const std::string& text) { return Both{text, text}; };
  fact({"配置", "Configuration"}, same(config.path.filename().string()));
  const Both link = config.link == LinkMode::kLink     ? Both{"只跨来源链接", "across sources only"}
                    : config.link == LinkMode::kDedupe ? Both{"只在来源内去重", "within each source only"}
                                                       : Both{"跨来源链接并在来源内去重", "across and within sources"};
  fact({"链接方式", "Link mode"}, link);
  fact({"阈值", "Threshold"},
       {fmt::format("概率 {}（{} 比特）", set_share(config.threshold), bits_text(sheet.fusion.threshold())),
        fmt::format("probability {} ({} bits)", set_share(config.threshold), bits_text(sheet.fusion.threshold()))});
  fact({"复核区间", "Review band"}, same(set_share(config.review_low) + " – " + set_share(config.review_high)));
  fact({"块的上限", "Largest block"},
       {with_commas(config.max_block) + " 条记录", with_commas(config.max_block) + " records"});
  fact({"随机种子", "Seed"}, same(std::to_string(config.seed)));
  std::string unique;
  for (const auto& source : config.sources) {
    if (source.unique) unique += (unique.empty() ? "" : ", ") + source.id;
  }
  if (!unique.empty()) fact({"内部不重复的来源", "Sources without duplicates"}, same(unique));
  const auto& decided = sheet.input.decided;
  if (!decided.same.empty() || !decided.different.empty()) {
    fact({"人工判定", "Decisions"},
         {fmt::format("{} 对相同，{} 对不同", decided.same.size(), decided.different.size()),
          fmt::format("{} the same, {} different", decided.same.size(), decided.different.size())});
  }
  return out + "</dl>\n";
}

constexpr std::string_view kGlossaryZh[][2] = {
    {"实体", "一个人、一家企业或一处地点；由一条或多条记录组成。"},
    {"分块", "只比对在某个键上一致的记录，省去绝大多数无望的比对。"},
    {"m 与 u", "m：同一实体的两条记录落在该级别的概率；u：不同实体的两条记录落在该级别的概率。"},
    {"权重（比特）", "log₂(m/u)。每多 1 比特，同一实体的可能性相对翻一倍；负数表示反对。"},
    {"先验", "任取两条记录恰为同一实体的权重，通常是很大的负数。"},
    {"稀有度", "共有的值越少见，越能说明问题；常见值则减分。"},
    {"查准率与查全率", "查准率：归在一起的有多少是对的；查全率：该归在一起的有多少归上了；F1 是二者的调和平均。"},
    {"B³", "逐条记录计算查准率与查全率，再取平均；大实体不会淹没小实体。"},
};
constexpr std::string_view kGlossaryEn[][2] = {
    {"Entity", "One person, enterprise or place, made of one record or more."},
    {"Blocking", "Only records that agree in some key are compared, which saves nearly all hopeless comparisons."},
    {"m and u", "m: the chance that two records of one entity fall on a level; u: the same for two entities."},
    {"Weight (bits)", "log₂(m/u). Each bit doubles the odds of one entity; a negative weight speaks against it."},
    {"Prior", "The weight of two records drawn at random, usually far below zero."},
    {"Rarity", "A shared value says more the rarer it is; a common one takes weight off."},
    {"Precision and recall",
     "Precision: how much of what was put together is right. Recall: how much of what belongs "
     "together was found. F1 is their harmonic mean."},
    {"B³", "Precision and recall record by record, then averaged: large entities don't drown small ones."},
};

std::string glossary() {
  std::string out = "<dl>\n";
  for (size_t i = 0; i < std::size(kGlossaryZh); ++i) {
    out += fmt::format("<dt><b>{}</b></dt><dd>{}</dd>\n",
                       spans({std::string(kGlossaryZh[i][0]), std::string(kGlossaryEn[i][0])}),
                       spans({std::string(kGlossaryZh[i][1]), std::string(kGlossaryEn[i][1])}));
  }
  return out + "</dl>\n";
}

}  // namespace

std::string result_section(const Sheet& sheet) {
  const auto caption = sheet.figures.sources.size() > 1
                           ? Both{"左：各来源的记录；右：按有几个来源知道它，分类的实体。",
                                  "Left: the records of each source. Right: entities by how many sources know them."}
                           : Both{"左：全部记录；右：按记录数分类的实体。",
                                  "Left: all records. Right: entities by their number of records."};
  return section("result", {"结果一览", "The result"},
                 lead(sheet.figures) + "<div class=\"top\">\n" + tiles(sheet) +
                     figure(draw_flow(sheet.fusion.config(), sheet.figures).inlined(), caption) + "</div>\n");
}

std::string run_section(const Sheet& sheet) {
  std::string out = facts(sheet);
  if (!sheet.input.times.empty()) {
    HtmlTable table({"各步骤用时", "Time of each step"},
                    {{{"步骤", "Step"}, false}, {{"用时", "Time"}}, {{"占比", "Share"}}});
    const double total = std::max(total_seconds(sheet.input), 1e-9);
    for (const auto& time : sheet.input.times) {
      table.row({spans(step_label(time.step)), spans(duration(time.seconds)),
                 bar_cell(time.seconds / total, percent_cell(time.seconds / total))});
    }
    out += table.str();
  }
  out += details({"术语", "Terms"}, glossary());
  return section("run", {"本次运行", "This run"}, out);
}

}  // namespace zhili::fuse
