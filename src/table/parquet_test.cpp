#include "base/limits.hpp"
#include "table/duckdb_session.hpp"
#include "table/parquet_writer.hpp"
#include "table/test_files.hpp"

namespace zhili::table {
namespace {

using Rows = std::vector<std::vector<std::string>>;

const std::vector<ParquetColumn> columns = {{"id", ParquetType::kInt64},
                                            {"姓名", ParquetType::kText},
                                            {"score", ParquetType::kDouble},
                                            {"ok", ParquetType::kBool}};

// Rows i in [0, rows): every third name is missing, names grow long, and so on.
std::function<Result<size_t>(ChunkWriter&)> counted(size_t rows, size_t step = ChunkWriter::kRows) {
  return [rows, step, at = size_t{0}](ChunkWriter& chunk) mutable -> Result<size_t> {
    const size_t n = std::min(step, rows - at);
    for (size_t r = 0; r < n; ++r) {
      const size_t i = at + r;
      chunk.set_int64(0, r, static_cast<int64_t>(i) - 5);
      if (i % 3 != 0) chunk.set_text(1, r, fmt::format("张{}{}", std::string(i % 20, 'x'), i));
      chunk.set_double(2, r, static_cast<double>(i) / 2);
      chunk.set_bool(3, r, i % 2 == 1);
    }
    at += n;
    return n;
  };
}

std::vector<std::string> expected_row(size_t i) {
  return {fmt::format("{}", static_cast<int64_t>(i) - 5),
          i % 3 == 0 ? "" : fmt::format("张{}{}", std::string(i % 20, 'x'), i),
          i % 2 == 0 ? fmt::format("{}.0", i / 2) : fmt::format("{}.5", i / 2), i % 2 == 1 ? "true" : "false"};
}

void make(const std::filesystem::path& path, const std::string& select) {
  auto session = DuckSession::create();
  ASSERT_TRUE(session) << session.error().text();
  const auto made = (*session)->run(fmt::format("COPY ({}) TO {} (FORMAT parquet)", select, sql_text(path.string())));
  ASSERT_TRUE(made) << made.error().text();
}

TEST(Parquet, WrittenRowsComeBack) {
  const TestDir dir;
  for (const size_t rows : {0, 1, 2047, 2048, 2049, 300'000}) {
    for (const size_t step : {size_t{100}, ChunkWriter::kRows}) {
      const auto path = dir.path("it's.parquet");
      const auto written = write_parquet(path, columns, counted(rows, step));
      ASSERT_TRUE(written) << written.error().text();
      const auto got = drain(Reader::open(path));
      ASSERT_FALSE(got.failed) << got.error.text();
      EXPECT_EQ(got.columns, (std::vector<std::string>{"id", "姓名", "score", "ok"}));
      ASSERT_EQ(got.rows.size(), rows);
      for (size_t i = 0; i < rows; ++i) {
        ASSERT_EQ(got.rows[i], expected_row(i));
        ASSERT_EQ(got.lines[i], i + 1);
      }
    }
  }
}

TEST(Parquet, GivesWantedColumnsAndProgress) {
  const TestDir dir;
  ASSERT_TRUE(write_parquet(dir.path("t.parquet"), columns, counted(5000)));
  ReadOptions options;
  options.columns = {"ok", "姓名", "ok"};
  const auto got = drain(Reader::open(dir.path("t.parquet"), options));
  EXPECT_EQ(got.rows[4], (std::vector<std::string>{"false", "张xxxx4", "false"}));
  auto reader = Reader::open(dir.path("t.parquet"), options);
  ASSERT_TRUE(reader);
  EXPECT_EQ((*reader)->bytes_total(), std::filesystem::file_size(dir.path("t.parquet")));
  EXPECT_EQ((*reader)->bytes_done(), 0U);
  Batch batch;
  while (*(*reader)->next(batch)) {
  }
  EXPECT_EQ((*reader)->bytes_done(), (*reader)->bytes_total());
  options.columns = {"okay"};
  EXPECT_NE(drain(Reader::open(dir.path("t.parquet"), options)).error.hint.find("\"ok\""), std::string::npos);
}

TEST(Parquet, CastsTypesToText) {
  const TestDir dir;
  make(
      dir.path("t.parquet"),
      "SELECT DATE '2024-02-29' AS d, TIMESTAMP '2024-02-29 08:00:00' AS t, TIMESTAMPTZ '2024-02-29 08:00:00+08' AS z, "
      "[1, 2] AS l, {'a': 'x', 'b': [true]} AS s, 1.50::DECIMAL(10,2) AS n, NULL::INTEGER AS e, '  王 ' AS w");
  const auto got = drain(Reader::open(dir.path("t.parquet")));
  ASSERT_FALSE(got.failed) << got.error.text();
  EXPECT_EQ(got.rows, (Rows{{"2024-02-29", "2024-02-29 08:00:00", "2024-02-29 00:00:00+00", "[1,2]",
                             "{\"a\":\"x\",\"b\":[true]}", "1.50", "", "王"}}));
}

TEST(Parquet, ReadsGlobsByColumnName) {
  const TestDir dir;
  make(dir.path("p1.parquet"), "SELECT 1 AS a, 'x' AS b");
  make(dir.path("p2.parquet"), "SELECT 'y' AS b, 2 AS a");
  const auto got = drain(Reader::open(dir.path("p*.parquet")));
  EXPECT_EQ(got.rows, (Rows{{"1", "x"}, {"2", "y"}}));
  const auto none = drain(Reader::open(dir.path("q*.parquet")));
  EXPECT_EQ(none.error.code, ErrorCode::kNotFound);
}

TEST(Parquet, BracketsInNamesAreNoGlob) {
  const TestDir dir;
  make(dir.path("a[1].parquet"), "SELECT 1 AS a");
  EXPECT_EQ(drain(Reader::open(dir.path("a[1].parquet"))).rows, (Rows{{"1"}}));
}

TEST(Parquet, IsFoundByContent) {
  const TestDir dir;
  make(dir.path("t.csv"), "SELECT 1 AS a");
  EXPECT_EQ(drain(Reader::open(dir.path("t.csv"))).description, "Parquet");
  ReadOptions options;
  options.format = Format::kDelimited;
  EXPECT_NE(drain(Reader::open(dir.path("t.csv"), options)).error.message.find("Parquet"), std::string::npos);
}

TEST(Parquet, RejectsLongAndNulCells) {
  const TestDir dir;
  make(dir.path("t.parquet"), fmt::format("SELECT * FROM (VALUES (1, 'x'), (2, repeat('y', {})), (3, 'a' || chr(0) || "
                                          "'b'), (4, 'z')) t(a, b)",
                                          limits::kCellBytes + 1));
  ReadOptions options;
  options.max_reject_share = 1;
  const auto got = drain(Reader::open(dir.path("t.parquet"), options));
  ASSERT_EQ(got.rejects.size(), 2U) << got.error.text();
  EXPECT_EQ(got.rejects[0].line, 2U);
  EXPECT_NE(got.rejects[0].reason.find("kCellBytes"), std::string::npos);
  EXPECT_EQ(got.rejects[1].kind, RejectKind::kNul);
  EXPECT_EQ(got.lines, (std::vector<uint64_t>{1, 4}));
}

TEST(Parquet, LongRowsMakeSmallBatches) {
  const TestDir dir;
  make(dir.path("t.parquet"), "SELECT i AS a, repeat('y', 200000) AS b FROM range(500) t(i)");
  auto reader = Reader::open(dir.path("t.parquet"));
  ASSERT_TRUE(reader);
  Batch batch;
  size_t rows = 0;
  while (*(*reader)->next(batch)) {
    EXPECT_LE(batch.rows(), 100U);
    for (size_t r = 0; r < batch.rows(); ++r, ++rows) EXPECT_EQ(batch.cell(0, r), std::to_string(rows));
  }
  EXPECT_EQ(rows, 500U);
}

TEST(Parquet, TellsOfBrokenAndMissingFiles) {
  const TestDir dir;
  make(dir.path("t.parquet"), "SELECT 1 AS a");
  dir.write("cut.parquet", "PAR1 and no more");
  const auto cut = drain(Reader::open(dir.path("cut.parquet")));
  EXPECT_EQ(cut.error.code, ErrorCode::kInput);
  EXPECT_NE(cut.error.message.find("cannot be read as Parquet"), std::string::npos) << cut.error.text();
  EXPECT_NE(drain(Reader::open(dir.path("tt.parquet"))).error.hint.find("\"t.parquet\""), std::string::npos);
  ReadOptions options;
  options.format = Format::kParquet;
  EXPECT_EQ(Reader::open_bytes("x", "PAR1", options).error().code, ErrorCode::kUsage);
}

TEST(ParquetWriter, AFailedWriteLeavesTheEarlierFile) {
  const TestDir dir;
  const auto path = dir.path("t.parquet");
  ASSERT_TRUE(write_parquet(path, columns, counted(10)));
  size_t calls = 0;
  const auto failed = write_parquet(path, columns, [&](ChunkWriter& chunk) -> Result<size_t> {
    if (++calls == 100) return fail(ErrorCode::kCancelled, {}, "", "stopped");
    chunk.set_int64(0, 0, 1);
    return 1;
  });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(failed.error().message, "stopped");
  EXPECT_EQ(drain(Reader::open(path)).rows.size(), 10U);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(path.parent_path()), {}), 1) << "no temporary file stays";
}

TEST(ParquetWriter, TellsOfAFullDisk) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full";
  const auto failed = write_parquet("/dev/full", columns, counted(1000));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::kIo);
  EXPECT_NE(failed.error().hint.find("Free some space"), std::string::npos) << failed.error().text();
}

TEST(ParquetWriter, RefusesBadColumnsAndChunks) {
  const TestDir dir;
  EXPECT_FALSE(write_parquet(dir.path("t.parquet"), {}, counted(1)));
  EXPECT_FALSE(write_parquet(dir.path("t.parquet"), {{"a"}, {"a"}}, counted(1)));
  EXPECT_FALSE(write_parquet(dir.path("none/t.parquet"), columns, counted(1)));
  const auto large = write_parquet(dir.path("t.parquet"), columns, [](ChunkWriter&) { return ChunkWriter::kRows + 1; });
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, ErrorCode::kInternal);
}

}  // namespace
}  // namespace zhili::table
