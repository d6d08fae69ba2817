#include "fuse/waterfall.hpp"

#include <algorithm>
#include <cmath>

#include "fuse/wording.hpp"
#include "text/width.hpp"

namespace zhili::fuse {
namespace {

constexpr double kWidth = 460;
constexpr double kLeft = 14;
constexpr double kRight = kWidth - 14;
constexpr double kHead = 78;              ///< Names, verdict and scale.
constexpr double kNumbers = kRight - 56;  ///< Where the plot ends and the column of numbers begins.
constexpr double kRow = 55;               ///< A comparison: two lines and its bar.
constexpr double kShortRow = 38;          ///< Prior and sum have one line.
constexpr double kMissingRow = 24;        ///< A comparison that says nothing has no bar.
constexpr double kFirstLine = 20;         ///< From a row's top to its bar, below one line of text
constexpr double kSecondLine = 37;        ///< or two.
constexpr double kBar = 10;
constexpr double kFoot = 24;
constexpr size_t kNameCells = 34;
constexpr size_t kValueCells = 26;

class Waterfall {
 public:
  Waterfall(const Fusion& fusion, const Explanation& explanation, std::string_view id, const WaterfallOptions& options)
      : fusion_(fusion),
        e_(explanation),
        options_(options),
        svg_(id, kWidth, height(), title(), description(), options.language) {
    double low = std::min({0.0F, e_.prior, e_.threshold, e_.weight});
    double high = std::max({0.0F, e_.prior, e_.threshold, e_.weight});
    for (const auto& part : e_.parts) {
      for (const double end : {part.sum, part.sum - part.rarity}) {
        low = std::min(low, end);
        high = std::max(high, end);
      }
    }
    const double room = std::max(1.0, (high - low) * 0.02);
    low_ = low - room;
    high_ = high + room;
  }

  Svg draw() {
    head();
    joins();
    double y = kHead;
    row_head(y, {"先验", "prior"}, {"随机两条记录", "two records at random"}, e_.prior);
    bar(y + kFirstLine, 0, e_.prior, "base", {});
    y += kShortRow;
    float before = e_.prior;
    for (const auto& part : e_.parts) {
      if (!has_bar(part)) {
        missing(y, part);
        y += kMissingRow;
        continue;
      }
      comparison(y, before, part);
      before = part.sum;
      y += kRow;
    }
    row_head(y, {"合计", "sum"}, {"同一实体的概率 " + chance(), "chance of one entity " + chance()}, e_.weight);
    bar(y + kFirstLine, 0, e_.weight, e_.weight >= e_.threshold ? "plus" : "minus", {});
    return std::move(svg_);
  }

 private:
  static bool has_bar(const ExplainedPart& part) { return part.weight != 0 || part.rarity != 0; }
  double height() const {
    double sum = kHead + 2 * kShortRow + kFoot;
    for (const auto& part : e_.parts) sum += has_bar(part) ? kRow : kMissingRow;
    return sum;
  }
  double x(double bits) const { return kLeft + (bits - low_) / (high_ - low_) * (kNumbers - kLeft); }
  std::string chance() const { return percent(e_.probability, 1); }

  Both title() const {
    return {fmt::format("{} 与 {} 的权重瀑布图", e_.name_a, e_.name_b),
            fmt::format("Waterfall of weights of {} and {}", e_.name_a, e_.name_b)};
  }

  Both description() const {
    Both out{"先验 " + bits_text(e_.prior), "prior " + bits_text(e_.prior)};
    for (const auto& part : e_.parts) {
      const auto text = fmt::format(" {} {}", attribute(part).name, bits_text(part.weight + part.rarity));
      out.zh += "，" + text;
      out.en += "," + text;
    }
    out.zh +=
        fmt::format("，合计 {} 比特，概率 {}，阈值 {} 比特", bits_text(e_.weight), chance(), bits_text(e_.threshold));
    out.en += fmt::format(", sum {} bits, probability {}, threshold {} bits", bits_text(e_.weight), chance(),
                          bits_text(e_.threshold));
    return out;
  }

  const Attribute& attribute(const ExplainedPart& part) const { return fusion_.config().attributes[part.attribute]; }

  /// Lines from bar to bar. They are drawn first, so that they never cross out a text.
  void joins() {
    double y = kHead + kShortRow;
    double from = kHead + kFirstLine + kBar;
    float before = e_.prior;
    for (const auto& part : e_.parts) {
      if (!has_bar(part)) {
        y += kMissingRow;
        continue;
      }
      svg_.line(x(before), from, x(before), y + kSecondLine + kBar, "join");
      before = part.sum;
      from = y + kSecondLine + kBar;
      y += kRow;
    }
    svg_.line(x(before), from, x(before), y + kFirstLine + kBar, "join");
  }

