#include "fuse/report.hpp"

#include <algorithm>
#include <array>

#include "fuse/report_html.hpp"
#include "fuse/report_sections.hpp"
#include "fuse/report_style.hpp"
#include "fuse/svg.hpp"

namespace zhili::fuse {
namespace {

struct NavEntry {
  std::string_view id;
  Both label;
};

std::string navigation() {
  static const std::array<NavEntry, 9> entries{{{"result", {"结果", "Result"}},
                                                {"sources", {"来源与质量", "Sources"}},
                                                {"entities", {"实体", "Entities"}},
                                                {"review", {"待复核", "Review"}},
                                                {"quality", {"准确度", "Quality"}},
                                                {"blocking", {"分块", "Blocking"}},
                                                {"model", {"模型", "Model"}},
                                                {"scores", {"得分", "Scores"}},
                                                {"run", {"运行", "Run"}}}};
  auto out = fmt::format("<nav aria-label=\"{}\"><ul>\n", plain({"目录", "Contents"}));
  for (const auto& entry : entries)
    out += fmt::format("<li><a href=\"#{}\">{}</a></li>\n", entry.id, spans(entry.label));
  return out + "</ul></nav>\n";
}

std::string head(const ReportInput& input) {
  const auto name = escaped(input.title);
  const auto zh = "归并报告 · " + name;
  const auto en = "Fusing report · " + name;
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"zh-CN\" data-title-zh=\"{0}\" data-title-en=\"{1}\">\n<head>\n"
      "<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
      "<meta name=\"referrer\" content=\"no-referrer\"/>\n<meta name=\"robots\" content=\"noindex\"/>\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
      "script-src 'unsafe-inline'; img-src data:\"/>\n<link rel=\"icon\" href=\"data:,\"/>\n<title>{0}</title>\n"
      "<style>\n{2}{3}{4}</style>\n</head>\n",
      zh, en, palette_css(":root"), report_css(), picture_css());
}

/// Two streams that become one.
constexpr std::string_view kLogo =
    "<svg viewBox=\"0 0 24 24\" aria-hidden=\"true\" focusable=\"false\" fill=\"none\" stroke=\"currentColor\" "
    "stroke-width=\"2.4\" stroke-linecap=\"round\"><path d=\"M3 5C10 5 10 12 15 12\"/><path d=\"M3 12H15\"/>"
    "<path d=\"M3 19C10 19 10 12 15 12\"/><circle cx=\"18.5\" cy=\"12\" r=\"3\" fill=\"currentColor\" stroke=\"none\"/>"
    "</svg>";

/// "2026-01-31T08:00:00.000Z" as "2026-01-31 08:00 UTC"; anything else as it is.
std::string readable(std::string_view time) {
  constexpr size_t kDate = 10;
  constexpr size_t kMinutes = 16;
  if (time.size() <= kMinutes || time[kDate] != 'T' || !time.ends_with('Z')) return std::string(time);
  return fmt::format("{} {} UTC", time.substr(0, kDate), time.substr(kDate + 1, kMinutes - kDate - 1));
}

std::string banner(const ReportInput& input) {
  auto meta = escaped(input.title);
  if (!input.made_at.empty()) meta += " · " + escaped(readable(input.made_at));
  return fmt::format(
      "<a class=\"skip\" href=\"#main\">{0}</a>\n<header>\n<div>\n<p class=\"brand\">{1}<span>智理 Zhili</span></p>\n"
      "<h1>{2}</h1>\n<p>{3}</p>\n</div>\n<fieldset class=\"lang\"><legend class=\"sr\">语言 / Language</legend>\n"
      "<label><input type=\"radio\" name=\"lang\" id=\"lang-zh\" checked=\"checked\"/><span lang=\"zh-CN\">中文</span>"
      "</label>\n<label><input type=\"radio\" name=\"lang\" id=\"lang-en\"/><span lang=\"en\">English</span></label>\n"
      "</fieldset>\n</header>\n",
      spans({"跳到正文", "Skip to content"}), kLogo, spans({"归并报告", "Fusing report"}), meta);
}

std::string footer(const ReportInput& input) {
  const Both text{
      fmt::format("由智理 {} 生成。本页自成一体，不连接任何网址。{}", input.version,
                  input.plain ? "本页含未遮盖的个人信息，请妥善保管。"
                              : "身份证号与电话已遮盖中间几位；≠ 表示被遮盖的这一位与对照的值不同。"),
      fmt::format("Made by Zhili {}. This page is complete in itself and contacts no address. {}", input.version,
                  input.plain ? "It shows personal data in full: keep it safe."
                              : "The middle of identity numbers and telephones is masked; ≠ marks a hidden "
                                "digit that differs from the value beside it.")};
  return fmt::format("<footer>{}</footer>\n", paragraph(text));
}

}  // namespace

std::vector<Edge> examples_of(const ReviewList& review) {
  constexpr size_t kExamples = 6;
  constexpr size_t kDoubts = 4;
  std::array<std::vector<size_t>, kDoubts> first;
  for (size_t i = 0; i < review.pairs.size(); ++i) {
    auto& kind = first[static_cast<size_t>(review.pairs[i].doubt)];
    if (kind.size() < kExamples) kind.push_back(i);
  }
  std::vector<size_t> taken;
  for (size_t turn = 0; turn < kExamples; ++turn) {
    for (const auto& kind : first) {
      if (turn < kind.size() && taken.size() < kExamples) taken.push_back(kind[turn]);
    }
  }
  std::ranges::sort(taken);
  std::vector<Edge> out;
  out.reserve(taken.size());
  for (const size_t i : taken) out.push_back({review.pairs[i].a, review.pairs[i].b, review.pairs[i].weight});
  return out;
}

Result<std::string> draw_report(const Fusion& fusion, const ReportInput& input) {
  const auto members = group_by(fusion.clusters().of_record);
  const auto figures = count_figures(fusion, members);
  ZHILI_TRY(fusion.cancel().check());
  const Sheet sheet{fusion, input, figures, members, input.evaluation};
  std::string out = head(input) + "<body>\n" + banner(input) + navigation() + "<main id=\"main\" tabindex=\"-1\">\n";
  for (const auto draw : {result_section, sources_section, entities_section, review_section, quality_section,
                          blocking_section, model_section, scores_section, run_section}) {
    out += draw(sheet);
    ZHILI_TRY(fusion.cancel().check());
  }
  return out + "</main>\n" + footer(input) + fmt::format("<script>{}</script>\n</body>\n</html>\n", report_script());
}

}  // namespace zhili::fuse
