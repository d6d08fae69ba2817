#include "fuse/report_html.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace zhili::fuse {
namespace {

constexpr std::string_view kStyle = "style=";

/// "<td class=… style=…>content</td>"
std::string cell(std::string_view content, bool number) {
  std::string style;
  if (content.starts_with(kStyle)) {
    const size_t end = content.find(';');
    style = fmt::format(" style=\"{}\"", content.substr(kStyle.size(), end - kStyle.size()));
    content.remove_prefix(end + 1);
  }
  return fmt::format("<td{}{}>{}</td>", number ? " class=\"n\"" : "", style, content);
}

}  // namespace

void HtmlTable::row(const std::vector<std::string>& cells) {
  ++rows_;
  body_ += "<tr>";
  for (size_t i = 0; i < cells.size(); ++i) {
    if (i == 0)
      body_ += fmt::format("<th scope=\"row\"{}>{}</th>", head_[0].number ? " class=\"n\"" : "", cells[0]);
    else
      body_ += cell(cells[i], head_[i].number);
  }
  body_ += "</tr>\n";
}

std::string HtmlTable::str(std::string_view filter_id) const {
  std::string out;
  if (!filter_id.empty()) {
    out += fmt::format(
        "<p class=\"filter\" hidden=\"hidden\"><label for=\"{0}-f\">{1}</label> <input type=\"search\" id=\"{0}-f\" "
        "data-table=\"{0}\"/></p>\n",
        filter_id, spans({"筛选", "Filter"}));
  }
  out += fmt::format(
      "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{}\">\n<table{}>\n<caption><div>{}</div>"
      "</caption>\n<thead><tr>",
      plain(caption_), filter_id.empty() ? "" : fmt::format(" id=\"{}\"", filter_id), spans(caption_));
  for (const auto& head : head_) {
    out += fmt::format("<th scope=\"col\"{}>{}</th>", head.number ? " class=\"n\"" : "", spans(head.label));
  }
  return out + "</tr></thead>\n<tbody>\n" + body_ + "</tbody>\n</table>\n</div>\n";
}

std::string percent_cell(double share, int digits) { return escaped(percent(share, digits)); }

std::string heat(double share, std::string_view markup) {
  constexpr double kDarkest = 0.38;
  return fmt::format("style=background:rgba(var(--heat),{:.3f});{}", std::clamp(share, 0.0, 1.0) * kDarkest, markup);
}

std::string bar_cell(double share, std::string_view markup) {
  return fmt::format("<span class=\"bar\" style=\"--w:{:.1f}%\">{}</span>", std::clamp(share, 0.0, 1.0) * 100, markup);
}

std::string weight_bar(double bits, double most) {
  const double width = std::min(50.0, std::abs(bits) / std::max(most, 0.1) * 50);
  return fmt::format(
      "<span class=\"wbar\" aria-hidden=\"true\"><i class=\"{}\" style=\"left:{:.1f}%;width:{:.1f}%\">"
      "</i></span>",
      bits < 0 ? "minus" : "plus", bits < 0 ? 50 - width : 50, width);
}

std::string section(std::string_view id, const Both& heading, std::string_view content) {
  return fmt::format("<section id=\"{0}\" aria-labelledby=\"{0}-h\">\n<h2 id=\"{0}-h\">{1}</h2>\n{2}</section>\n", id,
                     spans(heading), content);
}

std::string subheading(const Both& heading) { return fmt::format("<h3>{}</h3>\n", spans(heading)); }
std::string paragraph(const Both& text) { return fmt::format("<p>{}</p>\n", spans(text)); }
std::string callout(const Both& text) { return fmt::format("<p class=\"callout\">{}</p>\n", spans(text)); }

std::string figure(std::string_view picture, const Both& caption) {
  return fmt::format("<figure>\n{}<figcaption>{}</figcaption>\n</figure>\n", picture, spans(caption));
}

std::string details(const Both& summary, std::string_view content, bool open) {
  return fmt::format("<details{}><summary>{}</summary>\n{}</details>\n", open ? " open=\"open\"" : "", spans(summary),
                     content);
}

std::string tile(const Both& label, const Both& value, const Both& note) {
  return fmt::format("<div class=\"tile\"><dt>{}</dt><dd><b>{}</b>{}</dd></div>\n", spans(label), spans(value),
                     note.zh.empty() ? "" : fmt::format("<small>{}</small>", spans(note)));
}

}  // namespace zhili::fuse
