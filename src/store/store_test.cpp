#include <atomic>
#include <cmath>
#include <future>
#include <limits>
#include <thread>

#include "base/random.hpp"
#include "store/test_store.hpp"

namespace zhili::store {
namespace {

const std::vector<Migration> tables = {
    {"test", 1,
     "CREATE TABLE thing (area_id BIGINT NOT NULL, id BIGINT NOT NULL, name TEXT, weight DOUBLE PRECISION, data BYTEA, "
     "CHECK (id < 1000000), PRIMARY KEY (area_id, id));"
     "CREATE TABLE part (area_id BIGINT NOT NULL, id BIGINT NOT NULL, thing_id BIGINT NOT NULL, "
     "PRIMARY KEY (area_id, id), FOREIGN KEY (area_id, thing_id) REFERENCES thing (area_id, id));"
     "CREATE TABLE journal (area_id BIGINT NOT NULL, id BIGINT NOT NULL, word TEXT NOT NULL, "
     "PRIMARY KEY (area_id, id));"}};

const Appendable journal("journal", {"area_id", "id", "word"});

constexpr std::string_view kInsert = "INSERT INTO thing (area_id, id, name, weight, data) VALUES ($1, $2, $3, $4, $5)";

Change add_thing(int64_t id, const char* name = "x") {
  return [id, name](Transaction& tx) -> Status {
    ZHILI_TRY(tx.execute(kInsert, {1, id, name, nullptr, nullptr}));
    return {};
  };
}

int64_t count(Store& store, const std::string& table) {
  const auto rows = store.query("SELECT count(*) FROM " + table);
  EXPECT_TRUE(rows) << rows.error().text();
  return rows ? (*rows)[0].int64(0) : -1;
}

class StoreBasics : public StoreTest {};
ZHILI_ON_BOTH_ENGINES(StoreBasics);

TEST_P(StoreBasics, ValuesComeBackAsTheyWent) {
  const auto store = database().open(tables);
  const std::vector<std::vector<Value>> rows = {
      {1, 1, "张三 'x' \"y\" \\ \t \n end ", 0.1, Bytes{std::string("\0\xff\\x\n", 5)}},
      {1, 2, "", -0.0, Bytes{}},
      {1, 3, nullptr, nullptr, nullptr},
      {std::numeric_limits<int64_t>::min(), 4, "\\N", std::numeric_limits<double>::infinity(), nullptr},
      {std::numeric_limits<int64_t>::max(), 5, "😀", 5e-324, nullptr},
      {0, -6, "'; DROP TABLE thing; --", std::numeric_limits<double>::max(), Bytes{std::string(100'000, 'b')}},
  };
  // Both ways in: statement by statement, and appended.
  static const Appendable things("thing", {"area_id", "id", "name", "weight", "data"});
  for (const bool appended : {false, true}) {
    const auto written = store->commit([&](Transaction& tx) -> Status {
      ZHILI_TRY(tx.execute("DELETE FROM thing"));
      for (const auto& row : rows) {
        if (appended) {
          ZHILI_TRY(tx.append(things, row));
        } else {
          ZHILI_TRY(tx.execute(kInsert, row));
        }
      }
      return {};
    });
    ASSERT_TRUE(written) << written.error().text();
    for (const auto& row : rows) {
      const auto got = store->query("SELECT area_id, id, name, weight, data FROM thing WHERE id = $1", {row[1]});
      ASSERT_TRUE(got) << got.error().text();
      ASSERT_EQ(got->size(), 1U);
      for (size_t c = 0; c < row.size(); ++c) EXPECT_EQ((*got)[0].value(c), row[c]) << c << " appended " << appended;
      EXPECT_EQ(got->name(2), "name");
    }
  }
}

TEST_P(StoreBasics, RefusesWhatOneEngineCouldNotKeep) {
  const auto store = database().open(tables);
  const std::vector<Value> bad = {std::nan(""), std::string("a\0b", 3), "\xff\xfe"};
  for (const Value& value : bad) {
    const auto written = store->commit([&](Transaction& tx) -> Status {
      ZHILI_TRY(tx.execute(kInsert, {1, 1, value.type() == Type::kText ? value : Value(), value, nullptr}));
      return {};
    });
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, ErrorCode::kInput);
    const auto appended = store->commit([&](Transaction& tx) { return tx.append(journal, {1, 1, value}); });
    ASSERT_FALSE(appended);
    EXPECT_EQ(appended.error().code, ErrorCode::kInput);
  }
  EXPECT_EQ(count(*store, "thing"), 0);
}

TEST_P(StoreBasics, FailuresHaveTheSameCodes) {
  const auto store = database().open(tables);
  ASSERT_TRUE(store->commit(add_thing(1)));
  const auto code = [&](std::string_view sql, const std::vector<Value>& params = {}) {
    const auto done = store->commit([&](Transaction& tx) -> Status {
      ZHILI_TRY(tx.execute(sql, params));
      return {};
    });
    EXPECT_FALSE(done) << sql;
    return done ? ErrorCode::kCancelled : done.error().code;
  };
  EXPECT_EQ(code(kInsert, {1, 1, "again", nullptr, nullptr}), ErrorCode::kConflict);
  EXPECT_EQ(code("INSERT INTO part (area_id, id, thing_id) VALUES (1, 1, 99)"), ErrorCode::kConstraint);
  EXPECT_EQ(code("INSERT INTO thing (area_id, id) VALUES (1, 5000000)"), ErrorCode::kConstraint);
  EXPECT_EQ(code("INSERT INTO journal (area_id, id, word) VALUES (1, 1, NULL)"), ErrorCode::kConstraint);
  EXPECT_EQ(code("INSERT INTO thing (area_id, id) VALUES (1, $1)", {"many"}), ErrorCode::kInput);
  EXPECT_EQ(code("SELEKT 1"), ErrorCode::kInternal);
  EXPECT_EQ(code("SELECT * FROM nowhere"), ErrorCode::kInternal);
  EXPECT_EQ(code("SELECT 1; SELECT 2"), ErrorCode::kInternal);
  EXPECT_EQ(code("SELECT CAST($1 AS BIGINT)", {}), ErrorCode::kInternal);
  EXPECT_EQ(count(*store, "thing"), 1);
}

TEST_P(StoreBasics, AFailingChangeLeavesNothing) {
  const auto store = database().open(tables);
  const auto failed = store->commit([&](Transaction& tx) -> Status {
    ZHILI_TRY(tx.execute(kInsert, {1, 1, "a", nullptr, nullptr}));
    ZHILI_TRY(tx.append(journal, {1, 1, "a"}));
    return fail(ErrorCode::kNotFound, {}, "", "changed my mind");
  });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::kNotFound);
  // A failed statement fails the change whatever it returns.
  const auto hidden = store->commit([&](Transaction& tx) -> Status {
    ZHILI_TRY(tx.execute(kInsert, {1, 2, "a", nullptr, nullptr}));
    (void)tx.execute(kInsert, {1, 2, "b", nullptr, nullptr});
    return {};
  });
  ASSERT_FALSE(hidden);
  EXPECT_EQ(hidden.error().code, ErrorCode::kConflict);
  const auto threw = store->commit([](Transaction&) -> Status { throw std::runtime_error("oh"); });
  ASSERT_FALSE(threw);
  EXPECT_EQ(threw.error().code, ErrorCode::kInternal);
  EXPECT_EQ(count(*store, "thing"), 0);
  EXPECT_EQ(count(*store, "journal"), 0);
  EXPECT_TRUE(store->commit(add_thing(1)));
}

TEST_P(StoreBasics, ASnapshotShowsOneState) {
  const auto store = database().open(tables);
  ASSERT_TRUE(store->commit(add_thing(1)));
  auto snapshot = store->read();
  ASSERT_TRUE(snapshot);
  ASSERT_EQ(snapshot->query("SELECT id FROM thing")->size(), 1U);
  ASSERT_TRUE(store->commit(add_thing(2)));
  EXPECT_EQ(snapshot->query("SELECT id FROM thing")->size(), 1U);
  EXPECT_EQ(count(*store, "thing"), 2);
  const auto written = snapshot->query("INSERT INTO thing (area_id, id) VALUES (1, 3) RETURNING id");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kInternal);
}

TEST_P(StoreBasics, QueriesAreBounded) {
  const auto store = database().open(tables, {.readers = 1});
  const Status written = store->commit([](Transaction& tx) -> Status {
    for (int i = 0; i < 1000; ++i) ZHILI_TRY(tx.append(journal, {1, i, "w"}));
    return {};
  });
  ASSERT_TRUE(written) << written.error().text();
  const auto many = store->query("SELECT id FROM journal", {}, {.row_limit = 999});
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error().code, ErrorCode::kLimit);
  EXPECT_EQ(store->query("SELECT id FROM journal", {}, {.row_limit = 1000})->size(), 1000U);
  constexpr const char* kEndless =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n WHERE i < 0";
  const auto slow = store->query(kEndless, {}, {.time_limit = std::chrono::milliseconds(100)});
  ASSERT_FALSE(slow);
  EXPECT_EQ(slow.error().code, ErrorCode::kLimit);
  Cancel cancel;
  std::jthread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    cancel.request();
  });
  const auto stopped = store->query(kEndless, {}, {.cancel = &cancel});
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
  // The one connection is as good as before, and one more is not to be had.
  auto held = store->read();
  ASSERT_TRUE(held);
  EXPECT_EQ(held->query("SELECT id FROM journal WHERE id < 3")->size(), 3U);
  const auto none = store->read({.time_limit = std::chrono::milliseconds(20)});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kBusy);
}

