#include "base/hash.hpp"

#include <algorithm>
#include <bit>
#include <string>
#include <unordered_set>
#include <vector>

#include <gtest/gtest.h>

namespace zhili {
namespace {

// Entity ids and saved models rest on these numbers: they must never change.
TEST(HashBytes, FixedVectors) {
  EXPECT_EQ(hash_bytes(""), 0x42bc986dc5eec4d3ULL);
  EXPECT_EQ(hash_bytes("a"), 0x218cac7ef932012fULL);
  EXPECT_EQ(hash_bytes("12345678"), 0x5f36017ae7be9653ULL);
  EXPECT_EQ(hash_bytes("123456789"), 0x180de9ce46d3ad49ULL);
  EXPECT_EQ(hash_bytes("1234567890123456"), 0x149c8f9856a7bf0eULL);
  EXPECT_EQ(hash_bytes("12345678901234567"), 0x29c2f1923f72107dULL);
  EXPECT_EQ(hash_bytes("欧阳娜娜 99010119900307663X"), 0x71953e3dc82805d6ULL);
  EXPECT_EQ(hash_bytes("a", 1), 0x4d0e41cb626f75fdULL);
  EXPECT_EQ(combine64(1, 2), 0x83c688b574d03af2ULL);
}

TEST(HashBytes, ReadsNothingBeyondTheEnd) {
  // The sanitizers watch the exact allocation.
  Random random(1);
  for (size_t length = 0; length < 70; ++length) {
    std::vector<char> bytes(length);
    for (auto& byte : bytes) byte = static_cast<char>(random.below(256));
    const std::string_view exact(bytes.data(), bytes.size());
    EXPECT_EQ(hash_bytes(exact), hash_bytes(std::string(exact)));
  }
}

TEST(HashBytes, TellsLengthsOfZeroBytesApart) {
  std::unordered_set<uint64_t> seen;
  for (size_t length = 0; length < 200; ++length) seen.insert(hash_bytes(std::string(length, '\0')));
  EXPECT_EQ(seen.size(), 200U);
}

TEST(HashBytes, NoCollisionAmongAMillionShortStrings) {
  constexpr size_t kCount = 1'000'000;
  std::vector<uint64_t> hashes;
  hashes.reserve(kCount);
  for (size_t i = 0; i < kCount; ++i) hashes.push_back(hash_bytes(std::to_string(i)));
  std::ranges::sort(hashes);
  EXPECT_EQ(std::ranges::adjacent_find(hashes), hashes.end());
}

TEST(HashBytes, EachBitFlipsAboutHalfOfTheHash) {
  for (const size_t length : {1U, 8U, 9U, 16U, 17U, 40U}) {
    const std::string base(length, 'x');
    int flipped = 0;
    for (size_t bit = 0; bit < length * 8; ++bit) {
      std::string other = base;
      other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << (bit % 8)));
      flipped += std::popcount(hash_bytes(base) ^ hash_bytes(other));
    }
    const double share = flipped / static_cast<double>(length * 8 * 64);
    EXPECT_NEAR(share, 0.5, 0.1) << "length " << length;
  }
}

TEST(Combine64, HeedsOrder) { EXPECT_NE(combine64(1, 2), combine64(2, 1)); }

}  // namespace
}  // namespace zhili
