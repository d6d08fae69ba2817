#include "audit/log.hpp"

#include <gtest/gtest.h>

#include "audit/crash_disk.hpp"
#include "audit/naive_tree.hpp"
#include "base/limits.hpp"
#include "base/random.hpp"

namespace zhili::audit {
namespace {

constexpr const char* kOrigin = "district.example/audit";

std::vector<SignKey> one_key() {
  std::vector<SignKey> keys;
  keys.push_back(*SignKey::generate(kOrigin, KeyKind::kEd25519));
  return keys;
}

Entries made_up_entries(Random& random, size_t count) {
  Entries entries(count);
  for (std::string& entry : entries) entry = fmt::format("{}", random.next() >> random.below(64));
  return entries;
}

Status append(Log& log, const Entries& entries, size_t begin, size_t end) {
  const std::vector<std::string_view> views(entries.begin() + static_cast<std::ptrdiff_t>(begin),
                                            entries.begin() + static_cast<std::ptrdiff_t>(end));
  ZHILI_ASSIGN(const TreeHead head, log.append(views));
  if (head.size != end) return fail(ErrorCode::kInternal, {}, "", "has {} entries, not {}", head.size, end);
  return {};
}

/// Whether the log's files hold exactly these entries, and no file that contradicts them.
void expect_tree(const CrashDisk& disk, const Log& log, const Entries& entries) {
  auto hasher = Hasher::create(HashKind::kSha256);
  ASSERT_TRUE(hasher);
  const uint64_t size = log.checkpoint().head.size;
  std::vector<Hash> leaves;
  for (const std::string& entry : entries) leaves.push_back(hasher->leaf(entry));
  const auto root = [&](uint64_t begin, uint64_t end) {
    const auto at = leaves.begin() + static_cast<std::ptrdiff_t>(begin);
    return hasher->root({at, at + static_cast<std::ptrdiff_t>(end - begin)});
  };
  ASSERT_EQ(log.checkpoint().head.root, root(0, size));
  auto reader = TileReader::create(disk, HashKind::kSha256);
  ASSERT_TRUE(reader);
  for (uint64_t bundle = 0; bundle * kTileWidth < size; ++bundle) {
    const auto read = reader->bundle(bundle, size);
    ASSERT_TRUE(read) << read.error().text();
    for (size_t i = 0; i < read->size(); ++i) ASSERT_EQ((*read)[i], entries[bundle * kTileWidth + i]);
  }
  for (const auto& [path, bytes] : disk.contents()) {
    const auto id = parse_tile_path(path);
    if (!id) {
      EXPECT_TRUE(path == kCheckpointPath) << path;
      continue;
    }
    ASSERT_LE(id->width, tile_width(id->level, id->index, size)) << path;
    if (id->level == TileId::kEntries) {
      const auto split = split_bundle(bytes, id->width, path);
      ASSERT_TRUE(split) << split.error().text();
      for (size_t i = 0; i < split->size(); ++i) ASSERT_EQ((*split)[i], entries[id->index * kTileWidth + i]) << path;
      continue;
    }
    ASSERT_EQ(bytes.size(), id->width * Hash::kBytes) << path;
    const unsigned height = kTileHeight * static_cast<unsigned>(id->level);
    for (uint64_t i = 0; i < id->width; ++i) {
      const uint64_t begin = (id->index * kTileWidth + i) << height;
      const Hash hash = root(begin, begin + (uint64_t{1} << height));
      ASSERT_EQ(Hash::of(std::string_view(bytes).substr(i * Hash::kBytes)), hash) << path << " " << i;
    }
  }
}

TEST(Log, BeginsEmptyAndSigned) {
  CrashDisk disk;
  const auto keys = one_key();
  const auto log = Log::open(disk, kOrigin, HashKind::kSha256, keys);
  ASSERT_TRUE(log) << log.error().text();
  EXPECT_EQ(log->head().size, 0U);
  std::vector<VerifyKey> verifiers;
  verifiers.push_back(*keys[0].verify_key());
  const auto opened = open_checkpoint(*disk.read(kCheckpointPath, 4096), kOrigin, verifiers);
  ASSERT_TRUE(opened) << opened.error().text();
  EXPECT_EQ(opened->checkpoint, log->checkpoint());
  EXPECT_FALSE(open_checkpoint(*disk.read(kCheckpointPath, 4096), "other", verifiers));
}

TEST(Log, RefusesWhatIsNotItsOwn) {
  CrashDisk disk;
  const auto keys = one_key();
  Entries entries = {"a", "b", "c"};
  {
    auto log = Log::open(disk, kOrigin, HashKind::kSha256, keys);
    ASSERT_TRUE(log);
    ASSERT_TRUE(append(*log, entries, 0, 3));
    ASSERT_TRUE(log->publish());
  }
  EXPECT_FALSE(Log::open(disk, "other.example", HashKind::kSha256, keys));
  EXPECT_FALSE(Log::open(disk, kOrigin, HashKind::kSm3, keys));
  EXPECT_FALSE(Log::open(disk, "a b", HashKind::kSha256, keys));
  EXPECT_FALSE(Log::open(disk, kOrigin, HashKind::kSha256, one_key()));
  ASSERT_TRUE(Log::open(disk, kOrigin, HashKind::kSha256, keys));
  const auto files = disk.contents();
  disk.put("tile/entries/000.p/3", std::string("\0\1a\0\1b\0\1x", 9));
  EXPECT_FALSE(Log::open(disk, kOrigin, HashKind::kSha256, keys));
  disk.put("tile/entries/000.p/3", files.at("tile/entries/000.p/3"));
  disk.put("tile/0/000.p/3", std::string(96, 'x'));
  EXPECT_FALSE(Log::open(disk, kOrigin, HashKind::kSha256, keys));
  disk.put("tile/0/000.p/3", files.at("tile/0/000.p/3"));
  ASSERT_TRUE(disk.remove(kCheckpointPath));
  EXPECT_FALSE(Log::open(disk, kOrigin, HashKind::kSha256, keys));  // Not begun anew over a log that lost it.
}

TEST(Log, HoldsItsLimits) {
  CrashDisk disk;
  const auto keys = one_key();
  auto log = Log::open(disk, kOrigin, HashKind::kSha256, keys);
  ASSERT_TRUE(log);
  EXPECT_EQ(append(*log, {std::string(limits::kLogEntryBytes + 1, 'x')}, 0, 1).error().code, ErrorCode::kLimit);
  EXPECT_TRUE(append(*log, {std::string(limits::kLogEntryBytes, 'x')}, 0, 1));
  const std::vector<std::string_view> many(limits::kLogAhead, "x");
  EXPECT_EQ(log->append(many).error().code, ErrorCode::kLimit);
}

TEST(Log, TakesSignaturesOfWitnesses) {
  CrashDisk disk;
  const auto keys = one_key();
  auto log = Log::open(disk, kOrigin, HashKind::kSha256, keys);
  ASSERT_TRUE(log);
  ASSERT_TRUE(append(*log, {"a"}, 0, 1));
  ASSERT_TRUE(log->publish());
  const auto witness = SignKey::generate("witness.example", KeyKind::kEd25519);
  ASSERT_TRUE(witness);
  const auto signature = witness->cosign(log->note().text, 1);
  const auto later = witness->cosign(log->note().text, 2);
  ASSERT_TRUE(log->add_signatures({&*signature, 1}));
  ASSERT_TRUE(log->add_signatures({&*later, 1}));
  ASSERT_EQ(log->note().signatures.size(), 2U);
  EXPECT_EQ(log->note().signatures[1], *later);
  EXPECT_EQ(*disk.read(kCheckpointPath, 4096), to_text(log->note()));
  ASSERT_TRUE(append(*log, {"a", "b"}, 1, 2));
  EXPECT_FALSE(log->add_signatures({&*later, 1}));
}

/// What a program got answers to: everything it published must be there after the power came back.
struct Progress {
  size_t published = 0;  ///< Known durable.
  size_t attempted = 0;  ///< Being published when the power failed.
};

Status grow(CrashDisk& disk, std::span<const SignKey> keys, const Entries& entries, std::span<const size_t> batches,
            Progress& progress) {
  ZHILI_ASSIGN(Log log, Log::open(disk, kOrigin, HashKind::kSha256, keys));
  size_t at = log.head().size;
  for (size_t i = 0; i < batches.size(); ++i) {
    const size_t end = std::min(entries.size(), at + batches[i]);
    ZHILI_TRY(append(log, entries, at, end));
    at = end;
    if (i % 2 == 1) continue;  // Some batches go under one checkpoint with the next.
    progress.attempted = end;
    ZHILI_TRY(log.publish());
    progress.published = end;
  }
  return {};
}

TEST(Log, SurvivesLossOfPowerAtEveryStep) {
  Random random(8);
  const auto keys = one_key();
  const Entries entries = made_up_entries(random, 1400);
  const size_t batches[] = {3, 250, 1, 2, 0, 300, 200, 20};
  uint64_t all_steps = 0;
  {
    CrashDisk disk;
    Progress progress;
    ASSERT_TRUE(grow(disk, keys, entries, batches, progress));
    all_steps = disk.steps();
  }
  ASSERT_GT(all_steps, 100U);
  for (uint64_t step = 0; step < all_steps; ++step) {
    for (int round = 0; round < 2; ++round) {
      SCOPED_TRACE(fmt::format("power lost before step {}, round {}", step, round));
      CrashDisk disk;
      Progress progress;
      disk.fail_after(step);
      // The second loss hits the clean-up after the first one, now with other entries beyond the checkpoint.
      Entries other = entries;
      for (int loss = 0; loss < 2; ++loss) {
        // Removing replaced files may fail unnoticed; all else must be told.
        const auto lost = grow(disk, keys, other, batches, progress);
        disk.restart(random);
        const auto log = Log::open(disk, kOrigin, HashKind::kSha256, keys);
        ASSERT_TRUE(log) << log.error().text();
        const size_t size = log->checkpoint().head.size;
        ASSERT_TRUE(size == progress.published || size == progress.attempted || lost.has_value());
        ASSERT_GE(size, progress.published);
        ASSERT_NO_FATAL_FAILURE(expect_tree(disk, *log, other));
        progress = {size, size};
        for (size_t i = size; i < other.size(); ++i) other[i] += "'";
        disk.fail_after(random.below(40));
      }
      disk.restart(random);
      Progress after;
      const auto grown = grow(disk, keys, other, batches, after);
      ASSERT_TRUE(grown) << grown.error().text();
      const auto log = Log::open(disk, kOrigin, HashKind::kSha256, keys);
      ASSERT_TRUE(log) << log.error().text();
      ASSERT_NO_FATAL_FAILURE(expect_tree(disk, *log, other));
    }
  }
}

}  // namespace
}  // namespace zhili::audit
