#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "base/random.hpp"
#include "text/similar.hpp"

namespace zhili::text {
namespace {

constexpr size_t kPairs = 1024;

template <class Char>
std::vector<std::basic_string<Char>> texts(size_t length, bool kin) {
  Random random(42);
  std::vector<std::basic_string<Char>> out;
  for (size_t i = 0; i < kPairs; ++i) {
    const size_t n = length - random.below(length / 4 + 1);
    std::basic_string<Char> s(n, Char{});
    for (auto& c : s) c = static_cast<Char>((sizeof(Char) == 1 ? 'a' : 0x4E00) + random.below(26));
    if (kin && i % 2 == 1) {
      s = out.back();
      s[random.below(s.size())] = static_cast<Char>('a');
    }
    out.push_back(s);
  }
  return out;
}

template <class Char, class Measure>
void run(benchmark::State& state, Measure measure) {
  const auto data = texts<Char>(static_cast<size_t>(state.range(0)), true);
  size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(measure(std::basic_string_view<Char>(data[i]), std::basic_string_view<Char>(data[i + 1])));
    i = (i + 1) % (kPairs - 1);
  }
  state.SetItemsProcessed(state.iterations());
}

#define ZHILI_BENCH(name, Char, expression)                      \
  void name(benchmark::State& state) {                           \
    run<Char>(state, [](auto a, auto b) { return expression; }); \
  }                                                              \
  BENCHMARK(name)

ZHILI_BENCH(levenshtein_bytes, char, levenshtein(a, b))->Arg(8)->Arg(16)->Arg(32)->Arg(64)->Arg(100);
ZHILI_BENCH(levenshtein_chars, char32_t, levenshtein(a, b))->Arg(3)->Arg(8)->Arg(20)->Arg(60)->Arg(100);
ZHILI_BENCH(damerau_bytes, char, damerau(a, b))->Arg(8)->Arg(16)->Arg(32)->Arg(64);
ZHILI_BENCH(damerau_chars, char32_t, damerau(a, b))->Arg(3)->Arg(8)->Arg(20)->Arg(60);
ZHILI_BENCH(damerau_at_most_2_bytes, char, damerau_at_most(a, b, 2))->Arg(8)->Arg(18)->Arg(64);
ZHILI_BENCH(damerau_at_most_1_chars, char32_t, damerau_at_most(a, b, 1))->Arg(3)->Arg(20);
ZHILI_BENCH(jaro_winkler_bytes, char, jaro_winkler(a, b))->Arg(8)->Arg(16)->Arg(32)->Arg(64)->Arg(100);
ZHILI_BENCH(jaro_winkler_chars, char32_t, jaro_winkler(a, b))->Arg(3)->Arg(8)->Arg(20)->Arg(60);

}  // namespace
}  // namespace zhili::text
