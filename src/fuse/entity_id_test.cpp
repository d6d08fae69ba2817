#include "fuse/entity_id.hpp"

#include <set>

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace zhili::fuse {
namespace {

TEST(EntityId, ReadsWhatItWrites) {
  Random random(1);
  std::set<std::string> seen;
  for (int i = 0; i < 10'000; ++i) {
    const EntityId id{(random.next() >> (64 - EntityId::kBits)) | 1};
    const auto text = id.text();
    EXPECT_EQ(text.size(), EntityId::kCharacters);
    EXPECT_TRUE(text[0] >= 'b' && text[0] <= 'v') << text;
    EXPECT_EQ(EntityId::parse(text), id);
    seen.insert(text);
  }
  EXPECT_EQ(seen.size(), 10'000U);
}

TEST(EntityId, SortsAsItsTextDoes) {
  Random random(2);
  for (int i = 0; i < 10'000; ++i) {
    const EntityId a{random.next() >> (64 - EntityId::kBits)};
    const EntityId b{a.bits ^ (uint64_t{1} << random.below(EntityId::kBits))};
    EXPECT_EQ(a < b, a.text() < b.text()) << a.text() << " " << b.text();
  }
}

TEST(EntityId, RefusesOtherTexts) {
  for (const auto* text : {"", "b", "b00000000000", "b000000000001", "a00000000001", "100000000001", "b0000000000L",
                           "b0000000000i", "b0000000000o", "B00000000001", "b0000000 001", "b000000000u1"}) {
    EXPECT_FALSE(EntityId::parse(text)) << text;
  }
  EXPECT_EQ(EntityId::parse("b00000000001"), EntityId{1});
  EXPECT_EQ(EntityId::parse("vzzzzzzzzzzz"), (EntityId{(uint64_t{1} << EntityId::kBits) - 1}));
}

}  // namespace
}  // namespace zhili::fuse
