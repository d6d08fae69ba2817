#include "text/division.hpp"

#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "text/shared_data.hpp"

namespace zhili::text {
namespace {

using Id = DivisionTable::Id;

std::string path_of(const DivisionTable& table, Id id) {
  std::string out;
  for (; id != DivisionTable::kNone; id = table.parent(id)) {
    if (table.is_placeholder(id)) continue;
    if (!out.empty()) out.insert(0, "/");
    out.insert(0, table.name(id));
  }
  return out;
}

TEST(Division, ByCode) {
  const auto& table = DivisionTable::national();
  EXPECT_EQ(path_of(table, table.find("110105")), "北京市/朝阳区");
  EXPECT_EQ(path_of(table, table.find("11")), "北京市");
  EXPECT_EQ(path_of(table, table.find("330100")), "浙江省/杭州市");
  EXPECT_EQ(path_of(table, table.find("3301")), "浙江省/杭州市");
  EXPECT_EQ(path_of(table, table.find("110101001")), "北京市/东城区/东华门街道");
  EXPECT_EQ(path_of(table, table.find("429004")), "湖北省/仙桃市");
  EXPECT_EQ(path_of(table, table.find("441900101")), "广东省/东莞市/石碣镇");
  EXPECT_EQ(table.find("990101"), DivisionTable::kNone);
  EXPECT_EQ(table.find("abc"), DivisionTable::kNone);
  EXPECT_EQ(table.find(""), DivisionTable::kNone);
  EXPECT_EQ(table.code(table.find("110105")), "110105");
  EXPECT_EQ(table.code(table.find("110101001000")), "110101001");
}

TEST(Division, WithdrawnCodesAreKnown) {
  const auto& table = DivisionTable::national();
  const Id chongwen = table.find("110103");
  ASSERT_NE(chongwen, DivisionTable::kNone);
  EXPECT_EQ(table.name(chongwen), "崇文区");
  EXPECT_GE(table.withdrawn(chongwen), 2009);
  EXPECT_EQ(table.withdrawn(table.find("110101")), 0);
  EXPECT_EQ(path_of(table, table.find("310103")), "上海市/卢湾区");
  // Sichuan's before Chongqing became a province of its own.
  EXPECT_NE(table.find("510202"), DivisionTable::kNone);
}

TEST(Division, ByNameAndShortForm) {
  const auto& table = DivisionTable::national();
  const auto at = [&](std::string_view name, std::string_view under = "") {
    const Id above = under.empty() ? DivisionTable::kNone : table.find(under);
    const Id id = table.find_named(name, above);
    return id == DivisionTable::kNone ? std::string("none") : table.code(id);
  };
  EXPECT_EQ(at("北京市"), "110000");
  EXPECT_EQ(at("北京"), "110000");
  EXPECT_EQ(at("内蒙古"), "150000");
  EXPECT_EQ(at("广西"), "450000");
  EXPECT_EQ(at("恩施州"), "422800");
  EXPECT_EQ(at("恩施土家族苗族自治州"), "422800");
  EXPECT_EQ(at("朝阳区"), "none");  // Beijing and Changchun
  EXPECT_EQ(at("朝阳区", "110000"), "110105");
  EXPECT_EQ(at("朝阳", "110000"), "110105");
  EXPECT_EQ(at("浦东", "310000"), "310115");
  EXPECT_EQ(at("浦東新區", "310000"), "310115");
  EXPECT_EQ(at("张江镇", "310115"), at("张江", "310115"));
  EXPECT_EQ(at("东华门街道办事处", "110101"), "110101001");
  EXPECT_EQ(at("景宁县"), "331127");
  EXPECT_EQ(at("襄樊市"), "420600");
  EXPECT_EQ(at("吉林"), "220000");
  EXPECT_EQ(at("没有这个地方"), "none");
}

TEST(Division, PrefixesOfAText) {
  const auto& table = DivisionTable::national();
  bool whole = false;
  bool bare = false;
  table.each_prefix(U"浙江省杭州市", [&](Id id, size_t length, NameFit fit) {
    if (table.code(id) != "330000") return;
    whole |= length == 3 && fit == NameFit::kFull;
    bare |= length == 2 && fit == NameFit::kBare;
  });
  EXPECT_TRUE(whole);
  EXPECT_TRUE(bare);
}

constexpr std::string_view kMadeUp =
    "code,name,level,parent_code,aliases\n"
    "990000,\"示范省\",1,,\n"
    "990100,示范市,city,990000,\r\n"
    "990101,云溪区,county,990100,云溪新城;老云溪\n"
    "\n"
    "990101001,清河街道,street,990101,\n"
    "990101001001,望湖社区,community,990101001,\n";

TEST(Division, RowsOfAFileAreAdded) {
  const auto table = DivisionTable::national().with_csv(kMadeUp, "made-up.csv");
  ASSERT_TRUE(table) << table.error().text();
  EXPECT_EQ(path_of(*table, table->find("990101001001")), "示范省/示范市/云溪区/清河街道/望湖社区");
  EXPECT_EQ(table->code(table->find_named("老云溪")), "990101");
  EXPECT_EQ(table->code(table->find_named("云溪", table->find("99"))), "990101");
  EXPECT_EQ(path_of(*table, table->find("110105")), "北京市/朝阳区");
  EXPECT_EQ(DivisionTable::national().find("990000"), DivisionTable::kNone);
  EXPECT_TRUE(table->is_under(table->find("990101001"), table->find("9901")));
  EXPECT_EQ(table->ancestor(table->find("990101001"), DivisionLevel::kCity), table->find("9901"));
}

TEST(Division, MistakesAreToldWithTheirLine) {
  const auto message = [](std::string_view csv) {
    const auto table = DivisionTable::national().with_csv(csv, "x.csv");
    return table ? std::string("fine") : table.error().text();
  };
  EXPECT_NE(message("").find("empty"), std::string::npos);
  EXPECT_NE(message("a,b,c\n").find("x.csv:1"), std::string::npos);
  const std::string head = "code,name,level,parent_code\n";
  EXPECT_EQ(message(head), "fine");
  EXPECT_NE(message(head + "9900,x\n").find("x.csv:2"), std::string::npos);
  EXPECT_NE(message(head + "99x000,x,1,\n").find("code"), std::string::npos);
  EXPECT_NE(message(head + "990000,x,9,\n").find("level"), std::string::npos);
  EXPECT_NE(message(head + "990100,x,2,980000\n").find("parent"), std::string::npos);
  EXPECT_NE(message(head + "990100,x,1,110000\n").find("parent"), std::string::npos);
  EXPECT_NE(message(head + "990000,\"x,1,\n").find("quote"), std::string::npos);
  EXPECT_EQ(DivisionTable::national().with_file("/nowhere/x.csv").error().code, ErrorCode::kNotFound);
}

TEST(Division, AgreesWithTheReferenceOfStreets) {
  std::ifstream file(shared_data() / "divisions/streets.csv");
  if (!file) GTEST_SKIP() << "shared reference data is not here";
  const auto& table = DivisionTable::national();
  size_t all = 0;
  size_t same = 0;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    const std::string code = line.substr(0, 9);
    const std::string name = line.substr(11, line.find('"', 11) - 11);
    const Id id = table.find(code);
    ++all;
    same += id != DivisionTable::kNone && table.name(id) == name;
  }
  EXPECT_GT(all, 40000u);
  EXPECT_EQ(same, all);
}

}  // namespace
}  // namespace zhili::text
