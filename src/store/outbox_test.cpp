#include "store/outbox.hpp"

#include <thread>

#include "store/test_store.hpp"

namespace zhili::store {
namespace {

class Outbox : public StoreTest {};
ZHILI_ON_BOTH_ENGINES(Outbox);

const Appendable& outbox_subscribers() {
  static const Appendable rows("outbox_subscriber", {"name", "position"});
  return rows;
}

Status publish(Store& store, const std::string& payload) {
  return store.commit([payload](Transaction& tx) { return tx.publish("test.made", payload); });
}

TEST_P(Outbox, EventsComeInOrderUntilTheyAreSeen) {
  const auto store = database().open({}, {.now = [] { return int64_t{5}; }});
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(publish(*store, fmt::format("{}", i)));
  const auto failed = store->commit([](Transaction& tx) -> Status {
    ZHILI_TRY(tx.publish("test.made", "never"));
    return fail(ErrorCode::kNotFound, {}, "", "no");
  });
  EXPECT_FALSE(failed);
  for (int again = 0; again < 2; ++again) {
    const auto events = read_events(*store, "counter", 4);
    ASSERT_TRUE(events) << events.error().text();
    ASSERT_EQ(events->size(), 4U);
    for (size_t i = 0; i < 4; ++i) {
      EXPECT_EQ((*events)[i].position, static_cast<int64_t>(i) + 1);
      EXPECT_EQ((*events)[i].payload, fmt::format("{}", i));
      EXPECT_EQ((*events)[i].topic, "test.made");
      EXPECT_EQ((*events)[i].at, 5);
    }
  }
  ASSERT_TRUE(store->commit([](Transaction& tx) { return advance(tx, "counter", 0, 4); }));
  EXPECT_EQ(seen_by(*store, "counter"), 4);
  ASSERT_TRUE(store->commit([](Transaction& tx) { return advance(tx, "counter", 4, 7); }));
  const auto rest = read_events(*store, "counter");
  ASSERT_TRUE(rest);
  ASSERT_EQ(rest->size(), 3U);
  EXPECT_EQ(rest->front().payload, "7");
  // Another who had read the same events is told.
  for (const int64_t from : {int64_t{0}, int64_t{4}}) {
    const auto late = store->commit([from](Transaction& tx) { return advance(tx, "counter", from, 10); });
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, ErrorCode::kConflict);
  }
}

TEST_P(Outbox, ForgetsWhatAllHaveSeen) {
  int64_t now = 100;
  const auto store = database().open({}, {.now = [&] { return now; }});
  for (; now < 110; ++now) ASSERT_TRUE(publish(*store, "x"));
  EXPECT_EQ(trim_events(*store, 200), 0);
  ASSERT_TRUE(store->commit([](Transaction& tx) { return advance(tx, "fast", 0, 8); }));
  ASSERT_TRUE(store->commit([](Transaction& tx) { return advance(tx, "slow", 0, 5); }));
  EXPECT_EQ(trim_events(*store, 103), 3);
  EXPECT_EQ(trim_events(*store, 200), 2);
  EXPECT_EQ(read_events(*store, "slow")->size(), 5U);
  // Positions are not given twice, whatever was forgotten.
  ASSERT_TRUE(publish(*store, "y"));
  EXPECT_EQ(read_events(*store, "fast")->back().position, 11);
}

TEST_P(Outbox, PositionsHaveNoGapUnderLoadAndFailures) {
  const auto store = database().open({});
  {
    std::vector<std::jthread> producers;
    producers.reserve(8);
    for (int t = 0; t < 8; ++t) {
      producers.emplace_back([&, t] {
        for (int i = 0; i < 25; ++i) {
          (void)store->commit([t, i](Transaction& tx) -> Status {
            ZHILI_TRY(tx.publish("test.made", "x"));
            if ((t + i) % 5 == 0) return fail(ErrorCode::kNotFound, {}, "", "no");
            // A row that can't be inserted makes the group run one by one.
            if ((t + i) % 7 == 0) return tx.append(outbox_subscribers(), {"x", nullptr});
            return tx.publish("test.made", "y");
          });
        }
      });
    }
  }
  const auto events = read_events(*store, "anyone");
  ASSERT_TRUE(events);
  EXPECT_GT(events->size(), 100U);
  for (size_t i = 0; i < events->size(); ++i) {
    EXPECT_EQ((*events)[i].position, static_cast<int64_t>(i) + 1);
    EXPECT_EQ((*events)[i].payload, i % 2 == 0 ? "x" : "y");
  }
}

TEST_P(Outbox, WakesWhoWaits) {
  const auto store = database().open({});
  EXPECT_FALSE(store->wait_for_events(0, std::chrono::milliseconds(1)));
  std::jthread later([&] { EXPECT_TRUE(publish(*store, "x")); });
  EXPECT_TRUE(store->wait_for_events(0, std::chrono::minutes(1)));
  EXPECT_EQ(read_events(*store, "anyone")->size(), 1U);
  EXPECT_FALSE(publish(*store, std::string(limits::kEventBytes + 1, 'x')));
}

}  // namespace
}  // namespace zhili::store
