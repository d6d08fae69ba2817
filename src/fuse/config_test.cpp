#include "fuse/config.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "base/limits.hpp"
#include "base/random.hpp"

namespace zhili::fuse {
namespace {

constexpr std::string_view kWhole = R"yaml(version: 1
sources:
  - id: police
    file: police.csv
    format: csv
    encoding: gb18030
    delimiter: tab
    record_id: 编号
    updated: 更新时间
    unique: true
    trust: 90
    columns: {name: 姓名, id_number: 公民身份号码, address: [市, 区, 详细地址], price: []}
  - id: b
    file: /data/b.parquet
    columns:
      name: xm
attributes:
  name: {type: chinese_name}
  given: {type: latin_name, part: given}
  surname: {type: latin_name, part: family, term_frequency: true,
            levels: [exact, {jaro_winkler: 0.92}, {damerau: 1}, {swapped: given}, metaphone]}
  birth: {type: date, order: day_first}
  id_number: id_number
  price: {type: number, levels: [exact, {percent: 5}, {percent: 20}], compare: true}
  address: {type: address, levels: [exact, {same_part: room}, {same_part: road}]}
  phone: phone
  lat: {type: latitude, levels: [{kilometres: 0.1}, {kilometres: 2.5}]}
  lon: longitude
  postcode: {type: category, identifying: true}
  note: {type: text, compare: false}
link: both
one_to_one: [[b, police]]
blocking:
  - [id_number]
  - [name.pinyin, birth.year]
  - postcode.prefix(3) + surname.metaphone
  - "lat.cell(2)+lon.cell(2)"
survivorship: {default: trust, phone: newest}
divisions: divisions.csv
decisions: decisions.csv
labels: labels.csv
model: model.json
threshold: 0.75
review: [0.2, 0.95]
max_block: 500
max_pairs: 1000000
max_reject_share: 0.1
seed: 7
)yaml";

TEST(Config, ReadsEveryKey) {
  const auto parsed = parse_config(kWhole, "conf/fuse.yaml");
  ASSERT_TRUE(parsed) << parsed.error().text();
  const Config& config = *parsed;
  ASSERT_EQ(config.sources.size(), 2U);
  const Source& police = config.sources[0];
  EXPECT_EQ(police.id, "police");
  EXPECT_EQ(police.file, "conf/police.csv");
  EXPECT_EQ(police.delimiter, '\t');
  EXPECT_EQ(police.record_id, "编号");
  EXPECT_EQ(police.updated, "更新时间");
  EXPECT_TRUE(police.unique);
  EXPECT_EQ(police.trust, 90);
  EXPECT_EQ(config.sources[1].file, "/data/b.parquet");
  EXPECT_FALSE(config.sources[1].unique);

  const auto attribute = [&](std::string_view name) -> const Attribute& {
    return config.attributes[config.find_attribute(name)];
  };
  EXPECT_EQ(police.columns[config.find_attribute("address")], (std::vector<std::string>{"市", "区", "详细地址"}));
  EXPECT_GT(police.column_marks[config.find_attribute("price")].line, 0U);
  EXPECT_EQ(police.column_marks[config.find_attribute("phone")].line, 0U);
  EXPECT_EQ(attribute("name").type, SemanticType::kChineseName);
  EXPECT_EQ(attribute("birth").order, text::DateOrder::kDayFirst);
  EXPECT_TRUE(attribute("id_number").identifying);
  EXPECT_TRUE(attribute("postcode").identifying);
  EXPECT_FALSE(attribute("phone").identifying);
  EXPECT_FALSE(attribute("note").compare);
  EXPECT_EQ(attribute("phone").survivorship, Survivorship::kNewest);
  EXPECT_EQ(attribute("name").survivorship, Survivorship::kTrust);
  EXPECT_EQ(attribute("name").term_frequency, std::nullopt);

  const Attribute& surname = attribute("surname");
  EXPECT_EQ(surname.part, NamePart::kFamily);
  EXPECT_EQ(surname.term_frequency, true);
  ASSERT_EQ(surname.levels.size(), 5U);
  EXPECT_EQ(surname.levels[1].text, "jaro_winkler 0.92");
  EXPECT_EQ(surname.levels[3].other_attribute, config.find_attribute("given"));
  EXPECT_EQ(surname.partner, config.find_attribute("given"));
  EXPECT_EQ(attribute("address").levels[2].part, "road");
  EXPECT_EQ(attribute("lat").levels[0].other_attribute, config.find_attribute("lon"));
  EXPECT_FALSE(attribute("lon").compare);

  ASSERT_EQ(config.blocking.size(), 4U);
  EXPECT_EQ(config.blocking[1].text, "name.pinyin + birth.year");
  EXPECT_EQ(config.blocking[2].text, "postcode.prefix(3) + surname.metaphone");
  EXPECT_EQ(config.blocking[3].parts[1].n, 2U);
  EXPECT_EQ(config.one_to_one, (std::vector<std::pair<uint32_t, uint32_t>>{{0, 1}}));
  EXPECT_EQ(config.divisions, "conf/divisions.csv");
  EXPECT_EQ(config.model, "conf/model.json");
  EXPECT_EQ(config.threshold, 0.75);
  EXPECT_EQ(config.review_high, 0.95);
  EXPECT_EQ(config.max_block, 500U);
  EXPECT_EQ(config.seed, 7U);
}

TEST(Config, RelativePathsStartAtTheDataDirectory) {
  const auto config = parse_config(kWhole, "conf/fuse.yaml", "elsewhere");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->sources[0].file, "elsewhere/police.csv");
  EXPECT_EQ(config->sources[1].file, "/data/b.parquet");
  EXPECT_EQ(config->divisions, "elsewhere/divisions.csv");
}