TEST_P(StoreBasics, EachGivesRowsOneByOne) {
  const auto store = database().open(tables);
  const Status written = store->commit([](Transaction& tx) -> Status {
    for (int i = 0; i < 5000; ++i) ZHILI_TRY(tx.append(journal, {1, i, fmt::format("w{}", i)}));
    return {};
  });
  ASSERT_TRUE(written) << written.error().text();
  auto snapshot = store->read({.row_limit = 10});
  int64_t next = 0;
  const auto all = snapshot->each("SELECT id, word FROM journal ORDER BY id", {}, [&](const Row& row) -> Status {
    EXPECT_EQ(row.int64(0), next);
    EXPECT_EQ(row.text(1), fmt::format("w{}", next));
    ++next;
    return {};
  });
  EXPECT_TRUE(all) << all.error().text();
  EXPECT_EQ(next, 5000);
  int seen = 0;
  const auto stopped = snapshot->each("SELECT id FROM journal", {}, [&](const Row&) -> Status {
    if (++seen == 7) return fail(ErrorCode::kNotFound, {}, "", "enough");
    return {};
  });
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(seen, 7);
  // On PostgreSQL the transaction is gone with the rest of the rows; it is over on SQLite as well.
  const auto after = snapshot->query("SELECT 1");
  ASSERT_FALSE(after);
  EXPECT_EQ(after.error().code, ErrorCode::kInternal);
}