  void head() {
    svg_.text(kLeft, 20, "A", "strong soft");
    svg_.text(kLeft + 16, 20, text::shortened(e_.name_a, kNameCells), "strong");
    svg_.text(kLeft, 40, "B", "strong soft");
    svg_.text(kLeft + 16, 40, text::shortened(e_.name_b, kNameCells), "strong");
    svg_.text(kRight, 20, fmt::format("{}", chance()), "end big");
    svg_.label(kRight, 40, verdict_label(e_), "end soft");
    const double bottom = height() - kFoot;
    const double step = std::max(1.0, nice_step(high_ - low_, 6));
    for (const double at : ticks_between(low_, high_, step)) {
      svg_.line(x(at), kHead - 10, x(at), bottom, at == 0 ? "axis" : "grid");
      const auto anchor = x(at) < kLeft + 12 ? "" : x(at) > kNumbers - 8 ? " end" : " middle";
      svg_.text(x(at), kHead - 15, whole(at), std::string("soft small") + anchor);
    }
    svg_.line(x(e_.threshold), kHead - 10, x(e_.threshold), bottom + 4, "mark");
    const bool left = x(e_.threshold) > kWidth / 2;
    const auto threshold = bits_text(e_.threshold);
    svg_.label(x(e_.threshold) + (left ? -5 : 5), bottom + 14,
               {"阈值 " + threshold + " 比特", "threshold " + threshold + " bits"},
               left ? "end mark-text small" : "mark-text small");
  }

  void row_head(double y, const Both& name, const Both& note, double bits) {
    const auto lead = options_.language;
    svg_.markup(kLeft, y + 14,
                fmt::format("<tspan class=\"strong\">{}</tspan><tspan class=\"soft\" dx=\"8\">{}</tspan>",
                            tspans(name, lead), tspans(note, lead)));
    const auto* colour = bits > 0 ? " plus" : bits < 0 ? " minus" : " soft";
    svg_.text(kRight, y + 14, bits_text(bits), std::string("end strong mono") + colour);
  }

  void bar(double y, double from, double to, std::string_view classes, const Both& tip) {
    const double width = std::max(1.5, std::abs(x(to) - x(from)));
    svg_.rect(std::min(x(from), x(to)), y, width, kBar, classes, tip);
  }

  std::string values(const ExplainedPart& part) const {
    const auto type = attribute(part).type;
    const auto shown = [&](const std::string& value, const std::string& other) {
      if (value.empty()) return std::string("—");
      return text::shortened(options_.plain ? value : masked(type, value, other), kValueCells);
    };
    if (part.raw_a == part.raw_b) return shown(part.raw_a, part.raw_b);
    return shown(part.raw_a, part.raw_b) + (part.level == kEqual ? "  =  " : "  |  ") + shown(part.raw_b, part.raw_a);
  }

  Both note_of(const ExplainedPart& part) const {
    auto note = level_label(fusion_.config(), fusion_.comparisons().list()[part.comparison], part.level);
    if (part.given < 0) return note;
    const auto& other = fusion_.config().attributes[fusion_.comparisons().list()[part.given].attribute].name;
    note.zh += fmt::format("（{} 已说明一部分）", text::shortened(other, 14));
    note.en += fmt::format(" (partly told by {})", text::shortened(other, 14));
    return note;
  }

  std::string name_of(const ExplainedPart& part) const { return text::shortened(attribute(part).name, 22); }

  /// A comparison without weight: one line with what there is.
  void missing(double y, const ExplainedPart& part) {
    const auto note = note_of(part);
    const auto shown = part.raw_a.empty() && part.raw_b.empty() ? std::string() : "  " + values(part);
    const auto name = name_of(part);
    row_head(y, {name, name}, {note.zh + shown, note.en + shown}, 0);
  }

  void comparison(double y, float before, const ExplainedPart& part) {
    const auto note = note_of(part);
    const float rest = part.weight + part.rarity;
    const auto name = name_of(part);
    row_head(y, {name, name}, note, rest);
    svg_.text(kLeft, y + 31, values(part), "soft");
    const float middle = before + part.weight;
    const auto weight = fmt::format("{}", bits_text(part.weight));
    if (part.weight != 0) {
      bar(y + kSecondLine, before, middle, part.weight > 0 ? "plus" : "minus",
          {fmt::format("{}：{} 比特（m {:.4f}，u {:.6f}）", note.zh, weight, part.m, part.u),
           fmt::format("{}: {} bits (m {:.4f}, u {:.6f})", note.en, weight, part.m, part.u)});
    }
    if (std::abs(part.rarity) < 0.05F) return;
    const auto rarity = bits_text(part.rarity);
    bar(y + kSecondLine, middle, part.sum, part.rarity > 0 ? "plus-2" : "minus-2",
        {fmt::format("{} 条记录有此值，稀有度 {} 比特", part.frequency, rarity),
         fmt::format("{} records hold this value: rarity {} bits", part.frequency, rarity)});
  }

  const Fusion& fusion_;
  const Explanation& e_;
  WaterfallOptions options_;
  Svg svg_;
  double low_ = 0;
  double high_ = 1;
};

}  // namespace

Svg draw_waterfall(const Fusion& fusion, const Explanation& explanation, std::string_view id,
                   const WaterfallOptions& options) {
  return Waterfall(fusion, explanation, id, options).draw();
}

}  // namespace zhili::fuse
