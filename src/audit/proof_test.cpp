#include "audit/proof.hpp"

#include <gtest/gtest.h>

#include "audit/crash_disk.hpp"
#include "audit/naive_tree.hpp"
#include "audit/tile_writer.hpp"
#include "base/limits.hpp"
#include "base/random.hpp"

namespace zhili::audit {
namespace {

class Proofs : public testing::TestWithParam<HashKind> {
 protected:
  void SetUp() override { hasher_ = std::make_unique<Hasher>(*Hasher::create(GetParam())); }

  std::string made_up(size_t i) { return fmt::format("entry {} {}", i, random_.next() >> random_.below(64)); }
  TreeHead naive_head(uint64_t size) { return {size, naive_root(*hasher_, entries_, 0, size)}; }
  void check(TileReader& reader, uint64_t size) {
    const TreeHead head = naive_head(size);
    ASSERT_EQ(*reader.root(size), head.root) << size;
    for (int i = 0; i < 4 && size > 0; ++i) {
      const uint64_t index = i == 0 ? size - 1 : random_.below(size);
      const auto proof = reader.inclusion(index, size);
      ASSERT_TRUE(proof) << proof.error().text();
      ASSERT_EQ(*proof, naive_path(*hasher_, index, entries_, 0, size)) << index << " of " << size;
      const Hash leaf = hasher_->leaf(entries_[index]);
      EXPECT_TRUE(verify_inclusion(*hasher_, head, index, leaf, *proof));
      EXPECT_EQ(*reader.leaf(index, size), leaf);
      EXPECT_EQ(*reader.entry(index, size), entries_[index]);
      refuse_inclusion(head, index, leaf, *proof);
    }
    for (int i = 0; i < 4; ++i) {
      const uint64_t old_size = i == 0 ? size : random_.below(size + 1);
      const auto proof = reader.consistency(old_size, size);
      ASSERT_TRUE(proof) << proof.error().text();
      if (old_size > 0) {
        ASSERT_EQ(*proof, naive_subproof(*hasher_, old_size, entries_, 0, size, true)) << old_size << " to " << size;
      }
      const TreeHead old_head = naive_head(old_size);
      EXPECT_TRUE(verify_consistency(*hasher_, old_head, head, *proof)) << old_size << " to " << size;
      refuse_consistency(old_head, head, *proof);
    }
  }
  void refuse_inclusion(const TreeHead& head, uint64_t index, Hash leaf, Proof proof) {
    TreeHead other = head;
    other.root.bytes[random_.below(32)] ^= 1;
    EXPECT_FALSE(verify_inclusion(*hasher_, other, index, leaf, proof));
    EXPECT_FALSE(verify_inclusion(*hasher_, head, index + head.size, leaf, proof));
    if (head.size > 1) {
      EXPECT_FALSE(verify_inclusion(*hasher_, head, (index + 1) % head.size, leaf, proof));
      proof[random_.below(proof.size())].bytes[random_.below(32)] ^= 1;
      EXPECT_FALSE(verify_inclusion(*hasher_, head, index, leaf, proof));
      proof.pop_back();
      EXPECT_FALSE(verify_inclusion(*hasher_, head, index, leaf, proof));
    }
    leaf.bytes[random_.below(32)] ^= 128;
    EXPECT_FALSE(verify_inclusion(*hasher_, head, index, leaf, proof));
  }
  void refuse_consistency(const TreeHead& old_head, const TreeHead& head, Proof proof) {
    TreeHead other = old_head;
    other.root.bytes[random_.below(32)] ^= 1;
    EXPECT_FALSE(verify_consistency(*hasher_, other, head, proof));
    if (old_head.size > 0) {
      other = head;
      other.root.bytes[random_.below(32)] ^= 1;
      EXPECT_FALSE(verify_consistency(*hasher_, old_head, other, proof));
    }
    proof.emplace_back();
    EXPECT_FALSE(verify_consistency(*hasher_, old_head, head, proof));
    proof.pop_back();
    if (proof.empty()) return;
    proof[random_.below(proof.size())].bytes[random_.below(32)] ^= 1;
    EXPECT_FALSE(verify_consistency(*hasher_, old_head, head, proof));
    proof.pop_back();
    EXPECT_FALSE(verify_consistency(*hasher_, old_head, head, proof));
  }

