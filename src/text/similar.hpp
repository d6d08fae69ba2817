#pragma once

#include <algorithm>
#include <string_view>

#include "text/similar_bits.hpp"

/// Distances and similarities of two strings. A string_view is compared byte by byte, so give it ASCII; decode other
/// text and give the u32string_view. Bit-parallel; without allocation where the longer string, for the distances
/// without the common beginning, has at most 64 characters. Longer ones take memory in proportion to the longer and
/// time in proportion to the product of the lengths, over 64 for the distances.
namespace zhili::text {

namespace detail {
int long_levenshtein(std::string_view a, std::string_view b);
int long_levenshtein(std::u32string_view a, std::u32string_view b);
int long_damerau_at_most(std::string_view a, std::string_view b, int k);
int long_damerau_at_most(std::u32string_view a, std::u32string_view b, int k);
double long_jaro(std::string_view a, std::string_view b);
double long_jaro(std::u32string_view a, std::u32string_view b);

/// Takes off what both begin with: a step costs a tenth of a column of the kernel, and kin mostly begin alike.
template <class Char>
void trim_front(std::basic_string_view<Char>& a, std::basic_string_view<Char>& b) {
  size_t n = 0;
  while (n < b.size() && a[n] == b[n]) ++n;
  a.remove_prefix(n);
  b.remove_prefix(n);
}

template <class Char>
int levenshtein_of(std::basic_string_view<Char> a, std::basic_string_view<Char> b) {
  if (a.size() < b.size()) std::swap(a, b);
  trim_front(a, b);
  if (b.empty()) return static_cast<int>(a.size());
  if (a.size() > 64) [[unlikely]]
    return long_levenshtein(a, b);
  return with_matcher(a, [&](const auto& matcher) { return bit_levenshtein(matcher, a.size(), b); });
}

template <class Char>
int damerau_of(std::basic_string_view<Char> a, std::basic_string_view<Char> b) {
  if (a.size() < b.size()) std::swap(a, b);
  trim_front(a, b);
  if (b.empty()) return static_cast<int>(a.size());
  if (a.size() > 64) [[unlikely]]
    return long_damerau_at_most(a, b, static_cast<int>(a.size()));
  return with_matcher(a, [&](const auto& matcher) { return bit_damerau(matcher, a.size(), b); });
}

template <class Char>
int damerau_at_most_of(std::basic_string_view<Char> a, std::basic_string_view<Char> b, int k) {
  if (a.size() < b.size()) std::swap(a, b);
  if (k < 0 || a.size() - b.size() > static_cast<size_t>(k)) return k + 1;
  trim_front(a, b);
  if (b.empty()) return static_cast<int>(a.size());
  if (a.size() > 64) [[unlikely]]
    return long_damerau_at_most(a, b, k);
  return with_matcher(a, [&](const auto& matcher) { return bit_damerau_at_most(matcher, a.size(), b, k); });
}

template <class Char>
double jaro_of(std::basic_string_view<Char> a, std::basic_string_view<Char> b) {
  if (a.size() < b.size()) std::swap(a, b);
  if (b.empty()) return a.empty() ? 1.0 : 0.0;
  if (a.size() > 64) [[unlikely]]
    return long_jaro(a, b);
  return with_matcher(a, [&](const auto& matcher) { return bit_jaro(matcher, a, b); });
}

/// Winkler's bonus for a common prefix, given where Jaro passes 0.7 as in his paper.
template <class Char>
double with_prefix(std::basic_string_view<Char> a, std::basic_string_view<Char> b, double jaro) {
  if (jaro <= 0.7) return jaro;
  const size_t most = std::min({a.size(), b.size(), size_t{4}});
  size_t n = 0;
  while (n < most && a[n] == b[n]) ++n;
  return jaro + 0.1 * static_cast<double>(n) * (1.0 - jaro);
}

template <class Char>
bool jaro_winkler_at_least_of(std::basic_string_view<Char> a, std::basic_string_view<Char> b, double least) {
  if (a.size() < b.size()) std::swap(a, b);
  // The most that strings of these lengths can reach: all of the shorter matched in order. The margin is for rounding.
  constexpr double kRounding = 1e-9;
  if (!b.empty()) {
    const double most = (2.0 + static_cast<double>(b.size()) / static_cast<double>(a.size())) / 3.0;
    if (with_prefix(a, b, most) < least - kRounding) return false;
  }
  return with_prefix(a, b, jaro_of(a, b)) >= least;
}
}  // namespace detail

/// Fewest insertions, deletions and substitutions that turn `a` into `b` (Myers 1999 in Hyyrö's form).
inline int levenshtein(std::string_view a, std::string_view b) { return detail::levenshtein_of(a, b); }
inline int levenshtein(std::u32string_view a, std::u32string_view b) { return detail::levenshtein_of(a, b); }

/// Optimal string alignment: as `levenshtein`, and swapping two neighbours is one step too; no character is edited
/// twice (Hyyrö 2003).
inline int damerau(std::string_view a, std::string_view b) { return detail::damerau_of(a, b); }
inline int damerau(std::u32string_view a, std::u32string_view b) { return detail::damerau_of(a, b); }

/// min(damerau(a, b), k + 1), faster the smaller k is.
inline int damerau_at_most(std::string_view a, std::string_view b, int k) {
  return detail::damerau_at_most_of(a, b, k);
}
inline int damerau_at_most(std::u32string_view a, std::u32string_view b, int k) {
  return detail::damerau_at_most_of(a, b, k);
}

/// In [0, 1]; 1 for two empty strings, 0 for one. Characters match within max(|a|, |b|) / 2 - 1 places (Jaro 1989).
inline double jaro(std::string_view a, std::string_view b) { return detail::jaro_of(a, b); }
inline double jaro(std::u32string_view a, std::u32string_view b) { return detail::jaro_of(a, b); }

/// Jaro, and where it passes 0.7 a tenth of the way to 1 for each of the first 4 characters that agree (Winkler 1990).
inline double jaro_winkler(std::string_view a, std::string_view b) { return detail::with_prefix(a, b, jaro(a, b)); }
inline double jaro_winkler(std::u32string_view a, std::u32string_view b) {
  return detail::with_prefix(a, b, jaro(a, b));
}

/// jaro_winkler(a, b) >= least, mostly decided by the lengths and the beginnings alone where it is not.
inline bool jaro_winkler_at_least(std::string_view a, std::string_view b, double least) {
  return detail::jaro_winkler_at_least_of(a, b, least);
}
inline bool jaro_winkler_at_least(std::u32string_view a, std::u32string_view b, double least) {
  return detail::jaro_winkler_at_least_of(a, b, least);
}

}  // namespace zhili::text
