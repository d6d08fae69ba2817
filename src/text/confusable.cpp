#include "text/confusable.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "text/pinyin.hpp"

namespace zhili::text {
namespace {

// Both compilers take string literals far longer than the standard asks of them.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"
#include "text/confusable_data.inc"
#pragma GCC diagnostic pop

template <class Same>
bool share_syllable(char32_t a, char32_t b, Same same) {
  const Syllables left = syllables(a);
  const Syllables right = syllables(b);
  return std::ranges::any_of(
      left.all(), [&](uint16_t x) { return std::ranges::any_of(right.all(), [&](uint16_t y) { return same(x, y); }); });
}

}  // namespace

std::span<const char32_t> look_alikes(char32_t c) {
  const auto found = std::ranges::lower_bound(kKeys, c);
  if (found == kKeys.end() || *found != c) return {};
  const auto i = static_cast<size_t>(found - kKeys.begin());
  return {kLookAlikes + kStarts[i], kLookAlikes + kStarts[i + 1]};
}

bool look_alike(char32_t a, char32_t b) {
  const auto kin = look_alikes(a);
  return std::ranges::find(kin, b) != kin.end();
}

bool sound_alike(char32_t a, char32_t b) {
  return share_syllable(a, b, [](uint16_t x, uint16_t y) { return x == y; });
}

bool sound_alike_loosely(char32_t a, char32_t b) {
  return share_syllable(a, b, [](uint16_t x, uint16_t y) { return loose_class(x) == loose_class(y); });
}

}  // namespace zhili::text
