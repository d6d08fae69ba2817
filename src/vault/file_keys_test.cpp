#include "vault/file_keys.hpp"

#include "vault/test_vault.hpp"

namespace zhili::vault {
namespace {

class FileKeysTest : public VaultTest {};
class Sm4FileKeysTest : public VaultTest {
 protected:
  CipherKind cipher() const override { return CipherKind::kSm4; }
};

void expect_frames_hold(Vault& vault) {
  const FileKeys keys(vault);
  auto made = keys.make("police.people", "f1");
  ASSERT_TRUE(made) << made.error().text();
  const std::string sealed = made->seal(7, "990101199001011230").value();
  EXPECT_EQ(sealed.find("9901"), std::string::npos);
  auto found = keys.find("police.people", "f1");
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ(found->open(7, sealed).value_or(""), "990101199001011230");
  // Elsewhere, changed, or under another file's key it does not open.
  EXPECT_FALSE(found->open(8, sealed));
  std::string changed = sealed;
  changed.back() = static_cast<char>(changed.back() ^ 1);
  EXPECT_FALSE(found->open(7, changed));
  auto other = keys.make("police.people", "f2");
  ASSERT_TRUE(other);
  EXPECT_FALSE(other->open(7, sealed));

  const auto again = keys.make("police.people", "f1");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kConflict);
  ASSERT_TRUE(vault.store().commit([&](store::Transaction& tx) { return keys.forget(tx, "police.people", "f1"); }));
  const auto gone = keys.find("police.people", "f1");
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, ErrorCode::kNotFound);
}

TEST_P(FileKeysTest, FramesOpenInTheirPlaceAlone) { expect_frames_hold(*vault_); }
TEST_P(Sm4FileKeysTest, FramesOpenInTheirPlaceAlone) { expect_frames_hold(*vault_); }

ZHILI_ON_BOTH_ENGINES(FileKeysTest);
ZHILI_ON_BOTH_ENGINES(Sm4FileKeysTest);

}  // namespace
}  // namespace zhili::vault
