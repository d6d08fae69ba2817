#include "text/similar.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace zhili::text::detail {
namespace {

template <class Char>
using View = std::basic_string_view<Char>;

constexpr int kNoBound = std::numeric_limits<int>::max() - 1;

#ifdef __SSE2__
template <class Char>
using BlockMatcher = std::conditional_t<sizeof(Char) == 1, ByteMatcher<4>, WideMatcher>;
#else
template <class Char>
using BlockMatcher = PlainMatcher<Char>;
#endif

/// What one block of 64 rows hands to the next: the horizontal differences of its last row, and whether a swap reaches
/// over the edge.
struct Carry {
  uint64_t plus;
  uint64_t minus;
  uint64_t swapped;
};

/// 64 rows of the table, one column a step, as in DamerauColumn.
template <class Char, bool kSwaps>
class Block {
 public:
  explicit Block(View<Char> rows) : matcher_(rows) {}

  /// Returns the horizontal differences of this column, before they are shifted.
  std::pair<uint64_t, uint64_t> step(Char c, Carry& carry) {
    const uint64_t equal = matcher_(c);
    const uint64_t x = equal | carry.minus;
    uint64_t diagonal = (((x & plus_) + plus_) ^ plus_) | x | minus_;
    uint64_t swapped = 0;
    if constexpr (kSwaps) {
      const uint64_t candidates = ~diagonal_ & equal;
      diagonal |= ((candidates << 1) | carry.swapped) & last_equal_;
      swapped = candidates >> 63;
      last_equal_ = equal;
      diagonal_ = diagonal;
    }
    const uint64_t row_plus = minus_ | ~(diagonal | plus_);
    const uint64_t row_minus = diagonal & plus_;
    const uint64_t shifted_plus = (row_plus << 1) | carry.plus;
    const uint64_t shifted_minus = (row_minus << 1) | carry.minus;
    plus_ = shifted_minus | ~(diagonal | shifted_plus);
    minus_ = shifted_plus & diagonal;
    carry = {row_plus >> 63, row_minus >> 63, swapped};
    return {row_plus, row_minus};
  }

 private:
  BlockMatcher<Char> matcher_;
  uint64_t plus_ = ~uint64_t{0};
  uint64_t minus_ = 0;
  uint64_t diagonal_ = 0;
  uint64_t last_equal_ = 0;
};

/// min(distance, k + 1) for |a| > 64 and any b. Rows of `a` in blocks of 64, the last filled up with zeros that lie
/// below the row that counts.
template <bool kSwaps, class Char>
int block_distance(View<Char> a, View<Char> b, int k) {
  constexpr size_t kRows = 64;
  std::basic_string<Char> padded(a);
  padded.resize((a.size() + kRows - 1) / kRows * kRows);
  std::vector<Block<Char, kSwaps>> blocks;
  blocks.reserve(padded.size() / kRows);
  for (size_t i = 0; i < padded.size(); i += kRows) blocks.emplace_back(View<Char>(padded).substr(i, kRows));
  const unsigned top = (a.size() - 1) % kRows;
  auto score = static_cast<int64_t>(a.size());
  auto left = static_cast<int64_t>(b.size());
  for (const Char c : b) {
    Carry carry{1, 0, 0};
    for (size_t i = 0; i + 1 < blocks.size(); ++i) blocks[i].step(c, carry);
    const auto [plus, minus] = blocks.back().step(c, carry);
    score += static_cast<int64_t>((plus >> top) & 1) - static_cast<int64_t>((minus >> top) & 1);
    if (score - --left > k) return k + 1;
  }
  return static_cast<int>(std::min<int64_t>(score, int64_t{k} + 1));
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
  const size_t swaps = moved / 2;
  return (n / static_cast<double>(a.size()) + n / static_cast<double>(b.size()) +
          (n - static_cast<double>(swaps)) / n) /
         3.0;
}

}  // namespace

int long_levenshtein(std::string_view a, std::string_view b) { return block_distance<false>(a, b, kNoBound); }
int long_levenshtein(std::u32string_view a, std::u32string_view b) { return block_distance<false>(a, b, kNoBound); }
int long_damerau_at_most(std::string_view a, std::string_view b, int k) { return block_distance<true>(a, b, k); }
int long_damerau_at_most(std::u32string_view a, std::u32string_view b, int k) { return block_distance<true>(a, b, k); }
double long_jaro(std::string_view a, std::string_view b) { return table_jaro(a, b); }
double long_jaro(std::u32string_view a, std::u32string_view b) { return table_jaro(a, b); }

}  // namespace zhili::text::detail
