#include "catalog/registers.hpp"

#include <set>

#include <gtest/gtest.h>

#include "catalog/test_catalog.hpp"
#include "catalog/test_dataset.hpp"

namespace zhili::catalog {
namespace {

constexpr const char* kRegister =
    "id: police.residents\ncode: 306012/000001\ntitle: {zh: 常住人口登记, en: Register of residents}\n"
    "summary: 户籍登记的常住人口\nprovider: police\nformat: database\nsharing: unconditional\nfields:\n"
    "  - {id: gmsfhm, element: id_number, key: true, required: true}\n"
    "  - {id: hjdz, element: registered_address}\n";

std::string told(const std::string& yaml) {
  const auto read = parse_register(yaml, "r.yaml", sample_catalog());
  return read ? std::string("fine") : read.error().text();
}
std::string replaced(std::string text, std::string_view what, std::string_view by) {
  return text.replace(text.find(what), what.size(), by);
}

TEST(Registers, FieldsAreWhatTheirDataElementsSay) {
  const auto read = parse_register(kRegister, "r.yaml", sample_catalog());
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(*read, residents());
}

TEST(Registers, MistakesAreToldWithTheirPlaces) {
  EXPECT_NE(told(replaced(kRegister, "key: true", "kee: true")).find("r.yaml:9:"), std::string::npos);
  EXPECT_NE(told(replaced(kRegister, "registered_address", "home")).find("r.yaml:10:"), std::string::npos);
  EXPECT_NE(told(replaced(kRegister, "306012/000001", "306012")).find("r.yaml:2:"), std::string::npos);
  EXPECT_NE(told(replaced(kRegister, "summary: 户籍登记的常住人口", "summary: 2026")).find("r.yaml:4:"),
            std::string::npos);
  EXPECT_NE(told(replaced(kRegister, "sharing: unconditional", "sharing: sometimes")).find("r.yaml:7:"),
            std::string::npos);
  EXPECT_NE(told("fields: 7\n").find("r.yaml:1:"), std::string::npos);
}

class RegistersTest : public CatalogStoreTest {};

// A district can begin with what the pack proposes: each is sound, and none collects again what another shares.
TEST_P(RegistersTest, ThoseOfTheRepositoryCanBeDeclared) {
  const auto catalog = Catalog::load(ZHILI_SOURCE_DIR "/packs");
  ASSERT_TRUE(catalog) << catalog.error().text();
  const Registry registry(*store_, *log_, *catalog, 7);
  size_t declared = 0;
  for (const Pack& pack : catalog->packs()) {
    const auto registers = load_registers(std::filesystem::path(ZHILI_SOURCE_DIR "/packs") / pack.id, pack, *catalog);
    ASSERT_TRUE(registers) << registers.error().text();
    for (const Dataset& dataset : *registers) {
      const auto listed = registry.declare(dataset, 0, "officer");
      EXPECT_TRUE(listed) << dataset.id << ": " << listed.error().text();
      ++declared;
    }
  }
  EXPECT_GE(declared, 12U);
  std::set<std::string> holders;
  const auto held = registry.holders("phone");
  ASSERT_TRUE(held);
  for (const auto& holder : *held) holders.insert(holder.provider);
  EXPECT_TRUE(holders.contains("police"));
  EXPECT_TRUE(holders.contains("disabled"));
}

ZHILI_ON_BOTH_ENGINES(RegistersTest);

}  // namespace
}  // namespace zhili::catalog
