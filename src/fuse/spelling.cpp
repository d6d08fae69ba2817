#include "fuse/spelling.hpp"

#include <algorithm>

#include "text/utf8.hpp"

namespace zhili::fuse {
namespace {

bool is_figure(char c) { return c >= '0' && c <= '9'; }

/// Words of more than one letter.
uint32_t whole_words(std::string_view value) {
  uint32_t words = 0;
  while (!value.empty()) {
    const auto end = std::min(value.find(' '), value.size());
    if (text::count_chars(value.substr(0, end)) > 1) ++words;
    value.remove_prefix(std::min(end + 1, value.size()));
  }
  return words;
}

uint32_t said(const Attribute& attribute, std::string_view value) {
  switch (attribute.type) {
    case SemanticType::kDate:
      return static_cast<uint32_t>(std::ranges::count_if(value, is_figure));
    case SemanticType::kLatinName:
      return std::min(whole_words(value), attribute.part == NamePart::kFull ? 2U : 1U);
    case SemanticType::kChineseName:
      return attribute.part == NamePart::kFull && text::count_chars(value) < 2 ? 0 : 1;
    case SemanticType::kAddress:
      return std::ranges::any_of(value, is_figure) ? 1 : 0;
    default:
      return 0;
  }
}

}  // namespace

uint32_t fullness(const Attribute& attribute, std::string_view value) {
  if (value.contains('*')) return 0;
  if (attribute.type == SemanticType::kChineseName && value.ends_with("某")) return 0;
  return 1 + said(attribute, value);
}

uint32_t spelling_faults(std::string_view raw) {
  uint32_t faults = 0;
  uint32_t capitals = 0;
  uint32_t small = 0;
  char32_t before = U' ';
  const auto is_space = [](char32_t c) { return c == U' ' || c == 0xA0 || c == 0x3000; };
  text::each_char(raw, [&](char32_t c) {
    if (is_space(c) && is_space(before)) ++faults;
    if (c == 0xA0 || (c >= 0xFF01 && c <= 0xFF5E) || c == 0x3000 || c < 0x20 || c == 0x7F || c == text::kReplacement) {
      ++faults;
    }
    capitals += static_cast<uint32_t>(c >= U'A' && c <= U'Z');
    small += static_cast<uint32_t>(c >= U'a' && c <= U'z');
    before = c;
  });
  if (!raw.empty() && is_space(before)) ++faults;
  if (capitals + small > 1 && (capitals == 0 || small == 0)) ++faults;
  return faults;
}

}  // namespace zhili::fuse
