#include "audit/hash.hpp"

#include <gtest/gtest.h>

#include "audit/naive_tree.hpp"

namespace zhili::audit {
namespace {

TEST(Hash, MakesTheTreesOfCertificateTransparency) {  // The entries and roots of its reference tests.
  const Entries entries = {"",
                           std::string("\x00", 1),
                           "\x10",
                           "\x20\x21",
                           "\x30\x31",
                           "\x40\x41\x42\x43",
                           "\x50\x51\x52\x53\x54\x55\x56\x57",
                           "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"};
  const std::string roots[] = {
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
      "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
      "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
      "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  };
  auto hasher = Hasher::create(HashKind::kSha256);
  ASSERT_TRUE(hasher);
  for (size_t size = 0; size <= entries.size(); ++size) {
    std::vector<Hash> leaves;
    leaves.reserve(size);
    for (size_t i = 0; i < size; ++i) leaves.push_back(hasher->leaf(entries[i]));
    EXPECT_EQ(to_hex(hasher->root(leaves)), roots[size]);
    EXPECT_EQ(to_hex(naive_root(*hasher, entries, 0, size)), roots[size]);
  }
}

TEST(Hash, KnowsSm3) {  // GB/T 32905, appendix A.
  auto hasher = Hasher::create(HashKind::kSm3);
  ASSERT_TRUE(hasher);
  EXPECT_EQ(to_hex(hasher->digest("abc")), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
  EXPECT_EQ(hash_kind("sm3"), HashKind::kSm3);
  EXPECT_EQ(hash_kind("SM3"), std::nullopt);
}

TEST(Hash, GoesThroughBase64) {
  auto hasher = Hasher::create(HashKind::kSha256);
  ASSERT_TRUE(hasher);
  const Hash hash = hasher->digest("x");
  EXPECT_EQ(hash_from_base64(to_base64(hash)), hash);
  EXPECT_EQ(hash_from_base64("AAAA"), std::nullopt);
}

}  // namespace
}  // namespace zhili::audit
