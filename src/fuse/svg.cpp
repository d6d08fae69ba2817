#include "fuse/svg.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace zhili::fuse {
namespace {

/// At most one decimal, and none where it is 0.
std::string number(double x) {
  auto text = fmt::format("{:.1f}", x);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text == "-0" ? "0" : text;
}

std::string class_of(std::string_view classes) {
  return classes.empty() ? std::string() : fmt::format(" class=\"{}\"", classes);
}

constexpr std::string_view kPictureCss = R"css(
.picture{font-family:system-ui,-apple-system,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Noto Sans SC",sans-serif;font-size:13px}
.picture text{fill:var(--ink);paint-order:stroke;stroke:var(--card);stroke-width:3px;stroke-linejoin:round}
.picture .soft{fill:var(--soft)}
.picture .strong{font-weight:600}
.picture .big{font-size:16px;font-weight:650}
.picture .small{font-size:11.5px}
.picture .end{text-anchor:end}
.picture .middle{text-anchor:middle}
.picture .mono{font-variant-numeric:tabular-nums}
.picture .grid{stroke:var(--line);stroke-width:1}
.picture .axis{stroke:var(--soft);stroke-width:1}
.picture .mark{stroke:var(--mark);stroke-width:1.5;stroke-dasharray:5 3}
.picture text.mark-text{fill:var(--mark);font-weight:600}
.picture .band{fill:var(--band)}
.picture .plus{fill:var(--plus)}
.picture .minus{fill:var(--minus)}
.picture .plus-2{fill:var(--plus-2)}
.picture .minus-2{fill:var(--minus-2)}
.picture text.plus{fill:var(--plus-ink)}
.picture text.minus{fill:var(--minus-ink)}
.picture .base{fill:var(--base)}
.picture .rest{fill:var(--rest)}
.picture .join{stroke:var(--soft);stroke-width:1;stroke-dasharray:2 2}
.picture .flow{fill:var(--plus)}
.picture .k1{fill:var(--minus);opacity:.4}
.picture .k2{opacity:.22}
.picture .k3{opacity:.32}
.picture .k4{opacity:.42}
.picture .k5{opacity:.52}
.picture .k6{opacity:.65}
.picture .curve{fill:none;stroke-width:2.5;stroke-linejoin:round}
.picture .curve.one{stroke:var(--plus)}
.picture .curve.two{stroke:var(--minus)}
.picture .curve.three{stroke:var(--green)}
.picture .dot.one{fill:var(--plus)}
.picture .dot.two{fill:var(--minus)}
.picture .dot.three{fill:var(--green)}
.picture .area{fill:var(--plus);opacity:.9}
)css";

constexpr std::string_view kLight =
    "--paper:#fff;--card:#fff;--page:#f4f6f9;--ink:#16202c;--soft:#55616f;--line:#dde3ea;--mark:#7a3ea8;"
    "--band:#f3e9fa;--plus:#2a6fbb;--plus-2:#8db9e6;--plus-ink:#0b5cad;--minus:#d2691e;--minus-2:#f0b98b;"
    "--minus-ink:#a3470b;--base:#6b7785;--rest:#c4ccd6;--green:#2e8b6f;--accent:#0b5cad;--good:#1d7a4f;--bad:#b3261e;"
    "--heat:11,92,173;";
constexpr std::string_view kDark =
    "--paper:#12171e;--card:#1a212b;--page:#0f141a;--ink:#e6ebf1;--soft:#a3afbd;--line:#303b48;--mark:#cf9bf3;"
    "--band:#33253f;--plus:#5b9fe3;--plus-2:#2f5f93;--plus-ink:#8cc0f5;--minus:#e8894a;--minus-2:#8a5128;"
    "--minus-ink:#f5ab77;--base:#8c98a6;--rest:#465362;--green:#52b795;--accent:#7db8f2;--good:#6cd0a0;--bad:#ff9c94;"
    "--heat:91,159,227;";

}  // namespace

std::string_view picture_css() { return kPictureCss; }

