#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/// The bit-parallel kernels behind similar.hpp, for strings of at most 64 characters.
///
/// They all ask the same question for each character of one string: at which places of the other does it occur? The
/// usual answer is a table by character, which costs more to clear than short strings cost to compare. A Matcher keeps
/// the string in vector registers and compares all places at once instead.
namespace zhili::text::detail {

constexpr uint64_t low_bits(size_t n) { return n >= 64 ? ~uint64_t{0} : (uint64_t{1} << n) - 1; }

#ifdef __SSE2__

/// 1 to 16 bytes without reading past them; the rest is zero.
inline __m128i load_part(const char* p, size_t n) {
  uint64_t low = 0;
  uint64_t high = 0;
  if (n >= 8) {
    std::memcpy(&low, p, 8);
    if (n > 8) {
      std::memcpy(&high, p + n - 8, 8);
      high >>= 8 * (16 - n);
    }
  } else if (n >= 4) {
    uint32_t tail = 0;
    std::memcpy(&low, p, 4);
    std::memcpy(&tail, p + n - 4, 4);
    low |= uint64_t{tail} << (8 * (n - 4));
  } else {
    const auto at = [p](size_t i) { return uint64_t{static_cast<unsigned char>(p[i])} << (8 * i); };
    low = at(0) | at(n / 2) | at(n - 1);
  }
  return _mm_set_epi64x(static_cast<int64_t>(high), static_cast<int64_t>(low));
}

inline __m128i load_whole(const void* p) { return _mm_loadu_si128(static_cast<const __m128i*>(p)); }

/// Up to 16 bytes.
class ByteMatcher16 {
 public:
  explicit ByteMatcher16(std::string_view s) : chars_(load_part(s.data(), s.size())), valid_(low_bits(s.size())) {}
  uint64_t operator()(char c) const {
    return static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(chars_, _mm_set1_epi8(c)))) & valid_;
  }

 private:
  __m128i chars_;
  uint64_t valid_;
};

/// 16 * (kBlocks - 1) + 1 to 16 * kBlocks bytes; the last block ends where the string ends and may overlap the one
/// before.
template <int kBlocks>
class ByteMatcher {
 public:
  explicit ByteMatcher(std::string_view s) : last_(s.size() - 16) {
    for (int i = 0; i + 1 < kBlocks; ++i) blocks_[i] = load_whole(s.data() + size_t{16} * static_cast<size_t>(i));
    blocks_[kBlocks - 1] = load_whole(s.data() + last_);
  }
  uint64_t operator()(char c) const {
    const __m128i wanted = _mm_set1_epi8(c);
    const auto places = [&](int i) {
      return uint64_t{static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(blocks_[i], wanted)))};
    };
    uint64_t mask = places(kBlocks - 1) << last_;
    for (int i = 0; i + 1 < kBlocks; ++i) mask |= places(i) << (16 * i);
    return mask;
  }

 private:
  __m128i blocks_[kBlocks];
  size_t last_;
};

/// 1 to 4 characters.
class WideMatcher4 {
 public:
  explicit WideMatcher4(std::u32string_view s)
      : chars_(load_part(reinterpret_cast<const char*>(s.data()), 4 * s.size())), valid_(low_bits(s.size())) {}
  uint64_t operator()(char32_t c) const {
    const __m128i same = _mm_cmpeq_epi32(chars_, _mm_set1_epi32(static_cast<int>(c)));
    return static_cast<uint32_t>(_mm_movemask_ps(_mm_castsi128_ps(same))) & valid_;
  }

 private:
  __m128i chars_;
  uint64_t valid_;
};

/// 5 to 8 characters.
class WideMatcher8 {
 public:
  explicit WideMatcher8(std::u32string_view s)
      : first_(load_whole(s.data())), second_(load_whole(s.data() + s.size() - 4)), shift_(s.size() - 4) {}
  uint64_t operator()(char32_t c) const {
    const __m128i wanted = _mm_set1_epi32(static_cast<int>(c));
    const auto places = [&](__m128i chars) {
      return uint64_t{static_cast<uint32_t>(_mm_movemask_ps(_mm_castsi128_ps(_mm_cmpeq_epi32(chars, wanted))))};
    };
    return places(first_) | (places(second_) << shift_);
  }

 private:
  __m128i first_;
  __m128i second_;
  size_t shift_;
};

/// 9 to 64 characters in groups of 8 that are read where they lie; the last group ends where the string ends.
class WideMatcher {
 public:
  explicit WideMatcher(std::u32string_view s) : begin_(s.data()), last_(s.size() - 8) {}
  uint64_t operator()(char32_t c) const {
    const __m128i wanted = _mm_set1_epi32(static_cast<int>(c));
    const auto places = [&](size_t at) {
      const __m128i low = _mm_cmpeq_epi32(load_whole(begin_ + at), wanted);
      const __m128i high = _mm_cmpeq_epi32(load_whole(begin_ + at + 4), wanted);
      const __m128i both = _mm_packs_epi32(low, high);
      return uint64_t{static_cast<uint32_t>(_mm_movemask_epi8(_mm_packs_epi16(both, _mm_setzero_si128())))};
    };
    uint64_t mask = places(last_) << last_;
    for (size_t at = 0; at < last_; at += 8) mask |= places(at) << at;
    return mask;
  }

 private:
  const char32_t* begin_;
  size_t last_;
};

