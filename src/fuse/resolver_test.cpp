#include "fuse/resolver.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

#include "fuse/resolver_play.hpp"

namespace zhili::fuse {
namespace {

class ResolverProperty : public testing::TestWithParam<std::pair<std::string_view, uint64_t>> {};

TEST_P(ResolverProperty, ComesToWhatABatchRunComesTo) {
  const auto [yaml, seed] = GetParam();
  const Ground ground(std::string(yaml), 60, seed);
  Play play(ground, seed);
  const auto resolver = ground.empty();
  const auto again = ground.empty();
  for (int round = 0; round < 4 && !HasFailure(); ++round) {
    const auto walked = walk(ground, *resolver, play, 10);
    for (const auto& journal : walked.journals) {
      const auto done = again->replay(journal);
      ASSERT_TRUE(done) << done.error().text();
    }
    EXPECT_EQ(difference(picture_of(*again), walked.picture), "");
    EXPECT_EQ(again->ids(), resolver->ids());
  }
}

std::vector<std::pair<std::string_view, uint64_t>> seeds() {
  const char* const more = std::getenv("ZHILI_FUSE_SEEDS");
  const uint64_t count = more == nullptr ? 8 : std::strtoull(more, nullptr, 10);
  std::vector<std::pair<std::string_view, uint64_t>> out;
  for (uint64_t seed = 1; seed <= count; ++seed) {
    out.emplace_back(kPeople, seed);
    out.emplace_back(kCrowded, seed);
  }
  return out;
}

INSTANTIATE_TEST_SUITE_P(Seeds, ResolverProperty, testing::ValuesIn(seeds()),
                         [](const auto& one) { return fmt::format("{}", one.index); });

TEST(Resolver, GoesOnFromABatchRun) {
  const MadeUpPeople made(80, 0.2, 3);
  const std::string yaml(kPeople);
  ScratchDir dir;
  dir.write("police.csv", made.police);
  dir.write("clinic.csv", made.clinic);
  dir.write("fuse.yaml", yaml);
  Cancel cancel;
  auto loaded = load_config(dir.path() / "fuse.yaml");
  ASSERT_TRUE(loaded);
  auto fusion = Fusion::create(std::move(*loaded), 1, Progress::Mode::kOff, cancel);
  ASSERT_TRUE(fusion);
  for (auto step : {&Fusion::read, &Fusion::block, &Fusion::learn, &Fusion::score}) {
    ASSERT_TRUE(((**fusion).*step)());
  }
  ASSERT_TRUE((*fusion)->group({}));
  const auto frozen = (*fusion)->frozen();
  const Membership membership((*fusion)->clusters());
  const auto identity = assign_ids((*fusion)->config(), (*fusion)->records(), membership, nullptr, 1);
  auto made_resolver = Resolver::create(std::move(*fusion), &identity, {}, 0);
  ASSERT_TRUE(made_resolver);
  auto& resolver = **made_resolver;
  Lines lines;
  for (const auto& [csv, source] : {std::pair(&made.police, 0U), std::pair(&made.clinic, 1U)}) {
    for (const auto& line : parse(*csv, source)) lines[{source, line.id}] = line;
  }
  EXPECT_EQ(difference(picture_of(resolver), batch(yaml, lines, frozen, {})), "");

  // One by one all records go, and come back: the ids of entities that keep a record stay.
  const auto before = picture_of(resolver);
  const auto ids = resolver.ids();
  for (const auto& [key, line] : lines) {
    auto gone = line;
    gone.gone = true;
    gone.values.clear();
    const auto id = resolver.find(line.source, line.id);
    EXPECT_EQ(resolver.apply(std::span(&gone, 1), {}).effects.at(0), Effect::kGone);
    resolver.keep();
    EXPECT_FALSE(resolver.find(line.source, line.id));
    EXPECT_EQ(resolver.apply(std::span(&line, 1), {}).effects.at(0), Effect::kNew);
    resolver.keep();
    EXPECT_EQ(resolver.find(line.source, line.id), id);
  }
  EXPECT_EQ(difference(picture_of(resolver), before), "");
  EXPECT_EQ(resolver.ids(), ids);
}

class ResolverSteps : public testing::Test {
 protected:
  ResolverSteps() : ground_(std::string(kPeople), 60, 1), resolver_(ground_.empty()) {}

  Resolver::Step apply(const RecordChange& change) {
    auto step = resolver_->apply(std::span(&change, 1), {});
    resolver_->keep();
    return step;
  }
  Resolver::Step decide(const Decision& decision) {
    auto step = resolver_->apply({}, std::span(&decision, 1));
    resolver_->keep();
    return step;
  }
  static RecordChange record(std::string id, std::string name, std::string updated = "2026-01-01") {
    return {0, std::move(id), std::move(updated), false, {std::move(name), "1980-01-02", "13800001111"}};
  }

