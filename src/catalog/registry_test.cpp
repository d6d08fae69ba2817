#include "catalog/registry.hpp"

#include <gtest/gtest.h>

#include "catalog/test_catalog.hpp"
#include "catalog/test_dataset.hpp"

namespace zhili::catalog {
namespace {

class RegistryTest : public CatalogStoreTest {
 protected:
  Registry registry() { return {*store_, *log_, catalog_, 7}; }
  static ErrorCode code_of(const auto& result) { return result ? ErrorCode{} : result.error().code; }
  /// Another department's, with its own key and the residents' address.
  static Dataset insured() {
    Dataset out = residents();
    out.id = "social.insured";
    out.code = "306015/000001";
    out.title = {"参保人员", "The insured"};
    out.provider = "social";
    return out;
  }

  Catalog catalog_ = sample_catalog();
};

TEST_P(RegistryTest, KeepsEachVersionAndItsEntry) {
  auto declared = registry().declare(residents(), 0, "officer");
  ASSERT_TRUE(declared) << declared.error().text();
  EXPECT_EQ(declared->version, 1);
  now_ += 1000;
  Dataset changed = residents();
  changed.cycle = Cycle::kDaily;
  ASSERT_EQ(registry().declare(changed, 1, "officer")->version, 2);
  EXPECT_EQ(registry().find("police.residents")->dataset, changed);
  EXPECT_EQ(registry().find("police.residents")->since, now_.load());

  // Whoever changes an older version is told, and so is who takes it for new.
  EXPECT_EQ(code_of(registry().declare(residents(), 1, "other")), ErrorCode::kConflict);
  EXPECT_EQ(code_of(registry().declare(residents(), 0, "other")), ErrorCode::kConflict);
  EXPECT_EQ(code_of(registry().withdraw("police.residents", 1, "other")), ErrorCode::kConflict);
  EXPECT_EQ(code_of(registry().withdraw("police.nothing", 1, "other")), ErrorCode::kNotFound);

  ASSERT_TRUE(registry().withdraw("police.residents", 2, "officer"));
  EXPECT_EQ(code_of(registry().find("police.residents")), ErrorCode::kNotFound);
  EXPECT_TRUE(registry().holders("id_number")->empty());
  ASSERT_EQ(registry().declare(residents(), 0, "officer")->version, 4);

  const auto versions = registry().versions("police.residents");
  ASSERT_TRUE(versions);
  ASSERT_EQ(versions->size(), 4U);
  EXPECT_EQ((*versions)[0].dataset, residents());
  EXPECT_EQ((*versions)[1].dataset, std::nullopt);
  EXPECT_EQ((*versions)[2].dataset, changed);
  const auto told = entries();
  ASSERT_EQ(told.size(), 4U);
  EXPECT_NE(told[1].find(R"("action":"remove")"), std::string::npos) << told[1];
  EXPECT_NE(told[2].find(R"("action":"change")"), std::string::npos) << told[2];
  EXPECT_NE(told[2].find((*versions)[2].entry), std::string::npos) << told[2];
  EXPECT_NE(told[3].find("catalogue:police_residents"), std::string::npos) << told[3];
  EXPECT_NE(told[3].find("account:officer"), std::string::npos) << told[3];
}

TEST_P(RegistryTest, NobodyCollectsAgainWhatAnotherShares) {
  ASSERT_TRUE(registry().declare(residents(), 0, "police"));
  const auto refused = registry().declare(insured(), 0, "social");
  ASSERT_EQ(code_of(refused), ErrorCode::kConflict);
  ASSERT_EQ(refused.error().others.size(), 1U);  // Its key is needed to join; the address is not.
  EXPECT_EQ(refused.error().others[0].message,
            "/fields/1: 'registered_address' is held by police, as hjdz of police.residents");
  EXPECT_TRUE(entries().size() == 1U);

  Dataset reasoned = insured();
  reasoned.fields[1].collected_because = "参保地与户籍地不同，须逐月核对";
  ASSERT_TRUE(registry().declare(reasoned, 0, "social"));
  // What was declared stays, whatever the reason is said to be later; what is its own is never a repetition.
  reasoned.fields[1].collected_because.clear();
  EXPECT_TRUE(registry().declare(reasoned, 1, "social"));
  Dataset own = residents();
  own.id = "police.moves";
  own.code = "306012/000002";
  EXPECT_TRUE(registry().declare(own, 0, "police").has_value()) << "its own, though social holds it, too";
}

TEST_P(RegistryTest, WhatIsNotSharedMayBeCollected) {
  Dataset closed = residents();
  closed.sharing = Sharing::kNotShared;
  closed.basis = "law-1";
  ASSERT_TRUE(registry().declare(closed, 0, "police"));
  EXPECT_TRUE(registry().declare(insured(), 0, "social"));
}

TEST_P(RegistryTest, TellsWhoHoldsAField) {
  Dataset other = insured();
  other.fields[1].collected_because = "核对";
  ASSERT_TRUE(registry().declare(residents(), 0, "police"));
  ASSERT_TRUE(registry().declare(other, 0, "social"));
  const auto holders = registry().holders("registered_address");
  ASSERT_TRUE(holders);
  ASSERT_EQ(holders->size(), 2U);
  EXPECT_EQ((*holders)[0].provider, "police");
  EXPECT_EQ((*holders)[1].dataset, "social.insured");
  EXPECT_EQ((*holders)[1].field, "hjdz");
  EXPECT_EQ((*holders)[1].sharing, Sharing::kUnconditional);
  EXPECT_TRUE(registry().holders("blood_type")->empty());
}

TEST_P(RegistryTest, FindsByWordsCodeProviderAndElement) {
  Dataset other = insured();
  other.fields[1].collected_because = "核对";
  other.summary = "100%_参保";
  ASSERT_TRUE(registry().declare(residents(), 0, "police"));
  ASSERT_TRUE(registry().declare(other, 0, "social"));
  const auto ids = [&](const Registry::Search& search) {
    std::vector<std::string> out;
    const auto found = registry().search(search);
    EXPECT_TRUE(found);
    if (found) {
      for (const auto& one : *found) out.push_back(one.dataset.id);
    }
    return out;
  };
  using Ids = std::vector<std::string>;
  const Ids both{"police.residents", "social.insured"};
  EXPECT_EQ(ids({}), both);
  EXPECT_EQ(ids({.text = "身份号码"}), both);
  EXPECT_EQ(ids({.text = "INSURED  参保"}), Ids{"social.insured"});
  EXPECT_EQ(ids({.text = "100%_"}), Ids{"social.insured"});
  EXPECT_EQ(ids({.text = "1%0"}), Ids());
  EXPECT_EQ(ids({.text = "'; DROP TABLE catalog_dataset; --"}), Ids());
  EXPECT_EQ(ids({.code = "306012"}), Ids{"police.residents"});
  EXPECT_EQ(ids({.provider = "social"}), Ids{"social.insured"});
  EXPECT_EQ(ids({.element = "id_number"}), both);
  EXPECT_EQ(ids({.element = "id_number", .sharing = Sharing::kConditional}), Ids());
  EXPECT_EQ(ids({.limit = 1}), Ids{"police.residents"});
  EXPECT_EQ(ids({.after = "police.residents", .limit = 1}), Ids{"social.insured"});
  EXPECT_EQ(code_of(registry().search({.limit = 0})), ErrorCode::kInput);
}

TEST_P(RegistryTest, RefusesMistakesAndForeignCodes) {
  Dataset wrong = residents();
  wrong.code = "x";
  wrong.fields[0].grade = 0;
  const auto refused = registry().declare(wrong, 0, "police");
  ASSERT_EQ(code_of(refused), ErrorCode::kInput);
  EXPECT_EQ(refused.error().others.size(), 2U);
  ASSERT_TRUE(registry().declare(residents(), 0, "police"));
  Dataset same_code = insured();
  same_code.code = residents().code;
  same_code.fields[1].collected_because = "核对";
  EXPECT_EQ(code_of(registry().declare(same_code, 0, "social")), ErrorCode::kConflict);
  EXPECT_TRUE(entries().size() == 1U);
}

ZHILI_ON_BOTH_ENGINES(RegistryTest);

}  // namespace
}  // namespace zhili::catalog
