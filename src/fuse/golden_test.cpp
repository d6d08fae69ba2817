#include "fuse/golden.hpp"

#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "fuse/entities.hpp"
#include "fuse/spelling.hpp"
#include "fuse/test_fusion.hpp"
#include "table/reader.hpp"

namespace zhili::fuse {
namespace {

struct Row {
  std::string source;  ///< "low", "high" (trust 10 and 90) or "none" (trust 0).
  std::string time;
  std::string value;
};

struct Case {
  std::string what;
  std::string type;  ///< As in the configuration, {type: …} included.
  std::string rule;
  std::vector<Row> rows;
  std::string value;  ///< Expected.
  std::string from;   ///< "source:row", rows counted from 1 over the case.
  uint32_t differs;
};

Attribute attribute(const std::string& name, SemanticType type) {
  Attribute out;
  out.name = name;
  out.type = type;
  return out;
}

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

/// One entity of all rows.
class OneEntity {
 public:
  explicit OneEntity(const Case& c, bool reversed = false)
      : fusion_(yaml(c, reversed), {{"low.csv", table(c, "low", reversed)},
                                    {"high.csv", table(c, "high", reversed)},
                                    {"none.csv", table(c, "none", reversed)}}) {
    EXPECT_TRUE(TestFusion::succeeded(fusion_->read()));
    members_.resize(fusion_->records().size());
    std::iota(members_.begin(), members_.end(), 0);
    EXPECT_EQ(members_.size(), c.rows.size()) << c.what;
  }
  void check(const Case& c) {
    const GoldenRules rules(fusion_->config(), fusion_->records());
    GoldenRules::Scratch scratch;
    const auto golden = rules.choose(0, members_, scratch);
    EXPECT_EQ(golden.differs, c.differs) << c.what;
    if (c.from.empty()) {
      EXPECT_EQ(golden.record, GoldenValue::kNone) << c.what;
      return;
    }
    ASSERT_NE(golden.record, GoldenValue::kNone) << c.what;
    std::string buffer;
    EXPECT_EQ(rules.text(0, golden.record, buffer), c.value) << c.what;
    const auto& source = fusion_->config().sources[fusion_->records().source(golden.record)].id;
    EXPECT_EQ(source + ":" + std::string(fusion_->records().id(golden.record)), c.from) << c.what;
  }

 private:
  static std::string yaml(const Case& c, bool reversed) {
    std::vector<std::string> sources;
    for (const auto& [id, trust] : {std::pair("low", 10), std::pair("high", 90), std::pair("none", 0)}) {
      sources.push_back(
          fmt::format("  - {{id: {0}, file: {0}.csv, record_id: id, updated: t, trust: {1}}}\n", id, trust));
    }
    if (reversed) std::ranges::reverse(sources);
    return fmt::format("version: 1\nmax_reject_share: 0.5\nsources:\n{}attributes: {{v: {}}}\nsurvivorship: {}\n",
                       fmt::join(sources, ""), c.type, c.rule);
  }
  static std::string table(const Case& c, const std::string& source, bool reversed) {
    std::vector<std::string> lines;
    for (size_t i = 0; i < c.rows.size(); ++i) {
      if (c.rows[i].source != source) continue;
      lines.push_back(fmt::format("{},{},{}\n", i + 1, c.rows[i].time, quoted(c.rows[i].value)));
    }
    if (reversed) std::ranges::reverse(lines);
    return fmt::format("id,t,v\n{}", fmt::join(lines, ""));
  }

