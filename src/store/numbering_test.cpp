#include <atomic>

#include "base/random.hpp"
#include "store/test_store.hpp"

namespace zhili::store {
namespace {

const std::vector<Migration> tables = {
    {"test", 1,
     "CREATE TABLE roll /* small */ (area_id BIGINT NOT NULL, name TEXT NOT NULL, next BIGINT NOT NULL, "
     "PRIMARY KEY (area_id, name));"
     "CREATE TABLE line (area_id BIGINT NOT NULL, name TEXT NOT NULL, number BIGINT NOT NULL, word TEXT NOT NULL, "
     "CHECK (word <> 'bad'), PRIMARY KEY (area_id, name, number));"
     "CREATE TABLE place (area_id BIGINT NOT NULL, name TEXT NOT NULL, word TEXT NOT NULL, number BIGINT NOT NULL, "
     "PRIMARY KEY (area_id, name, word));"
     "INSERT INTO roll (area_id, name, next) VALUES (1, 'a', 0), (1, 'b', 100);"}};

const Numbering numbering{"roll", "next", {"area_id", "name"}, "number"};
const Appendable lines("line", {"area_id", "name", "number", "word"}, numbering);
const Appendable places("place", {"area_id", "name", "word", "number"}, numbering);

class StoreNumbering : public StoreTest {
 protected:
  /// The numbers of a roll are those that its counter gave, in both tables, without a gap.
  static void expect_no_gap(Store& store, const std::string& name, int64_t first, int64_t count) {
    const auto next = store.query("SELECT next FROM roll WHERE name = $1", {name});
    ASSERT_TRUE(next);
    EXPECT_EQ((*next)[0].int64(0), first + count);
    const auto rows = store.query(
        "SELECT line.number, line.word, place.number FROM line JOIN place ON place.area_id = line.area_id AND "
        "place.name = "
        "line.name AND place.word = line.word WHERE line.name = $1 ORDER BY line.number",
        {name});
    ASSERT_TRUE(rows) << rows.error().text();
    ASSERT_EQ(static_cast<int64_t>(rows->size()), count);
    for (size_t i = 0; i < rows->size(); ++i) {
      EXPECT_EQ((*rows)[i].int64(0), first + static_cast<int64_t>(i));
      EXPECT_EQ((*rows)[i].int64(0), (*rows)[i].int64(2)) << (*rows)[i].text(1);
    }
  }
};
ZHILI_ON_BOTH_ENGINES(StoreNumbering);

TEST_P(StoreNumbering, RowsAreNumberedWithoutAGapWhateverFails) {
  Random random(1);
  const auto store = database().open(tables);
  std::atomic<int64_t> made_a{0};
  std::atomic<int64_t> made_b{0};
  for (int i = 0; i < 600; ++i) {
    const bool a = random.chance(0.5);
    const int64_t rows = random.between(1, 3);
    const bool bad = random.chance(0.02);        // Refused when the group's rows are inserted.
    const bool fails = random.chance(0.1);       // Takes its appended rows back.
    const bool conflicts = random.chance(0.01);  // The same word as another's.
    store->submit(
        [=](Transaction& tx) -> Status {
          for (int64_t row = 0; row < rows; ++row) {
            const std::string word = bad ? "bad" : conflicts ? "same" : fmt::format("{}-{}", i, row);
            ZHILI_TRY(tx.append(lines, {1, a ? "a" : "b", 0, word}));
            ZHILI_TRY(tx.append(places, {1, a ? "a" : "b", word, 0}));
          }
          if (fails) return fail(ErrorCode::kInput, {}, "", "on purpose");
          return {};
        },
        [&made_a, &made_b, a, rows](const Status& status) {
          if (status) (a ? made_a : made_b) += rows;
        });
  }
  store->stop();
  EXPECT_GT(made_a, 200);
  expect_no_gap(*store, "a", 0, made_a);
  expect_no_gap(*store, "b", 100, made_b);
}

TEST_P(StoreNumbering, ACounterThatIsMissingFailsTheChange) {
  const auto store = database().open(tables);
  const auto unknown = store->commit([](Transaction& tx) { return tx.append(lines, {1, "c", 0, "word"}); });
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::kInternal);
  const auto uneven = store->commit([](Transaction& tx) -> Status {
    ZHILI_TRY(tx.append(lines, {1, "a", 0, "one"}));
    ZHILI_TRY(tx.append(lines, {1, "a", 0, "two"}));
    return tx.append(places, {1, "a", "one", 0});
  });
  ASSERT_FALSE(uneven);
  EXPECT_EQ(uneven.error().code, ErrorCode::kInternal);
  expect_no_gap(*store, "a", 0, 0);
}

}  // namespace
}  // namespace zhili::store
