#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace zhili::ingest {

/// How many different values there are, within some 3 %, in one kilobyte: HyperLogLog (Flajolet et al., 2007) with
/// 1024 registers. Sketches of parts joined are the sketch of the whole.
class Sketch {
 public:
  void add(uint64_t hash) {
    uint8_t& at = registers_[hash >> 54];
    const auto zeros = static_cast<uint8_t>(std::countl_zero(hash << 10 | 1ULL << 9) + 1);
    at = std::max(at, zeros);
  }
  void join(const Sketch& other) {
    for (size_t i = 0; i < registers_.size(); ++i) registers_[i] = std::max(registers_[i], other.registers_[i]);
  }
  uint64_t count() const {
    constexpr double kSize = 1024;
    constexpr double kAlpha = 0.7213 / (1 + 1.079 / kSize);
    double sum = 0;
    double empty = 0;
    for (const uint8_t one : registers_) {
      sum += std::ldexp(1.0, -one);
      empty += one == 0 ? 1 : 0;
    }
    const double raw = kAlpha * kSize * kSize / sum;
    const double out = raw <= 2.5 * kSize && empty > 0 ? kSize * std::log(kSize / empty) : raw;
    return static_cast<uint64_t>(std::llround(out));
  }

 private:
  std::array<uint8_t, 1024> registers_{};
};

}  // namespace zhili::ingest
