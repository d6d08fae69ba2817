#include <algorithm>
#include <limits>
#include <map>

#include "fuse/charts.hpp"
#include "fuse/report_html.hpp"
#include "fuse/report_sections.hpp"
#include "fuse/waterfall.hpp"
#include "fuse/wording.hpp"
#include "text/width.hpp"

/// Entities, cuts, and pairs for review.
namespace zhili::fuse {
namespace {

constexpr size_t kCutsOfAKind = 2;
constexpr size_t kRecordsOfPart = 5;
constexpr size_t kReviewShown = 6;
constexpr size_t kCellWidth = 30;
constexpr size_t kUnbroken = 12;

/// "A", "B", …, "AA".
std::string letter(uint32_t n) {
  std::string out;
  for (uint32_t rest = n + 1; rest > 0; rest = (rest - 1) / 26) {
    out.insert(out.begin(), static_cast<char>('A' + (rest - 1) % 26));
  }
  return out;
}

/// Attributes that some of the records have.
std::vector<uint32_t> filled_attributes(const Sheet& sheet, std::span<const uint32_t> records) {
  std::vector<uint32_t> out;
  for (uint32_t a = 0; a < sheet.fusion.records().attributes(); ++a) {
    const auto& column = sheet.fusion.records().column(a);
    if (std::ranges::any_of(records, [&](uint32_t r) { return column.raw[r] != 0; })) out.push_back(a);
  }
  return out;
}

/// The value that most of the records hold, by value number; 0 when none is held twice.
uint32_t usual_value(const Column& column, std::span<const uint32_t> records) {
  std::map<uint32_t, uint32_t> counts;
  for (const uint32_t r : records) ++counts[column.value(r)];
  counts.erase(0);
  uint32_t best = 0;
  uint32_t most = 1;
  for (const auto& [value, n] : counts) {
    if (n > most) {
      best = value;
      most = n;
    }
  }
  return best;
}

/// The records of the same group as record i; all of them where there are no groups. Groups lie side by side.
std::span<const uint32_t> group_of(std::span<const uint32_t> records, std::span<const uint32_t> groups, size_t i) {
  if (groups.empty()) return records;
  const auto range = std::ranges::equal_range(groups, groups[i]);
  return records.subspan(static_cast<size_t>(range.begin() - groups.begin()), range.size());
}

/// The strongest link between two parts of a group that was cut; edges lie in order of their first record.
Edge strongest_across(const Sheet& sheet, const Cut& cut) {
  const auto& cluster_of = sheet.fusion.clusters().of_record;
  Edge best{cut.records.front(), cut.records.back(), -std::numeric_limits<float>::infinity()};
  for (const uint32_t record : cut.records) {
    for (const auto& edge : std::ranges::equal_range(sheet.fusion.scored().edges, record, {}, &Edge::a)) {
      if (cluster_of[edge.a] != cluster_of[edge.b] && edge.weight > best.weight) best = edge;
    }
  }
  return best;
}

/// A cut is shown by the two parts between which the strongest link was overruled.
std::string cut_text(const Sheet& sheet, const Cut& cut) {
  const auto& cluster_of = sheet.fusion.clusters().of_record;
  const auto link = strongest_across(sheet, cut);
  std::vector<uint32_t> records;
  std::vector<uint32_t> groups;
  for (const uint32_t end : {link.a, link.b}) {
    const auto members = sheet.members.of(cluster_of[end]);
    records.push_back(end);
    for (size_t i = 0, taken = 1; i < members.size() && taken < kRecordsOfPart; ++i) {
      if (members[i] == end) continue;
      records.push_back(members[i]);
      ++taken;
    }
    groups.resize(records.size(), end == link.a ? 0 : 1);
  }
  const auto n = with_commas(cut.records.size());
  const auto weight = bits_text(link.weight);
  const Both why = cut.by_constraint ? Both{"有不可合并的约束", "a constraint forbids it"}
                                     : Both{"其余记录对反对", "the other pairs speak against it"};
  return records_table(
      sheet,
      {fmt::format("一组 {} 条记录分为 {} 个实体：A 与 B 之间最强的链接有 {} 比特（各自首行），但{}", n, cut.parts,
                   weight, why.zh),
       fmt::format(
           "{} records cut into {} entities: the strongest link of A and B (their first rows) has {} bits, but {}", n,
           cut.parts, weight, why.en)},
      records, groups);
}

std::string cuts(const Sheet& sheet) {
  const auto& clusters = sheet.fusion.clusters();
  auto out = subheading({"拆开的组", "Groups that were cut"});
  if (clusters.cuts.empty()) {
    return out + paragraph({"没有需要拆开的组：所有链接彼此一致。",
                            "No group had to be cut: all links agree with each other."});
  }
  const auto n = with_commas(clusters.cut_count);
  out += paragraph(
      {fmt::format("有 {} 组记录由链接连在一起，却不是一个实体：其余记录对反对，或有约束禁止。它们在最弱处拆开。", n),
       fmt::format("Links held {} groups together that are not one entity: other pairs speak against it, "
                   "or a constraint forbids it. They were cut where they are weakest.",
                   n)});
  for (const bool by_constraint : {false, true}) {
    size_t shown = 0;
    for (const auto& cut : clusters.cuts) {
      if (cut.by_constraint == by_constraint && shown++ < kCutsOfAKind) out += cut_text(sheet, cut);
    }
  }
  return out;
}

std::string example_entity(const Sheet& sheet) {
  if (sheet.figures.example == UINT32_MAX) return {};
  const auto records = sheet.members.of(sheet.figures.example);
  return subheading({"一个实体的例子", "An entity, as its records show it"}) +
         records_table(sheet,
                       {"同一实体的各条记录；与多数不同的值有底色",
                        "The records of one entity; values that differ from the usual one are tinted"},
                       records, {});
}

std::string parts_table(const Sheet& sheet, const Explanation& e) {
  HtmlTable table({fmt::format("{} 与 {} 的逐项比对", e.name_a, e.name_b),
                   fmt::format("Comparisons of {} and {}", e.name_a, e.name_b)},
                  {{{"属性", "Attribute"}, false},
                   {{"A", "A"}, false},
                   {{"B", "B"}, false},
                   {{"级别", "Level"}, false},
                   {{"权重", "Weight"}},
                   {{"稀有度", "Rarity"}},
                   {{"累计", "Sum"}}});
  table.row({spans({"先验", "prior"}), "", "", "", bits_text(e.prior), "", bits_text(e.prior)});
  for (const auto& part : e.parts) {
    const auto& attribute = sheet.fusion.config().attributes[part.attribute];
    const auto value = [&](const std::string& mine, const std::string& other) {
      return escaped(sheet.input.plain ? mine : masked(attribute.type, mine, other), kCellWidth);
    };
    table.row(
        {escaped(attribute.name), value(part.raw_a, part.raw_b), value(part.raw_b, part.raw_a),
         spans(level_label(sheet.fusion.config(), sheet.fusion.comparisons().list()[part.comparison], part.level)),
         bits_text(part.weight), bits_text(part.rarity), bits_text(part.sum)});
  }
  return table.str();
}

std::string review_card(const Sheet& sheet, const Edge& edge, size_t number) {
  const auto& cluster_of = sheet.fusion.clusters().of_record;
  const Outcome outcome{cluster_of[edge.a] == cluster_of[edge.b], sheet.members.of(cluster_of[edge.a]),
                        sheet.members.of(cluster_of[edge.b])};
  const auto e =
      explain(sheet.fusion, edge.a, edge.b, sheet.input.decided, outcome, rules_holding(sheet.fusion, edge.a, edge.b));
  const auto picture =
      draw_waterfall(sheet.fusion, e, fmt::format("review-{}", number), {Language::kBoth, sheet.input.plain});
  return fmt::format(
      "<article class=\"card\">\n<h3>{} <span class=\"tag {}\">{}</span></h3>\n<p>{}</p>\n{}{}</article>\n",
      spans({fmt::format("第 {} 例", number), fmt::format("Case {}", number)}), e.one_entity ? "yes" : "no",
      spans(verdict_label(e)), spans(reason_text(sheet.fusion, e)), picture.inlined(),
      details({"逐项数据", "The figures"}, parts_table(sheet, e)));
}

}  // namespace

std::string records_table(const Sheet& sheet, const Both& caption, std::span<const uint32_t> records,
                          std::span<const uint32_t> groups) {
  const auto& fusion = sheet.fusion;
  const auto attributes = filled_attributes(sheet, records);
  std::vector<HtmlTable::Head> head{{{"记录", "Record"}, false}};
  if (!groups.empty()) head.push_back({{"实体", "Entity"}, false});
  for (const uint32_t a : attributes)
    head.push_back({{fusion.config().attributes[a].name, fusion.config().attributes[a].name}, false});
  HtmlTable table(caption, head);
  for (size_t i = 0; i < records.size(); ++i) {
    const uint32_t r = records[i];
    std::vector<std::string> cells{fmt::format("{}<small>{}</small>",
                                               escaped(fusion.config().sources[fusion.records().source(r)].id),
                                               escaped(fusion.records().id(r), kCellWidth))};
    if (!groups.empty()) cells.push_back(letter(groups[i]));
    for (const uint32_t a : attributes) {
      const auto& column = fusion.records().column(a);
      const auto type = fusion.config().attributes[a].type;
      const std::string_view raw = column.raws[column.raw[r]];
      const uint32_t usual = usual_value(column, group_of(records, groups, i));
      const auto usual_text = column.values[usual];
      auto text = escaped(sheet.input.plain ? std::string(raw) : masked(type, raw, usual_text), kCellWidth);
      // A short value, a date for instance, should not break in two.
      if (text::display_width(raw) <= kUnbroken) text = fmt::format("<span class=\"whole\">{}</span>", text);
      const bool differs = usual != 0 && !raw.empty() && column.value(r) != usual;
      cells.push_back(differs ? "<mark>" + text + "</mark>" : text);
    }
    table.row(cells);
  }
  return table.str();
}

std::string entities_section(const Sheet& sheet) {
  const auto& f = sheet.figures;
  const double entities = static_cast<double>(std::max<uint64_t>(f.entities, 1));
  const uint64_t single = f.sizes.empty() || f.sizes[0].from != 1 ? 0 : f.sizes[0].entities;
  const auto mean = fmt::format("{:.2f}", static_cast<double>(f.records) / entities);
  std::string tiles = "<dl class=\"tiles\">\n";
  tiles += tile({"实体", "Entities"}, {with_commas(f.entities), with_commas(f.entities)},
                {fmt::format("平均 {} 条记录", mean), fmt::format("{} records each", mean)});
  tiles += tile({"只有一条记录", "Of a single record"}, {with_commas(single), with_commas(single)},
                {"占实体的 " + percent(static_cast<double>(single) / entities),
                 percent(static_cast<double>(single) / entities) + " of all entities"});
  tiles +=
      tile({"最大的实体", "The largest"}, {with_commas(f.largest) + " 条记录", with_commas(f.largest) + " records"});
  const auto cut = with_commas(sheet.fusion.clusters().cut_count);
  tiles += tile({"拆开的组", "Groups cut"}, {cut, cut},
                {"由链接相连，却不是一个实体", "that links hold together, but are not one entity"});
  return section("entities", {"实体", "Entities"},
                 "<div class=\"pair\">\n" +
                     figure(draw_sizes(f).inlined(), {"实体按记录数的数量（对数刻度）",
                                                      "Entities by number of records, on a logarithmic scale"}) +
                     tiles + "</dl>\n</div>\n" + example_entity(sheet) + cuts(sheet));
}

std::string review_section(const Sheet& sheet) {
  std::string out;
  if (sheet.input.review.empty()) {
    out = paragraph({"没有需要复核的记录对。", "No pair is up for review."});
  } else {
    const auto n = with_commas(sheet.input.review_found);
    out = paragraph(
        {fmt::format("{} 对记录请人判定：得分处于灰色区间，或虽已相连却与同组其他记录矛盾。列表在 "
                     "review.csv，按判定后影响的大小排列。下面是各种情形的例子。",
                     n),
         fmt::format("{} pairs wait for people: they score in the grey zone, or are linked although the rest of "
                     "their records speaks against it. The list is review.csv, ordered by what a decision would "
                     "change. Examples of each kind:",
                     n)});
    out += "<div class=\"cards\">\n";
    for (size_t i = 0; i < std::min(kReviewShown, sheet.input.review.size()); ++i) {
      out += review_card(sheet, sheet.input.review[i], i + 1);
    }
    out += "</div>\n";
  }
  return section("review", {"待复核", "For review"}, out);
}

}  // namespace zhili::fuse
