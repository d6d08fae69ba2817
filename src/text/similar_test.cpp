#include "text/similar.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace zhili::text {
namespace {

/// Textbook tables, written apart from the code under test.
template <class Char>
int plain_distance(std::basic_string_view<Char> a, std::basic_string_view<Char> b, bool swaps) {
  std::vector<std::vector<int>> d(a.size() + 1, std::vector<int>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = static_cast<int>(i + j);
        continue;
      }
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (swaps && i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

template <class Char>
double plain_jaro(std::basic_string_view<Char> a, std::basic_string_view<Char> b) {
  if (a.size() < b.size()) std::swap(a, b);
  if (b.empty()) return a.empty() ? 1 : 0;
  const int reach = std::max(0, static_cast<int>(a.size()) / 2 - 1);
  std::vector<bool> used(a.size());
  std::vector<size_t> from_a;
  std::vector<size_t> from_b;
  for (int j = 0; j < static_cast<int>(b.size()); ++j) {
    for (int i = std::max(0, j - reach); i <= std::min(static_cast<int>(a.size()) - 1, j + reach); ++i) {
      if (used[static_cast<size_t>(i)] || a[static_cast<size_t>(i)] != b[static_cast<size_t>(j)]) continue;
      used[static_cast<size_t>(i)] = true;
      from_b.push_back(static_cast<size_t>(j));
      break;
    }
  }
  for (size_t i = 0; i < a.size(); ++i) {
    if (used[i]) from_a.push_back(i);
  }
  const double n = static_cast<double>(from_a.size());
  if (n == 0) return 0;
  int off = 0;
  for (size_t i = 0; i < from_a.size(); ++i) off += a[from_a[i]] != b[from_b[i]];
  const int swaps = off / 2;
  return (n / static_cast<double>(a.size()) + n / static_cast<double>(b.size()) + (n - swaps) / n) / 3;
}

template <class Char>
std::basic_string<Char> random_text(Random& random, size_t longest, Char first) {
  std::basic_string<Char> s(random.below(longest + 1), Char{});
  const uint64_t letters = 2 + random.below(12);
  for (auto& c : s) c = static_cast<Char>(static_cast<uint64_t>(first) + random.below(letters));
  return s;
}

/// A second text: a few edits away, or unrelated.
template <class Char>
std::basic_string<Char> vary(Random& random, std::basic_string<Char> s, size_t longest, Char first) {
  if (random.chance(0.3)) return random_text(random, longest, first);
  for (uint64_t edits = random.below(5); edits > 0; --edits) {
    const size_t at = random.below(s.size() + 1);
    const auto c = static_cast<Char>(static_cast<uint64_t>(first) + random.below(6));
    switch (random.below(4)) {
      case 0:
        if (s.size() < longest) s.insert(s.begin() + static_cast<std::ptrdiff_t>(at), c);
        break;
      case 1:
        if (at < s.size()) s.erase(at, 1);
        break;
      case 2:
        if (at < s.size()) s[at] = c;
        break;
      default:
        if (at + 1 < s.size()) std::swap(s[at], s[at + 1]);
    }
  }
  return s;
}

template <class Char>
void compare_with_plain(Char first, uint64_t seed) {
  Random random(seed);
  for (int round = 0; round < 30000; ++round) {
    const size_t longest = round % 20 == 0 ? 300 : round % 10 == 0 ? 90 : round % 3 == 0 ? 64 : 12;
    const auto a = random_text(random, longest, first);
    const auto b = vary(random, a, longest, first);
    const std::basic_string_view<Char> va(a);
    const std::basic_string_view<Char> vb(b);
    const int osa = plain_distance(va, vb, true);
    ASSERT_EQ(levenshtein(va, vb), plain_distance(va, vb, false));
    ASSERT_EQ(damerau(va, vb), osa);
    for (const int k : {0, 1, 2, 3, 7, 100}) ASSERT_EQ(damerau_at_most(va, vb, k), std::min(osa, k + 1));
    ASSERT_DOUBLE_EQ(jaro(va, vb), plain_jaro(va, vb)) << a.size() << " " << b.size();
    ASSERT_EQ(damerau(va, vb), damerau(vb, va));
    const double winkler = jaro_winkler(va, vb);
    for (const double least : {0.0, 0.7, 0.85, 0.92, winkler, 1.0}) {
      ASSERT_EQ(jaro_winkler_at_least(va, vb, least), winkler >= least);
    }
    ASSERT_DOUBLE_EQ(jaro(va, va), 1.0);
  }
}

TEST(Similar, BytesAgreeWithTheTextbook) { compare_with_plain<char>('a', 1); }
TEST(Similar, HighBytesAgreeWithTheTextbook) { compare_with_plain<char>('\xF0', 2); }
TEST(Similar, ZeroBytesAgreeWithTheTextbook) { compare_with_plain<char>('\0', 3); }
TEST(Similar, CharactersAgreeWithTheTextbook) { compare_with_plain<char32_t>(U'一', 4); }
TEST(Similar, ZeroCharactersAgreeWithTheTextbook) { compare_with_plain<char32_t>(U'\0', 5); }

TEST(Similar, KnownDistances) {
  EXPECT_EQ(levenshtein("kitten", "sitting"), 3);
  EXPECT_EQ(levenshtein("", "abc"), 3);
  EXPECT_EQ(levenshtein("ab", "ba"), 2);
  EXPECT_EQ(damerau("ab", "ba"), 1);
  EXPECT_EQ(damerau("ca", "abc"), 3);  // optimal string alignment; the unrestricted distance is 2
  EXPECT_EQ(damerau(U"张三丰", U"张丰三"), 1);
  EXPECT_EQ(damerau_at_most("19850312", "19580312", 1), 1);
  EXPECT_EQ(damerau_at_most("abc", "xyz", 1), 2);
  EXPECT_EQ(damerau_at_most("abc", "abc", -1), 0);
}

// Winkler (1994), Advanced Methods for Record Linkage, table of string comparators.
TEST(Similar, WinklersExamples) {
  EXPECT_NEAR(jaro("MARTHA", "MARHTA"), 0.944, 5e-4);
  EXPECT_NEAR(jaro("DWAYNE", "DUANE"), 0.822, 5e-4);
  EXPECT_NEAR(jaro("DIXON", "DICKSONX"), 0.767, 5e-4);
  EXPECT_NEAR(jaro_winkler("MARTHA", "MARHTA"), 0.961, 5e-4);
  EXPECT_NEAR(jaro_winkler("DWAYNE", "DUANE"), 0.840, 5e-4);
  EXPECT_NEAR(jaro_winkler("DIXON", "DICKSONX"), 0.813, 5e-4);
  EXPECT_EQ(jaro_winkler("ABCVWXYZ", "CABVWXYZ"), jaro("ABCVWXYZ", "CABVWXYZ"));
  EXPECT_EQ(jaro("", ""), 1.0);
  EXPECT_EQ(jaro("a", ""), 0.0);
  EXPECT_EQ(jaro("a", "b"), 0.0);
}

}  // namespace
}  // namespace zhili::text
