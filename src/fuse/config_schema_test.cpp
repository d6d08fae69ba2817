#include <algorithm>
#include <filesystem>
#include <set>
#include <span>
#include <string>

#include <boost/json.hpp>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "base/limits.hpp"
#include "base/output_dir.hpp"
#include "fuse/config.hpp"
#include "fuse/config_keys.hpp"

/// schemas/fuse.schema.json repeats for editors what the parser knows; these tests hold the two together.
namespace zhili::fuse {
namespace {

using Names = std::set<std::string, std::less<>>;

const boost::json::value& schema() {
  static const boost::json::value parsed = [] {
    const auto bytes = read_file(std::filesystem::path(ZHILI_SOURCE_DIR) / "schemas/fuse.schema.json", 1 << 20);
    return bytes ? boost::json::parse(*bytes) : boost::json::value();
  }();
  return parsed;
}

Names keys_at(std::string_view pointer) {
  Names names;
  for (const auto& member : schema().at_pointer(pointer).as_object()) names.emplace(member.key());
  return names;
}

Names words_at(std::string_view pointer) {
  Names names;
  for (const auto& word : schema().at_pointer(pointer).as_array()) names.emplace(word.as_string());
  return names;
}

Names names_of(std::span<const std::string_view> words) { return {words.begin(), words.end()}; }

TEST(ConfigSchema, HasTheKeysOfTheParser) {
  EXPECT_EQ(keys_at("/properties"), names_of(keys::kTop));
  EXPECT_EQ(keys_at("/$defs/source/properties"), names_of(keys::kSource));
  EXPECT_EQ(keys_at("/$defs/attribute/properties"), names_of(keys::kAttribute));
}

TEST(ConfigSchema, HasTheWordsOfTheParser) {
  EXPECT_EQ(words_at("/properties/link/enum"), names_of(keys::kLink));
  EXPECT_EQ(words_at("/$defs/survivorship/enum"), names_of(keys::kSurvivorship));
  EXPECT_EQ(words_at("/$defs/source/properties/format/enum"), names_of(keys::kFormat));
  EXPECT_EQ(words_at("/$defs/source/properties/encoding/enum"), names_of(keys::kEncoding));
  EXPECT_EQ(words_at("/$defs/type/enum"), names_of(semantic_type_names()));
  EXPECT_EQ(words_at("/$defs/attribute/properties/part/enum"), names_of(name_part_names()));
  EXPECT_EQ(words_at("/$defs/attribute/properties/order/enum"), names_of(keys::kOrder));
  EXPECT_EQ(words_at("/$defs/level/anyOf/1/properties/same_part/enum"), names_of(address_part_names()));
}

TEST(ConfigSchema, HasEachMeasureWithItsKindOfValue) {
  Names bare;
  Names valued;
  for (size_t i = 0; i < measure_names().size(); ++i) {
    const bool alone = value_kind(static_cast<Measure>(i)) == MeasureValue::kNone;
    (alone ? bare : valued).emplace(measure_names()[i]);
  }
  EXPECT_EQ(words_at("/$defs/level/anyOf/0/enum"), bare);
  EXPECT_EQ(keys_at("/$defs/level/anyOf/1/properties"), valued);
}

TEST(ConfigSchema, HasTheTransformsOfTheParser) {
  std::vector<std::string_view> alone;
  std::vector<std::string_view> numbered;
  for (size_t i = 0; i < key_transform_names().size(); ++i) {
    (takes_number(static_cast<KeyTransform>(i)) ? numbered : alone).push_back(key_transform_names()[i]);
  }
  EXPECT_EQ(schema().at_pointer("/$defs/key/pattern").as_string(),
            fmt::format(R"(^ *[^ .+,()]+ *(\. *({})|\. *({}) *\( *[0-9]+ *\))? *$)", fmt::join(alone, "|"),
                        fmt::join(numbered, "|")));
}

TEST(ConfigSchema, HasTheLimitsAndDefaultsOfTheParser) {
  const Config config;
  const auto number = [](std::string_view pointer) { return schema().at_pointer(pointer).to_number<double>(); };
  EXPECT_EQ(number("/properties/sources/maxItems"), limits::kSources);
  EXPECT_EQ(number("/properties/attributes/maxProperties"), limits::kAttributes);
  EXPECT_EQ(number("/properties/blocking/anyOf/1/maxItems"), limits::kBlockingRules);
  EXPECT_EQ(number("/$defs/attribute/properties/levels/maxItems"), limits::kLevels);
  EXPECT_EQ(number("/properties/threshold/default"), config.threshold);
  EXPECT_EQ(number("/properties/review/default/0"), config.review_low);
  EXPECT_EQ(number("/properties/review/default/1"), config.review_high);
  EXPECT_EQ(number("/properties/max_block/default"), static_cast<double>(config.max_block));
  EXPECT_EQ(number("/properties/max_pairs/default"), static_cast<double>(config.max_pairs));
  EXPECT_EQ(number("/properties/max_reject_share/default"), config.max_reject_share);
  EXPECT_EQ(number("/properties/seed/default"), static_cast<double>(config.seed));
}

}  // namespace
}  // namespace zhili::fuse
