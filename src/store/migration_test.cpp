#include "store/migration.hpp"

#include <fstream>
#include <thread>

#include "store/test_store.hpp"

namespace zhili::store {
namespace {

const Migration first{"room", 1, "CREATE TABLE a (area_id BIGINT PRIMARY KEY);"};
const Migration second{"room", 2, "ALTER TABLE a ADD COLUMN b TEXT; CREATE TABLE c (area_id BIGINT PRIMARY KEY);"};
const Migration other{"other", 1, "CREATE TABLE d (area_id BIGINT PRIMARY KEY);"};

class Migrations : public StoreTest {
 protected:
  Error open_fails(const std::vector<Migration>& migrations, StoreOptions options = {}) {
    const auto store = database().try_open(migrations, std::move(options));
    EXPECT_FALSE(store);
    return store ? Error{} : store.error();
  }
};
ZHILI_ON_BOTH_ENGINES(Migrations);

TEST_P(Migrations, BringTheDatabaseForward) {
  database().open({first});
  database().open({first});
  const auto store = database().open({other, first, second}, {.now = [] { return int64_t{77}; }});
  const auto rows = store->query(
      "SELECT room, number, applied_at FROM schema_migration WHERE room <> 'store' "
      "ORDER BY room, number");
  ASSERT_TRUE(rows) << rows.error().text();
  ASSERT_EQ(rows->size(), 3U);
  EXPECT_EQ((*rows)[0].text(0), "other");
  EXPECT_EQ((*rows)[2].int64(2), 77);
  EXPECT_NE((*rows)[1].int64(2), 77);
  EXPECT_TRUE(store->query("SELECT b FROM a"));
}

TEST_P(Migrations, AChangedOneIsRefused) {
  database().open({first});
  const auto error = open_fails({{"room", 1, "CREATE TABLE a (area_id BIGINT PRIMARY KEY) ;"}});
  EXPECT_EQ(error.code, ErrorCode::kConfig);
  EXPECT_NE(error.message.find("migration 1 of room room was applied with another text"), std::string::npos);
  EXPECT_FALSE(error.hint.empty());
}

TEST_P(Migrations, ANewerDatabaseIsRefused) {
  database().open({first, second, other});
  EXPECT_NE(open_fails({first, other}).message.find("newer than this program"), std::string::npos);
  const auto error = open_fails({first, second});
  EXPECT_EQ(error.code, ErrorCode::kConfig);
  EXPECT_NE(error.message.find("newer than this program"), std::string::npos);
}

TEST_P(Migrations, ALostRowIsRefused) {
  {
    const auto store = database().open({first, second});
    const auto lost = store->commit([](Transaction& tx) -> Status {
      ZHILI_TRY(tx.execute("DELETE FROM schema_migration WHERE room = 'room' AND number = 1"));
      return {};
    });
    ASSERT_TRUE(lost);
  }
  EXPECT_NE(open_fails({first, second}).message.find("lacks number 1"), std::string::npos);
}

TEST_P(Migrations, AFailingOneLeavesNothing) {
  database().open({first});
  const auto error = open_fails({first, second, {"room", 3, "CREATE TABLE c (area_id BIGINT PRIMARY KEY);"}});
  EXPECT_NE(error.message.find("migration 3 of room room"), std::string::npos);
  const auto store = database().open({first});
  EXPECT_FALSE(store->query("SELECT b FROM a"));
}

TEST_P(Migrations, AWrongListIsABug) {
  EXPECT_EQ(open_fails({second}).code, ErrorCode::kInternal);
  EXPECT_EQ(open_fails({first, first}).code, ErrorCode::kInternal);
  EXPECT_EQ(open_fails({{"room", 1, "CREATE TABLE a (id BIGINT PRIMARY KEY);"}}).code, ErrorCode::kInternal);
}

TEST_P(Migrations, ReadOnlyChecksAndChangesNothing) {
  EXPECT_NE(open_fails({first}, {.read_only = true}).code, ErrorCode::kInternal);
  {
    const auto writing = database().open({first});
    const auto reading = database().open({first}, {.read_only = true});
    EXPECT_TRUE(reading->query("SELECT area_id FROM a"));
    const auto refused = reading->commit([](Transaction&) -> Status { return {}; });
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kUsage);
  }
  EXPECT_NE(open_fails({first, second}, {.read_only = true}).message.find("lacks migration 2"), std::string::npos);
  EXPECT_TRUE(database().try_open({first}, {.read_only = true}));
}

TEST_P(Migrations, ServersThatStartTogetherApplyEachOnce) {
  std::atomic<int> opened{0};
  std::vector<std::jthread> servers;
  servers.reserve(6);
  for (int i = 0; i < 6; ++i) {
    servers.emplace_back([&] {
      const auto store = database().try_open({first, second});
      if (store) ++opened;
      // One file has one writer.
      EXPECT_TRUE(store || store.error().code == ErrorCode::kBusy);
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    });
  }
  servers.clear();
  EXPECT_GE(opened, GetParam() == Engine::kPostgres ? 6 : 1);
  EXPECT_TRUE(database().try_open({first, second}));
}

TEST(Sqlite, AnotherProgramsFileIsLeftAlone) {
  const TestDatabase database(Engine::kSqlite);
  {
    const ConnectionOptions options{.writer = true, .connect_time = limits::kConnectTime};
    auto connection = open_sqlite(database.url(), options);
    ASSERT_TRUE(connection);
    ASSERT_TRUE((*connection)->script("CREATE TABLE moz_places (id INTEGER)"));
  }
  const auto foreign = database.try_open({first});
  ASSERT_FALSE(foreign);
  EXPECT_NE(foreign.error().message.find("moz_places"), std::string::npos);

  std::ofstream(database.dir() / "text.db") << std::string(5000, 'x');
  const auto text = Store::open(StoreUrl::parse((database.dir() / "text.db").string()).value(), {first});
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, ErrorCode::kConfig);
  const auto nowhere = Store::open(StoreUrl::parse((database.dir() / "no" / "x.db").string()).value(), {first});
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code, ErrorCode::kIo);
}

TEST(Sqlite, ASecondWriterIsRefused) {
  const TestDatabase database(Engine::kSqlite);
  const auto store = database.open({first});
  const auto second_one = database.try_open({first});
  ASSERT_FALSE(second_one);
  EXPECT_EQ(second_one.error().code, ErrorCode::kBusy);
  EXPECT_NE(second_one.error().message.find("another program has this store open"), std::string::npos);
}

}  // namespace
}  // namespace zhili::store
