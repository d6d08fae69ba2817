// The keys that the parser reads are those that the schemas list.

#include <gtest/gtest.h>

#include "base/limits.hpp"
#include "base/output_dir.hpp"
#include "catalog/keys.hpp"

namespace zhili::catalog {
namespace {

std::string schema(const char* name) {
  return read_file(std::string(ZHILI_SOURCE_DIR "/schemas/") + name + ".schema.json", limits::kYamlBytes).value();
}

template <size_t kCount>
void expect_words(const std::string& text, const std::array<std::string_view, kCount>& words) {
  for (const std::string_view word : words) {
    EXPECT_NE(text.find(fmt::format("\"{}\"", word)), std::string::npos) << word;
  }
}

TEST(Schemas, ListWhatTheParserReads) {
  const std::string pack = schema("pack");
  expect_words(pack, keys::kPack);
  expect_words(pack, keys::kLegalBasis);
  expect_words(pack, keys::kSource);
  const std::string dataset = schema("dataset");
  expect_words(dataset, keys::kDataset);
  expect_words(dataset, keys::kField);
  expect_words(dataset, keys::kTypes);
  expect_words(dataset, keys::kMasks);
  const std::string standards = schema("standards");
  expect_words(standards, keys::kStandards);
  expect_words(standards, keys::kElement);
  expect_words(standards, keys::kTypes);
}

}  // namespace
}  // namespace zhili::catalog
