#include <algorithm>

#include "fuse/charts.hpp"
#include "fuse/report_html.hpp"
#include "fuse/report_sections.hpp"

/// How right the result is.
namespace zhili::fuse {
namespace {

constexpr size_t kFilterFrom = 15;

std::string measures_table(const Evaluation& evaluation) {
  HtmlTable table({"按事先定下的阈值", "At the threshold fixed beforehand"}, {{{"度量", "Measure"}, false},
                                                                              {{"查准率", "Precision"}},
                                                                              {{"查全率", "Recall"}},
                                                                              {{"F1", "F1"}},
                                                                              {{"误归", "Wrong"}},
                                                                              {{"漏归", "Missed"}}});
  const auto pairs = [&](const Both& name, const PairQuality& q) {
    table.row({spans(name), percent_cell(q.precision(), 2), percent_cell(q.recall(), 2), percent_cell(q.f1(), 2),
               with_commas(q.predicted_pairs - q.right_pairs), with_commas(q.true_pairs - q.right_pairs)});
  };
  pairs({"实体内的记录对", "pairs within entities"}, evaluation.entities.pairs);
  if (evaluation.links) pairs({"直接相连的记录对", "linked pairs"}, evaluation.links->pairs);
  const auto& b = evaluation.entities.b_cubed;
  table.row({spans({"B³（逐条记录）", "B³ (by record)"}), percent_cell(b.precision, 2), percent_cell(b.recall, 2),
             percent_cell(b.f1, 2), "–", "–"});
  return table.str();
}

std::string misses(const Evaluation& evaluation) {
  if (!evaluation.links) return {};
  const auto& links = *evaluation.links;
  const auto total = std::max<uint64_t>(links.pairs.true_pairs, 1);
  const auto missed = with_commas(links.not_brought);
  const auto part = percent(static_cast<double>(links.not_brought) / static_cast<double>(total), 2);
  Both text{fmt::format("真值中有 {} 对记录属于同一实体；其中 {} 对（{}）没有任何分块规则放到一起，已计入漏归。",
                        with_commas(links.pairs.true_pairs), missed, part),
            fmt::format("The truth has {} pairs of one entity. No blocking rule brings {} of them ({}) together; they "
                        "count as missed.",
                        with_commas(links.pairs.true_pairs), missed, part)};
  if (links.barred > 0) {
    text.zh += fmt::format("另有 {} 对因来源声明为内部不重复而不比对，同样计入漏归。", with_commas(links.barred));
    text.en += fmt::format(" {} more lie within a source declared unique, and count as missed too.",
                           with_commas(links.barred));
  }
  return paragraph(text);
}

std::string sources_table(const Sheet& sheet) {
  const auto& list = sheet.evaluation->entities.by_source;
  if (list.size() < 2) return {};
  HtmlTable table({"按来源对：实体内的记录对", "By pair of sources: pairs within entities"},
                  {{{"来源", "Sources"}, false},
                   {{"真值对", "True pairs"}},
                   {{"查准率", "Precision"}},
                   {{"查全率", "Recall"}},
                   {{"F1", "F1"}}});
  const auto& sources = sheet.fusion.config().sources;
  for (const auto& entry : list) {
    const auto& q = entry.quality;
    table.row({escaped(sources[entry.a].id + " – " + sources[entry.b].id), with_commas(q.true_pairs),
               percent_cell(q.precision(), 2), percent_cell(q.recall(), 2), percent_cell(q.f1(), 2)});
  }
  return details({"按来源对", "By pair of sources"}, table.str(table.rows() >= kFilterFrom ? "by-source" : ""));
}

}  // namespace

std::string quality_section(const Sheet& sheet) {
  const Both heading{"准确度", "How right it is"};
  if (sheet.evaluation == nullptr) {
    return section(
        "quality", heading,
        paragraph({"本次运行没有真值可对照。若有一份已核实的样本，可用 zhili fuse report DIR --truth 文件 重画本页，"
                   "看到查准率、查全率与分块漏失。",
                   "The truth is not known for this run. With a verified sample, zhili fuse report DIR "
                   "--truth FILE draws this page again with precision, recall and what blocking missed."}));
  }
  const auto& evaluation = *sheet.evaluation;
  const auto& e = evaluation.entities;
  auto content =
      paragraph({fmt::format("{} 条记录有真值：{} 个真实实体，归并得到 {} 个。", with_commas(e.labelled),
                             with_commas(e.true_entities), with_commas(e.found_entities)),
                 fmt::format("The truth of {} records is known: {} entities, of which fusing made {}.",
                             with_commas(e.labelled), with_commas(e.true_entities), with_commas(e.found_entities))});
  std::string left = measures_table(evaluation) + misses(evaluation);
  std::string right;
  if (evaluation.links) {
    right = figure(draw_curve(sheet.fusion, *evaluation.links).inlined(),
                   {"直接相连的记录对，随阈值变化；圆点为事先定下的阈值处",
                    "Linked pairs over the threshold; the dots mark the one fixed beforehand"});
  }
  content +=
      "<div class=\"pair\">\n<div>\n" + left + "</div>\n<div>\n" + right + "</div>\n</div>\n" + sources_table(sheet);
  return section("quality", heading, content);
}

}  // namespace zhili::fuse
