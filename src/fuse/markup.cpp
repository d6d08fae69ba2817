#include "fuse/markup.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "text/width.hpp"

namespace zhili::fuse {
namespace {

constexpr size_t kLongestText = 4096;  ///< Cells; no cell of a table should fill the page.

std::string wrapped(const Both& label, Language language, std::string_view tag) {
  if (language == Language::kChinese) return escaped(label.zh);
  if (language == Language::kEnglish) return escaped(label.en);
  if (label.zh == label.en) return escaped(label.zh);
  return fmt::format("<{0} class=\"zh\" lang=\"zh-CN\">{1}</{0}><{0} class=\"en\" lang=\"en\">{2}</{0}>", tag,
                     escaped(label.zh), escaped(label.en));
}

/// Three significant digits without trailing zeros.
std::string three_digits(double n) {
  const int decimals = n >= 100 ? 0 : n >= 10 ? 1 : 2;
  auto text = fmt::format("{:.{}f}", n, decimals);
  if (text.find('.') != std::string::npos) {
    while (text.ends_with('0')) text.pop_back();
    if (text.ends_with('.')) text.pop_back();
  }
  return text;
}

}  // namespace

std::string escaped(std::string_view text, size_t width) {
  std::string out;
  for (const char c : text::shortened(text, width)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string escaped(std::string_view text) { return escaped(text, kLongestText); }

std::string spans(const Both& label, Language language) { return wrapped(label, language, "span"); }
std::string tspans(const Both& label, Language language) { return wrapped(label, language, "tspan"); }

std::string plain(const Both& label, Language language) {
  if (language == Language::kChinese) return escaped(label.zh);
  if (language == Language::kEnglish) return escaped(label.en);
  return label.zh == label.en ? escaped(label.zh) : escaped(label.zh + " / " + label.en);
}

std::string with_commas(uint64_t n) {
  auto digits = std::to_string(n);
  for (auto at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) digits.insert(static_cast<size_t>(at), 1, ',');
  return digits;
}

Both short_number(double n) {
  const auto all = [](double x) { return with_commas(static_cast<uint64_t>(std::llround(std::max(0.0, x)))); };
  if (n < 10'000) return {all(n), all(n)};
  const auto zh = n < 9.995e7 ? three_digits(n / 1e4) + " 万" : three_digits(n / 1e8) + " 亿";
  const auto en = n < 9.995e5   ? three_digits(n / 1e3) + " K"
                  : n < 9.995e8 ? three_digits(n / 1e6) + " M"
                                : three_digits(n / 1e9) + " B";
  return {zh, en};
}

std::string percent(double share, int digits) {
  if (share <= 0) return "0%";
  if (share >= 1) return "100%";
  const double step = std::pow(10.0, -digits);
  if (share * 100 < step / 2) return fmt::format("<{:.{}f}%", step, digits);
  if (share * 100 > 100 - step / 2) return fmt::format(">{:.{}f}%", 100 - step, digits);
  return fmt::format("{:.{}f}%", share * 100, digits);
}

std::string set_share(double share) { return fmt::format("{:.6g}%", share * 100); }

std::string whole(double n) {
  const auto rounded = std::llround(n);
  return rounded < 0 ? fmt::format("\u2212{}", -rounded) : fmt::format("{}", rounded);
}

std::string bits_text(double bits) {
  const double rounded = std::round(bits * 10) / 10;
  if (rounded == 0) return "0.0";
  return fmt::format("{}{:.1f}", rounded < 0 ? "\u2212" : "+", std::abs(rounded));
}

Both duration(double seconds) {
  if (seconds < 10) return {fmt::format("{:.1f} 秒", seconds), fmt::format("{:.1f} s", seconds)};
  const auto whole = static_cast<uint64_t>(std::llround(seconds));
  if (whole < 120) return {fmt::format("{} 秒", whole), fmt::format("{} s", whole)};
  if (whole < 7200) {
    return {fmt::format("{} 分 {} 秒", whole / 60, whole % 60), fmt::format("{} min {} s", whole / 60, whole % 60)};
  }
  return {fmt::format("{} 小时 {} 分", whole / 3600, whole % 3600 / 60),
          fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60)};
}

Both byte_size(uint64_t bytes) {
  const auto n = static_cast<double>(bytes);
  const auto text = n < 1e6   ? fmt::format("{:.0f} KB", n / 1e3)
                    : n < 1e9 ? fmt::format("{:.0f} MB", n / 1e6)
                              : fmt::format("{:.1f} GB", n / 1e9);
  return {text, text};
}

}  // namespace zhili::fuse
