#include "fuse/compare.hpp"

#include "fuse/test_fusion.hpp"

namespace zhili::fuse {
namespace {

/// The level that two values reach, by its text; "missing" and "else" where they reach none.
struct Expected {
  std::string a;
  std::string b;
  std::string level;
};

struct Case {
  std::string type;  ///< Of the attribute, as the configuration has it.
  std::vector<Expected> pairs;
};

class CompareLevels : public testing::TestWithParam<Case> {};

TEST_P(CompareLevels, AreWhatTheValuesReach) {
  const auto& c = GetParam();
  std::string rows = "id,v,other\n";
  for (size_t i = 0; i < c.pairs.size(); ++i) {
    rows += fmt::format("{0}a,\"{1}\",x{0}\n{0}b,\"{2}\",x{0}\n", i, c.pairs[i].a, c.pairs[i].b);
  }
  const auto yaml = fmt::format(
      "version: 1\nsources: [{{id: s, file: s.csv, record_id: id}}]\nattributes:\n  v: {}\n  other: category\n"
      "blocking: [[other]]\n",
      c.type);
  TestFusion fusion(yaml, {{"s.csv", rows}});
  ASSERT_TRUE(TestFusion::succeeded(fusion->read()));
  const auto& comparisons = fusion->comparisons();
  LevelMemo memo(comparisons.size());
  for (uint64_t i = 0; i < c.pairs.size(); ++i) {
    for (const bool turned : {false, true}) {
      const auto* a = comparisons.row(2 * i + (turned ? 1 : 0));
      const auto* b = comparisons.row(2 * i + (turned ? 0 : 1));
      EXPECT_EQ(comparisons.list()[0].label(comparisons.level(0, a, b, memo)), c.pairs[i].level)
          << c.pairs[i].a << " | " << c.pairs[i].b;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Types, CompareLevels,
    testing::Values(Case{"chinese_name",
                         {{"王建国", "王 建国", "exact"},
                          {"王未", "王末", "look_alike"},
                          {"张建", "章健", "pinyin"},
                          {"陈林", "程林", "sound_alike"},
                          {"欧阳建国", "欧阳国", "damerau 1"},
                          {"王建国", "王建军", "damerau 1"},
                          {"王建国", "李明", "else"},
                          {"", "李明", "missing"}}},
                    Case{"id_number",
                         {{"990101199003071237", "990101900307123", "exact"},
                          {"990101199003071237", "990101199003071238", "damerau 1"},
                          {"990101199003071237", "990101199003072137", "damerau 1"},
                          {"990101199003071237", "990215199003074554", "birth_of_id"},
                          {"990101199003071237", "990215198512094551", "else"}}},
                    Case{"date",
                         {{"1990-03-07", "1990年3月7日", "exact"},
                          {"1990-03-07", "1990-03-08", "damerau 1"},
                          {"1990-03-07", "1990-07-03", "transposed"},
                          {"1990-03-07", "1985-03-07", "same_month_day"},
                          {"1990-03-07", "1990-03-28", "prefix 6"},
                          {"1990-03-07", "1990-11-28", "same_year"},
                          {"1990-03-07", "1961-12-25", "else"}}},
                    Case{"phone",
                         {{"+86 138-0000-1111", "13800001111", "exact"},
                          {"13800001111", "13800001112", "damerau 1"},
                          {"13800001111", "13800010112", "damerau 2"},
                          {"13800001111", "15968432795", "else"}}},
                    Case{"{type: latin_name, part: family}",
                         {{"O'Brien", "obrien", "exact"},
                          {"martha", "marhta", "jaro_winkler 0.92"},

                          {"smith", "smyth", "metaphone"},
                          {"jones", "johnson", "jaro_winkler 0.82"},
                          {"wood", "woanders", "prefix 2"},
                          {"smith", "garcia", "else"}}},
                    Case{"address",
                         {{"和光街道嘉盛花园三座一单元102", "昌平路51号嘉盛花园3号楼1单元102室", "same_part room"},
                          {"长源路221号康丰公寓2-1-1202", "康丰公寓2幢1单元1201室", "same_part unit"},
                          {"福安佳苑二幢三单元601室", "锦湾巷109号福安佳苑2号楼4单元601室", "same_part building"},
                          {"浙江省杭州市西湖区文三路100号3幢2单元501室", "杭州西湖区文三路100号3栋2-501", "exact"},
                          {"浙江省杭州市西湖区文三路100号3幢2单元501室", "文三路100号3幢2单元501室", "same_part room"},
                          {"杭州市西湖区文三路100号3幢2单元501室", "杭州市西湖区文三路100号", "same_part number"},
                          {"杭州市西湖区文三路100号", "杭州市西湖区文三路28号", "same_part road"},
                          {"杭州市西湖区翠苑街道青宁巷28弄21号", "西湖区青宁巷28弄21号", "same_part number"},
                          {"金桥村11组60号", "银桥村11组60号", "else"},
                          {"杭州市西湖区文三路100号", "杭州市西湖区天目山路7号", "same_part county"},
                          {"杭州市西湖区文三路100号", "武汉市江汉区解放大道7号", "else"}}},
                    Case{"{type: number, levels: [exact, {absolute: 1}, {percent: 10}]}",
                         {{"100", "100.0", "exact"},
                          {"100", "101", "absolute 1"},
                          {"100", "109", "percent 10"},
                          {"100", "130", "else"}}},
                    Case{"{type: text, levels: [exact, contains, {token_overlap: 0.2}, {edit: 2}]}",
                         {{"green tea shop", "green tea", "contains"},
                          {"red tea shop", "house of red tea", "token_overlap 0.2"},
                          {"harbour", "harbor", "edit 2"},
                          {"harbour", "castle", "else"}}}));

TEST(Compare, CoordinatesByDistance) {
  TestFusion fusion(
      R"yaml(
version: 1
sources: [{id: s, file: s.csv, record_id: id}]
attributes: {lat: latitude, lon: longitude}
blocking: [["lat.cell(0)"]]
)yaml",
      {{"s.csv", "id,lat,lon\n1,30.0000,120.0000\n2,30.0005,120.0000\n3,30.0005,120.0090\n4,30.5,120.9\n"}});
  ASSERT_TRUE(TestFusion::succeeded(fusion->read()));
  const auto& comparisons = fusion->comparisons();
  LevelMemo memo(comparisons.size());
  const auto label = [&](uint64_t a, uint64_t b) {
    return comparisons.list()[0].label(comparisons.level(0, comparisons.row(a), comparisons.row(b), memo));
  };
  EXPECT_EQ(label(0, 1), "kilometres 0.1");
  EXPECT_EQ(label(0, 2), "kilometres 1");
  EXPECT_EQ(label(0, 3), "else");
}

}  // namespace
}  // namespace zhili::fuse