  Ground ground_;
  std::unique_ptr<Resolver> resolver_;
};

TEST_F(ResolverSteps, TellWhatBecameOfARecord) {
  const auto first = apply(record("1", "anna brodele"));
  EXPECT_EQ(first.effects.at(0), Effect::kNew);
  ASSERT_EQ(first.resolution.entities.size(), 1);
  const auto& entity = first.resolution.entities[0];
  EXPECT_EQ(entity.members, (std::vector<std::pair<uint32_t, std::string>>{{0, "1"}}));
  ASSERT_EQ(entity.values.size(), 3);
  EXPECT_EQ(entity.values[0].value, "anna brodele");
  EXPECT_EQ(entity.values[0].record, "1");

  const auto same = apply(record("1", "anna brodele"));
  EXPECT_EQ(same.effects.at(0), Effect::kNothing);
  EXPECT_TRUE(same.resolution.entities.empty());
  EXPECT_TRUE(same.journal.empty());

  EXPECT_EQ(apply(record("1", "ann brodele", "2025-12-31")).effects.at(0), Effect::kOlder);
  const auto changed = apply(record("1", "ann brodele", "2026-02-01"));
  EXPECT_EQ(changed.effects.at(0), Effect::kChanged);
  ASSERT_EQ(changed.resolution.entities.size(), 1);
  EXPECT_EQ(changed.resolution.entities[0].id, entity.id);
  EXPECT_EQ(changed.resolution.entities[0].values[0].value, "ann brodele");

  const auto second = apply(record("2", "anna brodele"));
  ASSERT_EQ(second.resolution.entities.size(), 1);
  EXPECT_EQ(second.resolution.entities[0].id, entity.id);
  EXPECT_EQ(second.resolution.entities[0].members.size(), 2);
}

TEST_F(ResolverSteps, KeepTheTimeOfWhatIsGone) {
  RecordChange gone{0, "9", "2026-03-01", true, {}};
  EXPECT_EQ(apply(gone).effects.at(0), Effect::kUnknown);
  EXPECT_EQ(apply(record("9", "anna brodele", "2026-02-01")).effects.at(0), Effect::kOlder);
  EXPECT_EQ(resolver_->records(), 0);
  EXPECT_EQ(apply(record("9", "anna brodele", "2026-04-01")).effects.at(0), Effect::kNew);
  EXPECT_EQ(apply(gone).effects.at(0), Effect::kOlder);
  gone.updated = "";
  const auto done = apply(gone);
  EXPECT_EQ(done.effects.at(0), Effect::kGone);
  ASSERT_EQ(done.resolution.entities.size(), 1);
  EXPECT_TRUE(done.resolution.entities[0].gone);
  ASSERT_EQ(done.resolution.events.size(), 1);
  EXPECT_EQ(done.resolution.events[0].change, Change::kGone);
}

TEST_F(ResolverSteps, DecisionsMergeAndPart) {
  apply(record("1", "anna brodele"));
  const auto second = apply({0, "2", "", false, {"zoltan quick", "1950-11-30", ""}});
  const auto id = resolver_->find(0, "1");
  Decision decision{{"police", "1"}, {"police", "2"}, Verdict::kSame, "officer", "", "", 0};
  const auto merged = decide(decision);
  EXPECT_EQ(resolver_->find(0, "1"), resolver_->find(0, "2"));
  ASSERT_EQ(merged.resolution.events.size(), 1);
  EXPECT_EQ(merged.resolution.events[0].change, Change::kMerged);

  // A decision waits for its record.
  apply({0, "2", "", true, {}});
  EXPECT_EQ(resolver_->entities(), 1);
  apply({0, "2", "", false, {"zoltan quick", "1950-11-30", ""}});
  EXPECT_EQ(resolver_->entities(), 1);

  decision.verdict = Verdict::kUndo;
  const auto parted = decide(decision);
  EXPECT_EQ(resolver_->entities(), 2);
  ASSERT_EQ(parted.resolution.events.size(), 1);
  EXPECT_EQ(parted.resolution.events[0].change, Change::kSplit);
  EXPECT_TRUE(resolver_->find(0, "1") == id || resolver_->find(0, "2") == id);
}

TEST_F(ResolverSteps, RefuseWhatIsNoRecord) {
  const auto refused = [&](const RecordChange& change) { return !check_change(change, resolver_->config()); };
  EXPECT_FALSE(refused(record("1", "anna")));
  EXPECT_TRUE(refused(record("", "anna")));
  EXPECT_TRUE(refused(record(std::string(2000, 'x'), "anna")));
  EXPECT_TRUE(refused(record("1", "\xff\xfe")));
  EXPECT_TRUE(refused(record("1", std::string("a\0b", 3))));
  EXPECT_TRUE(refused({7, "1", "", false, {"", "", ""}}));
  EXPECT_TRUE(refused({0, "1", "", false, {"anna"}}));
  const auto error = check_change(record("1", "\xffsecret"), resolver_->config());
  EXPECT_EQ(error.error().text().find("secret"), std::string::npos);
}

TEST_F(ResolverSteps, BearAValueThatThousandsShare) {
  for (int i = 0; i < 3000; ++i) {
    apply({0, fmt::format("{}", i), "", false, {fmt::format("name{} surname{}", i, i), "1900-01-01", "13800000000"}});
  }
  EXPECT_EQ(resolver_->records(), 3000);
  for (int i = 0; i < 3000; ++i) apply({0, fmt::format("{}", i), "", true, {}});
  EXPECT_EQ(resolver_->records(), 0);
  EXPECT_EQ(resolver_->entities(), 0);
}

}  // namespace
}  // namespace zhili::fuse
