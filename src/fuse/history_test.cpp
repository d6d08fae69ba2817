#include "fuse/history.hpp"

#include <gtest/gtest.h>

#include "base/output_dir.hpp"
#include "fuse/test_fusion.hpp"

namespace zhili::fuse {
namespace {

EntityId id(std::string_view text) { return EntityId::parse(text).value_or(EntityId()); }

constexpr std::string_view kA = "b00000000001";
constexpr std::string_view kB = "b00000000002";
constexpr std::string_view kC = "b00000000003";
constexpr std::string_view kD = "b00000000004";

std::vector<std::string> names(std::initializer_list<std::string_view> ids) { return {ids.begin(), ids.end()}; }

class HistoryTest : public testing::Test {
 protected:
  /// Adds one run's events.
  void run(const std::vector<Event>& events) {
    const auto next = dir_.path() / "next.csv";
    const RunTime time{std::chrono::milliseconds(1'700'000'000'000 + runs_++)};
    const auto written = write_history(next, file_, events, time_text(time));
    ASSERT_TRUE(written) << written.error().text();
    std::filesystem::rename(next, file_);
  }
  Trace follow(std::string_view of, bool present = false) {
    auto found = trace(file_, of, present);
    EXPECT_TRUE(found) << found.error().text();
    return found ? *found : Trace{};
  }

  ScratchDir dir_;
  std::filesystem::path file_ = dir_.path() / "history.csv";
  int runs_ = 0;
};

TEST_F(HistoryTest, WritesTimesThatSort) {
  EXPECT_EQ(time_text(RunTime{}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(time_text(RunTime{std::chrono::milliseconds(1'769'846'400'007)}), "2026-01-31T08:00:00.007Z");
}

TEST_F(HistoryTest, KeepsTheLinesOfEarlierRuns) {
  run({{Change::kMerged, id(kA), id(kB), 2}});
  run({{Change::kSplit, id(kB), id(kC), 1}, {Change::kGone, id(kD), {}, 3}});
  const auto bytes = read_file(file_, 1000);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(*bytes,
            "time,event,old_id,new_id,records\n"
            "2023-11-14T22:13:20.000Z,merged,b00000000001,b00000000002,2\n"
            "2023-11-14T22:13:20.001Z,split,b00000000002,b00000000003,1\n"
            "2023-11-14T22:13:20.001Z,gone,b00000000004,,3\n");
}

TEST_F(HistoryTest, FollowsAChainOfMerges) {
  run({{Change::kMerged, id(kA), id(kB), 2}});
  run({{Change::kMerged, id(kB), id(kC), 5}});
  const auto found = follow(kA);
  EXPECT_EQ(found.ids_now, names({kC}));
  ASSERT_EQ(found.events.size(), 2U);
  EXPECT_EQ(found.events[0].old_id, kA);
  EXPECT_EQ(found.events[1].records, 5U);
}

TEST_F(HistoryTest, TellsAllEntitiesThatAnOldOneWentTo) {
  run({{Change::kMerged, id(kA), id(kB), 2}, {Change::kMerged, id(kA), id(kC), 1}});
  EXPECT_EQ(follow(kA).ids_now, names({kB, kC}));
  run({{Change::kSplit, id(kC), id(kD), 1}});
  EXPECT_EQ(follow(kA).ids_now, names({kB, kC, kD}));
}

TEST_F(HistoryTest, DoesNotMixUpWhatOneRunDid) {
  // A went into B while B lost some of its own records to C: none of A's records is in C.
  run({{Change::kMerged, id(kA), id(kB), 2}, {Change::kSplit, id(kB), id(kC), 1}});
  EXPECT_EQ(follow(kA).ids_now, names({kB}));
}

TEST_F(HistoryTest, OfAnIdInUseItTellsItsOwnEvents) {
  run({{Change::kMerged, id(kA), id(kB), 2}});
  run({{Change::kSplit, id(kB), id(kC), 1}});
  run({{Change::kGone, id(kC), {}, 1}});
  const auto found = follow(kB, true);
  EXPECT_EQ(found.ids_now, names({kB}));
  EXPECT_EQ(found.events.size(), 2U);
  EXPECT_TRUE(follow(kC).ids_now.empty());
}

TEST_F(HistoryTest, KnowsNothingOfAnIdThatNeverWas) {
  EXPECT_TRUE(follow(kA).events.empty());  // Without a file, too.
  run({{Change::kMerged, id(kB), id(kC), 2}});
  EXPECT_TRUE(follow(kA).events.empty());
}

TEST_F(HistoryTest, RefusesADamagedFile) {
  dir_.write("history.csv", "time,event,old_id,new_id,records\nt,merged,b00000000001,b00000000002,many\n");
  const auto found = trace(file_, kA, false);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kInput);
  EXPECT_EQ(found.error().place.line, 2U);
}

}  // namespace
}  // namespace zhili::fuse
