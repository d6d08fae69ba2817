#include "fuse/dictionary.hpp"

#include <string>
#include <unordered_map>

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace zhili::fuse {
namespace {

TEST(Dictionary, NumbersValuesInOrderOfArrival) {
  Dictionary dictionary;
  EXPECT_EQ(dictionary.add(""), 0U);
  EXPECT_EQ(dictionary.add("王"), 1U);
  EXPECT_EQ(dictionary.add("李"), 2U);
  EXPECT_EQ(dictionary.add("王"), 1U);
  EXPECT_EQ(dictionary.size(), 3U);
  EXPECT_EQ(dictionary[2], "李");
  EXPECT_EQ(dictionary[0], "");
  EXPECT_EQ(dictionary.find("李"), 2U);
  EXPECT_EQ(dictionary.find("张"), 0U);
}

TEST(Dictionary, AgreesWithAMapOnRandomValues) {
  Random random(7);
  Dictionary dictionary;
  std::unordered_map<std::string, uint32_t> expected;
  for (int i = 0; i < 200'000; ++i) {
    std::string value(1 + random.below(12), '\0');
    for (auto& c : value) c = static_cast<char>('a' + random.below(4));
    const auto [entry, fresh] = expected.emplace(value, static_cast<uint32_t>(expected.size() + 1));
    ASSERT_EQ(dictionary.add(value), entry->second);
  }
  ASSERT_EQ(dictionary.size(), expected.size() + 1);
  for (const auto& [value, id] : expected) ASSERT_EQ(dictionary[id], value);
}

TEST(Dictionary, KeepsLongValuesWholeAcrossChunks) {
  Dictionary dictionary;
  std::vector<std::string> values;
  values.reserve(40);
  for (int i = 0; i < 40; ++i) values.emplace_back(900'000 + static_cast<size_t>(i), static_cast<char>('A' + i));
  for (const auto& value : values) dictionary.add(value);
  dictionary.seal();
  for (uint32_t i = 0; i < values.size(); ++i) ASSERT_EQ(dictionary[i + 1], values[i]);
}

}  // namespace
}  // namespace zhili::fuse