constexpr std::string_view kSmall = R"(version: 1
sources: [{id: a, file: a.csv}, {id: b, file: b.csv}]
attributes:
  name: chinese_name
  birth: {type: date}
)";

TEST(Config, SmallOneHasDefaults) {
  const auto config = parse_config(kSmall);
  ASSERT_TRUE(config) << config.error().text();
  EXPECT_EQ(config->link, LinkMode::kBoth);
  EXPECT_TRUE(config->blocking.empty());
  EXPECT_EQ(config->attributes[0].survivorship, Survivorship::kVote);
  EXPECT_TRUE(config->attributes[0].levels.empty());
  EXPECT_EQ(config->threshold, 0.5);
  EXPECT_TRUE(parse_config(std::string("\xEF\xBB\xBF") + std::string(kSmall)));
}

struct Mistake {
  std::string_view yaml;  // Behind kSmall, unless it starts with "version".
  std::string_view place;
  std::string_view message;
  std::string_view hint;
};

std::string whole(std::string_view yaml) {
  return yaml.starts_with("version") ? std::string(yaml) : std::string(kSmall) + std::string(yaml);
}

/// Each is the first mistake told.
constexpr Mistake kMistakes[] = {
    {"treshold: 0.5\n", "6:1", "Unknown key 'treshold' in the configuration", "Did you mean 'threshold'?"},
    {"seed: 1\nseed: 2\n", "7:1", "'seed' stands twice in the configuration", "line 6"},
    {"threshold: 1.5\n", "6:12", "threshold must be a number from 0 to 1, and is '1.5'", "0.5"},
    {"threshold: nan\n", "6:12", "threshold must be a number", "plain number"},
    {"threshold: '0.5'\n", "6:12", "threshold must be a number", "without quotes"},
    {"threshold: [0.5]\n", "6:12", "threshold must be a number, and is a list", ""},
    {"threshold:\n", "6:1", "threshold must be a number, and is nothing", ""},
    {"threshold：0.5\n", "6:1", "", "full-width colon"},
    {"max_block: 1\n", "6:12", "max_block must be a whole number from 2", "digits"},
    {"seed: -1\n", "6:7", "seed must be a whole number from 0", "digits"},
    {"seed: 99999999999999999999\n", "6:7", "seed must be a whole number from 0", "digits"},
    {"review: 0.1\n", "6:9", "review must be a list of two probabilities", "[0.1, 0.9]"},
    {"review: [0.9, 0.1]\n", "6:9", "The lower bound of review, 0.9, is above the upper, 0.1", "lower one first"},
    {"link: Both\n", "6:7", "link 'Both' is unknown", "Did you mean 'both'?"},
    {"one_to_one: [[a, c]]\n", "6:18", "one_to_one names 'c', which is no source", "Possible: a, b."},
    {"one_to_one: [[a, a]]\n", "6:14", "one_to_one names the same source twice", "unique"},
    {"one_to_one: [a, b]\n", "6:14", "Each entry of one_to_one names two sources", "[[a, b]]"},
    {"link: dedupe\none_to_one: [[a, b]]\n", "7:13", "one_to_one is about pairs across sources", "link: both"},
    {"survivorship: trust\n", "6:15", "Survivorship by trust, and no source has a trust", "trust: 0"},
    {"survivorship: {name: newest}\n", "6:22", "Survivorship by newest, and no source says when", "updated"},
    {"survivorship: {nam: vote}\n", "6:16", "survivorship names 'nam', which is no attribute", "'name'"},
    {"blocking: []\n", "6:11", "blocking is empty", "auto"},
    {"blocking: none\n", "6:11", "blocking must be auto or a list of rules", "[name, birth.year]"},
    {"blocking: [[nam]]\n", "6:13", "blocking names 'nam', which is no attribute", "Did you mean 'name'?"},
    {"blocking: ['name, birth']\n", "6:12", "blocking names 'name, birth', which is no attribute", "[a, b]"},
    {"blocking: [[birth.yaer]]\n", "6:13", "'yaer' in blocking is unknown", "Did you mean 'year'?"},
    {"blocking: [[name.year]]\n", "6:13", "year can't be made of type chinese_name", "pinyin"},
    {"blocking: [[name.prefix]]\n", "6:13", "prefix needs a number", "name.prefix(3)"},
    {"blocking: [[name.pinyin(3)]]\n", "6:13", "pinyin takes no number", "name.pinyin"},
    {"blocking: [['name.prefix(0)']]\n", "6:13", "prefix needs a whole number from 1 to 64", "name.prefix(3)"},
    {"blocking: [['name.prefix(3']]\n", "6:13", "prefix needs a whole number", "name.prefix(3)"},
    {"blocking: [[name, name]]\n", "6:19", "'name' stands twice in the rule", ""},
    {"blocking: [[name, birth], birth + name]\n", "6:27", "Blocking rule 'birth + name' stands twice", ""},
    {"blocking: [name, '']\n", "6:18", "blocking names ''", ""},
    {"blocking: [[{name: pinyin}]]\n", "6:13", "a part of a blocking rule must be text, and is a map", ""},
    {"  surname: {type: chinese}\n", "6:19", "Semantic type 'chinese' is unknown", "chinese_name, latin_name"},
    {"  surname: latinname\n", "6:12", "Semantic type 'latinname' is unknown", "Did you mean 'latin_name'?"},
    {"  surname: {typ: date}\n", "6:12", "attribute 'surname' has no 'type'", "chinese_name"},
    {"  surname: [date]\n", "6:12", "attribute 'surname' must be a semantic type or a map", "surname: {type: text}"},
    {"  name: date\n", "6:3", "'name' stands twice in attributes", "line 4"},
    {"  a b: date\n", "6:3", "'a b' can't be the name of an attribute", "letters of any script"},
    {"  default: date\n", "6:3", "'default' can't be the name of an attribute", "survivorship"},
    {"  x: {type: date, part: given}\n", "6:25", "'part' does not fit the type date", "chinese_name"},
    {"  x: {type: text, order: day_first}\n", "6:26", "'order' does not fit the type text", "date"},
    {"  x: {type: number, term_frequency: true}\n", "6:37", "'term_frequency' does not fit the type number", ""},
    {"  x: {type: address, identifying: true}\n", "6:35", "'identifying' does not fit the type address", ""},
    {"  x: {type: date, compare: yes}\n", "6:28", "compare must be true or false, and is 'yes'", "true or false"},
    {"  x: {type: date, with: name}\n", "6:25", "'with' does not fit the type date", "latitude"},
    {"  x: latitude\n", "6:3", "attribute 'x' has no longitude", "Add an attribute of type longitude"},
    {"  x: latitude\n  y: longitude\n  z: longitude\n", "6:3", "attribute 'x' has no longitude", "with: "},
    {"  x: {type: latitude, with: birth}\n  y: longitude\n", "6:29", "'x' and 'birth' make no pair", ""},
    {"  x: latitude\n  y: {type: longitude, levels: [exact]}\n", "7:32", "A longitude is compared together",
     "latitude"},
    {"  x: {type: date, compare: false, levels: [exact]}\n", "6:43", "has levels and 'compare: false'", ""},
    {"  x: {type: date, levels: []}\n", "6:27", "levels is empty", "Leave it out"},
    {"  x: {type: date, levels: exact}\n", "6:27", "levels must be a list", ""},
    {"  x: {type: date, levels: [exakt]}\n", "6:28", "Measure 'exakt' is unknown", "Did you mean 'exact'?"},
    {"  x: {type: date, levels: [soundex]}\n", "6:28", "Measure 'soundex' is unknown", "Possible"},
    {"  x: {type: date, levels: [jaro_winkler]}\n", "6:28", "'jaro_winkler' does not fit the type date", "days"},
    {"  x: {type: date, levels: [days]}\n", "6:28", "Measure 'days' needs a value", "{days: 1}"},
    {"  x: {type: date, levels: [{exact: 1}]}\n", "6:29", "Measure 'exact' takes no value", "exact"},
    {"  x: {type: date, levels: [{days: 1.5}]}\n", "6:35", "days must be a whole number", ""},
    {"  x: {type: date, levels: [{days: 3}, {days: 2}]}\n", "6:39", "'days 2' is never reached",
     "strictest level first"},
    {"  x: {type: text, levels: [{jaro_winkler: 0.8}, {jaro_winkler: 0.9}]}\n", "6:49", "is never reached", ""},
    {"  x: {type: text, levels: [{jaro_winkler: 90}]}\n", "6:43", "jaro_winkler must be a number above 0 and up to 1",
     ""},
    {"  x: {type: number, levels: [{percent: 0}]}\n", "6:40", "percent must be a number above 0, and is '0'", ""},
    {"  x: {type: address, levels: [{same_part: street_}]}\n", "6:43", "Address part 'street_' is unknown",
     "'street'?"},
    {"  x: {type: text, levels: [{swapped: y}]}\n", "6:38", "swapped names 'y', which is no attribute", ""},
    {"  x: {type: text, levels: [{swapped: name}]}\n", "6:38", "'x' can't be exchanged with 'name'", "type text"},
    {"  x: {type: text, levels: [{edit: 1, exact: 1}]}\n", "6:28", "A level is one measure; here are 2",
     "one level for each"},
    {"version: 2\nsources: [{id: a, file: a}]\nattributes: {x: text}\n", "1:10", "must be 1", "version: 1"},
    {"version: 1\nattributes: {x: text}\n", "1:1", "The configuration has no 'sources'", "sources: ["},
    {"version: 1\nsources: [{id: a, file: a}]\n", "1:1", "The configuration has no 'attributes'", "attributes: {"},
    {"version: 1\nsources: {id: a}\nattributes: {x: text}\n", "2:10", "sources must be a list, and is a map", ""},
    {"version: 1\nsources: []\nattributes: {x: text}\n", "2:10", "sources is empty", ""},
    {"version: 1\nsources: [a.csv]\nattributes: {x: text}\n", "2:11", "a source must be a map", ""},
    {"version: 1\nsources: [{file: a}]\nattributes: {x: text}\n", "2:11", "The source has no 'id'", "id: police"},
    {"version: 1\nsources: [{id: a}]\nattributes: {x: text}\n", "2:11", "The source has no 'file'", "police.csv"},
    {"version: 1\nsources: [{id: a, file: ''}]\nattributes: {x: text}\n", "2:25", "file is empty", ""},
    {"version: 1\nsources: [{id: a, file: a}, {id: a, file: b}]\nattributes: {x: text}\n", "2:34",
     "Two sources have the id 'a'", "line 2"},
    {"version: 1\nsources: [{id: a/b, file: a}]\nattributes: {x: text}\n", "2:16", "can't be the name of a source", ""},
    {"version: 1\nsources: [{id: a, file: a, trust: 101}]\nattributes: {x: text}\n", "2:35", "trust must be", ""},
    {"version: 1\nsources: [{id: a, file: a, delimiter: ab}]\nattributes: {x: text}\n", "2:39",
     "delimiter 'ab' can't separate columns", "tab"},
    {"version: 1\nsources: [{id: a, file: a, format: jsonl, delimiter: \";\"}]\nattributes: {x: text}\n", "2:54",
     "Only delimited text has a delimiter", ""},
    {"version: 1\nsources: [{id: a, file: a, format: xlsx}]\nattributes: {x: text}\n", "2:36",
     "format 'xlsx' is unknown", "csv"},
    {"version: 1\nsources: [{id: a, file: a, columns: {y: x}}]\nattributes: {x: text}\n", "2:38",
     "columns names 'y', which is no attribute", "The attribute stands left"},
    {"version: 1\nsources: [{id: a, file: a, columns: {x: }}]\nattributes: {x: text}\n", "2:38",
     "columns has no column for 'x'", "[]"},
    {"version: 1\nsources: [{id: a, file: a, columns: [x]}]\nattributes: {x: text}\n", "2:37", "columns must be a map",
     ""},
    {"version: 1\nlink: link\nsources: [{id: a, file: a}]\nattributes: {x: text}\n", "2:7",
     "'link: link' compares across sources", "dedupe"},
    {"version: 1\nlink: dedupe\nsources: [{id: a, file: a, unique: true}]\nattributes: {x: text}\n", "2:7",
     "every source is declared unique", ""},
    {"version: 1\nsources: [{id: a, file: a}]\nattributes: {}\n", "3:13", "attributes is empty", ""},
    {"version: 1\nsources: [{id: a, file: a}]\nattributes: {x: {type: text, compare: false}}\n", "3:13",
     "No attribute is compared", ""},
    {"version: 1\n\tsources: []\n", "2:1", "Tab in the indentation", "spaces"},
    {"version: 1\nsources: &s [a]\nattributes: *s\n", "2:10", "Anchors and aliases", "Write the value out"},
    {"version: 1\nsources: !!set [a]\n", "2:10", "Tags like 'tag:yaml.org,2002:set'", "Leave the tag out"},
    {"version: 1\nsources: [a\n", "", "YAML syntax", ""},
    {"version: 1\n? [a]\n: b\n", "2:3", "where a key is expected", ""},
    {"version: 1\n---\nversion: 1\n", "3:1", "More than one YAML document", ""},
    {"version: 1\nx: \"\xB9\xAB\"\n", "2:5", "Not UTF-8: byte 0xb9", "GB18030"},
    {"version: 1\nx: \x01\n", "2:4", "Control character 0x01", ""},
};

