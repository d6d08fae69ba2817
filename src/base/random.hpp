#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <span>

namespace zhili {

/// 128 bits hold the product of two 64-bit numbers; GCC and Clang have the type, ISO C++ does not.
__extension__ using Uint128 = unsigned __int128;

/// One step of SplitMix64 (Steele, Lea and Flood, 2014): spreads a counter over 64 bits. Also a good integer hash.
constexpr uint64_t mix64(uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

/// xoshiro256** (Blackman and Vigna, 2018). The same seed and stream give the same numbers on every machine;
/// standard distributions do not, so the ones that we need are members here.
class Random {
 public:
  explicit Random(uint64_t seed, uint64_t stream = 0) {
    uint64_t x = mix64(seed) ^ mix64(mix64(stream) + 1);
    for (auto& word : state_) word = x = mix64(x);
  }

  uint64_t next() {
    const uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  /// Uniform in [0, n); n > 0. Lemire's multiply-shift; its bias is below 2^-32 for n < 2^32.
  uint64_t below(uint64_t n) { return static_cast<uint64_t>((static_cast<Uint128>(next()) * n) >> 64); }
  /// Uniform in [low, high], both ends included.
  int64_t between(int64_t low, int64_t high) {
    const uint64_t count = static_cast<uint64_t>(high) - static_cast<uint64_t>(low) + 1;
    const uint64_t step = count == 0 ? next() : below(count);  // 0: the range holds every number.
    return static_cast<int64_t>(static_cast<uint64_t>(low) + step);
  }
  /// Uniform in [0, 1).
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  bool chance(double probability) { return uniform() < probability; }
  /// Standard normal (Marsaglia's polar method). Its last bit rests on the C library's log.
  double normal() {
    for (;;) {
      const double u = 2 * uniform() - 1;
      const double v = 2 * uniform() - 1;
      const double s = u * u + v * v;
      if (s > 0 && s < 1) return u * std::sqrt(-2 * std::log(s) / s);
    }
  }
  template <class T>
  const T& pick(std::span<const T> items) {
    return items[below(items.size())];
  }
  template <class Container>
  const auto& pick(const Container& items) {
    return items[below(items.size())];
  }

 private:
  uint64_t state_[4];
};

}  // namespace zhili
