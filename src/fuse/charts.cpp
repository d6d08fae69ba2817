#include "fuse/charts.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "text/width.hpp"

namespace zhili::fuse {
namespace {

constexpr double kWidth = 460;

/// A vertical logarithmic scale from just below 1 to `most`.
class LogScale {
 public:
  LogScale(uint64_t most, double top, double bottom)
      : decades_(std::max(1.0, std::log10(static_cast<double>(std::max<uint64_t>(most, 1)))) + kFoot),
        top_(top),
        bottom_(bottom) {}

  double y(double n) const {
    if (n <= 0) return bottom_;
    return bottom_ - (std::log10(n) + kFoot) / decades_ * (bottom_ - top_);
  }

  /// A line and a number for each power of ten.
  void grid(Svg& svg, double left, double right) const {
    const int last = static_cast<int>(std::floor(decades_ - kFoot + 1e-9));
    const int step = last > 6 ? 2 : 1;
    for (int k = 0; k <= last; k += step) {
      const double n = std::pow(10, k);
      svg.line(left, y(n), right, y(n), "grid");
      svg.label(left - 6, y(n) + 4, short_number(n), "end soft small mono");
    }
  }

 private:
  static constexpr double kFoot = 0.25;  ///< Decades below 1, so that a single one can be seen.
  double decades_;
  double top_;
  double bottom_;
};

Both records_text(uint64_t n) { return {with_commas(n) + " 条记录", with_commas(n) + " records"}; }
Both entities_text(uint64_t n) { return {with_commas(n) + " 个实体", with_commas(n) + " entities"}; }

/// One end of the flow: a bar with what flows through it.
struct Node {
  Both name;
  Both count;
  double value = 0;
  double y = 0;
  double height = 0;
  double used = 0;
};

void stack(std::vector<Node>& nodes, double total, double top, double room, double least) {
  constexpr double kGap = 8;
  // Small nodes get a height at which their label stays readable, at the cost of the others.
  const double free = room - kGap * static_cast<double>(nodes.size() - 1) - least * static_cast<double>(nodes.size());
  double y = top;
  for (auto& node : nodes) {
    node.y = y;
    node.height = least + std::max(0.0, free) * node.value / std::max(1.0, total);
    y += node.height + kGap;
  }
}

struct FlowData {
  std::vector<Node> left;
  std::vector<Node> right;
  std::vector<std::vector<double>> flow;  // [left][right]
};

/// Right ends by how many sources know the entity.
FlowData flow_by_sources(const Config& config, const ReportFigures& figures) {
  constexpr size_t kMostSources = 12;
  constexpr size_t kMostClasses = 6;
  FlowData out;
  size_t known_by_most = 1;
  for (size_t k = 1; k < figures.entities_known.size(); ++k) {
    if (figures.entities_known[k] > 0) known_by_most = k;
  }
  const size_t classes = std::min(known_by_most, kMostClasses);
  for (size_t k = 1; k <= classes; ++k) {
    const bool more = k == classes && known_by_most > classes;
    uint64_t entities = figures.entities_known[k];
    for (size_t j = k + 1; more && j < figures.entities_known.size(); ++j) entities += figures.entities_known[j];
    out.right.push_back({{fmt::format("见于 {}{} 个来源", more ? "≥ " : "", k),
                          fmt::format("in {}{} source{}", more ? "≥ " : "", k, k == 1 ? "" : "s")},
                         entities_text(entities),
                         0});
  }
  std::vector<size_t> order(figures.sources.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::greater<>{}, [&](size_t s) { return figures.sources[s].records; });
  for (size_t i = 0; i < order.size(); ++i) {
    const size_t s = order[i];
    if (i < kMostSources) {
      const auto id = text::shortened(config.sources[s].id, 14);
      out.left.push_back({{id, id}, records_text(figures.sources[s].records), 0});
      out.flow.emplace_back(classes, 0.0);
    } else if (i == kMostSources) {
      const size_t rest = order.size() - i;
      out.left.push_back({{fmt::format("其他 {} 个来源", rest), fmt::format("{} other sources", rest)}, {}, 0});
      out.flow.emplace_back(classes, 0.0);
    }
    for (size_t k = 1; k < figures.records_known[s].size(); ++k) {
      const auto n = static_cast<double>(figures.records_known[s][k]);
      out.flow.back()[std::min(k, classes) - 1] += n;
      out.left.back().value += n;
      out.right[std::min(k, classes) - 1].value += n;
    }
  }
  return out;
}

/// Right ends by how many records the entity has.
FlowData flow_by_sizes(const Config& config, const ReportFigures& figures) {
  constexpr uint64_t kMostClasses = 5;
  FlowData out;
  const auto id = text::shortened(config.sources[0].id, 14);
  out.left.push_back({{id, id}, records_text(figures.records), static_cast<double>(figures.records)});
  out.flow.emplace_back();
  std::vector<std::pair<uint64_t, double>> classes(kMostClasses, {0, 0.0});  // Entities, records.
  double counted = 0;
  for (const auto& size : figures.sizes) {
    const auto k = std::min(size.from, kMostClasses) - 1;
    classes[k].first += size.entities;
    if (size.from < kMostClasses) {
      classes[k].second = static_cast<double>(size.entities * size.from);
      counted += classes[k].second;
    }
  }
  classes[kMostClasses - 1].second = static_cast<double>(figures.records) - counted;
  for (uint64_t k = 0; k < kMostClasses; ++k) {
    if (classes[k].first == 0) continue;
    const bool more = k + 1 == kMostClasses;
    out.right.push_back({{fmt::format("{}{} 条记录", more ? "≥ " : "", k + 1),
                          fmt::format("{}{} record{}", more ? "≥ " : "", k + 1, k == 0 ? "" : "s")},
                         entities_text(classes[k].first),
                         classes[k].second});
    out.flow[0].push_back(classes[k].second);
  }
  return out;
}

void draw_node(Svg& svg, const Node& node, double bar_x, bool left, bool first) {
  constexpr double kBar = 10;
  svg.rect(bar_x, node.y, kBar, node.height, left ? "base" : first ? "minus" : "plus");
  const double x = left ? bar_x - 8 : bar_x + kBar + 8;
  const double y = node.y + node.height / 2;
  const std::string_view name = left ? "end strong" : "strong";
  const std::string_view count = left ? "end soft small mono" : "soft small mono";
  if (node.count.zh.empty()) {
    svg.label(x, y + 4, node.name, name);
  } else {
    svg.label(x, y - 2, node.name, name);
    svg.label(x, y + 13, node.count, count);
  }
}

}  // namespace

Svg draw_flow(const Config& config, const ReportFigures& figures) {
  auto data = config.sources.size() > 1 ? flow_by_sources(config, figures) : flow_by_sizes(config, figures);
  const double nodes = static_cast<double>(std::max(data.left.size(), data.right.size()));
  const double room = std::max(220.0, nodes * 42);
  const double height = room + 20;
  constexpr double kFlowWidth = 400;
  constexpr double kLeftBar = 112;
  constexpr double kRightBar = 262;
  Svg svg("flow", kFlowWidth, height, {"记录如何归为实体", "How records became entities"},
          {fmt::format("{} 条记录归为 {} 个实体", with_commas(figures.records), with_commas(figures.entities)),
           fmt::format("{} records became {} entities", with_commas(figures.records), with_commas(figures.entities))},
          Language::kBoth);
  const auto total = static_cast<double>(figures.records);
  stack(data.left, total, 10, room, 30);
  stack(data.right, total, 10, room, 30);
  for (size_t i = 0; i < data.left.size(); ++i) {
    for (size_t j = 0; j < data.right.size(); ++j) {
      auto& a = data.left[i];
      auto& b = data.right[j];
      const double n = data.flow[i][j];
      if (n == 0) continue;
      const double from = n / a.value * a.height;
      const double to = n / b.value * b.height;
      const double ya = a.y + a.used;
      const double yb = b.y + b.used;
      a.used += from;
      b.used += to;
      constexpr double kA = kLeftBar + 10;
      constexpr double kMiddle = (kA + kRightBar) / 2;
      svg.path(fmt::format("M{0:.1f} {3:.1f}C{1:.1f} {3:.1f} {1:.1f} {4:.1f} {2:.1f} {4:.1f}V{5:.1f}C{1:.1f} {5:.1f} "
                           "{1:.1f} {6:.1f} {0:.1f} {6:.1f}Z",
                           kA, kMiddle, kRightBar, ya, yb, yb + to, ya + from),
               fmt::format("flow k{}", j + 1),
               {fmt::format("{} → {}：{} 条记录", a.name.zh, b.name.zh, with_commas(static_cast<uint64_t>(n))),
                fmt::format("{} → {}: {} records", a.name.en, b.name.en, with_commas(static_cast<uint64_t>(n)))});
    }
  }
  for (const auto& node : data.left) draw_node(svg, node, kLeftBar, true, false);
  for (const auto& node : data.right) draw_node(svg, node, kRightBar, false, &node == data.right.data());
  return svg;
}

namespace {

/// The histogram's plot: columns one bit wide, and one apart for the pairs that were not weighed to the end.
class Histogram {
 public:
  explicit Histogram(const Fusion& fusion)
      : config_(fusion.config()),
        counts_(fusion.scored().counts),
        keep_(weight_of(std::min(config_.review_low, config_.threshold))),
        first_(std::clamp(static_cast<int>(std::floor(keep_)), ScoreCounts::kLow + 1, ScoreCounts::kHigh)),
        last_(first_ + 8),
        scale_(*std::ranges::max_element(counts_.histogram), kTop, kBottom),
        svg_("histogram", kWidth, 290, {"得分分布", "Scores"},
             {"比对过的记录对按权重（比特）的数量，对数刻度", "Compared pairs by weight in bits, logarithmic scale"},
             Language::kBoth) {
    for (int bin = first_; bin <= ScoreCounts::kHigh; ++bin) {
      if (of(bin) > 0) last_ = std::max(last_, bin);
    }
  }