TEST(Config, TellsEachMistakeWithItsPlaceAndTheWayOut) {
  for (const Mistake& mistake : kMistakes) {
    SCOPED_TRACE(mistake.yaml);
    const auto config = parse_config(whole(mistake.yaml), "fuse.yaml");
    ASSERT_FALSE(config);
    const Error& error = config.error();
    EXPECT_EQ(error.code, ErrorCode::kConfig);
    EXPECT_NE(error.message.find(mistake.message), std::string::npos) << error.text();
    EXPECT_NE(error.hint.find(mistake.hint), std::string::npos) << error.text();
    EXPECT_EQ(error.place.file, "fuse.yaml");
    EXPECT_GT(error.place.line, 0U) << error.text();
    const std::string place = fmt::format("{}:{}", error.place.line, error.place.column);
    EXPECT_TRUE(mistake.place.empty() || place == mistake.place) << error.text();
  }
}

TEST(Config, TellsUpToTenMistakesInTheOrderOfTheFile) {
  std::string yaml(kSmall);
  for (int i = 0; i < 12; ++i) yaml += fmt::format("wrong{}: 1\n", i);
  const auto config = parse_config(yaml, "fuse.yaml");
  ASSERT_FALSE(config);
  const Error& error = config.error();
  EXPECT_EQ(error.place.line, 6U);
  ASSERT_EQ(error.others.size(), 10U);
  EXPECT_EQ(error.others[8].place.line, 15U);
  EXPECT_EQ(error.others[9].message, "… and 2 more mistakes");
  EXPECT_NE(error.text().find("fuse.yaml:7:1: Unknown key 'wrong1'"), std::string::npos);
}

