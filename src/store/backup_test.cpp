#include "store/backup.hpp"

#include <cmath>
#include <fstream>
#include <limits>
#include <thread>

#include "base/output_dir.hpp"
#include "base/random.hpp"
#include "store/backup_format.hpp"
#include "store/lake.hpp"
#include "store/test_store.hpp"

namespace zhili::store {
namespace {

namespace fs = std::filesystem;

const std::vector<Migration> tables = {{"test", 1,
                                        "CREATE TABLE kind /* small */ (id BIGINT PRIMARY KEY, name TEXT NOT NULL);"
                                        "INSERT INTO kind (id, name) VALUES (1, 'seed');"
                                        "CREATE TABLE node (area_id BIGINT NOT NULL, id BIGINT NOT NULL, parent "
                                        "BIGINT, kind_id BIGINT REFERENCES kind (id), "
                                        "w DOUBLE PRECISION, d BYTEA, t TEXT, PRIMARY KEY (area_id, id), "
                                        "FOREIGN KEY (area_id, parent) REFERENCES node (area_id, id));"
                                        // Sorts before node, and refers to it.
                                        "CREATE TABLE arc (area_id BIGINT NOT NULL, id BIGINT NOT NULL, node_id BIGINT "
                                        "NOT NULL, PRIMARY KEY (area_id, id), "
                                        "FOREIGN KEY (area_id, node_id) REFERENCES node (area_id, id));"}};
const Migration later{"test", 2, "ALTER TABLE arc ADD COLUMN note TEXT;"};

/// Rows whose parents come later, with values of all kinds.
Status fill(Store& store, int count) {
  return store.commit([count](Transaction& tx) -> Status {
    Random random(3);
    ZHILI_TRY(tx.execute("UPDATE kind SET name = 'changed' WHERE id = 1"));
    for (int id = count; id > 0; --id) {
      std::string bytes(random.below(40), '\0');
      for (char& c : bytes) c = static_cast<char>(random.next());
      const Value w = id % 7 == 0   ? Value(nullptr)
                      : id % 7 == 1 ? Value(std::numeric_limits<double>::infinity())
                      : id % 7 == 2 ? Value(-0.0)
                      : id % 7 == 3 ? Value(5e-324)
                                    : Value(random.normal() * std::pow(10.0, static_cast<double>(random.below(300))));
      ZHILI_TRY(tx.execute(
          "INSERT INTO node (area_id, id, parent, kind_id, w, d, t) VALUES (1, $1, $2, $3, $4, $5, $6)",
          {id, id == count ? Value() : Value(id + 1), id % 2 == 0 ? Value(1) : Value(), w,
           id % 5 == 0 ? Value() : Value(Bytes{bytes}), fmt::format("张三\t{}\n\"\\\x01 \xf0\x9f\x98\x80", id)}));
      ZHILI_TRY(tx.execute("INSERT INTO arc (area_id, id, node_id) VALUES (1, $1, $1)", {id}));
    }
    return tx.publish("test.filled", "{}");
  });
}

/// All of a store in one text, for comparison.
std::string content(Store& store) {
  std::string out;
  for (const char* sql : {"SELECT * FROM kind ORDER BY id", "SELECT * FROM node ORDER BY id",
                          "SELECT area_id, id, node_id FROM arc ORDER BY id", "SELECT * FROM outbox ORDER BY position",
                          "SELECT position FROM outbox_head", "SELECT * FROM lake_batch ORDER BY batch"}) {
    const auto rows = store.query(sql);
    EXPECT_TRUE(rows) << rows.error().text();
    if (!rows) continue;
    for (const Row row : *rows) append_row_line(out, row);
  }
  return out;
}

BackupOptions quiet(const fs::path& lake) {
  return {.lake = lake, .progress = Progress::Mode::kOff, .now = system_now};
}

class BackupTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    if (IsSkipped()) return;
    store_ = database().open(tables);
    ASSERT_TRUE(fill(*store_, 500));
    auto lake = Lake::open(*store_, lake_dir()).value();
    const std::vector<table::ParquetColumn> columns = {{"a", table::ParquetType::kText}};
    for (const char* batch : {"b1", "b2"}) {
      bool more = true;
      const auto landed = lake.land({1, "d", batch}, columns, [&](table::ChunkWriter& chunk) -> Result<size_t> {
        if (!std::exchange(more, false)) return 0;
        chunk.set_text(0, 0, batch);
        return 1;
      });
      ASSERT_TRUE(landed) << landed.error().text();
    }
  }
  void TearDown() override {
    store_.reset();
    StoreTest::TearDown();
  }
  Status take() {
    const auto done = backup(database().url(), out(), quiet(lake_dir()), cancel_);
    if (!done) return fail(done.error());
    return {};
  }
  fs::path lake_dir() { return database().dir() / "lake"; }
  fs::path out() { return database().dir() / "backup"; }
  Store& store() { return *store_; }
  const Cancel& cancel() { return cancel_; }

