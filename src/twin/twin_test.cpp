#include "twin/twin.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "table/reader.hpp"
#include "text/address.hpp"
#include "text/division.hpp"
#include "text/id_number.hpp"
#include "twin/place_names.hpp"
#include "twin/registers.hpp"
#include "twin/tables.hpp"

namespace zhili::twin {
namespace {
namespace fs = std::filesystem;

class TwinTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / ("zhili_twin_" + std::to_string(::getpid()) + "_" +
                                         testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(root_);
    fs::create_directories(root_);
  }
  void TearDown() override { fs::remove_all(root_); }

  Result<TwinSummary> make(const std::string& name, uint64_t people, uint64_t seed = 1, unsigned threads = 2,
                           double scale = 1) const {
    TwinOptions options;
    options.people = people;
    options.seed = seed;
    options.out = root_ / name;
    options.threads = threads;
    options.error_scale = scale;
    options.progress = Progress::Mode::kOff;
    return generate(options, Cancel());
  }

  fs::path root_;
};

std::map<std::string, std::string> files_of(const fs::path& directory) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::directory_iterator(directory)) {
    std::ifstream file(entry.path(), std::ios::binary);
    std::stringstream bytes;
    bytes << file.rdbuf();
    files[entry.path().filename().string()] = bytes.str();
  }
  return files;
}

using Row = std::vector<std::string>;

std::vector<Row> read(const fs::path& path, const std::vector<std::string>& columns) {
  table::ReadOptions options;
  options.columns = columns;
  auto reader = table::Reader::open(path, options);
  EXPECT_TRUE(reader) << (reader ? "" : reader.error().text());
  std::vector<Row> rows;
  if (!reader) return rows;
  table::Batch batch;
  for (;;) {
    auto more = (*reader)->next(batch);
    EXPECT_TRUE(more) << (more ? "" : more.error().text());
    if (!more || !*more) break;
    for (size_t r = 0; r < batch.rows(); ++r) {
      Row row;
      for (size_t c = 0; c < columns.size(); ++c) row.emplace_back(batch.cell(c, r));
      rows.push_back(std::move(row));
    }
  }
  EXPECT_EQ((*reader)->rejected(), 0U);
  return rows;
}

// The columns of a register's record id, ID number and name.
struct Keys {
  const char* record;
  const char* id;
  const char* name;
};
constexpr Keys kKeys[kRegisters] = {
    {"人员编号", "公民身份号码", "姓名"}, {"个人编号", "证件号码", "姓名"}, {"档案编号", "身份证号", "姓名"},
    {"业务编号", "身份证件号", "姓名"},   {"学籍号", "身份证件号", "姓名"}, {"登记编号", "证件号码", "权利人"},
    {"登记序号", "身份证件号码", "姓名"}, {"序号", "身份证号", "姓名"},     {"序号", "身份证号", "姓名"}};

std::vector<Row> read_register(const fs::path& directory, Register r) {
  const Keys& keys = kKeys[static_cast<size_t>(r)];
  return read(directory / table_spec(table_of(r)).file, {keys.record, keys.id, keys.name});
}