  Svg draw() {
    band();
    scale_.grid(svg_, kLeft, kRight);
    rest();
    for (int bin = first_; bin <= last_; ++bin) column(bin);
    svg_.line(kLeft, kBottom, kRight, kBottom, "axis");
    ticks();
    threshold();
    return std::move(svg_);
  }

 private:
  static constexpr double kLeft = 52;
  static constexpr double kRight = kWidth - 10;
  static constexpr double kTop = 30;
  static constexpr double kBottom = 240;
  static constexpr double kRest = 26;                  ///< Width of the column that stands apart.
  static constexpr double kPlot = kLeft + kRest + 22;  ///< Where the other columns begin.

  uint64_t of(int bin) const { return counts_.histogram[static_cast<size_t>(bin - ScoreCounts::kLow)]; }
  double x(double bits) const { return kPlot + (bits - first_) / (last_ + 1 - first_) * (kRight - kPlot); }
  double inside(double bits) const { return std::clamp(x(bits), kPlot, kRight); }

  void band() {
    const double low = inside(weight_of(config_.review_low));
    const double high = inside(weight_of(config_.review_high));
    svg_.rect(low, kTop - 4, high - low, kBottom - kTop + 4, "band", {"复核区间", "review band"});
  }

  void rest() {
    const uint64_t n = of(ScoreCounts::kLow);
    const double y = scale_.y(static_cast<double>(n));
    svg_.rect(kLeft + 4, y, kRest, kBottom - y, "rest",
              {with_commas(n) + " 对，未称重到底", with_commas(n) + " pairs, not weighed to the end"});
    const auto count = short_number(static_cast<double>(n));
    svg_.label(kLeft + 4 + kRest / 2, y - 5, count, "middle small soft");
    svg_.label(kLeft + 4 + kRest / 2, kBottom + 16, {"更低", "lower"}, "middle small soft");
    svg_.line(kPlot - 9, kBottom + 4, kPlot - 5, kBottom - 4, "axis");
    svg_.line(kPlot - 5, kBottom + 4, kPlot - 1, kBottom - 4, "axis");
  }