 private:
  std::unique_ptr<Store> store_;
  Cancel cancel_;
};
ZHILI_ON_BOTH_ENGINES(BackupTest);

TEST_P(BackupTest, RestoresIntoBothEngines) {
  const auto taken = backup(database().url(), out(), quiet(lake_dir()), cancel());
  ASSERT_TRUE(taken) << taken.error().text();
  EXPECT_EQ(taken->lake_files, 2U);
  EXPECT_GT(taken->rows, 1000U);
  for (const Engine engine : {Engine::kSqlite, Engine::kPostgres}) {
    if (!TestDatabase::available(engine)) continue;
    const TestDatabase target(engine);
    // The program has moved on since.
    const std::vector<Migration> now = {tables[0], later};
    const auto restored = restore(out(), target.url(), now, quiet(target.dir() / "lake"), cancel());
    ASSERT_TRUE(restored) << restored.error().text();
    EXPECT_EQ(restored->rows, taken->rows);
    const auto store = target.open(now);
    EXPECT_TRUE(content(*store) == content(this->store()));
    const auto lake = Lake::open(*store, target.dir() / "lake").value();
    const auto batches = lake.batches(1, "d");
    ASSERT_TRUE(batches);
    EXPECT_EQ(batches->size(), 2U);
    for (const auto& batch : *batches) EXPECT_TRUE(lake.verify(batch));
    EXPECT_TRUE(store->commit([](Transaction& tx) { return tx.publish("test.more", "{}"); }));
    // What was restored backs up to the same bytes.
    ASSERT_TRUE(backup(target.url(), target.dir() / "again", quiet(target.dir() / "lake"), cancel()));
    for (const char* name : {"tables/node.jsonl", "tables/kind.jsonl", "tables/lake_batch.jsonl"}) {
      const auto again = read_file(target.dir() / "again" / name, 1 << 26).value();
      EXPECT_TRUE(again == read_file(out() / name, 1 << 26).value()) << name;
    }
    const auto twice = restore(out(), target.url(), now, quiet(target.dir() / "lake2"), cancel());
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().code, ErrorCode::kConflict);
  }
}

TEST_P(BackupTest, ShowsOneStateWhileChangesGoOn) {
  std::atomic<bool> stop{false};
  std::jthread writing([&] {
    for (int id = 1000; !stop; ++id) {
      const auto made = store().commit([id](Transaction& tx) -> Status {
        ZHILI_TRY(tx.execute("INSERT INTO node (area_id, id) VALUES (2, $1)", {id}));
        ZHILI_TRY(tx.execute("INSERT INTO arc (area_id, id, node_id) VALUES (2, $1, $1)", {id}));
        return {};
      });
      EXPECT_TRUE(made);
    }
  });
  const auto taken = take();
  stop = true;
  writing.join();
  ASSERT_TRUE(taken) << taken.error().text();
  const auto manifest = BackupManifest::parse(read_file(out() / "manifest.json", 1 << 20).value()).value();
  int64_t nodes = 0;
  int64_t arcs = 0;
  for (const auto& table : manifest.tables) {
    if (table.name == "node") nodes = table.rows;
    if (table.name == "arc") arcs = table.rows;
  }
  EXPECT_EQ(nodes, arcs);
  EXPECT_GE(nodes, 500);
}

TEST_P(BackupTest, DamageIsFoundBeforeAnythingIsWritten) {
  ASSERT_TRUE(take());
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(out())) {
    if (entry.is_regular_file() && entry.path().filename() != "manifest.json") files.push_back(entry.path());
  }
  ASSERT_GE(files.size(), 8U);
  for (const auto& file : files) {
    const auto good = read_file(file, 1 << 26).value();
    auto bad = good;
    if (bad.empty()) {
      bad = "x";
    } else {
      bad[bad.size() / 2] = static_cast<char>(bad[bad.size() / 2] ^ 1);
    }
    std::ofstream(file, std::ios::binary) << bad;
    const auto target = database().dir() / "target.db";
    const auto restored =
        restore(out(), StoreUrl::parse(target.string()).value(), tables, quiet(database().dir() / "l2"), cancel());
    ASSERT_FALSE(restored) << file;
    EXPECT_EQ(restored.error().code, ErrorCode::kInput);
    EXPECT_FALSE(fs::exists(target));
    EXPECT_FALSE(fs::exists(database().dir() / "l2"));
    std::ofstream(file, std::ios::binary) << good;
  }
}

