#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <type_traits>

namespace zhili::fuse {

/// What characters a value has, folded to 32 classes, how many, and how it begins: enough to know that two values are
/// too different for a measure, without looking at their text. Kept as three words.
struct Signature {
  uint64_t bits = 0;    ///< Two bits a class: it occurs; it occurs twice or more.
  uint32_t length = 0;  ///< Characters; kMost stands for that many or more.
  uint32_t extra = 0;   ///< Occurrences beyond those that `bits` counts; kMost likewise.
  uint32_t head = 0;    ///< The first four characters, four bits each, the first lowest.

  static constexpr uint32_t kWords = 3;
  static constexpr uint32_t kMost = 255;

  template <class Text>
  static Signature of(Text text) {
    Signature out;
    out.length = static_cast<uint32_t>(std::min<size_t>(text.size(), kMost));
    for (size_t i = 0; i < text.size(); ++i) {
      // Letters and digits get classes of their own as far as they go; other characters are spread.
      const auto code = uint32_t{static_cast<std::make_unsigned_t<typename Text::value_type>>(text[i])};
      const uint32_t spread = code * 0x9e3779b1U;
      const uint32_t place = code < 128 ? code & 31U : spread >> 27;
      const uint64_t once = uint64_t{1} << (2 * place);
      if (i < 4) out.head |= (spread >> 28) << (4 * i);
      if ((out.bits & once) == 0) {
        out.bits |= once;
      } else if ((out.bits & (once << 1)) == 0) {
        out.bits |= once << 1;
      } else if (out.extra < kMost) {
        ++out.extra;
      }
    }
    return out;
  }

  static Signature load(const uint32_t* words) {
    return {uint64_t{words[1]} << 32 | words[0], words[2] & 255U, words[2] >> 8 & 255U, words[2] >> 16};
  }
  void store(uint32_t* words) const {
    words[0] = static_cast<uint32_t>(bits);
    words[1] = static_cast<uint32_t>(bits >> 32);
    words[2] = length | extra << 8 | head << 16;
  }

  /// At least the number of characters that the two have in common, in whatever order.
  static uint32_t common(const Signature& a, const Signature& b) {
    return static_cast<uint32_t>(std::popcount(a.bits & b.bits)) + std::min(a.extra, b.extra);
  }
  static bool too_long(const Signature& a, const Signature& b) {
    return std::max(a.length, b.length) == kMost || std::max(a.extra, b.extra) == kMost;
  }

  /// How many of the first four characters agree, at most: the lowest bit that differs tells.
  static uint32_t agreeing_head(const Signature& a, const Signature& b) {
    return static_cast<uint32_t>(std::countr_zero((a.head ^ b.head) | 1U << 16)) / 4;
  }

  /// Not above the number of edits: one edit leaves all but one character in common.
  static int fewest_edits(const Signature& a, const Signature& b) {
    if (too_long(a, b)) return 0;
    return static_cast<int>(std::max(a.length, b.length)) - static_cast<int>(common(a, b));
  }
};

/// Tells which values can't reach a similarity after Jaro and Winkler, by a table of how many characters they would
/// need in common.
class JaroWinklerScreen {
 public:
  explicit JaroWinklerScreen(double least) {
    for (uint32_t a = 1; a < kLengths; ++a) {
      for (uint32_t b = 1; b < kLengths; ++b) {
        for (uint32_t agree = 0; agree <= 4; ++agree) needed_[place(a, b, agree)] = fewest(a, b, agree, least);
      }
    }
  }

  bool may_reach(const Signature& a, const Signature& b) const {
    if (a.length >= kLengths || b.length >= kLengths) return true;
    return Signature::common(a, b) >= needed_[place(a.length, b.length, Signature::agreeing_head(a, b))];
  }

 private:
  static constexpr uint32_t kLengths = 40;
  static constexpr size_t place(uint32_t a, uint32_t b, uint32_t agree) { return (a * kLengths + b) * 5 + agree; }

  /// Jaro's similarity is at most the mean of 1 and the shares of characters in common; Winkler adds a tenth of the
  /// rest for each of the first four that agree.
  static uint8_t fewest(uint32_t a, uint32_t b, uint32_t agree, double least) {
    constexpr double kRounding = 1e-9;
    for (uint32_t matches = 0; matches <= std::min(a, b); ++matches) {
      const double jaro = (static_cast<double>(matches) / a + static_cast<double>(matches) / b + 1) / 3;
      if (jaro + 0.1 * agree * (1 - jaro) >= least - kRounding) return static_cast<uint8_t>(matches);
    }
    return 255;
  }

  std::array<uint8_t, size_t{kLengths} * kLengths * 5> needed_{};
};

}  // namespace zhili::fuse
