#include "fuse/snapshot.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include "fuse/resolver_play.hpp"
#include "fuse/test_sealing.hpp"

namespace zhili::fuse {
namespace {

Result<std::unique_ptr<Resolver>> load(const Ground& ground, const std::vector<std::string>& pieces) {
  static Cancel cancel;
  size_t next = 0;
  return SnapshotLoader::load(parse_config(ground.yaml).value(), 2, cancel,
                              [&]() -> Result<std::string> { return next < pieces.size() ? pieces[next++] : ""; });
}

TEST(Snapshot, IsWhatWasThereWhenItBegan) {
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(seed);
    const Ground ground(std::string(seed % 2 == 0 ? kPeople : kCrowded), 60, seed);
    Play play(ground, seed);
    const auto resolver = ground.empty();
    walk(ground, *resolver, play, 20);
    const auto before = picture_of(*resolver);
    const auto ids = resolver->ids();
    std::vector<std::string> pieces;
    std::vector<std::string> journals;
    {
      // Its pieces are small here: one a step.
      SnapshotTaker taker(*resolver, 64);
      for (auto piece = taker.next(); !piece.empty(); piece = taker.next()) {
        pieces.push_back(std::move(piece));
        if (pieces.size() % 7 != 0) continue;
        for (auto& journal : walk(ground, *resolver, play, 1, false).journals) journals.push_back(std::move(journal));
      }
    }
    ASSERT_GT(journals.size(), 3);
    auto loaded = load(ground, pieces);
    ASSERT_TRUE(loaded) << loaded.error().text();
    EXPECT_EQ(difference(picture_of(**loaded), before), "");
    EXPECT_EQ((*loaded)->ids(), ids);
    for (const auto& journal : journals) ASSERT_TRUE((*loaded)->replay(journal));
    EXPECT_EQ(difference(picture_of(**loaded), picture_of(*resolver)), "");
    EXPECT_EQ((*loaded)->ids(), resolver->ids());
    // It goes on as the other one would.
    walk(ground, **loaded, play, 10);
    if (HasFailure()) return;
  }
}

TEST(Snapshot, RefusesDamagedPieces) {
  const Ground ground(std::string(kPeople), 20, 1);
  Play play(ground, 1);
  const auto resolver = ground.empty();
  walk(ground, *resolver, play, 5);
  SnapshotTaker taker(*resolver, 256);
  std::vector<std::string> pieces;
  for (auto piece = taker.next(); !piece.empty(); piece = taker.next()) pieces.push_back(std::move(piece));
  ASSERT_TRUE(load(ground, pieces));
  auto cut = pieces;
  cut.pop_back();
  EXPECT_FALSE(load(ground, cut));
  cut.erase(cut.begin());
  EXPECT_FALSE(load(ground, cut));
  Random random(5);
  for (int i = 0; i < 200; ++i) {  // Must not crash, whatever comes out.
    auto wrong = pieces;
    auto& piece = wrong[random.below(wrong.size())];
    piece[random.below(piece.size())] ^= static_cast<char>(1 + random.below(255));
    (void)load(ground, wrong);
  }
  auto config = parse_config(ground.yaml).value();
  config.attributes[0].name = "other";
  Cancel cancel;
  const auto other =
      SnapshotLoader::load(std::move(config), 1, cancel, [&]() -> Result<std::string> { return pieces[0]; });
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::kConfig);
}

TEST(SealedFile, GivesItsPiecesBackOrNothing) {
  const ScratchDir dir;
  TestSealing sealing(1);
  const auto path = dir.path() / "file";
  const std::vector<std::string> pieces{"one secret", std::string(100'000, 'x'), "three"};
  const auto write = [&](const std::string& context) {
    auto writer = SealedFileWriter::create(path, context, sealing);
    ASSERT_TRUE(writer);
    for (const auto& piece : pieces) ASSERT_TRUE((*writer)->add(piece));
    EXPECT_FALSE(std::filesystem::exists(path));
    ASSERT_TRUE((*writer)->finish());
  };
  write("a|b");
  const auto read = [&](const std::string& context) -> Result<std::vector<std::string>> {
    ZHILI_ASSIGN(const auto reader, SealedFileReader::open(path, context, sealing));
    std::vector<std::string> out;
    for (;;) {
      ZHILI_ASSIGN(auto piece, reader->next());
      if (piece.empty()) return out;
      out.push_back(std::move(piece));
    }
  };
  EXPECT_EQ(read("a|b").value(), pieces);
  EXPECT_FALSE(read("a|c"));
  std::ifstream in(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), {});
  EXPECT_EQ(bytes.find("secret"), std::string::npos);
  for (const size_t size : {size_t{0}, size_t{5}, bytes.size() / 2, bytes.size() - 1}) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes.substr(0, size);
    EXPECT_FALSE(read("a|b")) << size;
  }
  auto changed = bytes;
  changed[bytes.size() / 2] ^= 1;
  std::ofstream(path, std::ios::binary | std::ios::trunc) << changed;
  EXPECT_FALSE(read("a|b"));
}

}  // namespace
}  // namespace zhili::fuse
