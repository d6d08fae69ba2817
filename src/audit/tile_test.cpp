#include "audit/tile.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace zhili::audit {
namespace {

TEST(Tile, NamesItsFileAsTheSpecificationDoes) {
  EXPECT_EQ((TileId{0, 1234067, 256}.path()), "tile/0/x001/x234/067");
  EXPECT_EQ((TileId{TileId::kEntries, 0, 17}.path()), "tile/entries/000.p/17");
  EXPECT_EQ((TileId{1, 1001, 255}.path()), "tile/1/x001/001.p/255");
  EXPECT_EQ((TileId{1, 1001, 255}.partials_path()), "tile/1/x001/001.p");
}

TEST(Tile, ReadsTheNamesThatItWrites) {
  Random random(5);
  for (int round = 0; round < 3000; ++round) {
    const TileId id{static_cast<int>(random.between(-1, kTopLevel)), random.next() >> random.below(64),
                    static_cast<unsigned>(random.between(1, 256))};
    EXPECT_EQ(parse_tile_path(id.path()), id) << id.path();
  }
  for (const std::string_view path : {"",
                                      "tile",
                                      "tile/0",
                                      "tile/0/",
                                      "tile/0/1",
                                      "tile/0/0001",
                                      "tile/00/001",
                                      "tile/8/001",
                                      "tile/0/x000/001",
                                      "tile/0/001.p/256",
                                      "tile/0/001.p/0",
                                      "tile/0/001.p/01",
                                      "tile/0/001.p/",
                                      "tile/0/001.p",
                                      "tile/0/001/002",
                                      "tile/entries/",
                                      "tile/data/000",
                                      "tile/0/x001/x999",
                                      "tile/0/-01",
                                      "tile/0/001 ",
                                      "/tile/0/001",
                                      "tile/0/x999/x999/x999/x999/x999/x999/x999/999"}) {
    EXPECT_EQ(parse_tile_path(path), std::nullopt) << path;
  }
}

TEST(Tile, CountsWhatATreeHas) {
  // The specification's own example: 273 full tiles and one of width 112, one full and one of width 17, one of width 1.
  EXPECT_EQ(tile_count(0, 70000), 274U);
  EXPECT_EQ(tile_width(0, 272, 70000), 256U);
  EXPECT_EQ(tile_width(0, 273, 70000), 112U);
  EXPECT_EQ(tile_width(0, 274, 70000), 0U);
  EXPECT_EQ(tile_count(1, 70000), 2U);
  EXPECT_EQ(tile_width(1, 1, 70000), 17U);
  EXPECT_EQ(tile_width(2, 0, 70000), 1U);
  EXPECT_EQ(tile_count(3, 70000), 0U);
  EXPECT_EQ(tile_width(1, 0, 256), 1U);
  EXPECT_EQ(tile_width(TileId::kEntries, 273, 70000), 112U);
}

TEST(Tile, SplitsBundlesIntoTheirEntries) {
  const std::string entries[] = {"", "a", std::string(65535, 'x'), "end"};
  std::string bundle;
  for (const std::string& entry : entries) add_to_bundle(bundle, entry);
  const auto split = split_bundle(bundle, 4, "bundle");
  ASSERT_TRUE(split);
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ((*split)[i], entries[i]);
  EXPECT_FALSE(split_bundle(bundle, 3, "bundle"));
  EXPECT_FALSE(split_bundle(bundle, 5, "bundle"));
  bundle.pop_back();
  EXPECT_EQ(split_bundle(bundle, 4, "bundle").error().message, "ends within entry 3 of the bundle");
  EXPECT_FALSE(split_bundle("\x01", 1, "bundle"));
}

}  // namespace
}  // namespace zhili::audit