  void column(int bin) {
    const uint64_t n = of(bin);
    if (n == 0) return;
    const double y = scale_.y(static_cast<double>(n));
    const double left = std::max(x(bin), bin == first_ ? x(keep_) : x(bin));
    const bool more = bin == ScoreCounts::kHigh;
    const auto range = more ? fmt::format("≥ {}", bin) : fmt::format("{} … {}", bin, bin + 1);
    svg_.rect(left, y, x(bin + 1) - left - 1, kBottom - y,
              bin >= std::floor(weight_of(config_.threshold)) ? "plus" : "base",
              {fmt::format("{} 比特：{} 对", range, with_commas(n)),
               fmt::format("{} bits: {} pairs", range, with_commas(n))});
  }

  void ticks() {
    const double step = std::max(1.0, nice_step(last_ + 1 - first_, 7));
    for (const double tick : ticks_between(first_, last_ + 1, step)) {
      svg_.line(x(tick), kBottom, x(tick), kBottom + 4, "axis");
      svg_.text(x(tick), kBottom + 16, whole(tick), "middle small soft mono");
    }
    svg_.label(kRight, kBottom + 34, {"权重（比特）", "weight (bits)"}, "end small soft");
    svg_.label(kLeft - 6, kTop - 14, {"记录对", "pairs"}, "end small soft");
  }