TEST_P(BackupTest, RefusesWhatItCanNotKeepWhole) {
  const auto without = backup(database().url(), out(), {.lake = {}, .progress = Progress::Mode::kOff}, cancel());
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().code, ErrorCode::kUsage);
  Cancel stopped;
  stopped.request();
  EXPECT_EQ(backup(database().url(), out(), quiet(lake_dir()), stopped).error().code, ErrorCode::kCancelled);
  EXPECT_FALSE(fs::exists(out()));
  ASSERT_TRUE(take());
  EXPECT_EQ(backup(database().url(), out(), quiet(lake_dir()), cancel()).error().code, ErrorCode::kUsage);

  const auto target = StoreUrl::parse((database().dir() / "t.db").string()).value();
  const auto lake = quiet(database().dir() / "l2");
  EXPECT_EQ(restore(out(), target, {}, lake, cancel()).error().code, ErrorCode::kConfig);
  EXPECT_EQ(restore(out(), target, tables, {.lake = {}, .progress = Progress::Mode::kOff}, cancel()).error().code,
            ErrorCode::kUsage);
  EXPECT_EQ(restore(out(), target, tables, lake, stopped).error().code, ErrorCode::kCancelled);
  EXPECT_EQ(restore(database().dir() / "no", target, tables, lake, cancel()).error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(fs::exists(target.path()));
  ASSERT_TRUE(restore(out(), target, tables, lake, cancel()));
  EXPECT_EQ(restore(out(), target, tables, lake, cancel()).error().code, ErrorCode::kConflict);
}

TEST(BackupFormat, ManifestsAreNotTrusted) {
  const BackupManifest good{.made_at = 5,
                            .migrations = {{"room", 1, std::string(64, 'a')}},
                            .tables = {{"t", {{"a", Type::kInt64}, {"b", Type::kBytes}}, 3, 4, std::string(64, 'b')}},
                            .lake = {{"dataset=d/x.parquet", 1, std::string(64, 'c')}}};
  const auto text = good.text();
  ASSERT_TRUE(BackupManifest::parse(text));
  EXPECT_EQ(BackupManifest::parse(text)->text(), text);
  const auto with = [&](std::string_view from, std::string_view to) {
    auto changed = text;
    changed.replace(changed.find(from), from.size(), to);
    return BackupManifest::parse(changed);
  };
  EXPECT_FALSE(with("\"t\"", "\"t; DROP TABLE x\""));
  EXPECT_FALSE(with("\"name\":\"a\"", "\"name\":\"a)\""));
  EXPECT_FALSE(with("dataset=d", "../.."));
  EXPECT_FALSE(with("dataset=d", "/etc"));
  EXPECT_FALSE(with("dataset=d", "."));
  EXPECT_FALSE(with("\"int64\"", "\"int32\""));
  EXPECT_FALSE(with("bbbb", "BBBB"));
  EXPECT_FALSE(with("\"rows\":3", "\"rows\":-3"));
  EXPECT_FALSE(with("\"lake\"", "\"sea\""));
  EXPECT_EQ(with("\"zhili_backup\":1", "\"zhili_backup\":2").error().code, ErrorCode::kConfig);
  EXPECT_FALSE(BackupManifest::parse(""));
  EXPECT_FALSE(BackupManifest::parse("[]"));
}

TEST(BackupFormat, DamagedRowsAreRefused) {
  RowLines lines({{"a", Type::kInt64}, {"b", Type::kText}, {"c", Type::kDouble}, {"d", Type::kBytes}});
  const auto good = lines.read(R"([1,"x",{"real":"-inf"},{"bytes":"AP8="}])");
  ASSERT_TRUE(good);
  EXPECT_EQ(**good, (std::vector<Value>{1, "x", -HUGE_VAL, Bytes{std::string("\0\xff", 2)}}));
  ASSERT_TRUE(lines.read("[null,null,null,null]"));
  for (const char* bad :
       {"", "[]", "{}", R"([1,"x",1.5])", R"([1,"x",1.5,null,null])", R"(["1","x",1.5,null])", R"([1.5,"x",1.5,null])",
        R"([9223372036854775808,"x",1.5,null])", R"([1,2,1.5,null])", R"([1,"x","1.5",null])",
        R"([1,"x",{"real":"nan"},null])", R"([1,"x",1.5,"AP8="])", R"([1,"x",1.5,{"bytes":"AP8"}])",
        R"([1,"x",1.5,{"bytes":"A*8="}])", R"([1,"x",1.5,{"b":"AP8="}])"}) {
    EXPECT_FALSE(lines.read(bad)) << bad;
  }
}

}  // namespace
}  // namespace zhili::store
