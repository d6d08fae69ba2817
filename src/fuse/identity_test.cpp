#include "fuse/identity.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "fuse/outputs.hpp"
#include "fuse/test_fusion.hpp"

namespace zhili::fuse {
namespace {

/// Records a:0 … a:(n-1) and b:0 … b:(n-1), sources in this order or swapped.
class Registers {
 public:
  explicit Registers(int n, bool swapped = false)
      : fusion_(
            swapped
                ? "version: 1\nsources: [{id: b, file: b.csv, record_id: id}, {id: a, file: a.csv, record_id: id}]\n"
                  "attributes: {v: text}\n"
                : "version: 1\nsources: [{id: a, file: a.csv, record_id: id}, {id: b, file: b.csv, record_id: id}]\n"
                  "attributes: {v: text}\n",
            {{"a.csv", table(n)}, {"b.csv", table(n)}}) {
    EXPECT_TRUE(TestFusion::succeeded(fusion_->read()));
  }

  const Records& records() { return fusion_->records(); }
  const Config& config() { return fusion_->config(); }
  std::string name(uint32_t record) {
    return config().sources[records().source(record)].id + ":" + std::string(records().id(record));
  }

 private:
  static std::string table(int n) {
    std::string out = "id,v\n";
    for (int i = 0; i < n; ++i) out += fmt::format("{},x\n", i);
    return out;
  }
  TestFusion fusion_;
};

/// One run of ids over clusters given by record.
class Runs {
 public:
  explicit Runs(Registers& registers) : registers_(registers) {}

  Identity next(std::vector<uint32_t> of_record, unsigned threads = 1) {
    Clusters clusters;
    clusters.of_record = std::move(of_record);
    clusters.count = *std::ranges::max_element(clusters.of_record) + 1;
    const Membership membership(clusters);
    std::optional<EarlierEntities> earlier;
    if (std::filesystem::exists(links_)) {
      Cancel cancel;
      auto read = read_earlier_entities(dir_.path(), registers_.config(), registers_.records(), threads,
                                        Progress::Mode::kOff, cancel);
      EXPECT_TRUE(read) << read.error().text();
      earlier = std::move(*read);
    }
    auto out =
        assign_ids(registers_.config(), registers_.records(), membership, earlier ? &*earlier : nullptr, threads);
    Progress progress("Writing", 0, "rows", Progress::Mode::kOff);
    Cancel cancel;
    EXPECT_TRUE(write_links(links_, registers_.config(), registers_.records(), clusters.of_record, out.of_cluster,
                            progress, cancel));
    return out;
  }
  const std::filesystem::path& dir() const { return dir_.path(); }