TEST_F(TwinTest, TheSameSeedGivesTheSameBytesWhateverTheThreads) {
  ASSERT_TRUE(make("one", 12'000, 7, 1));
  ASSERT_TRUE(make("two", 12'000, 7, 2));
  ASSERT_TRUE(make("five", 12'000, 7, 5));
  const auto one = files_of(root_ / "one");
  EXPECT_GT(one.size(), kTables);
  EXPECT_TRUE(one == files_of(root_ / "two"));
  EXPECT_TRUE(one == files_of(root_ / "five"));
}

TEST_F(TwinTest, AnotherSeedGivesOtherPeople) {
  ASSERT_TRUE(make("one", 300, 1));
  ASSERT_TRUE(make("two", 300, 2));
  EXPECT_NE(files_of(root_ / "one")["truth_people.csv"], files_of(root_ / "two")["truth_people.csv"]);
}

TEST_F(TwinTest, SmallDistrictsAreWhole) {
  for (const uint64_t people : {1, 2, 10}) {
    const auto summary = make("small", people);
    ASSERT_TRUE(summary) << summary.error().text();
    size_t residents = 0;
    for (const Row& row : read(root_ / "small" / "truth_people.csv", {"resident"})) residents += row[0] == "1" ? 1 : 0;
    EXPECT_EQ(residents, people);
  }
}

TEST_F(TwinTest, RefusesWhatMakesNoSense) {
  const auto none = make("none", 0);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kUsage);
  EXPECT_NE(none.error().hint.find("--people"), std::string::npos);
  const auto many = make("many", 1'000'000'000);
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error().code, ErrorCode::kLimit);
  EXPECT_FALSE(make("scale", 10, 1, 1, -1));
  EXPECT_TRUE(fs::is_empty(root_));
}

TEST_F(TwinTest, AStoppedRunLeavesNothing) {
  TwinOptions options;
  options.people = 50'000;
  options.out = root_ / "stopped";
  options.progress = Progress::Mode::kOff;
  Cancel cancel;
  cancel.request();
  const auto result = generate(options, cancel);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kCancelled);
  EXPECT_TRUE(fs::is_empty(root_));
}

TEST_F(TwinTest, EveryRecordHasItsTruth) {
  ASSERT_TRUE(make("twin", 6'000));
  const fs::path twin = root_ / "twin";
  std::map<std::pair<std::string, std::string>, std::string> truth;
  for (const Row& row : read(twin / "truth.csv", {"source", "record_id", "person_id"})) {
    EXPECT_TRUE(truth.emplace(std::pair(row[0], row[1]), row[2]).second) << row[0] << " " << row[1];
  }
  std::map<std::string, std::string> id_of;
  for (const Row& row : read(twin / "truth_people.csv", {"person_id", "id_number"})) id_of[row[0]] = row[1];
  size_t records = 0;
  for (size_t r = 0; r < kRegisters; ++r) {
    const auto where = static_cast<Register>(r);
    for (const Row& row : read_register(twin, where)) {
      ++records;
      const auto person = truth.find({std::string(source_id(table_of(where))), row[0]});
      ASSERT_NE(person, truth.end()) << row[0];
      ASSERT_TRUE(id_of.contains(person->second));
      // A number that is valid is the person's own: no error makes it somebody else's.
      const auto id = text::parse_id_number(row[1]);
      if (id && id->valid()) {
        EXPECT_EQ(id->number, id_of[person->second]) << row[1];
      }
    }
  }
  EXPECT_EQ(records, truth.size());
}

TEST_F(TwinTest, TheDivisionsAreWhatTheAddressReaderTakes) {
  ASSERT_TRUE(make("twin", 3'000, 1, 2, 0));
  const auto divisions = text::DivisionTable::national().with_file(root_ / "twin" / "divisions.csv");
  ASSERT_TRUE(divisions) << divisions.error().text();
  const std::string district = divisions->code(divisions->find("990101"));
  size_t read_right = 0;
  const auto rows = read(root_ / "twin" / "police.csv", {"户籍地址"});
  for (const Row& row : rows) {
    const auto address = text::parse_address(row[0], *divisions);
    read_right += address.county == kDistrictName && address.division_code.starts_with(district) ? 1 : 0;
  }
  EXPECT_GT(read_right, rows.size() * 99 / 100);
}

TEST_F(TwinTest, UnitsHaveTheirTruth) {
  ASSERT_TRUE(make("twin", 3'000));
  const fs::path twin = root_ / "twin";
  const auto check = [&](const char* truth_file, const char* id, const std::map<std::string, std::string>& sources) {
    std::set<std::pair<std::string, std::string>> truth;
    for (const Row& row : read(twin / truth_file, {"source", "record_id", id})) truth.insert({row[0], row[1]});
    size_t records = 0;
    for (const auto& [file, column] : sources) {
      for (const Row& row : read(twin / file, {column})) {
        ++records;
        EXPECT_TRUE(truth.contains({file.substr(0, file.find('.')), row[0]})) << file << " " << row[0];
      }
    }
    EXPECT_EQ(records, truth.size()) << truth_file;
    EXPECT_GT(records, 100U);
  };
  check("truth_household.csv", "household_id",
        {{"police_households.csv", "户号"}, {"civil_families.csv", "业务编号"}, {"grid_households.csv", "序号"}});
  check("truth_enterprise.csv", "enterprise_id",
        {{"tax_enterprises.csv", "登记序号"}, {"social_units.csv", "单位编号"}, {"grid_shops.csv", "序号"}});
  check("truth_place.csv", "place_id",
        {{"police_places.csv", "地址编码"}, {"housing_buildings.parquet", "楼栋编号"}, {"grid_buildings.csv", "序号"}});
}

TEST_F(TwinTest, WithoutErrorsEveryNumberIsRight) {
  const auto summary = make("clean", 3'000, 1, 2, 0);
  ASSERT_TRUE(summary);
  for (const auto& row : summary->errors) {
    for (const ErrorCount& count : row) EXPECT_EQ(count.made, 0U);
  }
  for (size_t r = 0; r < kRegisters; ++r) {
    for (const Row& row : read_register(root_ / "clean", static_cast<Register>(r))) {
      const auto id = text::parse_id_number(row[1]);
      EXPECT_TRUE(id && id->valid() && !id->was_15) << row[1];
    }
  }
}

TEST_F(TwinTest, ErrorsComeAtTheRatesOfTheTable) {
  const auto summary = make("twin", 20'000);
  ASSERT_TRUE(summary);
  for (size_t k = 0; k < kErrorKinds; ++k) {
    for (size_t r = 0; r < kRegisters; ++r) {
      const ErrorCount& count = summary->errors[k][r];
      const double rate = kErrorTable[k].per_thousand[r] / 1000;
      const double expected = rate * static_cast<double>(count.possible);
      const double deviation = std::sqrt(std::max(1.0, expected * (1 - rate)));
      EXPECT_NEAR(static_cast<double>(count.made), expected, 5 * deviation)
          << kErrorTable[k].id << " in " << register_id(static_cast<Register>(r));
    }
  }
  // And what the files hold, not what was counted.
  for (const auto& [where, kind] :
       {std::pair(Register::kGrid, ErrorKind::kIdMissing), std::pair(Register::kHealth, ErrorKind::kIdMissing)}) {
    const auto rows = read_register(root_ / "twin", where);
    double missing = 0;
    for (const Row& row : rows) missing += row[1].empty() ? 1 : 0;
    const double rate = kErrorTable[static_cast<size_t>(kind)].per_thousand[static_cast<size_t>(where)] / 1000;
    EXPECT_NEAR(missing / static_cast<double>(rows.size()), rate, 0.015);
  }
  double wrong = 0;
  const auto rows = read_register(root_ / "twin", Register::kHealth);
  for (const Row& row : rows) {
    const auto id = text::parse_id_number(row[1]);
    if (!row[1].empty() && !(id && id->valid())) ++wrong;
  }
  EXPECT_NEAR(wrong / static_cast<double>(rows.size()), 0.014, 0.004);
}

TEST(TwinTables, TheErrorTableIsInTheOrderOfItsKinds) {
  for (size_t k = 0; k < kErrorKinds; ++k) EXPECT_EQ(static_cast<size_t>(kErrorTable[k].kind), k);
  for (size_t r = 0; r < kRegisters; ++r) EXPECT_EQ(static_cast<size_t>(kRegisterTable[r].where), r);
  for (size_t t = 0; t < kTables; ++t) EXPECT_EQ(static_cast<size_t>(table_spec(static_cast<Table>(t)).table), t);
}

TEST(TwinTables, TheDocumentShowsTheTables) {
  std::ifstream file(std::string(ZHILI_SOURCE_DIR) + "/docs/twin.md");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_NE(text.str().find(error_table_markdown()), std::string::npos) << "Put this table into docs/twin.md:\n"
                                                                        << error_table_markdown();
  EXPECT_NE(text.str().find(register_table_markdown()), std::string::npos) << "Put this table into docs/twin.md:\n"
                                                                           << register_table_markdown();
}

}  // namespace
}  // namespace zhili::twin