TEST(Config, OneWrongTypeMakesNoFollowingMistakes) {
  const auto config = parse_config(
      "version: 1\nsources: [{id: a, file: a, columns: {x: y}}]\n"
      "attributes: {x: {type: datum, levels: [{days: 3}], order: day_first}}\n"
      "blocking: [[x.year]]\nsurvivorship: {x: vote}\n");
  ASSERT_FALSE(config);
  EXPECT_TRUE(config.error().others.empty()) << config.error().text();
}

TEST(Config, ColumnsCountCharacters) {
  const auto config = parse_config("version: 1\nsources: [{id: 公安, file: a, 中文: 1}]\nattributes: {x: text}\n");
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().place.column, 29U) << config.error().text();
}

TEST(Config, DepthAndSizeHaveLimits) {
  const auto deep = parse_config("x: " + std::string(100, '[') + std::string(100, ']'));
  ASSERT_FALSE(deep);
  EXPECT_EQ(deep.error().code, ErrorCode::kLimit) << deep.error().text();
  const auto large = parse_config(std::string(limits::kYamlBytes + 1, '#'));
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, ErrorCode::kLimit);
  const auto empty = parse_config("# nothing\n");
  ASSERT_FALSE(empty);
  EXPECT_NE(empty.error().message.find("empty"), std::string::npos);
}

