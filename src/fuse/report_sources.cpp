#include <algorithm>

#include "fuse/report_html.hpp"
#include "fuse/report_sections.hpp"
#include "fuse/wording.hpp"

/// Sources and their quality.
namespace zhili::fuse {
namespace {

constexpr size_t kFilterFrom = 15;  ///< Rows from which a table has a filter.

double share(uint64_t part, uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::string source_table(const Sheet& sheet) {
  const auto& config = sheet.fusion.config();
  const bool several = config.sources.size() > 1;
  std::vector<HtmlTable::Head> head{{{"来源", "Source"}, false}, {{"行", "Rows"}},
                                    {{"拒收", "Rejected"}},      {{"记录", "Records"}},
                                    {{"实体", "Entities"}},      {{"来源内重复", "Duplicates inside"}}};
  if (several) head.push_back({{"仅见于此", "Only here"}});
  HtmlTable table({"各来源的记录", "Records of each source"}, head);
  for (size_t s = 0; s < config.sources.size(); ++s) {
    const auto& f = sheet.figures.sources[s];
    const uint64_t rows = f.records + f.rejected;
    const uint64_t inside = f.records - f.entities;
    const auto with_share = [](uint64_t n, uint64_t of) {
      return fmt::format("{}<small>{}</small>", with_commas(n), percent_cell(share(n, of)));
    };
    std::vector<std::string> cells{fmt::format("{}<small>{}</small>", escaped(config.sources[s].id),
                                               escaped(config.sources[s].file.filename().string())),
                                   with_commas(rows),
                                   f.rejected == 0 ? "0" : with_share(f.rejected, rows),
                                   with_commas(f.records),
                                   with_commas(f.entities),
                                   inside == 0 ? "0" : with_share(inside, f.records)};
    if (several) cells.push_back(with_share(f.only_here, f.entities));
    table.row(cells);
  }
  return table.str(table.rows() >= kFilterFrom ? "sources-table" : "");
}

std::string rejects(const Sheet& sheet) {
  if (sheet.figures.rejects.empty()) {
    return paragraph({"所有行都已读入，没有拒收。", "Every row was read; none was rejected."});
  }
  HtmlTable table({"拒收的行及原因", "Rejected rows and why"},
                  {{{"来源", "Source"}, false},
                   {{"原因；下方小字为首例", "Reason; in small that of the first"}, false},
                   {{"行数", "Rows"}},
                   {{"首见于第几行", "First line"}}});
  for (const auto& reason : sheet.figures.rejects) {
    // A reason may quote a value of the row.
    const auto text = sheet.input.plain ? reason.reason : masked(SemanticType::kText, reason.reason);
    table.row({escaped(sheet.fusion.config().sources[reason.source].id),
               fmt::format("{}<small>{}</small>", spans(reject_label(reason.kind)), escaped(text, 120)),
               with_commas(reason.rows), with_commas(reason.first_line)});
  }
  return table.str();
}

/// Filled shares of all attributes in all sources at once.
std::string filled_table(const Sheet& sheet) {
  const auto& config = sheet.fusion.config();
  std::vector<HtmlTable::Head> head{{{"属性", "Attribute"}, false}};
  for (const auto& source : config.sources) head.push_back({{source.id, source.id}});
  HtmlTable table({"各来源各属性的填写率；下方小字为其中有效的比例",
                   "Share of records with a value; below it, in small, the valid ones among them"},
                  head);
  for (size_t a = 0; a < config.attributes.size(); ++a) {
    std::vector<std::string> cells{fmt::format("{}<small>{}</small>", escaped(config.attributes[a].name),
                                               spans(type_label(config.attributes[a].type)))};
    for (const auto& source : sheet.figures.sources) {
      const auto& column = source.columns[a];
      if (column.filled == 0) {
        cells.emplace_back("–");
        continue;
      }
      const double filled = share(column.filled, source.records);
      const double valid = share(column.valid, column.filled);
      cells.push_back(heat(
          filled, percent_cell(filled) + (valid < 1 ? fmt::format("<small>{}</small>", percent_cell(valid)) : "")));
    }
    table.row(cells);
  }
  return table.str(table.rows() >= kFilterFrom ? "filled-table" : "");
}

std::string column_table(const Sheet& sheet, size_t s) {
  const auto& config = sheet.fusion.config();
  const auto& id = config.sources[s].id;
  HtmlTable table({"来源 " + id + " 的各属性", "Attributes of source " + id}, {{{"属性", "Attribute"}, false},
                                                                               {{"已填", "Filled"}},
                                                                               {{"填写率", "Share"}},
                                                                               {{"有效率", "Valid"}},
                                                                               {{"不同值", "Distinct"}},
                                                                               {{"不同值占比", "Distinct share"}}});
  for (size_t a = 0; a < config.attributes.size(); ++a) {
    const auto& column = sheet.figures.sources[s].columns[a];
    if (column.filled == 0) continue;
    const double filled = share(column.filled, sheet.figures.sources[s].records);
    const double valid = share(column.valid, column.filled);
    const double distinct = share(column.distinct, column.filled);
    table.row({fmt::format("{}<small>{}</small>", escaped(config.attributes[a].name),
                           spans(type_label(config.attributes[a].type))),
               with_commas(column.filled), bar_cell(filled, percent_cell(filled)), bar_cell(valid, percent_cell(valid)),
               with_commas(column.distinct), bar_cell(distinct, percent_cell(distinct))});
  }
  return table.empty() ? std::string() : table.str();
}

std::string column_tables(const Sheet& sheet) {
  std::string out;
  for (size_t s = 0; s < sheet.fusion.config().sources.size(); ++s) {
    const auto& id = sheet.fusion.config().sources[s].id;
    const auto table = column_table(sheet, s);
    if (!table.empty()) out += details({id + " 的各属性", "Attributes of " + id}, table);
  }
  return out;
}

std::string overlap_table(const Sheet& sheet) {
  const auto& config = sheet.fusion.config();
  if (config.sources.size() < 2 || sheet.figures.overlap.empty()) return {};
  std::vector<HtmlTable::Head> head{{{"此来源的实体…", "Of the entities here…"}, false}};
  for (const auto& source : config.sources) head.push_back({{"也在 " + source.id, "also in " + source.id}});
  HtmlTable table({"来源之间的重合：行中来源的实体，有多少也见于列中来源",
                   "Overlap: how many of a row's entities the column's source knows too"},
                  head);
  for (size_t a = 0; a < config.sources.size(); ++a) {
    std::vector<std::string> cells{escaped(config.sources[a].id)};
    for (size_t b = 0; b < config.sources.size(); ++b) {
      const double both = share(sheet.figures.overlap[a][b], sheet.figures.sources[a].entities);
      cells.push_back(a == b ? "·"
                             : heat(both, fmt::format("{}<small>{}</small>", percent_cell(both),
                                                      with_commas(sheet.figures.overlap[a][b]))));
    }
    table.row(cells);
  }
  return subheading({"来源之间的重合", "How sources overlap"}) + table.str();
}

}  // namespace

std::string sources_section(const Sheet& sheet) {
  const bool several = sheet.figures.sources.size() > 1;
  const auto quality = several ? filled_table(sheet) + column_tables(sheet) : column_table(sheet, 0);
  return section("sources", {"来源与质量", "Sources and their quality"},
                 source_table(sheet) + rejects(sheet) + overlap_table(sheet) +
                     subheading({"各属性的质量", "Quality of attributes"}) + quality);
}

}  // namespace zhili::fuse