  void threshold() {
    const double at = inside(weight_of(config_.threshold));
    svg_.line(at, kTop - 12, at, kBottom, "mark");
    const auto text = set_share(config_.threshold);
    svg_.label(at + 5, kTop - 12, {"阈值：概率 " + text, "threshold: probability " + text}, "mark-text small");
    const auto band = set_share(config_.review_low) + "–" + set_share(config_.review_high);
    svg_.label(kLeft, kBottom + 34, {"淡色带：复核区间 " + band, "tinted: review band " + band}, "small soft");
  }

  const Config& config_;
  const ScoreCounts& counts_;
  double keep_;
  int first_;
  int last_;
  LogScale scale_;
  Svg svg_;
};

}  // namespace

Svg draw_histogram(const Fusion& fusion) { return Histogram(fusion).draw(); }

Svg draw_sizes(const ReportFigures& figures) {
  constexpr double kLeft = 52;
  constexpr double kRight = kWidth - 8;
  constexpr double kTop = 28;
  constexpr double kBottom = 232;
  Svg svg("sizes", kWidth, 290, {"实体大小", "Sizes of entities"},
          {"实体按记录数的数量，对数刻度", "Entities by their number of records, logarithmic scale"}, Language::kBoth);
  uint64_t most = 1;
  for (const auto& size : figures.sizes) most = std::max(most, size.entities);
  const LogScale scale(most, kTop, kBottom);
  scale.grid(svg, kLeft, kRight);
  const auto n = static_cast<double>(std::max<size_t>(figures.sizes.size(), 6));
  const double slot = (kRight - kLeft) / n;
  for (size_t i = 0; i < figures.sizes.size(); ++i) {
    const auto& size = figures.sizes[i];
    const double x = kLeft + slot * static_cast<double>(i);
    const double y = scale.y(static_cast<double>(size.entities));
    const auto range = size.from == size.to ? with_commas(size.from) : fmt::format("{}–{}", size.from, size.to);
    const auto bar = std::min(slot * 0.78, 46.0);
    svg.rect(x + (slot - bar) / 2, y, bar, kBottom - y, "plus",
             {fmt::format("{} 条记录：{} 个实体", range, with_commas(size.entities)),
              fmt::format("{} records: {} entities", range, with_commas(size.entities))});
    svg.label(x + slot / 2, y - 5, short_number(static_cast<double>(size.entities)), "middle small mono");
    // Long ranges stand on two heights, so that neighbours don't touch.
    const double line = n > 9 && i % 2 == 1 ? 28 : 15;
    svg.text(x + slot / 2, kBottom + line, range, "middle small soft mono");
  }
  svg.line(kLeft, kBottom, kRight, kBottom, "axis");
  svg.label(kLeft - 6, kTop - 14, {"实体", "entities"}, "end small soft");
  svg.label(kRight, kBottom + 50, {"每个实体的记录数", "records of an entity"}, "end small soft");
  return svg;
}

namespace {

/// Precision, recall and F1 over the threshold.
class Curve {
 public:
  Curve(const Fusion& fusion, const LinkEvaluation& links)
      : threshold_(fusion.threshold()),
        links_(links),
        svg_("curve", kWidth, 270, {"查准率与查全率", "Precision and recall"},
             {"按阈值（比特）的查准率、查全率与 F1", "Precision, recall and F1 over the threshold in bits"},
             Language::kBoth) {
    const auto& at = links.pairs;
    const double least = std::min({at.precision(), at.recall(), at.f1()});
    floor_ = std::clamp(std::floor(least * 10 - 1) / 10, 0.0, 0.9);
    if (least > 0.985) floor_ = 0.95;
    low_ = links.curve.empty() ? -1 : links.curve.front().weight;
    high_ = low_ + 1;
    for (const auto& point : links.curve) {
      if (point.quality.recall() >= floor_ || point.weight <= threshold_ + 4) high_ = point.weight;
    }
    low_ = std::min<double>(low_, threshold_ - 1);
    high_ = std::max<double>(high_, threshold_ + 1);
  }