  Random random_{11};
  std::unique_ptr<Hasher> hasher_;
  Entries entries_;
};

TEST_P(Proofs, AgreeWithTheDefinitionAtEverySize) {
  constexpr size_t kSizes = 600;
  CrashDisk disk;
  auto writer = TileWriter::open(disk, GetParam(), naive_head(0));
  ASSERT_TRUE(writer) << writer.error().text();
  for (size_t size = 0; size <= kSizes; ++size) {
    auto reader = TileReader::create(disk, GetParam());
    ASSERT_TRUE(reader);
    ASSERT_NO_FATAL_FAILURE(check(*reader, size));
    ASSERT_EQ(writer->head().root, *reader->root(size));
    entries_.push_back(made_up(size));
    const std::string_view entry = entries_.back();
    ASSERT_TRUE(writer->append({&entry, 1}));
    if (size % 100 == 99) {
      ASSERT_TRUE(writer->publish("not read here"));
    }
  }
  // Older sizes can still be had, although full tiles took the place of their partial ones.
  auto reader = TileReader::create(disk, GetParam());
  ASSERT_TRUE(reader);
  for (size_t size = 0; size <= kSizes; size += 7) ASSERT_NO_FATAL_FAILURE(check(*reader, size));
}

INSTANTIATE_TEST_SUITE_P(Digests, Proofs, testing::Values(HashKind::kSha256, HashKind::kSm3),
                         [](const auto& one) { return std::string(name_of(one.param)); });

TEST(LargeTree, ProvesEntriesAndGrowth) {
  Random random(21);
  auto hasher = Hasher::create(HashKind::kSha256);
  ASSERT_TRUE(hasher);
  CrashDisk disk;
  auto writer = TileWriter::open(disk, HashKind::kSha256, {0, hasher->empty()});
  ASSERT_TRUE(writer);
  std::vector<Hash> leaves;
  std::vector<TreeHead> heads = {writer->head()};
  while (leaves.size() < 150'000) {
    std::vector<std::string> batch(1 + random.below(random.chance(0.1) ? 70'000 : 300));
    for (std::string& entry : batch) {
      entry = fmt::format("{}", random.next());
      leaves.push_back(hasher->leaf(entry));
    }
    const std::vector<std::string_view> views(batch.begin(), batch.end());
    const auto head = writer->append(views);
    ASSERT_TRUE(head) << head.error().text();
    ASSERT_EQ(head->size, leaves.size());
    heads.push_back(*head);
    ASSERT_TRUE(writer->publish("not read here"));
  }
  EXPECT_EQ(heads.back().root, hasher->root(leaves));
  auto reader = TileReader::create(disk, HashKind::kSha256);
  ASSERT_TRUE(reader);
  for (int round = 0; round < 300; ++round) {
    const TreeHead& head = heads[1 + random.below(heads.size() - 1)];
    const TreeHead& old_head = heads[random.below(heads.size())];
    const uint64_t index = random.below(head.size);
    const auto proof = reader->inclusion(index, head.size);
    ASSERT_TRUE(proof) << proof.error().text();
    EXPECT_TRUE(verify_inclusion(*hasher, head, index, leaves[index], *proof));
    if (old_head.size > head.size) {
      EXPECT_FALSE(reader->consistency(old_head.size, head.size));
      continue;
    }
    const auto growth = reader->consistency(old_head.size, head.size);
    ASSERT_TRUE(growth) << growth.error().text();
    EXPECT_TRUE(verify_consistency(*hasher, old_head, head, *growth));
  }
  EXPECT_EQ(reader->inclusion(heads.back().size, heads.back().size).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(reader->entry(heads.back().size, heads.back().size).error().code, ErrorCode::kNotFound);
}

TEST(ProofText, ComesBackAsItWasWritten) {
  Random random(2);
  ProofText proof{73894, {}, "example.com/fancylog\n109482\nroot\n\n— example.com/fancylog AAAAAAAA\n"};
  proof.proof.resize(5);
  for (Hash& hash : proof.proof) hash.bytes[random.below(32)] = static_cast<uint8_t>(random.next());
  const std::string text = to_text(proof);
  EXPECT_TRUE(text.starts_with("c2sp.org/tlog-proof@v1\nindex 73894\n"));
  const auto read = parse_proof_text(text);
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(read->index, proof.index);
  EXPECT_EQ(read->proof, proof.proof);
  EXPECT_EQ(read->checkpoint, proof.checkpoint);
  EXPECT_TRUE(parse_proof_text("c2sp.org/tlog-proof@v1\nextra YWdl\nindex 0\n\nx\n"));
  for (const std::string_view wrong : {"", "c2sp.org/tlog-proof@v2\nindex 0\n\n",
                                       "c2sp.org/tlog-proof@v1\nindex 00\n\n", "c2sp.org/tlog-proof@v1\nindex -1\n\n",
                                       "c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\n", "c2sp.org/tlog-proof@v1\nindex 0\n",
                                       "c2sp.org/tlog-proof@v1\n", "c2sp.org/tlog-proof@v1\nextra *\nindex 0\n\n"}) {
    EXPECT_FALSE(parse_proof_text(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace zhili::audit
