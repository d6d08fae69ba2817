#include "fuse/score.hpp"

#include <fstream>
#include <map>
#include <sstream>

#include "base/random.hpp"
#include "fuse/test_fusion.hpp"

namespace zhili::fuse {
namespace {

/// Records of two kinds: pairs of the same entity, whose columns agree with known chances, and others.
constexpr double kAgree[] = {0.95, 0.8, 0.6};
constexpr int kValues[] = {50, 200, 1000};

std::string synthetic(uint64_t seed, int entities) {
  Random random(seed);
  std::string out = "id,x,y,z,key\n";
  for (int e = 0; e < entities; ++e) {
    int value[3];
    for (int c = 0; c < 3; ++c) value[c] = static_cast<int>(random.below(kValues[c]));
    for (int copy = 0; copy < 2; ++copy) {
      out += fmt::format("{}", 2 * e + copy);
      for (int c = 0; c < 3; ++c) {
        // The second copy differs with chance 1 - m.
        const bool agree = copy == 0 || random.chance(kAgree[c]);
        out += fmt::format(",{}{}", "xyz"[c], agree ? value[c] : static_cast<int>(random.below(kValues[c])));
      }
      out += fmt::format(",k{}\n", e / 20);
    }
  }
  return out;
}

constexpr const char* kConfig = R"(
version: 1
sources: [{id: s, file: s.csv, record_id: id}]
attributes:
  x: {type: category, term_frequency: false}
  y: {type: category, term_frequency: false}
  z: {type: category, term_frequency: false}
  key: {type: category, term_frequency: false}
blocking: [[key]]
)";

TEST(Train, RecoversTheChancesThatMadeTheData) {
  TestFusion fusion(kConfig, {{"s.csv", synthetic(11, 5000)}});
  ASSERT_TRUE(fusion.run());
  const auto& model = fusion->model();
  ASSERT_EQ(model.comparisons.size(), 4U);
  for (int c = 0; c < 3; ++c) {
    const double u = 1.0 / kValues[c];
    EXPECT_NEAR(model.comparisons[c].levels[0].m, kAgree[c] + (1 - kAgree[c]) * u, 0.05) << c;
    EXPECT_NEAR(model.comparisons[c].levels[0].u, u, 0.15 * u) << c;
  }
  EXPECT_NEAR(fusion->training().expected_matches, 5000, 300);
  const double pairs = 10000.0 * 9999 / 2;
  EXPECT_NEAR(model.prior, 5000 / pairs, 400 / pairs);
}

constexpr const char* kTextConfig = R"(
version: 1
sources: [{id: s, file: s.csv, record_id: id}]
attributes:
  x: text
  y: {type: latin_name, part: family}
  z: {type: text, levels: [exact, {edit: 1}, {token_overlap: 0.5}, contains]}
  key: {type: category, term_frequency: false}
blocking: [[key]]
)";

class ScoreOf : public testing::TestWithParam<const char*> {};

