#include "fuse/truth.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "fuse/test_fusion.hpp"

namespace zhili::fuse {
namespace {

constexpr std::string_view kTwoSources = R"(version: 1
sources: [{id: police, file: a.csv, record_id: nr}, {id: clinic, file: b.csv}]
attributes: {name: text}
)";
constexpr std::string_view kOneSource = R"(version: 1
sources: [{id: police, file: a.csv, record_id: nr}]
attributes: {name: text}
)";

/// Records police:1, police:2, clinic:x and, for one source, police:1 … police:3.
class TruthFile : public testing::Test {
 protected:
  Result<Truth> read(std::string_view yaml, const std::string& content) {
    auto config = parse_config(yaml);
    EXPECT_TRUE(config) << config.error().text();
    const bool single = config->sources.size() == 1;
    RecordKeys keys;
    keys.add(0, "1");
    keys.add(0, "2");
    keys.add(single ? 0 : 1, single ? "3" : "x");
    keys.seal();
    dir_.write("truth.csv", content);
    return read_truth(dir_.path() / "truth.csv", *config, keys, Progress::Mode::kOff, cancel_);
  }

  /// Whether records i and j are one entity.
  static bool same(const Truth& truth, size_t i, size_t j) {
    return truth.entity[i] != kUnlabelled && truth.entity[i] == truth.entity[j];
  }

  ScratchDir dir_;
  Cancel cancel_;
};

TEST_F(TruthFile, ColumnsAreKnownByName) {
  const auto truth = read(kTwoSources, "extra,entity,record_id,source\n-,E1,1,police\n-,E2,2,police\n-,E1,x,clinic\n");
  ASSERT_TRUE(truth) << truth.error().text();
  EXPECT_EQ(truth->columns, "source, record_id, entity");
  EXPECT_TRUE(same(*truth, 0, 2));
  EXPECT_FALSE(same(*truth, 0, 1));
  EXPECT_EQ(truth->entities, 2U);
  EXPECT_EQ(truth->labelled, 3U);
}

TEST_F(TruthFile, ColumnsAreKnownByOrder) {
  const auto truth = read(kTwoSources, "quelle,nummer,wer,noch\npolice,1,E1,a\nclinic,x,E1,b\n");
  ASSERT_TRUE(truth) << truth.error().text();
  EXPECT_TRUE(same(*truth, 0, 2));
  EXPECT_EQ(truth->entity[1], kUnlabelled);
  EXPECT_EQ(truth->columns, "quelle, nummer, wer");
}

TEST_F(TruthFile, OneSourceNeedsNoSourceColumn) {
  for (const std::string content :
       {"wer,was\n1,E1\n3,E1\n2,E2\n", "source,a,b\npolice,1,E1\npolice,3,E1\npolice,2,E2\n",
        "cluster,name,nr\nE1,z,1\nE1,z,3\nE2,z,2\n"}) {
    const auto truth = read(kOneSource, content);
    ASSERT_TRUE(truth) << truth.error().text();
    EXPECT_TRUE(same(*truth, 0, 2)) << content;
    EXPECT_EQ(truth->labelled, 3U) << content;
  }
}

TEST_F(TruthFile, HeaderMayBeMissing) {
  const auto truth = read(kTwoSources, "police,1,E1\npolice,2,E1\nclinic,x,E2\n");
  ASSERT_TRUE(truth) << truth.error().text();
  EXPECT_TRUE(same(*truth, 0, 1));
  EXPECT_EQ(truth->labelled, 3U);
}

TEST_F(TruthFile, StrangersAreCountedAndEmptyEntitiesSkipped) {
  const auto truth = read(kTwoSources, "source,record_id,entity\npolice,1,E1\npolice,9,E1\nschool,1,E1\npolice,2,\n");
  ASSERT_TRUE(truth) << truth.error().text();
  EXPECT_EQ(truth->strangers, 2U);
  EXPECT_EQ(truth->first_stranger, "police:9");
  EXPECT_EQ(truth->rows, 3U);
  EXPECT_EQ(truth->labelled, 1U);
}