 private:
  Registers& registers_;
  ScratchDir dir_;
  std::filesystem::path links_ = dir_.path() / "links.csv";
};

std::string told(const Identity& identity) {
  std::string out;
  for (const auto& event : identity.events) out += fmt::format("{} {};", name_of(event.change), event.records);
  return out;
}

TEST(Identity, GivesEachClusterAnIdOfItsOwn) {
  Registers registers(2);
  const auto identity = Runs(registers).next({0, 1, 0, 2});
  EXPECT_EQ(identity.fresh, 3U);
  EXPECT_EQ(identity.kept, 0U);
  EXPECT_TRUE(identity.events.empty());
  EXPECT_EQ(std::set<EntityId>(identity.of_cluster.begin(), identity.of_cluster.end()).size(), 3U);
}

TEST(Identity, NewIdsDependOnNamesOfRecordsAlone) {
  Registers plain(50);
  Registers swapped(50, true);
  std::map<std::string, uint32_t> cluster_of;  // Of a record's name.
  std::vector<uint32_t> clusters(100);
  std::vector<uint32_t> mirrored(100);
  for (uint32_t r = 0; r < 100; ++r) cluster_of[plain.name(r)] = clusters[r] = r / 3;
  for (uint32_t r = 0; r < 100; ++r) mirrored[r] = cluster_of[swapped.name(r)];
  const auto first = Runs(plain).next(clusters);
  EXPECT_EQ(Runs(plain).next(clusters, 4).of_cluster, first.of_cluster);
  EXPECT_EQ(Runs(swapped).next(mirrored).of_cluster, first.of_cluster);
}

TEST(Identity, KeepsIdsWhereNothingChanged) {
  Registers registers(3);
  Runs runs(registers);
  const auto first = runs.next({0, 1, 2, 0, 1, 1});
  const auto second = runs.next({0, 1, 2, 0, 1, 1});
  EXPECT_EQ(first.of_cluster, second.of_cluster);
  EXPECT_EQ(second.kept, 3U);
  EXPECT_TRUE(second.events.empty());
}

TEST(Identity, AMergeKeepsTheIdOfTheLargerPart) {
  Registers registers(3);
  Runs runs(registers);
  const auto first = runs.next({0, 0, 0, 1, 1, 2});
  const auto second = runs.next({0, 0, 0, 0, 0, 1});
  EXPECT_EQ(second.of_cluster[0], first.of_cluster[0]);
  EXPECT_EQ(second.of_cluster[1], first.of_cluster[2]);
  EXPECT_EQ(told(second), "merged 2;");
  EXPECT_EQ(second.events[0].old_id, first.of_cluster[1]);
  EXPECT_EQ(second.events[0].new_id, first.of_cluster[0]);
}

TEST(Identity, ASplitLeavesTheIdWithTheLargerPart) {
  Registers registers(3);
  Runs runs(registers);
  const auto first = runs.next({0, 0, 0, 0, 0, 1});
  const auto second = runs.next({0, 1, 1, 0, 1, 2});
  EXPECT_EQ(second.of_cluster[1], first.of_cluster[0]);
  EXPECT_EQ(told(second), "split 2;");
  EXPECT_EQ(second.events[0].old_id, first.of_cluster[0]);
  EXPECT_EQ(second.events[0].new_id, second.of_cluster[0]);
}

TEST(Identity, RecordsMayMoveBetweenKnownEntities) {
  Registers registers(3);
  Runs runs(registers);
  const auto first = runs.next({0, 0, 0, 1, 1, 1});
  const auto second = runs.next({0, 0, 1, 1, 1, 1});
  EXPECT_EQ(second.of_cluster, first.of_cluster);
  EXPECT_EQ(told(second), "moved 1;");
}

TEST(Identity, AMergeThatIsTakenBackBringsTheIdsBack) {
  Registers registers(1);
  Runs runs(registers);
  const auto apart = runs.next({0, 1});
  const auto merged = runs.next({0, 0});
  EXPECT_EQ(told(merged), "merged 1;");
  const auto again = runs.next({0, 1});
  EXPECT_EQ(told(again), "split 1;");
  EXPECT_EQ(again.of_cluster, apart.of_cluster);
}

TEST(Identity, TellsWhatIsGone) {
  Registers large(3);
  Runs runs(large);
  const auto first = runs.next({0, 0, 1, 2, 2, 2});
  Registers small(2);  // a:2 and b:2 are no longer there.
  Clusters clusters;
  clusters.of_record = {0, 0, 1, 1};
  clusters.count = 2;
  const Membership membership(clusters);
  Cancel cancel;
  const auto earlier =
      read_earlier_entities(runs.dir(), small.config(), small.records(), 2, Progress::Mode::kOff, cancel);
  ASSERT_TRUE(earlier) << earlier.error().text();
  const auto identity = assign_ids(small.config(), small.records(), membership, &*earlier, 2);
  EXPECT_EQ(identity.of_cluster[0], first.of_cluster[0]);
  EXPECT_EQ(identity.of_cluster[1], first.of_cluster[2]);
  EXPECT_EQ(told(identity), "gone 1;");
  EXPECT_EQ(identity.events[0].old_id, first.of_cluster[1]);
  EXPECT_FALSE(identity.events[0].new_id);
}

TEST(Identity, ADerivedIdThatIsTakenIsNotGivenTwice) {
  Registers registers(2);
  Runs runs(registers);
  const auto first = runs.next({0, 0, 0, 0});
  // Whichever record is the anchor of the id, the three others keep it in one of these runs.
  for (uint32_t alone = 0; alone < 4; ++alone) {
    std::vector<uint32_t> clusters(4, 1);
    clusters[alone] = 0;
    Runs again(registers);
    again.next({0, 0, 0, 0});
    const auto split = again.next(clusters);
    EXPECT_EQ(split.of_cluster[1], first.of_cluster[0]);
    EXPECT_NE(split.of_cluster[0], first.of_cluster[0]);
  }
}

TEST(Identity, RefusesForeignIds) {
  Registers registers(1);
  ScratchDir dir;
  dir.write("links.csv", "source,record_id,entity_id\na,0,person-17\n");
  Cancel cancel;
  const auto earlier =
      read_earlier_entities(dir.path(), registers.config(), registers.records(), 1, Progress::Mode::kOff, cancel);
  ASSERT_FALSE(earlier);
  EXPECT_EQ(earlier.error().code, ErrorCode::kInput);
  EXPECT_EQ(earlier.error().place.line, 2U);
  EXPECT_NE(earlier.error().message.find("person-17"), std::string::npos);
}

/// Random runs one after the other: what must hold whatever happens.
TEST(Identity, HoldsItsPromisesOverRandomRuns) {
  constexpr int kEach = 40;
  Registers registers(kEach);
  Random random(7);
  for (int round = 0; round < 30; ++round) {
    Runs runs(registers);
    std::vector<uint32_t> before;
    Identity last;
    for (int step = 0; step < 5; ++step) {
      std::vector<uint32_t> raw(size_t{2} * kEach);
      const uint64_t kinds = 5 + random.below(40);
      for (size_t r = 0; r < raw.size(); ++r) {
        raw[r] = before.empty() || random.chance(0.2) ? static_cast<uint32_t>(random.below(kinds)) : before[r];
      }
      std::map<uint32_t, uint32_t> number;
      for (auto& c : raw) c = number.try_emplace(c, static_cast<uint32_t>(number.size())).first->second;
      const auto now = runs.next(raw, step % 2 == 0 ? 1 : 3);
      std::set<EntityId> ids(now.of_cluster.begin(), now.of_cluster.end());
      ASSERT_EQ(ids.size(), now.of_cluster.size());
      if (!before.empty()) {
        std::map<std::pair<uint32_t, uint32_t>, uint32_t> shares;  // (old, new) → records
        std::map<uint32_t, uint32_t> old_size;
        std::map<uint32_t, uint32_t> new_size;
        for (size_t r = 0; r < raw.size(); ++r) {
          ++shares[{before[r], raw[r]}];
          ++old_size[before[r]];
          ++new_size[raw[r]];
        }
        std::map<std::pair<EntityId, EntityId>, uint64_t> told_events;
        for (const auto& event : now.events) told_events[{event.old_id, event.new_id}] = event.records;
        for (const auto& [pair, records] : shares) {
          const auto old_id = last.of_cluster[pair.first];
          const auto new_id = now.of_cluster[pair.second];
          // Who holds most of both sides has the id; whatever goes elsewhere is told.
          if (2 * records > old_size[pair.first] && 2 * records > new_size[pair.second]) {
            ASSERT_EQ(old_id, new_id);
          }
          if (old_id != new_id) {
            ASSERT_EQ((told_events[{old_id, new_id}]), records);
          }
        }
        uint64_t told_records = 0;
        for (const auto& [key, records] : told_events) told_records += records;
        uint64_t moved = 0;
        for (const auto& [pair, records] : shares) {
          if (last.of_cluster[pair.first] != now.of_cluster[pair.second]) moved += records;
        }
        ASSERT_EQ(told_records, moved);
      }
      before = raw;
      last = now;
    }
  }
}

}  // namespace
}  // namespace zhili::fuse
