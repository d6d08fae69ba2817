#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace zhili::fuse {

/// A label in both languages of the report. Plain text, not markup.
struct Both {
  std::string zh;
  std::string en;
};

/// kBoth writes both into the markup, of which the page's style shows one.
enum class Language : uint8_t { kChinese, kEnglish, kBoth };

/// Text for HTML and SVG, in content and in quoted attributes. Control characters become spaces, invalid bytes U+FFFD.
std::string escaped(std::string_view text);
/// The same, cut to `width` cells as text::shortened does.
std::string escaped(std::string_view text, size_t width);

/// <span>s for HTML, or <tspan>s for SVG.
std::string spans(const Both& label, Language language = Language::kBoth);
std::string tspans(const Both& label, Language language = Language::kBoth);
/// For attributes and titles, which can't hold markup: "阈值 / threshold" for kBoth. Escaped.
std::string plain(const Both& label, Language language = Language::kBoth);

/// 1234567 as "1,234,567".
std::string with_commas(uint64_t n);
/// 123456789 as "1.23 亿" and "123 M"; below 10,000 all digits.
Both short_number(double n);
/// A share as percent with up to `digits` decimals. Rounds away from 0 and 100 %: only 1 is "100%", only 0 is "0%".
std::string percent(double share, int digits = 1);
/// A share as it was set, without needless zeros: "90%", "99.5%".
std::string set_share(double share);
/// A whole number with a real minus.
std::string whole(double n);
/// A weight with its sign: "+3.2", "−0.4" (with a real minus).
std::string bits_text(double bits);
/// "0.4 秒", "3 分 12 秒" and their like.
Both duration(double seconds);
Both byte_size(uint64_t bytes);

}  // namespace zhili::fuse
