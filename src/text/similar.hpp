#pragma once

#include <algorithm>
#include <string_view>

#include "text/similar_bits.hpp"

/// Distances and similarities of two strings. A string_view is compared byte by byte, so give it ASCII; decode other
/// text and give the u32string_view. Bit-parallel and without allocation where the longer string has at most 64
/// characters; longer ones take memory in proportion to the shorter and time in proportion to the product of the
/// lengths, or to length times k for `damerau_at_most`.
namespace zhili::text {

namespace detail {
int long_levenshtein(std::string_view a, std::string_view b);
int long_levenshtein(std::u32string_view a, std::u32string_view b);
int long_damerau_at_most(std::string_view a, std::string_view b, int k);
int long_damerau_at_most(std::u32string_view a, std::u32string_view b, int k);
double long_jaro(std::string_view a, std::string_view b);
double long_jaro(std::u32string_view a, std::u32string_view b);

template <class Char>
int levenshtein_of(std::basic_string_view<Char> a, std::basic_string_view<Char> b) {
  if (a.size() < b.size()) std::swap(a, b);
  if (b.empty()) return static_cast<int>(a.size());
  if (a.size() > 64) [[unlikely]]
    return long_levenshtein(a, b);
  return with_matcher(a, [&](const auto& matcher) { return bit_levenshtein(matcher, a.size(), b); });
}

template <class Char>
int damerau_of(std::basic_string_view<Char> a, std::basic_string_view<Char> b) {
  if (a.size() < b.size()) std::swap(a, b);
  if (b.empty()) return static_cast<int>(a.size());
  if (a.size() > 64) [[unlikely]]
    return long_damerau_at_most(a, b, static_cast<int>(a.size()));
  return with_matcher(a, [&](const auto& matcher) { return bit_damerau(matcher, a.size(), b); });
}

template <class Char>
int damerau_at_most_of(std::basic_string_view<Char> a, std::basic_string_view<Char> b, int k) {
  if (a.size() < b.size()) std::swap(a, b);
  if (k < 0 || a.size() - b.size() > static_cast<size_t>(k)) return k + 1;
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

}  // namespace zhili::text