/// Calls `body` with a Matcher for `s`, of 1 to 64 characters.
template <class Body>
auto with_matcher(std::string_view s, Body&& body) {
  if (s.size() <= 16) return body(ByteMatcher16(s));
  if (s.size() <= 32) return body(ByteMatcher<2>(s));
  if (s.size() <= 48) return body(ByteMatcher<3>(s));
  return body(ByteMatcher<4>(s));
}

template <class Body>
auto with_matcher(std::u32string_view s, Body&& body) {
  if (s.size() <= 4) return body(WideMatcher4(s));
  if (s.size() <= 8) return body(WideMatcher8(s));
  return body(WideMatcher(s));
}

#else

/// For machines without SSE2: the compiler turns the loop into what the machine has.
template <class Char>
class PlainMatcher {
 public:
  explicit PlainMatcher(std::basic_string_view<Char> s) : s_(s) {}
  uint64_t operator()(Char c) const {
    uint64_t mask = 0;
    for (size_t i = 0; i < s_.size(); ++i) mask |= uint64_t{s_[i] == c} << i;
    return mask;
  }

 private:
  std::basic_string_view<Char> s_;
};

template <class Char, class Body>
auto with_matcher(std::basic_string_view<Char> s, Body&& body) {
  return body(PlainMatcher<Char>(s));
}

#endif

/// Myers' algorithm as Hyyrö restates it (A Bit-Vector Algorithm for Computing Levenshtein and Damerau Edit Distances,
/// 2003): one column of the table a step, vertical differences in two words. `m` is the length of the matcher's string.
template <class Matcher, class Char>
int bit_levenshtein(const Matcher& matcher, size_t m, std::basic_string_view<Char> text) {
  uint64_t plus = ~uint64_t{0};
  uint64_t minus = 0;
  int score = static_cast<int>(m);
  const unsigned top = static_cast<unsigned>(m) - 1;
  for (const Char c : text) {
    const uint64_t equal = matcher(c);
    const uint64_t diagonal = (((equal & plus) + plus) ^ plus) | equal | minus;
    const uint64_t row_plus = minus | ~(diagonal | plus);
    const uint64_t row_minus = diagonal & plus;
    score += static_cast<int>((row_plus >> top) & 1) - static_cast<int>((row_minus >> top) & 1);
    const uint64_t shifted = (row_plus << 1) | 1;
    plus = (row_minus << 1) | ~(diagonal | shifted);
    minus = shifted & diagonal;
  }
  return score;
}

/// State of the same algorithm with transpositions; `step` moves one column on.
class DamerauColumn {
 public:
  explicit DamerauColumn(size_t m) : score_(static_cast<int>(m)), top_(static_cast<unsigned>(m) - 1) {}
  void step(uint64_t equal) {
    const uint64_t swapped = ((~diagonal_ & equal) << 1) & last_equal_;
    diagonal_ = (((equal & plus_) + plus_) ^ plus_) | equal | minus_ | swapped;
    const uint64_t row_plus = minus_ | ~(diagonal_ | plus_);
    const uint64_t row_minus = diagonal_ & plus_;
    score_ += static_cast<int>((row_plus >> top_) & 1) - static_cast<int>((row_minus >> top_) & 1);
    const uint64_t shifted = (row_plus << 1) | 1;
    plus_ = (row_minus << 1) | ~(diagonal_ | shifted);
    minus_ = shifted & diagonal_;
    last_equal_ = equal;
  }
  int score() const { return score_; }

 private:
  uint64_t plus_ = ~uint64_t{0};
  uint64_t minus_ = 0;
  uint64_t diagonal_ = 0;
  uint64_t last_equal_ = 0;
  int score_;
  unsigned top_;
};

template <class Matcher, class Char>
int bit_damerau(const Matcher& matcher, size_t m, std::basic_string_view<Char> text) {
  DamerauColumn column(m);
  for (const Char c : text) column.step(matcher(c));
  return column.score();
}

template <class Matcher, class Char>
int bit_damerau_at_most(const Matcher& matcher, size_t m, std::basic_string_view<Char> text, int k) {
  DamerauColumn column(m);
  // The last row falls by at most one a column, so what is left bounds what can still be reached.
  int left = static_cast<int>(text.size());
  for (const Char c : text) {
    column.step(matcher(c));
    if (column.score() - --left > k) return k + 1;
  }
  return column.score();
}

/// `matcher` stands for the longer string `a`.
template <class Matcher, class Char>
double bit_jaro(const Matcher& matcher, std::basic_string_view<Char> a, std::basic_string_view<Char> b) {
  const size_t reach = a.size() >= 4 ? a.size() / 2 - 1 : 0;
  uint64_t window = low_bits(reach + 1);
  uint64_t taken_a = 0;
  uint64_t taken_b = 0;
  for (size_t j = 0; j < b.size(); ++j) {
    const uint64_t free = matcher(b[j]) & window & ~taken_a;
    taken_a |= free & (~free + 1);
    taken_b |= uint64_t{free != 0} << j;
    // The window's low end stays at 0 until j passes the reach.
    window = (window << 1) | uint64_t{j < reach};
  }
  if (taken_b == 0) return 0.0;
  const int common = std::popcount(taken_b);
  int moved = 0;
  for (uint64_t left_a = taken_a, left_b = taken_b; left_b != 0; left_a &= left_a - 1, left_b &= left_b - 1) {
    moved += a[static_cast<size_t>(std::countr_zero(left_a))] != b[static_cast<size_t>(std::countr_zero(left_b))];
  }
  const double n = common;
  const int swaps = moved / 2;
  return (n / static_cast<double>(a.size()) + n / static_cast<double>(b.size()) + (n - swaps) / n) / 3.0;
}

}  // namespace zhili::text::detail