TEST(Config, PairsAreFoundOrNamed) {
  const auto config = parse_config(R"(version: 1
sources: [{id: a, file: a}]
attributes:
  home_lat: {type: latitude, with: home_lon}
  home_lon: longitude
  work_lat: latitude
  work_lon: {type: longitude, with: work_lat}
  given: {type: latin_name, part: given}
  mother_family: {type: latin_name, part: family}
  family: {type: latin_name, part: family, with: given}
)");
  ASSERT_TRUE(config) << config.error().text();
  const auto partner = [&](std::string_view name) {
    const uint32_t other = config->attributes[config->find_attribute(name)].partner;
    return other == kNoAttribute ? std::string() : config->attributes[other].name;
  };
  EXPECT_EQ(partner("home_lat"), "home_lon");
  EXPECT_EQ(partner("work_lat"), "work_lon");
  EXPECT_EQ(partner("work_lon"), "work_lat");
  EXPECT_EQ(partner("given"), "family");
  EXPECT_EQ(partner("mother_family"), "");
}

/// Any byte changed, removed or doubled gives a configuration or an error with a message, and no crash.
TEST(Config, DamagedFilesNeverCrash) {
  Random random(11);
  for (int round = 0; round < 3000; ++round) {
    std::string yaml(kWhole);
    for (uint64_t n = 1 + random.below(4); n > 0; --n) {
      const size_t at = random.below(yaml.size());
      switch (random.below(3)) {
        case 0:
          yaml[at] = static_cast<char>(random.below(256));
          break;
        case 1:
          yaml.erase(at, 1 + random.below(8));
          break;
        default:
          yaml.insert(at, yaml.substr(random.below(yaml.size()), random.below(20)));
      }
    }
    const auto config = parse_config(yaml, "fuse.yaml");
    if (!config) {
      EXPECT_FALSE(config.error().message.empty());
    }
  }
}

