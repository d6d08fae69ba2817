#include "store/lake.hpp"

#include <fstream>
#include <thread>

#include "store/test_store.hpp"
#include "table/duckdb_session.hpp"

namespace zhili::store {
namespace {

namespace fs = std::filesystem;
using table::ChunkWriter;
using table::ParquetType;

const std::vector<table::ParquetColumn> columns = {{"编号", ParquetType::kInt64}, {"name", ParquetType::kText}};

std::function<Result<size_t>(ChunkWriter&)> rows(size_t count) {
  return [count, at = size_t{0}](ChunkWriter& chunk) mutable -> Result<size_t> {
    const size_t n = std::min(ChunkWriter::kRows, count - at);
    for (size_t r = 0; r < n; ++r) {
      chunk.set_int64(0, r, static_cast<int64_t>(at + r));
      chunk.set_text(1, r, "  as it came ");
    }
    at += n;
    return n;
  };
}

class LakeTest : public StoreTest {
 protected:
  fs::path dir() { return database().dir() / "lake"; }
  size_t files() {
    size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(dir())) count += entry.is_regular_file() ? 1 : 0;
    return count;
  }
};
ZHILI_ON_BOTH_ENGINES(LakeTest);

TEST_P(LakeTest, ABatchLandsUnchangedAndIsFound) {
  // 2026-11-22 23:59:59.
  const auto store = database().open({}, {.now = [] { return int64_t{1'795'391'999'000'000}; }});
  auto lake = Lake::open(*store, dir()).value();
  const auto first = lake.land({7, "police", "2026-11"}, columns, rows(5000));
  ASSERT_TRUE(first) << first.error().text();
  ASSERT_TRUE(lake.land({7, "police", "2026-12"}, columns, rows(3)));
  ASSERT_TRUE(lake.land({8, "police", "2026-11"}, columns, rows(1)));
  EXPECT_EQ(first->rows, 5000);
  EXPECT_TRUE(first->path.starts_with("dataset=police/date=2026-11-22/7-2026-11-")) << first->path;
  const auto batches = lake.batches(7, "police");
  ASSERT_TRUE(batches);
  ASSERT_EQ(batches->size(), 2U);
  EXPECT_EQ((*batches)[0].sha256, first->sha256);
  EXPECT_EQ((*batches)[0].bytes, static_cast<int64_t>(fs::file_size(lake.path(*first))));
  EXPECT_EQ((*batches)[0].columns[0].name, "编号");
  EXPECT_EQ((*batches)[0].columns[1].type, ParquetType::kText);
  EXPECT_TRUE(lake.verify(*first));

  auto session = table::DuckSession::create().value();
  const auto sql =
      fmt::format("SELECT count(*), sum(编号), min(name) = '  as it came ' FROM {}", lake.duckdb_source(*batches));
  auto result = session->query(sql);
  ASSERT_TRUE(result) << result.error().text();
  ASSERT_TRUE(result->fetch().value());
  EXPECT_EQ(static_cast<int64_t*>(duckdb_vector_get_data(result->vector(0)))[0], 5003);
  EXPECT_TRUE(static_cast<bool*>(duckdb_vector_get_data(result->vector(2)))[0]);
}

TEST_P(LakeTest, TheSameBatchLandsOnce) {
  const auto store = database().open({});
  auto lake = Lake::open(*store, dir()).value();
  std::atomic<int> landed{0};
  std::atomic<int> refused{0};
  {
    std::vector<std::jthread> senders;
    senders.reserve(6);
    for (int i = 0; i < 6; ++i) {
      senders.emplace_back([&] {
        const auto done = lake.land({1, "d", "b"}, columns, rows(100));
        if (done) ++landed;
        if (!done && done.error().code == ErrorCode::kConflict) ++refused;
      });
    }
  }
  EXPECT_EQ(landed, 1);
  EXPECT_EQ(refused, 5);
  EXPECT_EQ(files(), 1U);
  EXPECT_TRUE(lake.verify(lake.find({1, "d", "b"}).value()));
}

TEST_P(LakeTest, AFailureLeavesNothing) {
  const auto store = database().open({});
  auto lake = Lake::open(*store, dir()).value();
  const auto broken = lake.land({1, "d", "b"}, columns, [](ChunkWriter&) -> Result<size_t> {
    return fail(ErrorCode::kInput, {}, "", "line 7 is wrong");
  });
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::kInput);
  for (const char* name : {"", "..", "a/b", "A", ".a", "a b", "名"}) {
    const auto bad = lake.land({1, name, "b"}, columns, rows(1));
    ASSERT_FALSE(bad) << name;
    EXPECT_EQ(bad.error().code, ErrorCode::kUsage);
    EXPECT_FALSE(lake.land({1, "d", name}, columns, rows(1)));
  }
  store->stop();
  EXPECT_EQ(lake.land({1, "d", "b"}, columns, rows(1)).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(files(), 0U);
  EXPECT_EQ(lake.find({1, "d", "b"}).error().code, ErrorCode::kNotFound);
}

TEST_P(LakeTest, WhatACrashLeftIsSwept) {
  const auto store = database().open({});
  LakeBatch kept;
  {
    auto lake = Lake::open(*store, dir()).value();
    kept = lake.land({1, "d", "kept"}, columns, rows(10)).value();
    ASSERT_TRUE(lake.land({1, "d", "gone"}, columns, rows(10)));
    ASSERT_TRUE(lake.remove({1, "d", "gone"}));
  }
  const auto folder = (dir() / kept.path).parent_path();
  std::ofstream(folder / "1-orphan-0123.parquet") << "x";
  std::ofstream(folder / ".staged-77.parquet") << "x";
  std::ofstream(folder / "..staged-77.parquet.tmp-5-1") << "x";
  std::ofstream(folder / "note.txt") << "not the lake's";
  const auto lake = Lake::open(*store, dir()).value();
  EXPECT_EQ(files(), 2U);
  EXPECT_TRUE(lake.verify(kept));
  std::ofstream(lake.path(kept), std::ios::app) << "x";
  EXPECT_EQ(lake.verify(kept).error().code, ErrorCode::kInput);
  fs::remove(lake.path(kept));
  EXPECT_EQ(lake.verify(kept).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace zhili::store
