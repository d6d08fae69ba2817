#include "twin/geography.hpp"

#include <cmath>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "twin/address_text.hpp"

namespace zhili::twin {
namespace {

// Twice the area inside a ring, in square degrees.
double ring_area(const std::vector<Position>& ring) {
  double sum = 0;
  for (size_t i = 0; i < ring.size(); ++i) {
    const Position& a = ring[i];
    const Position& b = ring[(i + 1) % ring.size()];
    sum += a.longitude * b.latitude - b.longitude * a.latitude;
  }
  return sum;
}

TEST(Geography, AreasOfALevelLeaveNoGapAndDoNotOverlap) {
  const Geography g = Geography::build(5, 90'000, 1);
  for (const Level level : {Level::kStreet, Level::kCommunity, Level::kGrid}) {
    Area whole;
    for (const Division& d : g.divisions()) {
      if (d.level == Level::kCounty && d.drawn) whole = d.area;
    }
    std::vector<int> covered(static_cast<size_t>(whole.x1) * static_cast<size_t>(whole.y1));
    for (const Division& d : g.divisions()) {
      if (d.level != level) continue;
      for (int y = d.area.y0; y < d.area.y1; ++y) {
        for (int x = d.area.x0; x < d.area.x1; ++x)
          ++covered[static_cast<size_t>(y) * static_cast<size_t>(whole.x1) + static_cast<size_t>(x)];
      }
    }
    for (const int times : covered) ASSERT_EQ(times, 1);
  }
}

TEST(Geography, DrawnBordersTileTheirParent) {
  const Geography g = Geography::build(6, 60'000, 1);
  std::map<int32_t, double> children;
  for (const Division& d : g.divisions()) {
    if (!d.drawn) continue;
    const auto ring = g.border(d.area);
    EXPECT_GT(ring_area(ring), 0) << d.code << " is not counter-clockwise";
    children[d.parent] += ring_area(ring);
  }
  for (size_t i = 0; i < g.divisions().size(); ++i) {
    const Division& d = g.divisions()[i];
    if (!d.drawn || d.level == Level::kGrid) continue;
    const double own = ring_area(g.border(d.area));
    EXPECT_NEAR(children[static_cast<int32_t>(i)] / own, 1, 1e-9) << d.code;
  }
}

TEST(Geography, TheWarpFoldsNowhere) {
  const Geography g = Geography::build(7, 100, 1);
  for (int column = 0; column < 236; ++column) {
    for (int row = 0; row < 211; ++row) {
      const double x = 1.7 * column;
      const double y = 1.9 * row;
      const Position at = g.position(x, y);
      const Position east = g.position(x + 0.01, y);
      const Position north = g.position(x, y + 0.01);
      const double turn = (east.longitude - at.longitude) * (north.latitude - at.latitude) -
                          (north.longitude - at.longitude) * (east.latitude - at.latitude);
      ASSERT_GT(turn, 0);
    }
  }
}

TEST(Geography, EveryDwellingHasAnAddressOfItsOwn) {
  const Geography g = Geography::build(8, 40'000, 1);
  ASSERT_GE(g.dwellings(), 40'000U);
  AddressStyle style;
  style.street = style.community = true;
  std::set<std::string> seen;
  for (uint64_t d = 0; d < g.dwellings(); ++d) {
    const std::string text = write_address(g.address_of(d), style);
    EXPECT_TRUE(seen.insert(text).second) << text;
  }
}

TEST(Geography, CodesNestAndLieInTheDivisionThatIsNeverAssigned) {
  const Geography g = Geography::build(9, 200'000, 3);
  std::set<std::string> codes;
  for (const Division& d : g.divisions()) {
    EXPECT_TRUE(codes.insert(d.code).second) << d.code;
    EXPECT_TRUE(d.code.starts_with("99"));
    if (d.level > Level::kCounty) {
      EXPECT_TRUE(d.code.starts_with(g.division(static_cast<uint32_t>(d.parent)).code));
    }
  }
  std::set<uint32_t> counties;
  for (const County& county : g.counties()) EXPECT_TRUE(counties.insert(county.code).second);
  EXPECT_EQ(counties.size(), 3U * Geography::kBlockCounties);
}

TEST(AddressText, WritesTheFormsThatPeopleUse) {
  Address a;
  a.county = "宁沐区";
  a.street = "和光街道";
  a.road = "解放路";
  a.road_number = 12;
  a.compound = "清光佳苑";
  a.building = 13;
  a.unit = 2;
  a.room = 501;
  AddressStyle style;
  EXPECT_EQ(write_address(a, style), "宁沐区解放路12号清光佳苑13号楼2单元501室");
  style.county = style.road = false;
  style.form = RoomForm::kDashes;
  EXPECT_EQ(write_address(a, style), "清光佳苑13-2-501");
  style.form = RoomForm::kHash;
  EXPECT_EQ(write_address(a, style), "清光佳苑13#2-501");
  style.form = RoomForm::kChinese;
  EXPECT_EQ(write_address(a, style), "清光佳苑十三号楼二单元501室");
  style.room = false;
  EXPECT_EQ(write_address(a, style), "清光佳苑十三号楼");
}

}  // namespace
}  // namespace zhili::twin