class ConfigFiles : public testing::Test {
 protected:
  void SetUp() override {
    dir_ = std::filesystem::path(testing::TempDir()) /
           fmt::format("config_{}", testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(dir_);
    std::ofstream(dir_ / "fuse.yaml") << kSmall;
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }
  std::filesystem::path dir_;
};

TEST_F(ConfigFiles, MissingFilesAreTold) {
  std::ofstream(dir_ / "a.csv") << "name\n";
  const auto config = load_config(dir_ / "fuse.yaml");
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code, ErrorCode::kInput);
  EXPECT_EQ(config.error().place.line, 2U);
  EXPECT_EQ(config.error().place.column, 47U);
  EXPECT_NE(config.error().message.find("b.csv' of source 'b' does not exist"), std::string::npos);
  std::filesystem::create_directories(dir_ / "data");
  std::ofstream(dir_ / "data" / "a.csv") << "name\n";
  std::ofstream(dir_ / "data" / "b.csv") << "name\n";
  EXPECT_TRUE(load_config(dir_ / "fuse.yaml", dir_ / "data"));
}

TEST_F(ConfigFiles, MissingConfigurationIsTold) {
  const auto config = load_config(dir_ / "absent.yaml");
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code, ErrorCode::kNotFound);
}

using Headers = std::vector<std::vector<std::string>>;