TEST_P(StoreBasics, AReaderThatStopsHarmsNobodyAfterIt) {
  const auto store = database().open(tables, {.readers = 1});
  const Status written = store->commit([](Transaction& tx) -> Status {
    for (int i = 0; i < 2000; ++i) ZHILI_TRY(tx.append(journal, {1, i, "w"}));
    return {};
  });
  ASSERT_TRUE(written) << written.error().text();
  for (int round = 0; round < 50; ++round) {
    {
      auto snapshot = store->read();
      ASSERT_TRUE(snapshot);
      const auto enough = [](const Row&) -> Status { return fail(ErrorCode::kNotFound, {}, "", "enough"); };
      EXPECT_EQ(snapshot->each("SELECT id, word FROM journal", {}, enough).error().code, ErrorCode::kNotFound);
    }
    const auto next = store->query("SELECT count(*) FROM journal");
    ASSERT_TRUE(next) << next.error().text();
    EXPECT_EQ((*next)[0].int64(0), 2000);
  }
}

TEST_P(StoreBasics, ManyProducersGetTheirAnswers) {
  const auto store = database().open(tables);
  constexpr int kThreads = 16;
  constexpr int kEach = 50;
  std::atomic<int> wrong{0};
  {
    std::vector<std::jthread> threads;
    threads.reserve(kThreads);
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kEach; ++i) {
          const int id = t * kEach + i;
          const auto done = store->commit([id](Transaction& tx) -> Status {
            // Every third change fails, one way or the other, with writes behind it.
            ZHILI_TRY(tx.execute(kInsert, {1, id, "n", nullptr, nullptr}));
            ZHILI_TRY(tx.append(journal, {1, id, "w"}));
            if (id % 9 == 0) return fail(ErrorCode::kNotFound, {}, "", "no");
            if (id % 9 == 3) ZHILI_TRY(tx.append(journal, {1, id, "twice"}));
            if (id % 9 == 6) ZHILI_TRY(tx.execute(kInsert, {1, id, "twice", nullptr, nullptr}));
            return {};
          });
          const ErrorCode expected = id % 9 == 0 ? ErrorCode::kNotFound : ErrorCode::kConflict;
          if (done.has_value() != (id % 3 != 0)) ++wrong;
          if (!done && done.error().code != expected) ++wrong;
        }
      });
    }
  }
  EXPECT_EQ(wrong, 0);
  const auto left = store->query("SELECT id FROM thing ORDER BY id");
  const auto appended = store->query("SELECT id FROM journal ORDER BY id");
  ASSERT_TRUE(left && appended);
  ASSERT_EQ(left->size(), appended->size());
  size_t at = 0;
  for (int id = 0; id < kThreads * kEach; ++id) {
    if (id % 3 == 0) continue;
    ASSERT_LT(at, left->size());
    EXPECT_EQ((*left)[at].int64(0), id);
    EXPECT_EQ((*appended)[at].int64(0), id);
    ++at;
  }
  EXPECT_EQ(at, left->size());
  const auto counts = store->counts();
  EXPECT_EQ(counts.changes, at);
  EXPECT_EQ(counts.changes + counts.failed, static_cast<uint64_t>(kThreads * kEach));
  EXPECT_LT(counts.groups, counts.changes);
}