TEST_P(ScoreOf, WeighsARowAsItWeighsEachPair) {
  TestFusion fusion(GetParam(), {{"s.csv", synthetic(12, 500)}});
  ASSERT_TRUE(fusion.run());
  LevelMemo memo(fusion->comparisons().size());
  Scorer::Scratch scratch(fusion->comparisons().size());
  Random random(5);
  for (const uint32_t size : {2U, 9U, 40U, 300U}) {
    std::vector<uint32_t> members;
    for (uint32_t r = static_cast<uint32_t>(random.below(50)); members.size() < size; r += 1 + random.below(2))
      members.push_back(r);
    std::array<uint32_t, kBatch> skip{};
    for (auto& mark : skip) mark = random.chance(0.2) ? 1 : 0;
    PairRow row{.members = members, .new_leaf = true, .skip = skip.data()};
    for (row.i = 0; row.i + 1 < size; ++row.i) {
      row.begin = row.i + 1;
      row.count = std::min(kBatch, size - row.begin);
      const auto floor = static_cast<float>(random.between(-20, 20));
      std::map<uint32_t, float> heavy;
      const auto* a = fusion->comparisons().row(members[row.i]);
      fusion->scorer().weigh(row, floor, scratch, [&](uint32_t first, uint32_t second, float weight) {
        EXPECT_EQ(first, members[row.i]);
        EXPECT_TRUE(heavy.emplace(second, weight).second);
      });
      row.new_leaf = false;
      for (uint32_t k = 0; k < row.count; ++k) {
        const uint32_t other = members[row.begin + k];
        const auto* b = fusion->comparisons().row(other);
        const float whole = fusion->scorer().weight(a, b, memo);
        // At the floor itself rounding may decide either way.
        if (skip[k] == 0 && whole >= floor + 1e-3F) {
          ASSERT_TRUE(heavy.contains(other)) << whole << " " << floor;
          EXPECT_NEAR(heavy[other], whole, 1e-3);
        } else if (skip[k] != 0 || whole < floor - 1e-3F) {
          EXPECT_FALSE(heavy.contains(other)) << whole << " " << floor;
        }
        float sum = fusion->scorer().prior();
        for (uint32_t c = 0; c < fusion->comparisons().size(); ++c) {
          const auto part = fusion->scorer().part(c, a, b, memo);
          sum += part.weight + part.rarity;
        }
        EXPECT_NEAR(sum, whole, 1e-3);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Types, ScoreOf, testing::Values(kConfig, kTextConfig));

TEST(Score, KeepsWhatReachesTheMark) {
  TestFusion fusion(kConfig, {{"s.csv", synthetic(13, 500)}});
  ASSERT_TRUE(fusion.run());
  const auto& scored = fusion->scored();
  uint64_t in_bins = 0;
  for (const uint64_t n : scored.counts.histogram) in_bins += n;
  EXPECT_EQ(in_bins, scored.counts.pairs);
  EXPECT_EQ(scored.counts.pairs, 25U * (40 * 39 / 2));
  for (size_t i = 1; i < scored.edges.size(); ++i) {
    const auto& x = scored.edges[i - 1];
    const auto& y = scored.edges[i];
    ASSERT_TRUE(x.a < y.a || (x.a == y.a && x.b < y.b));
  }
}

TEST(Score, StopsWhereTooManyPairsAreKept) {
  TestFusion fusion(kConfig, {{"s.csv", synthetic(13, 500)}});
  ASSERT_TRUE(fusion.run());
  Cancel cancel;
  const auto score = [&](uint64_t most) {
    return score_pairs(fusion->blocks(), fusion->records(), fusion->allowed(), fusion->scorer(), -20, 2,
                       Progress::Mode::kOff, cancel, most);
  };
  const auto all = score(limits::kEdges);
  ASSERT_TRUE(all);
  EXPECT_TRUE(score(all->edges.size()));
  const auto refused = score(all->edges.size() - 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kLimit);
}

TEST(Fusion, DoesNotDependOnTheNumberOfThreads) {
  const auto rows = synthetic(16, 3000);
  TestFusion one(kTextConfig, {{"s.csv", rows}}, 1);
  TestFusion three(kTextConfig, {{"s.csv", rows}}, 3);
  ASSERT_TRUE(one.run());
  ASSERT_TRUE(three.run());
  EXPECT_EQ(one->model().to_json(), three->model().to_json());
  EXPECT_EQ(one->clusters().of_record, three->clusters().of_record);
  ASSERT_EQ(one->scored().edges.size(), three->scored().edges.size());
  for (size_t i = 0; i < one->scored().edges.size(); ++i) {
    ASSERT_EQ(one->scored().edges[i].weight, three->scored().edges[i].weight);
  }
}

TEST(Model, ComesBackFromItsFile) {
  TestFusion fusion(kConfig, {{"s.csv", synthetic(14, 500)}});
  ASSERT_TRUE(fusion.run());
  const auto json = fusion->model().to_json();
  const auto back = Model::from_json(json, "model.json", fusion->config(), fusion->comparisons().list());
  ASSERT_TRUE(back) << back.error().text();
  EXPECT_EQ(back->to_json(), json);
}

TEST(Model, TellsWhatIsWrongWithAFile) {
  TestFusion fusion(kConfig, {{"s.csv", synthetic(15, 300)}});
  ASSERT_TRUE(fusion.run());
  const auto json = fusion->model().to_json();
  const auto error_of = [&](const std::string& text) {
    const auto model = Model::from_json(text, "model.json", fusion->config(), fusion->comparisons().list());
    EXPECT_FALSE(model);
    return model ? std::string() : model.error().text();
  };
  const auto with = [&](const std::string& from, const std::string& to) {
    auto text = json;
    return text.replace(text.find(from), from.size(), to);
  };
  EXPECT_NE(error_of("{\n\"format\": oops").find("model.json:2:"), std::string::npos);
  EXPECT_NE(error_of("{}").find("not a fuse model"), std::string::npos);
  EXPECT_NE(error_of(with("\"attribute\": \"y\"", "\"attribute\": \"other\"")).find("no comparison of \"y\""),
            std::string::npos);
  const auto given = [&](const std::string& entries) {
    return error_of(with("\"given\": []", "\"given\": [" + entries + "]"));
  };
  const auto dependence = [](const std::string& name) { return "{\"equal\": \"" + name + "\", \"share\": 0.5}"; };
  EXPECT_NE(given(dependence("x")).find("x depends on itself"), std::string::npos);
  EXPECT_NE(given(dependence("y") + "," + dependence("y")).find("twice"), std::string::npos);
  EXPECT_NE(error_of(with("\"m\": ", "\"m\": 7")).find("x, level 1"), std::string::npos);
}

}  // namespace
}  // namespace zhili::fuse
