#include "catalog/catalog.hpp"

#include <gtest/gtest.h>

#include "catalog/parser.hpp"

namespace zhili::catalog {
namespace {

constexpr const char* kPack =
    "id: sample\nversion: 0.1.0\ntitle: {zh: 样例, en: sample}\nentities: [thing]\n"
    "legal_basis:\n  - {id: law-1, title: 法, articles: [1, 2], for: 用途, purposes: [visit]}\n"
    "sources:\n  police: {owner: 公安局, register: 户籍}\n";
constexpr const char* kDataset =
    "version: 1\nid: thing\ntitle: {zh: 物, en: thing}\nfields:\n"
    "  - {id: name, zh: 名, en: name, type: text, grade: 3, mask: first, look_up: true}\n"
    "  - {id: size, zh: 大小, en: size, type: number, grade: 1}\n";

std::string message_of(const Status& status) { return status ? "" : status.error().text(); }

TEST(Catalogs, ThePacksOfTheRepositoryLoad) {
  const auto catalog = Catalog::load(ZHILI_SOURCE_DIR "/packs");
  ASSERT_TRUE(catalog) << catalog.error().text();
  const EntityKind* person = catalog->kind("person");
  ASSERT_NE(person, nullptr);
  const Field* number = person->find("id_number");
  ASSERT_NE(number, nullptr);
  EXPECT_EQ(number->grade, 4);
  EXPECT_EQ(number->masked_grade, 3);
  EXPECT_EQ(number->mask, MaskKind::kIdNumber);
  EXPECT_TRUE(number->look_up);
  EXPECT_EQ(catalog->kind("household")->resource, "person");
  const LegalBasis* basis = catalog->legal_basis("pipl-13-1-3");
  ASSERT_NE(basis, nullptr);
  EXPECT_TRUE(basis->carries("handle_case"));
  EXPECT_FALSE(basis->carries("inform_subject"));
  ASSERT_NE(catalog->source("civil"), nullptr);
  EXPECT_EQ(catalog->source("civil")->owner, "民政局");
}

TEST(Catalogs, APackIsReadWhole) {
  Catalog catalog;
  const Status added = catalog.add({"pack.yaml", kPack}, {{"thing.yaml", kDataset}});
  ASSERT_TRUE(added) << added.error().text();
  ASSERT_EQ(catalog.packs().size(), 1U);
  EXPECT_EQ(catalog.packs()[0].title, (Title{"样例", "sample"}));
  EXPECT_EQ(catalog.kinds()[0].reasons_grade, 3);
  EXPECT_EQ(catalog.legal_bases()[0].articles, (std::vector<int>{1, 2}));
  EXPECT_EQ(catalog.legal_bases()[0].pack, "sample");
}

TEST(Catalogs, MistakesAreToldWithTheirPlaces) {
  Catalog catalog;
  const Status wrong =
      catalog.add({"pack.yaml", kPack}, {{"thing.yaml",
                                          "version: 1\nid: thing\ntitle: {zh: 物, en: thing}\nfields:\n"
                                          "  - {id: name, zh: 名, en: name, type: txt, grade: 6}\n"
                                          "  - {id: 名, zh: 名, en: name, type: text, grade: 1}\n"}});
  const std::string message = message_of(wrong);
  EXPECT_NE(message.find("thing.yaml:5:"), std::string::npos) << message;
  EXPECT_NE(message.find("thing.yaml:6:"), std::string::npos) << message;
  EXPECT_NE(message.find("'text'"), std::string::npos) << message;
  EXPECT_EQ(catalog.packs().size(), 0U);
}

TEST(Catalogs, APackForANewerProgramIsRefused) {
  const auto told = [](const std::string& needed) {
    Catalog catalog;
    return message_of(catalog.add({"pack.yaml", std::string(kPack) + "requires: {zhili: '" + needed + "'}\n"},
                                  {{"thing.yaml", kDataset}}));
  };
  EXPECT_EQ(told(">=0.1"), "");
  EXPECT_EQ(told(">=0.0.7"), "");
  EXPECT_NE(told(">=99.0").find("pack.yaml:9:"), std::string::npos) << told(">=99.0");
  EXPECT_NE(told(">=99.0").find("needs Zhili >=99.0"), std::string::npos);
  for (const char* nonsense : {"0.1", ">=1", ">=a.b", ">=0.1.2.3", ">=-1.0", ">="}) {
    EXPECT_NE(told(nonsense).find("is no requirement"), std::string::npos) << nonsense;
  }
}

TEST(Catalogs, AnEntityNeedsItsDataset) {
  Catalog catalog;
  EXPECT_NE(message_of(catalog.add({"pack.yaml", kPack}, {})).find("'thing' has no dataset"), std::string::npos);
}

TEST(Catalogs, NothingIsThereTwice) {
  Catalog catalog;
  ASSERT_TRUE(catalog.add({"pack.yaml", kPack}, {{"thing.yaml", kDataset}}));
  EXPECT_FALSE(catalog.add({"pack.yaml", kPack}, {{"thing.yaml", kDataset}}));
  std::string other(kPack);
  other.replace(other.find("sample"), 6, "second");
  EXPECT_NE(message_of(catalog.add({"second.yaml", other}, {{"thing.yaml", kDataset}})).find("already"),
            std::string::npos);
}

TEST(Catalogs, StandardsAreReadAndKept) {
  Catalog catalog;
  const Status added =
      catalog.add({"pack.yaml", kPack}, {{"thing.yaml", kDataset}},
                  {{"dir/firms.yaml",
                    "version: 1\nelements:\n"
                    "  - {id: sex, zh: 性别, en: sex, type: category, grade: 2, standard: GB/T 2261.1, codes: {男: "
                    "{zh: 男, en: m}}}\n"
                    "  - {id: size, zh: 面积, en: size, type: number, grade: 1, min: 0.5, max: 900, unit: m²}\n"
                    "  - {id: code, zh: 代码, en: code, type: text, grade: 1, pattern: '[0-9]{6}', max_length: 6}\n"}});
  ASSERT_TRUE(added) << added.error().text();
  ASSERT_EQ(catalog.elements().size(), 3U);
  const Element* sex = catalog.element("sex");
  ASSERT_NE(sex, nullptr);
  EXPECT_EQ(sex->pack, "sample");
  EXPECT_EQ(sex->codes, (std::vector<Code>{{"男", {"男", "m"}}}));
  EXPECT_EQ(catalog.element("size")->max, 900);
  EXPECT_EQ(catalog.element("code")->max_length, 6U);
  EXPECT_EQ(catalog.texts().back().id, "sample/standards/firms.yaml");
}

TEST(Catalogs, MistakesInStandardsAreToldWithTheirPlaces) {
  const auto wrong = [](const std::string& line) {
    const auto read = parse_standards("version: 1\nelements:\n  - " + line + "\n", "firms.yaml");
    return read ? std::string("fine") : read.error().text();
  };
  const std::string start = "{id: a, zh: 甲, en: a, grade: 1, ";
  EXPECT_NE(wrong(start + "type: text, pattern: '['}").find("firms.yaml:3:"), std::string::npos);
  EXPECT_NE(wrong(start + "type: text, pattern: '['}").find("can't be read"), std::string::npos);
  EXPECT_NE(wrong(start + "type: text, min: 1}").find("is for numbers"), std::string::npos);
  EXPECT_NE(wrong(start + "type: number, min: 2, max: 1}").find("above its max"), std::string::npos);
  EXPECT_NE(wrong(start + "type: category, codes: {}}").find("1 to"), std::string::npos);
  EXPECT_NE(wrong(start + "type: text, patern: a}").find("'pattern'"), std::string::npos);
  EXPECT_NE(wrong(start + "type: text}\n  - " + start + "type: text}").find("already"), std::string::npos);
}

TEST(Catalogs, ADirectoryWithoutPacksIsAnError) {
  EXPECT_EQ(Catalog::load(ZHILI_SOURCE_DIR "/src/catalog").error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace zhili::catalog