TEST_F(TruthFile, PairsConnectAndTheOthersStandAlone) {
  for (const std::string content :
       {"source_a,record_a,source_b,record_b,decision\npolice,1,clinic,x,same\npolice,1,police,2,different\n",
        "nr,record_1,record_2\n7,1,x\n", "w,x,y,z\npolice,1,clinic,x\n", "police,1,clinic,x\nclinic,x,police,1\n",
        "idPolice,idClinic\n1,x\n", "1,x\n"}) {
    const auto truth = read(kTwoSources, content);
    ASSERT_TRUE(truth) << truth.error().text();
    EXPECT_TRUE(truth->of_pairs) << content;
    EXPECT_TRUE(same(*truth, 0, 2)) << content;
    EXPECT_FALSE(same(*truth, 0, 1)) << content;
    EXPECT_EQ(truth->labelled, 3U);
    EXPECT_EQ(truth->entities, 2U);
    EXPECT_EQ(truth->strangers, 0U);
  }
  const auto chain = read(kOneSource, "id_l,id_r\n3,2\n2,1\n9,1\n");
  ASSERT_TRUE(chain) << chain.error().text();
  EXPECT_EQ(chain->entities, 1U);
  EXPECT_EQ(chain->rows, 3U);
  EXPECT_EQ(chain->strangers, 1U);
  EXPECT_EQ(chain->first_stranger, "9");

  const auto strangers = read(kTwoSources, "source_a,record_a,source_b,record_b\npolice,8,clinic,9\n");
  ASSERT_FALSE(strangers);
  EXPECT_NE(strangers.error().message.find("police:8"), std::string::npos);
}

TEST_F(TruthFile, AnyBytesAreReadOrRefused) {
  Random random(11);
  const std::vector<std::string> pieces{"source", "record_id", "entity", "record_a", "record_b", "police", "clinic",
                                        "1",      "x",         "E1",     ",",        ",",        ",",      "\n",
                                        "\n",     "\"",        "\xff",   ";",        "decision", "no"};
  const std::vector<std::string_view> heads{"", "source,record_id,entity\npolice,1,E1\n", "record_id,entity\n1,E1\n",
                                            "source_a,record_a,source_b,record_b\npolice,1,police,2\n"};
  size_t read_well = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string content(heads[random.below(heads.size())]);
    for (uint64_t n = random.below(12); n > 0; --n) content += pieces[random.below(pieces.size())];
    const auto truth = read(random.chance(0.5) ? kTwoSources : kOneSource, content);
    if (!truth) {
      EXPECT_FALSE(truth.error().message.empty());
      continue;
    }
    ++read_well;
    ASSERT_EQ(truth->entity.size(), 3U);
    for (const uint32_t entity : truth->entity) EXPECT_TRUE(entity == kUnlabelled || entity < truth->entities);
  }
  EXPECT_GT(read_well, 100U);
}

TEST_F(TruthFile, MistakesAreTold) {
  const auto twice = read(kTwoSources, "source,record_id,entity\npolice,1,E1\npolice,1,E1\npolice,1,E2\n");
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, ErrorCode::kInput);
  EXPECT_EQ(twice.error().place.line, 4U);
  EXPECT_NE(twice.error().message.find("police:1"), std::string::npos);

  const auto strangers = read(kTwoSources, "source,record_id,entity\npolice,77,E1\n");
  ASSERT_FALSE(strangers);
  EXPECT_NE(strangers.error().message.find("police:77"), std::string::npos);

  const auto unknown = read(kTwoSources, "a,b,c\nx,1,E1\n");
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().hint.find("source,record_id,entity"), std::string::npos);

  const auto few = read(kTwoSources, "a,b\npolice,1\n");
  ASSERT_FALSE(few);
  EXPECT_NE(few.error().message.find("too few"), std::string::npos);
}

TEST_F(TruthFile, LinksAreReadBack) {
  auto config = parse_config(kTwoSources);
  ASSERT_TRUE(config);
  dir_.write("links.csv", "source,record_id,entity_id\npolice,1,k1\npolice,2,k2\nclinic,x,k1\n");
  const auto links = read_links(dir_.path(), *config, Progress::Mode::kOff, cancel_);
  ASSERT_TRUE(links) << links.error().text();
  EXPECT_EQ(links->entities, 2U);
  EXPECT_EQ(links->entity[0], links->entity[2]);
  EXPECT_NE(links->entity[0], links->entity[1]);
  EXPECT_EQ(links->source, (std::vector<uint16_t>{0, 0, 1}));
  EXPECT_EQ(links->index.find(1, "x"), 2U);
  EXPECT_EQ(links->index.find(1, "1"), RecordKeys::kNone);

  dir_.write("links.csv", "source,record_id,entity_id\nschool,1,k1\n");
  EXPECT_FALSE(read_links(dir_.path(), *config, Progress::Mode::kOff, cancel_));
  const auto missing = read_links(dir_.path() / "nowhere", *config, Progress::Mode::kOff, cancel_);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace zhili::fuse