  Svg draw() {
    const double step = nice_step(1 - floor_, 5);
    for (const double tick : ticks_between(floor_, 1, step)) {
      svg_.line(kLeft, y(tick), kRight, y(tick), "grid");
      svg_.text(kLeft - 6, y(tick) + 4, percent(tick > 1 - 1e-9 ? 1 : tick, step < 0.0095 ? 1 : 0),
                "end small soft mono");
    }
    const double bits = std::max(1.0, nice_step(high_ - low_, 7));
    for (const double tick : ticks_between(low_, high_, bits)) {
      svg_.text(x(tick), kBottom + 16, whole(tick), "middle small soft mono");
    }
    svg_.line(kLeft, kBottom, kRight, kBottom, "axis");
    svg_.line(x(threshold_), kTop - 4, x(threshold_), kBottom, "mark");
    svg_.label(x(threshold_) + 5, kBottom - 8, {"事先定下的阈值", "threshold, fixed beforehand"}, "mark-text small");
    line("one", [](const PairQuality& q) { return q.precision(); });
    line("two", [](const PairQuality& q) { return q.recall(); });
    line("three", [](const PairQuality& q) { return q.f1(); });
    legend(kLeft, "one", {"查准率", "precision"}, links_.pairs.precision());
    legend(kLeft + 138, "two", {"查全率", "recall"}, links_.pairs.recall());
    legend(kLeft + 276, "three", {"F1", "F1"}, links_.pairs.f1());
    svg_.label(kRight, kBottom + 34, {"阈值（比特）", "threshold (bits)"}, "end small soft");
    return std::move(svg_);
  }

 private:
  static constexpr double kLeft = 48;
  static constexpr double kRight = kWidth - 12;
  static constexpr double kTop = 42;
  static constexpr double kBottom = 226;

  double x(double bits) const { return kLeft + (bits - low_) / (high_ - low_) * (kRight - kLeft); }
  double y(double share) const { return kBottom - (share - floor_) / (1 - floor_) * (kBottom - kTop); }

  template <class Value>
  void line(std::string_view name, Value&& value) {
    std::string path;
    bool drawing = false;
    for (const auto& point : links_.curve) {
      const double v = value(point.quality);
      if (v < floor_ || point.weight > high_) {
        drawing = false;
        continue;
      }
      path += fmt::format("{}{:.1f} {:.1f}", drawing ? "L" : "M", x(point.weight), y(v));
      drawing = true;
    }
    if (!path.empty()) svg_.path(path, fmt::format("curve {}", name));
    if (value(links_.pairs) >= floor_)
      svg_.circle(x(threshold_), y(value(links_.pairs)), 4, fmt::format("dot {}", name));
  }

  void legend(double at, std::string_view name, const Both& label, double value) {
    svg_.circle(at + 5, 16, 5, fmt::format("dot {}", name));
    const auto text = percent(value, 2);
    svg_.label(at + 15, 20, {label.zh + " " + text, label.en + " " + text}, "strong mono");
  }

  float threshold_;
  const LinkEvaluation& links_;
  double floor_ = 0;
  double low_ = 0;
  double high_ = 1;
  Svg svg_;
};

}  // namespace

Svg draw_curve(const Fusion& fusion, const LinkEvaluation& links) { return Curve(fusion, links).draw(); }

}  // namespace zhili::fuse
