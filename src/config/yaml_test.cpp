#include "config/yaml.hpp"

#include <string>

#include <gtest/gtest.h>

#include "base/limits.hpp"
#include "config/fields.hpp"

namespace zhili::config {
namespace {

TEST(Yaml, KnowsWhereEachKeyAndValueStands) {
  const auto tree = parse_yaml("版本: 1\nlist: [a, \"b\"]\n", "a.yaml");
  ASSERT_TRUE(tree) << tree.error().text();
  ASSERT_EQ(tree->kind, YamlNode::Kind::kMap);
  EXPECT_EQ(tree->keys[0].text, "版本");
  EXPECT_EQ(tree->items[0].mark.line, 1U);
  EXPECT_EQ(tree->items[0].mark.column, 5U);
  const YamlNode* list = tree->find("list");
  ASSERT_NE(list, nullptr);
  EXPECT_FALSE(list->items[0].quoted);
  EXPECT_TRUE(list->items[1].quoted);
  EXPECT_EQ(list->items[1].mark.column, 11U);
}

TEST(Yaml, TakesEveryCharacterAndRefusesBrokenOnes) {
  EXPECT_TRUE(parse_yaml("a: \xEF\xBF\xBD\n", "a.yaml"));  // U+FFFD itself, well written.
  for (const std::string bad : {"a: \xFF\n", "a: \xF0\x9F\x98\n", "a: \xED\xA0\x80\n", "a: \xC0\x80\n"}) {
    const auto tree = parse_yaml(bad, "a.yaml");
    ASSERT_FALSE(tree);
    EXPECT_EQ(tree.error().place.line, 1U);
    EXPECT_EQ(tree.error().place.column, 4U);
    EXPECT_NE(tree.error().message.find("Not UTF-8"), std::string::npos);
  }
}

TEST(Yaml, RefusesWhatIsWiderThanItReads) {
  for (const std::string bad : {"a: &x 1\nb: *x\n", "a: !!int 1\n", "a: 1\n---\nb: 2\n", "\ta: 1\n", "a： 1\nb: 2\n"}) {
    EXPECT_FALSE(parse_yaml(bad, "a.yaml")) << bad;
  }
  const auto deep =
      parse_yaml(std::string(limits::kYamlDepth + 1, '[') + std::string(limits::kYamlDepth + 1, ']'), "a.yaml");
  ASSERT_FALSE(deep);
  EXPECT_EQ(deep.error().code, ErrorCode::kLimit);
}

TEST(Fields, TellsAllMistakesInTheOrderOfTheFile) {
  const auto tree = parse_yaml("sise: 3\nname: ''\nname: b\n", "a.yaml");
  ASSERT_TRUE(tree);
  Mistakes mistakes("a.yaml");
  Fields fields(mistakes);
  constexpr std::string_view kKnown[] = {"name", "size"};
  ASSERT_TRUE(fields.map(*tree, "the file", kKnown));
  EXPECT_FALSE(fields.text(*tree->find("name"), "name"));
  EXPECT_EQ(fields.required(*tree, "size", "The file", "size: 1"), nullptr);
  const Error error = std::move(mistakes).error();
  ASSERT_EQ(error.others.size(), 3U);
  EXPECT_EQ(error.place.line, 1U);
  EXPECT_NE(error.text().find("Did you mean 'size'?"), std::string::npos);
  EXPECT_NE(error.text().find("a.yaml:3:1: 'name' stands twice"), std::string::npos);
}

}  // namespace
}  // namespace zhili::config