  TestFusion fusion_;
  std::vector<uint32_t> members_;
};

const std::vector<Case> cases = {
    {"nothing there", "text", "vote", {{"low", "", ""}, {"high", "", "不详"}}, "", "", 0},
    {"one value", "text", "vote", {{"low", "", ""}, {"high", "", "x"}}, "x", "high:2", 0},
    {"vote: most", "text", "vote", {{"high", "", "a"}, {"low", "", "b"}, {"low", "", "b"}}, "b", "low:2", 1},
    {"vote: tie goes to trust", "text", "vote", {{"low", "2020", "a"}, {"high", "2010", "b"}}, "b", "high:2", 1},
    {"vote: then to the newest", "text", "vote", {{"low", "2010", "a"}, {"low", "2020", "b"}}, "b", "low:2", 1},
    {"trust: most trusted",
     "text",
     "trust",
     {{"low", "2020", "a"}, {"low", "2020", "a"}, {"high", "2010", "b"}},
     "b",
     "high:3",
     1},
    {"trust: tie goes to the newest",
     "text",
     "trust",
     {{"high", "2010", "a"}, {"high", "2020", "b"}},
     "b",
     "high:2",
     1},
    {"trust: then to the most frequent",
     "text",
     "trust",
     {{"high", "", "a"}, {"high", "", "b"}, {"low", "", "b"}},
     "b",
     "high:2",
     1},
    {"newest", "text", "newest", {{"high", "2010", "a"}, {"low", "2020", "b"}}, "b", "low:2", 1},
    {"newest: a known time goes before none",
     "text",
     "newest",
     {{"high", "", "a"}, {"low", "1990", "b"}},
     "b",
     "low:2",
     1},
    {"newest: tie goes to trust", "text", "newest", {{"low", "2020", "a"}, {"high", "2020", "b"}}, "b", "high:2", 1},
    {"newest: then to the most frequent",
     "text",
     "newest",
     {{"low", "2020", "a"}, {"low", "2020", "b"}, {"low", "2010", "b"}},
     "b",
     "low:2",
     1},
    {"times in other spellings",
     "text",
     "newest",
     {{"low", "2020/01/02", "a"}, {"high", "20191231", "b"}},
     "a",
     "low:1",
     1},
    {"valid before invalid",
     "id_number",
     "trust",
     {{"high", "2024", "990101199003071238"}, {"low", "2010", "990101199003071237"}},
     "990101199003071237",
     "low:2",
     1},
    {"invalid if there is no other",
     "id_number",
     "trust",
     {{"high", "", "990101199003071238"}},
     "990101199003071238",
     "high:1",
     0},
    {"15 digits are shown as 18",
     "id_number",
     "vote",
     {{"low", "", "990101900307123"}},
     "990101199003071237",
     "low:1",
     0},
    {"full date before year",
     "date",
     "newest",
     {{"high", "2024", "1990"}, {"low", "2010", "1990.3.7"}},
     "1990-03-07",
     "low:2",
     1},
    {"date in ISO form", "date", "vote", {{"low", "", "1990年3月7日"}}, "1990-03-07", "low:1", 0},
    {"partial date", "{type: date, order: day_first}", "vote", {{"low", "", "1990年3月"}}, "1990-03", "low:1", 0},
    {"year alone", "date", "vote", {{"low", "", "1990"}}, "1990", "low:1", 0},
    {"no such day: as written", "date", "vote", {{"low", "", "1990-02-31"}}, "1990-02-31", "low:1", 0},
    {"phone in one form", "phone", "vote", {{"low", "", "+86 138-0000-1111"}}, "13800001111", "low:1", 0},
    {"credit code in one form",
     "credit_code",
     "vote",
     {{"low", "", "91990101ma1a2b3c6t"}},
     "91990101MA1A2B3C6T",
     "low:1",
     0},
    {"name before initial",
     "{type: latin_name, part: given}",
     "trust",
     {{"high", "", "J"}, {"low", "", "Jane"}},
     "Jane",
     "low:2",
     1},
    {"masked name", "chinese_name", "trust", {{"high", "", "王某"}, {"low", "", "王伟"}}, "王伟", "low:2", 1},
    {"address with numbers",
     "address",
     "trust",
     {{"high", "2024", "杭州市西湖区"}, {"low", "2010", "杭州市西湖区文三路100号"}},
     "杭州市西湖区文三路100号",
     "low:2",
     1},
    {"best spelling of a vote",
     "latin_name",
     "vote",
     {{"high", "2024", "ANNA MUELLER"}, {"low", "2010", "Anna Mueller"}, {"none", "", "anna  mueller"}},
     "Anna Mueller",
     "low:2",
     0},
    {"the most frequent of good spellings",
     "latin_name",
     "vote",
     {{"high", "", "O'Brien"}, {"low", "", "OBrien"}, {"none", "", "OBrien"}},
     "OBrien",
     "low:2",
     0},
    {"trust goes before spelling",
     "latin_name",
     "trust",
     {{"high", "", "ANNA"}, {"low", "", "Anna"}},
     "ANNA",
     "high:1",
     0},
    {"full-width letters", "text", "vote", {{"high", "", "Ａ１ b"}, {"low", "", "A1 b"}}, "A1 b", "low:2", 0},
};

TEST(Golden, FollowsItsRules) {
  for (const auto& c : cases) OneEntity(c).check(c);
}

TEST(Golden, DoesNotDependOnTheOrderOfSourcesAndRecords) {
  for (const auto& c : cases) OneEntity(c, true).check(c);
}

TEST(Golden, ValuesThatNothingTellsApartAreChosenAlikeInAnyOrder) {
  Case c{"tie", "text", "vote", {{"low", "", "pear"}, {"low", "", "apple"}, {"low", "", "fig"}}, "apple", "low:2", 2};
  OneEntity(c).check(c);
  OneEntity(c, true).check(c);
  c.rule = "newest";
  OneEntity(c).check(c);
  OneEntity(c, true).check(c);
}

TEST(Spelling, CountsFaults) {
  EXPECT_EQ(spelling_faults(""), 0U);
  EXPECT_EQ(spelling_faults("Anna Müller"), 0U);
  EXPECT_EQ(spelling_faults("王伟"), 0U);
  EXPECT_EQ(spelling_faults("ANNA"), 1U);
  EXPECT_EQ(spelling_faults("anna"), 1U);
  EXPECT_EQ(spelling_faults("A"), 0U);
  EXPECT_EQ(spelling_faults("Anna  Li"), 1U);
  EXPECT_EQ(spelling_faults(" Anna "), 2U);
  EXPECT_EQ(spelling_faults("Ａnna"), 2U);  // Full-width, and what is left is all small.
  EXPECT_EQ(spelling_faults("王\xFF伟"), 1U);
}

TEST(Spelling, KnowsFullerValues) {
  const auto date = attribute("a", SemanticType::kDate);
  EXPECT_LT(fullness(date, "1990????"), fullness(date, "199003??"));
  EXPECT_LT(fullness(date, "199003??"), fullness(date, "19900307"));
  const auto name = attribute("a", SemanticType::kLatinName);
  EXPECT_LT(fullness(name, "j smith"), fullness(name, "jane smith"));
  EXPECT_EQ(fullness(name, "jane smith"), fullness(name, "jane mary smith"));
  const auto chinese = attribute("a", SemanticType::kChineseName);
  EXPECT_LT(fullness(chinese, "王某"), fullness(chinese, "王"));
  EXPECT_LT(fullness(chinese, "王"), fullness(chinese, "王伟"));
  const auto phone = attribute("a", SemanticType::kPhone);
  EXPECT_LT(fullness(phone, "138****1111"), fullness(phone, "13800001111"));
}

TEST(Entities, ColumnsHaveNamesOfTheirOwn) {
  Config config;
  for (const auto* name : {"name", "Name", "name_source", "records"})
    config.attributes.push_back(attribute(name, SemanticType::kText));
  const auto columns = entity_columns(config);
  ASSERT_EQ(columns.size(), kColumnsBeforeAttributes + 4 * kColumnsOfAttribute);
  EXPECT_EQ(columns[0], "entity_id");
  EXPECT_EQ(columns[2], "name");
  EXPECT_EQ(columns[3], "name_source");
  EXPECT_EQ(columns[7], "Name_2");
  EXPECT_EQ(columns[8], "Name_source_2");
  EXPECT_EQ(columns[12], "name_source_3");
  EXPECT_EQ(columns[17], "records_2");
}

TEST(Entities, WritesOneRowAnEntity) {
  TestFusion fusion(
      "version: 1\nsources: [{id: a, file: a.csv, record_id: id, updated: t}]\nattributes: {n: text, d: date}\n",
      {{"a.csv", "id,t,n,d\n1,2020,x,1990\n2,2021,y,\n3,,,\n"}});
  ASSERT_TRUE(TestFusion::succeeded(fusion->read()));
  Clusters clusters;
  clusters.of_record = {0, 0, 1};
  clusters.count = 2;
  ScratchDir dir;
  Progress progress("Writing", 0, "rows", Progress::Mode::kOff);
  Cancel cancel;
  const auto path = dir.path() / "entities.parquet";
  const auto written =
      write_entities(path, fusion->config(), fusion->records(), Membership(clusters), {{5}, {6}}, 2, progress, cancel);
  ASSERT_TRUE(written) << written.error().text();
  auto reader = table::Reader::open(path);
  ASSERT_TRUE(reader) << reader.error().text();
  table::Batch batch;
  ASSERT_TRUE((*reader)->next(batch).value());
  ASSERT_EQ(batch.rows(), 2U);
  const std::vector<std::string> expected = {
      EntityId{5}.text(), "2", "y", "a", "2", "2021", "1", "1990", "a", "1", "2020", "0"};
  for (size_t c = 0; c < expected.size(); ++c) EXPECT_EQ(batch.cell(c, 0), expected[c]) << c;
  EXPECT_EQ(batch.cell(1, 1), "1");
  for (size_t c = 2; c < expected.size(); ++c) EXPECT_EQ(batch.cell(c, 1), "") << c;
}

}  // namespace
}  // namespace zhili::fuse