std::string palette_css(std::string_view selector) {
  return fmt::format(
      "{0}{{color-scheme:light;{1}}}\n@media (prefers-color-scheme:dark){{{0}{{color-scheme:dark;{2}}}}}\n"
      "@media print{{{0}{{color-scheme:light;{1}}}}}\n",
      selector, kLight, kDark);
}

Svg::Svg(std::string_view id, double width, double height, const Both& title, const Both& description,
         Language language)
    : id_(id), width_(width), height_(height), title_(title), description_(description), language_(language) {}

std::string Svg::tip(const Both& label) const {
  return label.zh.empty() ? std::string() : fmt::format("<title>{}</title>", plain(label, language_));
}

void Svg::rect(double x, double y, double width, double height, std::string_view classes, const Both& tip_text) {
  const auto shape = fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"{}", number(x), number(y),
                                 number(std::max(width, 0.0)), number(std::max(height, 0.0)), class_of(classes));
  const auto title = tip(tip_text);
  body_ += title.empty() ? shape + "/>\n" : shape + ">" + title + "</rect>\n";
}

void Svg::line(double x1, double y1, double x2, double y2, std::string_view classes) {
  body_ += fmt::format("<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"{}/>\n", number(x1), number(y1), number(x2),
                       number(y2), class_of(classes));
}

void Svg::path(std::string_view d, std::string_view classes, const Both& tip_text) {
  const auto title = tip(tip_text);
  body_ += fmt::format("<path d=\"{}\"{}", d, class_of(classes)) + (title.empty() ? "/>\n" : ">" + title + "</path>\n");
}

void Svg::circle(double x, double y, double radius, std::string_view classes) {
  body_ += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\"{}/>\n", number(x), number(y), number(radius),
                       class_of(classes));
}

void Svg::text(double x, double y, std::string_view text, std::string_view classes) {
  markup(x, y, escaped(text), classes);
}

void Svg::label(double x, double y, const Both& label, std::string_view classes) {
  markup(x, y, tspans(label, language_), classes);
}

void Svg::markup(double x, double y, std::string_view markup, std::string_view classes) {
  body_ += fmt::format("<text x=\"{}\" y=\"{}\"{}>{}</text>\n", number(x), number(y), class_of(classes), markup);
}

std::string Svg::wrapped(std::string_view attributes, std::string_view style) const {
  return fmt::format(
      "<svg{0} class=\"picture\" viewBox=\"0 0 {1} {2}\" role=\"img\" aria-labelledby=\"{3}-t {3}-d\">\n"
      "<title id=\"{3}-t\">{4}</title><desc id=\"{3}-d\">{5}</desc>\n{6}{7}</svg>\n",
      attributes, number(width_), number(height_), id_, plain(title_, language_), plain(description_, language_), style,
      body_);
}

std::string Svg::inlined() const { return wrapped("", ""); }

std::string Svg::standalone() const {
  const auto style = fmt::format("<style>{}{}</style>\n<rect width=\"{}\" height=\"{}\" fill=\"var(--paper)\"/>\n",
                                 palette_css(":root"), picture_css(), number(width_), number(height_));
  const auto size =
      fmt::format(" xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\"", number(width_), number(height_));
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + wrapped(size, style);
}

std::vector<double> ticks_between(double low, double high, double step) {
  constexpr double kSlack = 1e-6;  // Of a step, for bounds that are multiples themselves.
  const auto first = static_cast<int64_t>(std::ceil(low / step - kSlack));
  const auto last = static_cast<int64_t>(std::floor(high / step + kSlack));
  std::vector<double> out;
  for (int64_t k = first; k <= last; ++k) out.push_back(static_cast<double>(k) * step);
  return out;
}

double nice_step(double range, int most) {
  if (!(range > 0)) return 1;
  const double raw = range / most;
  const double power = std::pow(10, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (raw <= factor * power * (1 + 1e-9)) return factor * power;
  }
  return 10 * power;
}

}  // namespace zhili::fuse
