#pragma once

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "store/connection.hpp"
#include "store/store.hpp"

/// For the tests of every room that stands on the store.
namespace zhili::store {

/// A database of one test on one of the engines: a file in a directory of its own, or a schema of its own on the
/// PostgreSQL that ctest starts (its URL is in ZHILI_TEST_POSTGRES). Both go with it.
class TestDatabase {
 public:
  /// Whether tests can run on this engine here.
  static bool available(Engine engine) {
    return engine == Engine::kSqlite || std::getenv("ZHILI_TEST_POSTGRES") != nullptr;
  }

  explicit TestDatabase(Engine engine) : engine_(engine) {
    std::string pattern = (std::filesystem::temp_directory_path() / "zhili-store-XXXXXX").string();
    dir_ = ::mkdtemp(pattern.data());
    if (engine == Engine::kPostgres) {
      static std::atomic<int> serial{0};
      schema_ = fmt::format("test_{}_{}", ::getpid(), ++serial);
      run_on_server(fmt::format("CREATE SCHEMA {}", schema_));
    }
  }
  ~TestDatabase() {
    if (engine_ == Engine::kPostgres) run_on_server(fmt::format("DROP SCHEMA {} CASCADE", schema_));
    std::error_code ignored;
    std::filesystem::remove_all(dir_, ignored);
  }
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  StoreUrl url() const {
    const std::string text = engine_ == Engine::kSqlite
                                 ? "sqlite:" + (dir_ / "test.db").string()
                                 : fmt::format("{}&options=-csearch_path%3D{}", server(), schema_);
    return StoreUrl::parse(text).value();
  }
  /// For files beside the database.
  const std::filesystem::path& dir() const { return dir_; }

  Result<std::unique_ptr<Store>> try_open(const std::vector<Migration>& migrations, StoreOptions options = {}) const {
    return Store::open(url(), migrations, std::move(options));
  }
  std::unique_ptr<Store> open(const std::vector<Migration>& migrations, StoreOptions options = {}) const {
    auto store = try_open(migrations, std::move(options));
    if (store) return std::move(*store);
    ADD_FAILURE() << store.error().text();
    std::abort();
  }

  static std::string server() {
    const char* url = std::getenv("ZHILI_TEST_POSTGRES");
    return url == nullptr ? std::string() : url;
  }

 private:
  static void run_on_server(const std::string& sql) {
    const ConnectionOptions options{.connect_time = limits::kConnectTime};
    auto connection = open_postgres(StoreUrl::parse(server()).value(), options);
    ASSERT_TRUE(connection) << connection.error().text();
    const auto done = (*connection)->script(sql);
    EXPECT_TRUE(done) << done.error().text();
  }

  Engine engine_;
  std::filesystem::path dir_;
  std::string schema_;
};

/// A test that runs on both engines: TEST_P(MyTest, …) with `class MyTest : public StoreTest {}` and
/// ZHILI_ON_BOTH_ENGINES(MyTest).
class StoreTest : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    if (!TestDatabase::available(GetParam())) GTEST_SKIP() << "needs ZHILI_TEST_POSTGRES: run it by ctest";
    database_ = std::make_unique<TestDatabase>(GetParam());
  }
  void TearDown() override { database_.reset(); }
  TestDatabase& database() { return *database_; }

 private:
  std::unique_ptr<TestDatabase> database_;
};

inline std::string engine_name(const testing::TestParamInfo<Engine>& info) {
  return info.param == Engine::kSqlite ? "sqlite" : "postgres";
}

}  // namespace zhili::store

#define ZHILI_ON_BOTH_ENGINES(suite)                                                                        \
  INSTANTIATE_TEST_SUITE_P(Store, suite,                                                                    \
                           testing::Values(zhili::store::Engine::kSqlite, zhili::store::Engine::kPostgres), \
                           zhili::store::engine_name)
