#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/random.hpp"

namespace zhili {

/// 64-bit hash of bytes, the same on every machine of one byte order and over versions: block keys, value
/// dictionaries and ids are built on it. Not for adversaries: it takes no secret. Folded multiply over 16-byte steps
/// (the construction of wyhash, Wang Yi 2019).
inline uint64_t hash_bytes(std::string_view bytes, uint64_t seed = 0) {
  const auto read = [](const char* p, size_t n) {
    uint64_t word = 0;
    if (n > 0) std::memcpy(&word, p, n);  // An empty view may hold no pointer at all.
    return word;
  };
  const auto fold = [](uint64_t a, uint64_t b) {
    const auto wide = static_cast<Uint128>(a) * b;
    return static_cast<uint64_t>(wide) ^ static_cast<uint64_t>(wide >> 64);
  };
  constexpr uint64_t k0 = 0xa0761d6478bd642fULL;
  constexpr uint64_t k1 = 0xe7037ed1a0b428dbULL;
  const char* p = bytes.data();
  size_t left = bytes.size();
  uint64_t h = seed ^ k0;
  while (left > 16) {
    h = fold(read(p, 8) ^ k1, read(p + 8, 8) ^ h);
    p += 16;
    left -= 16;
  }
  const uint64_t a = left > 8 ? read(p, 8) : read(p, left);
  const uint64_t b = left > 8 ? read(p + 8, left - 8) : 0;
  return fold(k1 ^ bytes.size(), fold(a ^ k1, b ^ h));
}

constexpr uint64_t combine64(uint64_t a, uint64_t b) { return mix64(a ^ (b * 0xff51afd7ed558ccdULL)); }

}  // namespace zhili
