#include "fuse/evaluate.hpp"

#include <map>

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace zhili::fuse {
namespace {

/// Random labels, and what counting every pair by itself gives.
struct Case {
  std::vector<uint32_t> truth;
  std::vector<uint32_t> predicted;
  std::vector<uint16_t> source;
};

Case random_case(uint64_t seed) {
  Random random(seed);
  Case out;
  const size_t n = 1 + random.below(60);
  const uint64_t entities = 1 + random.below(n);
  for (size_t r = 0; r < n; ++r) {
    out.truth.push_back(random.chance(0.1) ? kUnlabelled : static_cast<uint32_t>(random.below(entities)));
    out.predicted.push_back(static_cast<uint32_t>(random.below(entities)));
    out.source.push_back(static_cast<uint16_t>(random.below(4)));
  }
  return out;
}

void count_pair(PairQuality& quality, bool same_truth, bool same_prediction) {
  quality.true_pairs += same_truth ? 1 : 0;
  quality.predicted_pairs += same_prediction ? 1 : 0;
  quality.right_pairs += same_truth && same_prediction ? 1 : 0;
}

void expect_equal(const PairQuality& a, const PairQuality& b) {
  EXPECT_EQ(a.true_pairs, b.true_pairs);
  EXPECT_EQ(a.predicted_pairs, b.predicted_pairs);
  EXPECT_EQ(a.right_pairs, b.right_pairs);
}

TEST(Evaluate, ClustersAgreeWithCountingEachPair) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    const auto c = random_case(seed);
    PairQuality all;
    std::map<std::pair<uint16_t, uint16_t>, PairQuality> by_source;
    for (size_t i = 0; i < c.truth.size(); ++i) {
      for (size_t j = i + 1; j < c.truth.size(); ++j) {
        if (c.truth[i] == kUnlabelled || c.truth[j] == kUnlabelled) continue;
        const bool same_truth = c.truth[i] == c.truth[j];
        const bool same_prediction = c.predicted[i] == c.predicted[j];
        count_pair(all, same_truth, same_prediction);
        if (same_truth || same_prediction) {
          count_pair(by_source[std::minmax(c.source[i], c.source[j])], same_truth, same_prediction);
        }
      }
    }
    expect_equal(evaluate_clusters(c.truth, c.predicted), all);
    const auto listed = evaluate_clusters_by_source(c.truth, c.predicted, c.source);
    ASSERT_EQ(listed.size(), by_source.size()) << "seed " << seed;
    auto expected = by_source.begin();
    for (const auto& entry : listed) {
      EXPECT_EQ(std::pair(entry.a, entry.b), expected->first);
      expect_equal(entry.quality, (expected++)->second);
    }
    expect_equal(sum_of(listed), all);
    EXPECT_EQ(sum_of(true_pairs_by_source(c.truth, c.source)).true_pairs, all.true_pairs);
  }
}

TEST(Evaluate, BCubedAgreesWithItsDefinition) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    const auto c = random_case(seed);
    double precision = 0;
    double recall = 0;
    double records = 0;
    for (size_t i = 0; i < c.truth.size(); ++i) {
      if (c.truth[i] == kUnlabelled) continue;
      double both = 0;
      double of_truth = 0;
      double of_prediction = 0;
      for (size_t j = 0; j < c.truth.size(); ++j) {
        if (c.truth[j] == kUnlabelled) continue;
        const bool same_truth = c.truth[i] == c.truth[j];
        const bool same_prediction = c.predicted[i] == c.predicted[j];
        of_truth += same_truth ? 1 : 0;
        of_prediction += same_prediction ? 1 : 0;
        both += same_truth && same_prediction ? 1 : 0;
      }
      records += 1;
      precision += both / of_prediction;
      recall += both / of_truth;
    }
    const auto found = evaluate_b_cubed(c.truth, c.predicted);
    if (records == 0) {
      EXPECT_EQ(found.f1, 1);
      continue;
    }
    EXPECT_NEAR(found.precision, precision / records, 1e-12);
    EXPECT_NEAR(found.recall, recall / records, 1e-12);
    EXPECT_NEAR(found.f1, 2 * precision * recall / records / (precision + recall), 1e-12);
  }
}

TEST(Evaluate, CurveCountsTheEdgesAboveEachThreshold) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const auto c = random_case(seed);
    Random random(seed, 7);
    std::vector<Edge> edges;
    for (uint32_t i = 0; i < c.truth.size(); ++i) {
      for (uint32_t j = i + 1; j < c.truth.size(); ++j) {
        if (random.chance(0.3)) edges.push_back({i, j, static_cast<float>(random.uniform() * 40 - 10)});
      }
    }
    const auto curve = quality_curve(c.truth, edges, 1000, 0.5F);
    for (const auto& point : curve) {
      PairQuality expected;
      for (const auto& edge : edges) {
        if (edge.weight < point.weight || c.truth[edge.a] == kUnlabelled || c.truth[edge.b] == kUnlabelled) continue;
        count_pair(expected, c.truth[edge.a] == c.truth[edge.b], true);
      }
      EXPECT_EQ(point.quality.predicted_pairs, expected.predicted_pairs);
      EXPECT_EQ(point.quality.right_pairs, expected.right_pairs);
      EXPECT_EQ(point.quality.true_pairs, 1000U);
    }
    for (size_t k = 1; k < curve.size(); ++k) EXPECT_FLOAT_EQ(curve[k].weight, curve[k - 1].weight + 0.5F);
  }
}

TEST(Evaluate, NothingClaimedAndNothingMissedIsPerfect) {
  const PairQuality none;
  EXPECT_EQ(none.precision(), 1);
  EXPECT_EQ(none.recall(), 1);
  EXPECT_EQ(none.f1(), 1);
  const PairQuality wrong{10, 5, 0};
  EXPECT_EQ(wrong.f1(), 0);
  EXPECT_TRUE(quality_curve({}, {}, 0, 1).empty());
}

TEST(Evaluate, GroupsRecordsByLabel) {
  const std::vector<uint32_t> labels{2, 0, kUnlabelled, 2, 0, 0};
  const auto groups = group_by(labels);
  ASSERT_EQ(groups.size(), 3U);
  EXPECT_TRUE(std::ranges::equal(groups.of(0), std::vector<uint32_t>{1, 4, 5}));
  EXPECT_TRUE(groups.of(1).empty());
  EXPECT_TRUE(std::ranges::equal(groups.of(2), std::vector<uint32_t>{0, 3}));
  EXPECT_EQ(group_by({}).size(), 0U);
}

}  // namespace
}  // namespace zhili::fuse
