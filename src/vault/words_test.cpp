#include "vault/words.hpp"

#include <gtest/gtest.h>

namespace zhili::vault {
namespace {

std::string told(std::string_view actor) {
  const auto ref = ref_of_actor(actor);
  return ref ? ref->text() : ref.error().message;
}

TEST(ActorRefs, AreOfAccountsKeysAndTheProgram) {
  EXPECT_EQ(told("5f4lcio2mggqp2olvx7bwmttly"), "account:5f4lcio2mggqp2olvx7bwmttly");
  EXPECT_EQ(told("key_sldnocjqb3kycqfzxpuqjoe5ma"), "system:key_sldnocjqb3kycqfzxpuqjoe5ma");
  EXPECT_EQ(told(""), "system:#0");
}

// Ids are drawn by chance, and whoever drew one that reads like a telephone's number works on.
TEST(ActorRefs, TellAnIdLikeANumberByItsDigest) {
  const std::string like = "a22222222222bcdefghijklmno";
  EXPECT_TRUE(told(like).starts_with("account:#")) << told(like);
  EXPECT_EQ(told(like), told(like));
  EXPECT_NE(told(like), told("a33333333333bcdefghijklmno"));
  EXPECT_TRUE(told("key_" + like).starts_with("system:#"));
}

}  // namespace
}  // namespace zhili::vault
