#include "text/similar.hpp"

#include <cstdint>
#include <vector>

namespace zhili::text::detail {
namespace {

template <class Char>
using View = std::basic_string_view<Char>;

template <class Char>
void trim_common(View<Char>& a, View<Char>& b) {
  while (!a.empty() && !b.empty() && a.front() == b.front()) {
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  while (!a.empty() && !b.empty() && a.back() == b.back()) {
    a.remove_suffix(1);
    b.remove_suffix(1);
  }
}

/// Rows of a, columns of b, by the textbook; |a| >= |b|.
template <class Char>
int table_levenshtein(View<Char> a, View<Char> b) {
  trim_common(a, b);
  std::vector<int> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    int corner = row[0];
    row[0] = static_cast<int>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const int above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, corner + (a[i - 1] != b[j - 1])});
      corner = above;
    }
  }
  return row.back();
}

/// As above with transpositions, only the cells within k of the diagonal; |a| >= |b|.
template <class Char>
int band_damerau(View<Char> a, View<Char> b, int k) {
  trim_common(a, b);
  const auto band = static_cast<size_t>(k);
  const int far = k + 1;
  std::vector<int> before(b.size() + 1, far);
  std::vector<int> last(b.size() + 1, far);
  std::vector<int> row(b.size() + 1, far);
  for (size_t j = 0; j <= std::min(b.size(), band); ++j) last[j] = static_cast<int>(j);
  int last_least = 0;
  for (size_t i = 1; i <= a.size(); ++i) {
    const size_t from = i > band ? i - band : 1;
    const size_t to = std::min(b.size(), i + band);
    row[from - 1] = from == 1 ? std::min(static_cast<int>(i), far) : far;
    int least = row[from - 1];
    for (size_t j = from; j <= to; ++j) {
      int best = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) best = std::min(best, before[j - 2] + 1);
      row[j] = std::min(best, far);
      least = std::min(least, row[j]);
    }
    if (to < b.size()) row[to + 1] = far;
    // A swap may reach back one row more, so two rows must be out of reach.
    if (least > k && last_least > k) return far;
    last_least = least;
    before.swap(last);
    last.swap(row);
  }
  return last.back();
}

template <class Char>
double table_jaro(View<Char> a, View<Char> b) {
  const size_t reach = a.size() / 2 - 1;
  std::vector<bool> taken(a.size(), false);
  std::vector<Char> matched;
  for (size_t j = 0; j < b.size(); ++j) {
    const size_t end = std::min(a.size(), j + reach + 1);
    for (size_t i = j > reach ? j - reach : 0; i < end; ++i) {
      if (!taken[i] && a[i] == b[j]) {
        taken[i] = true;
        matched.push_back(b[j]);
        break;
      }
    }
  }
  if (matched.empty()) return 0.0;
  size_t moved = 0;
  size_t next = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    if (taken[i]) moved += a[i] != matched[next++];
  }
  const auto n = static_cast<double>(matched.size());
  return (n / static_cast<double>(a.size()) + n / static_cast<double>(b.size()) +
          (n - static_cast<double>(moved / 2)) / n) /
         3.0;
}

}  // namespace

int long_levenshtein(std::string_view a, std::string_view b) { return table_levenshtein(a, b); }
int long_levenshtein(std::u32string_view a, std::u32string_view b) { return table_levenshtein(a, b); }
int long_damerau_at_most(std::string_view a, std::string_view b, int k) { return band_damerau(a, b, k); }
int long_damerau_at_most(std::u32string_view a, std::u32string_view b, int k) { return band_damerau(a, b, k); }
double long_jaro(std::string_view a, std::string_view b) { return table_jaro(a, b); }
double long_jaro(std::u32string_view a, std::u32string_view b) { return table_jaro(a, b); }

}  // namespace zhili::text::detail
