#include "fuse/locator.hpp"

#include <gtest/gtest.h>

namespace zhili::fuse {
namespace {

constexpr const char* kDivisions =
    "code,name,level,parent_code\n990000,云景省,province,\n990100,岚安市,city,990000\n990101,宁沐区,county,990100\n"
    "990101001,和光街道,street,990101\n990101001001,仁坊社区,community,990101001\n"
    "990101001002,平塘社区,community,990101001\n";

class LocatorTest : public testing::Test {
 protected:
  text::DivisionTable table_ = text::DivisionTable().with_csv(kDivisions, "divisions.csv").value();
  Locator locator_{table_};
};

TEST_F(LocatorTest, KnowsTheDivisionThatAnAddressNames) {
  EXPECT_EQ(locator_.find("岚安市宁沐区和光街道仁坊社区金泉路62弄5号").division, "990101001001");
  EXPECT_EQ(locator_.find("宁沐区和光街道金泉路62弄5号").division, "990101001");
  EXPECT_EQ(locator_.find("宁沐区金泉路62弄5号").division, "990101");
  EXPECT_EQ(locator_.find("宁沐区金泉路62弄5号").area, "");
  EXPECT_EQ(locator_.find("").division, "");
}

TEST_F(LocatorTest, LearnsGatesThenLanesThenRoads) {
  locator_.learn("宁沐区金泉路62弄5号", "grid1");
  locator_.learn("宁沐区金泉路62弄7号", "grid1");
  locator_.learn("宁沐区金泉路80弄1号", "grid2");
  EXPECT_EQ(locator_.find("岚安市宁沐区金泉路62弄5号301室").area, "grid1");
  EXPECT_EQ(locator_.find("宁沐区金泉路62弄9号").area, "grid1") << "by its lane";
  EXPECT_EQ(locator_.find("宁沐区金泉路80弄3号").area, "grid2");
  EXPECT_EQ(locator_.find("金泉路62弄5号-301").area, "grid1") << "the county is left out";
  EXPECT_EQ(locator_.find("宁沐区金泉路5号").area, "") << "the road runs through two areas";
}

TEST_F(LocatorTest, AStrayLineDoesNotUndoWhatManySay) {
  for (int i = 0; i < 9; ++i) locator_.learn("宁沐区长源新城7号楼", "grid1");
  locator_.learn("宁沐区长源新城7号楼", "grid2");
  EXPECT_EQ(locator_.find("宁沐区长源新城7号楼3单元302室").area, "grid1");
  for (int i = 0; i < 9; ++i) locator_.learn("宁沐区长源新城7号楼", "grid2");
  EXPECT_EQ(locator_.find("宁沐区长源新城7号楼3单元302室").area, "");
}

TEST_F(LocatorTest, VillagesCountByTheirGroups) {
  locator_.learn("平塘社区3组10号", "grid7");
  EXPECT_EQ(locator_.find("宁沐区和光街道平塘社区3组11号").area, "grid7");
  EXPECT_EQ(locator_.find("宁沐区和光街道仁坊社区3组11号").area, "");
}

}  // namespace
}  // namespace zhili::fuse
