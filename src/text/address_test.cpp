#include "text/address.hpp"

#include <fstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/random.hpp"
#include "text/shared_data.hpp"

namespace zhili::text {
namespace {

Address parse(std::string_view text) { return parse_address(text, DivisionTable::national()); }

/// "building|unit|room" of an address.
std::string inner(std::string_view text) {
  const Address a = parse(text);
  return a.building + "|" + a.unit + "|" + a.room;
}

/// "road|lane|number".
std::string outer(std::string_view text) {
  const Address a = parse(text);
  return a.road + "|" + a.lane + "|" + a.number;
}

std::string divisions(std::string_view text) {
  const Address a = parse(text);
  return a.province + "|" + a.city + "|" + a.county + "|" + a.street + "|" + a.division_code;
}

TEST(Address, AllPartsOfAFullAddress) {
  const Address a = parse("上海市浦东新区张江镇祖冲之路887弄5号3号楼2单元501室");
  EXPECT_EQ(a.province, "上海市");
  EXPECT_EQ(a.city, "上海市");
  EXPECT_EQ(a.county, "浦东新区");
  EXPECT_EQ(a.street, "张江镇");
  EXPECT_EQ(a.road, "祖冲之路");
  EXPECT_EQ(a.lane, "887弄");
  EXPECT_EQ(a.number, "5");
  EXPECT_EQ(a.building, "3");
  EXPECT_EQ(a.unit, "2");
  EXPECT_EQ(a.room, "501");
  EXPECT_EQ(a.rest, "");
  EXPECT_EQ(a.division_code, "310115125");
  EXPECT_EQ(a.standard(), "上海市浦东新区张江镇祖冲之路887弄5号3栋2单元501室");
}

TEST(Address, SpellingsOfOnePlaceAreEqual) {
  const std::vector<std::vector<const char*>> places = {
      {"浙江省杭州市西湖区文三路300号3号楼2单元501室", "浙江杭州西湖区文三路300号3-2-501",
       "杭州市西湖区文三路300号3栋2单元501", "浙江省杭州市西湖区文三路300号三号楼二单元五〇一室",
       "杭州西湖区文三路３００号３幢２单元５０１", "浙江省浙江省杭州市西湖区文三路300号3座2单元501室",
       "西湖区杭州市浙江省文三路300号3#楼2单元501室", "浙江省 杭州市 西湖区 文三路 300 号 3 号楼 2 单元 501 室",
       "浙江省杭州市西湖區文三路300號3號樓2單元501室", "中国浙江省杭州市西湖区文三路300号（近学院路）3号楼2单元501室",
       "地址：浙江省杭州市西湖区文三路300号3号楼2单元501室"},
      {"上海市上海市浦东新区世纪大道100号", "上海浦东新区世纪大道100号", "上海市市辖区浦东新区世纪大道100号",
       "上海市浦东世纪大道100"},
      {"北京市东城区东华门街道史家胡同24号", "北京东城区东华门街道办事处史家胡同24号",
       "北京市东城区东华门街道史家胡同二十四号"},
      {"江苏省苏州市昆山市花桥镇光明路5号", "江苏昆山花桥镇光明路5号", "昆山市花桥镇光明路5号"},
      {"湖北省恩施土家族苗族自治州恩施市施州大道12号", "湖北恩施州恩施市施州大道12号"},
      {"广东省东莞市石碣镇同德路8号", "东莞市石碣镇同德路8号", "广东东莞石碣镇同德路八号"},
  };
  for (const auto& spellings : places) {
    const Address first = parse(spellings[0]);
    for (const char* spelling : spellings) EXPECT_EQ(parse(spelling).standard(), first.standard()) << spelling;
  }
}

TEST(Address, BuildingUnitAndRoom) {
  for (const char* text : {"3号楼2单元501室", "3-2-501", "3栋2单元501", "三号楼二单元501", "3幢2单元501房",
                           "第3栋2单元501号", "3#2-501", "3号楼2门501"}) {
    EXPECT_EQ(inner(text), "3|2|501") << text;
  }
  for (const char* text : {"5栋301", "5-301", "5-301室", "5号楼301室", "五栋三零一", "5幢301号"}) {
    EXPECT_EQ(inner(text), "5||301") << text;
  }
  EXPECT_EQ(inner("A座1201"), "A||1201");
  EXPECT_EQ(inner("1号楼A座1201"), "1A||1201");
  EXPECT_EQ(inner("文三路12号2楼201室"), "||201");
  EXPECT_EQ(inner("文三路12号2楼03室"), "||203");
  EXPECT_EQ(inner("望京西园3楼501"), "3||501");
  EXPECT_EQ(inner("文三路12号12层"), "||12层");
  EXPECT_EQ(inner("文三路12号3F"), "||3层");
  EXPECT_EQ(inner("文三路12号603-604室"), "||603-604");
  EXPECT_EQ(inner("文三路12号D213"), "||D213");
}

TEST(Address, RoadLaneAndNumber) {
  EXPECT_EQ(outer("人民南路一段97号"), "人民南路一段||97");
  EXPECT_EQ(outer("白云大道南465号"), "白云大道南||465");
  EXPECT_EQ(outer("12号大街289号"), "12号大街||289");
  EXPECT_EQ(outer("五一路3号"), "五一路||3");
  EXPECT_EQ(outer("建国路甲92号"), "建国路||甲92");
  EXPECT_EQ(outer("文三路12号附3号"), "文三路||12附3");
  EXPECT_EQ(outer("文三路12附3号"), "文三路||12附3");
  EXPECT_EQ(outer("文三路12号-1"), "文三路||12-1");
  EXPECT_EQ(outer("文三路12-1号"), "文三路||12-1");
  EXPECT_EQ(outer("曹杨路100弄20支弄5号"), "曹杨路|100弄20支弄|5");
  EXPECT_EQ(outer("厚街大道西127号"), "厚街大道西||127");
  EXPECT_EQ(outer("104国道5号"), "104国道||5");
  EXPECT_EQ(outer("南京东路300号"), "南京东路||300");
  EXPECT_EQ(outer("北京路10号"), "北京路||10");
  EXPECT_EQ(outer("经济开发区中央路25号"), "中央路||25");
  EXPECT_EQ(outer("中关村东路1号"), "中关村东路||1");
  EXPECT_EQ(outer("朝阳区东大街5号"), "东大街||5");
}

TEST(Address, DivisionsAreFilledWhereCertain) {
  EXPECT_EQ(divisions("朝阳区建国路93号"), "||朝阳区||");
  EXPECT_EQ(divisions("北京朝阳区建国路93号"), "北京市|北京市|朝阳区||110105");
  EXPECT_EQ(divisions("余姚市低塘街道"), "浙江省|宁波市|余姚市|低塘街道|330281005");
  EXPECT_EQ(divisions("浦东新区世纪大道"), "上海市|上海市|浦东新区||310115");
  EXPECT_EQ(divisions("广昌县"), "江西省|抚州市|广昌县||361030");
  EXPECT_EQ(divisions("湖北省仙桃市"), "湖北省||仙桃市||429004");
  EXPECT_EQ(divisions("上海市卢湾区建国西路91弄"), "上海市|上海市|卢湾区||310103");
  EXPECT_EQ(divisions("湖南长沙"), "湖南省|长沙市|||430100");
  EXPECT_EQ(divisions("浙江省台州市路桥区新桥镇"), "浙江省|台州市|路桥区|新桥镇|331004103");
  EXPECT_EQ(divisions("东方大厦"), "||||");
  EXPECT_EQ(divisions("中山大学"), "||||");
}

TEST(Address, CommunitiesAndVillages) {
  EXPECT_EQ(parse("浙江省宁波余姚市低塘街道芦城村马家桥25号").community, "芦城村");
  EXPECT_EQ(parse("余姚市低塘街道芦城村委会").community, "芦城村");
  EXPECT_EQ(parse("北京市东城区东华门街道多福巷社区居委会").community, "多福巷社区");
  EXPECT_EQ(parse("北京市东城区东华门街道多福巷居委会").community, "多福巷社区");
  EXPECT_EQ(parse("余姚市低塘街道芦城村3组12号").lane, "3组");
  EXPECT_EQ(parse("曹杨新村12号").community, "");
}

TEST(Address, NamesOfEstatesAndFirmsAreTheRest) {
  const Address a = parse("上海市徐汇区田林路487号宝石园20号楼");
  EXPECT_EQ(a.rest, "宝石园");
  EXPECT_EQ(a.building, "20");
  EXPECT_EQ(parse("乐清市北白象镇白象大道2-1号[某厂]").rest, "某厂");
  EXPECT_EQ(parse("文三路12号;另有文二路8号").number, "12");
}

TEST(Address, RowsOfAFileAreKnown) {
  const auto table = DivisionTable::national().with_csv(
      "code,name,level,parent_code,aliases\n990000,示范省,1,,\n990100,示范市,2,990000,\n990101,云溪区,3,990100,\n"
      "990101001,清河街道,4,990101,\n990101001001,望湖社区,5,990101001,\n",
      "x.csv");
  ASSERT_TRUE(table);
  const Address full = parse_address("示范省示范市云溪区清河街道望湖社区长安路12号3栋2单元501室", *table);
  EXPECT_EQ(full.division_code, "990101001001");
  EXPECT_EQ(full.community, "望湖社区");
  const Address brief = parse_address("云溪区清河街道望湖社区居委会长安路12号3-2-501", *table);
  EXPECT_EQ(brief.standard(), full.standard());
}

TEST(Address, EmptyAndOdd) {
  for (const char* text : {"", " ", "-", ",,,", "()", "[]", "号", "路", "第", "附", "3-", "甲", "----"}) {
    const Address a = parse(text);
    EXPECT_EQ(parse(a.standard()), a) << text;
  }
  EXPECT_EQ(parse("").standard(), "");
}

TEST(Address, StandardFormIsAFixedPointForMadeUpAddresses) {
  static constexpr std::array<const char*, 8> kHeads = {
      "",       "上海市浦东新区",   "杭州西湖区", "东莞市石碣镇",
      "朝阳区", "湖北恩施州恩施市", "江苏昆山",   "内蒙古呼和浩特市新城区"};
  static constexpr std::array<const char*, 8> kRoads = {"文三路",      "人民南路一段", "白云大道南", "史家胡同",
                                                        "曹杨路100弄", "芦城村3组",    "阳光花园",   "12号大街"};
  static constexpr std::array<const char*, 6> kGates = {"300号", "12号附3", "甲9号", "12-1号", "", "88"};
  static constexpr std::array<const char*, 8> kRooms = {"3号楼2单元501室", "3-2-501", "5栋301", "A座12层", "二楼",
                                                        "603-604室",       "D213",    ""};
  Random random(21);
  for (int round = 0; round < 3000; ++round) {
    const std::string text =
        fmt::format("{}{}{}{}", random.pick(kHeads), random.pick(kRoads), random.pick(kGates), random.pick(kRooms));
    const Address a = parse(text);
    EXPECT_EQ(parse(a.standard()), a) << text << " → " << a.standard();
  }
}

TEST(Address, RealAddressesAreTakenApart) {
  std::ifstream file(shared_data() / "addresses/shibing624_addr.csv");
  if (!file) GTEST_SKIP() << "shared reference data is not here";
  int all = 0;
  int place = 0;
  int number = 0;
  int fixed = 0;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    const Address a = parse(line.substr(0, line.rfind(',')));
    ++all;
    place += !a.road.empty() || !a.lane.empty();
    number += !a.number.empty();
    fixed += parse(a.standard()) == a;
  }
  RecordProperty("addresses", all);
  RecordProperty("road_or_lane", place);
  RecordProperty("number", number);
  RecordProperty("fixed_point", fixed);
  EXPECT_GT(all, 17000);
  EXPECT_GT(place, all * 78 / 100);
  EXPECT_GT(number, all * 67 / 100);
  EXPECT_GT(fixed, all * 9995 / 10000) << fixed << " of " << all;
}

}  // namespace
}  // namespace zhili::text