constexpr std::string_view kBound = R"(version: 1
sources:
  - id: a
    file: a.csv
    record_id: id
    columns: {name: 姓名, address: [市, 区], phone: []}
  - {id: b, file: b.csv, updated: 时间}
attributes: {name: chinese_name, address: address, phone: phone}
)";

TEST(BindColumns, FindsNamedColumnsAndOwnNames) {
  const auto config = parse_config(kBound);
  ASSERT_TRUE(config) << config.error().text();
  const auto bound = bind_columns(*config, Headers{{"区", " 市", "姓名 ", "id", "phone"}, {"phone", "时间", "name"}});
  ASSERT_TRUE(bound) << bound.error().text();
  const auto& a = (*bound)[0];
  EXPECT_EQ(a.columns, (std::vector<std::vector<uint32_t>>{{2}, {1, 0}, {}}));
  EXPECT_EQ(a.record_id, 3U);
  EXPECT_EQ(a.updated, std::nullopt);
  const auto& b = (*bound)[1];
  EXPECT_EQ(b.columns, (std::vector<std::vector<uint32_t>>{{2}, {}, {0}}));
  EXPECT_EQ(b.updated, 1U);
}

TEST(BindColumns, TellsMissingAndDoubledColumns) {
  const auto config = parse_config(kBound, "f.yaml");
  ASSERT_TRUE(config);
  const auto bound = bind_columns(*config, Headers{{"区", "性名", "市", "区", "ID"}, {"x", "y"}});
  ASSERT_FALSE(bound);
  const std::string text = bound.error().text();
  EXPECT_EQ(bound.error().code, ErrorCode::kConfig);
  EXPECT_NE(text.find("f.yaml:5:16: File 'a.csv' has no column 'id'\n  Did you mean 'ID'?"), std::string::npos) << text;
  EXPECT_NE(text.find("f.yaml:6:21: File 'a.csv' has no column '姓名'\n  Did you mean '性名'?"), std::string::npos)
      << text;
  EXPECT_NE(text.find("f.yaml:6:34: File 'a.csv' has two columns '区'"), std::string::npos) << text;
  EXPECT_NE(text.find("f.yaml:7:35: File 'b.csv' has no column '时间'"), std::string::npos) << text;
  EXPECT_NE(text.find("f.yaml:7:5: Source 'b' has a column for none of the attributes"), std::string::npos) << text;
  EXPECT_NE(text.find("f.yaml:8:52: No source has a column for 'phone'"), std::string::npos) << text;
}

TEST(BindColumns, TellsFullWidthCommas) {
  const auto config = parse_config(
      "version: 1\nsources: [{id: a, file: a.csv, columns: {x: 市，区}}]\nattributes: {x: address}\n", "f.yaml");
  ASSERT_TRUE(config) << config.error().text();
  const auto bound = bind_columns(*config, Headers{{"市", "区"}});
  ASSERT_FALSE(bound);
  EXPECT_NE(bound.error().hint.find("ASCII commas"), std::string::npos) << bound.error().text();
}

}  // namespace
}  // namespace zhili::fuse