TEST_P(StoreBasics, AFullQueueAnswersAtOnceAndStopAnswersAll) {
  const auto store = database().open(tables, {.queue = 10});
  std::promise<void> release;
  std::promise<void> started;
  std::atomic<int> made{0};
  std::atomic<int> refused{0};
  auto released = release.get_future().share();
  store->submit(
      [&, released](Transaction&) -> Status {
        started.set_value();
        released.wait();
        return {};
      },
      [&](const Status& status) { made += status ? 1 : 0; });
  started.get_future().wait();
  for (int i = 0; i < 15; ++i) {
    store->submit(add_thing(i), [&](const Status& status) {
      if (status) {
        ++made;
      } else if (status.error().code == ErrorCode::kBusy) {
        ++refused;
      }
    });
  }
  EXPECT_EQ(refused, 5);
  EXPECT_EQ(store->counts().waiting, 10U);
  std::jthread stopping([&] { store->stop(); });
  release.set_value();
  stopping.join();
  EXPECT_EQ(made, 11);
  EXPECT_EQ(count(*store, "thing"), 10);
  const auto late = store->commit(add_thing(99));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::kUnavailable);
}

TEST_P(StoreBasics, AChangeThatTakesTooLongFailsAlone) {
  const auto store = database().open(tables, {.change_time = std::chrono::milliseconds(200)});
  std::atomic<int> good{0};
  std::atomic<int> bad{0};
  for (int i = 0; i < 9; ++i) {
    store->submit(
        [i](Transaction& tx) -> Status {
          ZHILI_TRY(tx.execute(kInsert, {1, i, "n", nullptr, nullptr}));
          if (i != 4) return {};
          ZHILI_TRY(
              tx.execute("INSERT INTO journal (area_id, id, word) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
                         "SELECT i + 1 FROM n) SELECT 1, i, 'x' FROM n WHERE i < 0"));
          return {};
        },
        [&](const Status& status) {
          if (status) ++good;
          if (!status && status.error().code == ErrorCode::kLimit) ++bad;
        });
  }
  store->stop();
  EXPECT_EQ(good, 8);
  EXPECT_EQ(bad, 1);
  EXPECT_EQ(count(*store, "thing"), 8);
}

TEST_P(StoreBasics, BytesLimitAGroupAndNothingIsLost) {
  const auto store = database().open(tables, {.group_bytes = 1000});
  std::atomic<int> made{0};
  for (int i = 0; i < 200; ++i) {
    store->submit([i](Transaction& tx) { return tx.append(journal, {1, i, std::string(300, 'x')}); },
                  [&](const Status& status) { made += status ? 1 : 0; });
  }
  store->stop();
  EXPECT_EQ(made, 200);
  EXPECT_EQ(count(*store, "journal"), 200);
  EXPECT_GT(store->counts().groups, 50U);
}

}  // namespace
}  // namespace zhili::store
