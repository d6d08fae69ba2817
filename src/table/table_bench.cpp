// Speed of reading and writing tables. Bytes per second are of the file. Rows look like a register of residents: a key,
// names, an address in parts, a date, a number.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include <benchmark/benchmark.h>
#include <unistd.h>

#include "base/random.hpp"
#include "table/csv_writer.hpp"
#include "table/parquet_writer.hpp"
#include "table/reader.hpp"

namespace zhili::table {
namespace {
namespace fs = std::filesystem;

constexpr size_t kRows = 1'000'000;
constexpr size_t kColumns = 11;

std::vector<std::string> names() {
  return {"rec_id", "given_name", "surname", "street_number", "address_1", "address_2",
          "suburb", "postcode",   "state",   "date_of_birth", "soc_sec_id"};
}

std::vector<std::string> random_row(Random& random, bool chinese) {
  static const std::vector<std::string> latin = {"mitchell", "green",          "wallaby place", "delmar", "cleveland",
                                                 "sa",       "pridham street", "harley",        "",       "mccarthy"};
  static const std::vector<std::string> chinese_words = {"王伟", "李娜",     "朝阳区建国路", "中山路", "幸福里小区",
                                                         "沪",   "南京东路", "张秀英",       "",       "欧阳明"};
  const auto& words = chinese ? chinese_words : latin;
  std::vector<std::string> row;
  row.push_back(fmt::format("rec-{}-org", random.below(1'000'000)));
  for (const int kind : {0, 0, 1, 0, 0, 0, 2, 0, 3, 4}) {
    if (kind == 0) row.push_back(random.pick(words));
    if (kind == 1) row.push_back(fmt::format("{}", random.below(300)));
    if (kind == 2) row.push_back(fmt::format("{:04}", random.below(10000)));
    if (kind == 3) row.push_back(fmt::format("{:08}", 19000101 + random.below(1000000)));
    if (kind == 4) row.push_back(fmt::format("{:07}", random.below(10000000)));
  }
  return row;
}

// A file that is removed at exit.
struct Sample {
  Sample() : path(fs::temp_directory_path() / fmt::format("zhili-bench-{}-{}", ::getpid(), serial++)) {}
  ~Sample() {
    std::error_code ignored;
    fs::remove(path, ignored);
  }
  Sample(const Sample&) = delete;
  Sample& operator=(const Sample&) = delete;

  static inline int serial = 0;
  fs::path path;
  uint64_t bytes = 0;
};

struct CsvSample : Sample {
  CsvSample(Encoding encoding, bool chinese, bool quoted) {
    Random random(1);
    WriteOptions options;
    options.encoding = encoding;
    auto writer = CsvWriter::create(path, names(), options);
    for (size_t r = 0; r < kRows && writer; ++r) {
      auto row = random_row(random, chinese);
      if (quoted) row[4] += ", \"east\" wing";
      const std::vector<std::string_view> views(row.begin(), row.end());
      if (!writer->append(views)) break;
    }
    if (writer && writer->finish()) bytes = fs::file_size(path);
  }
};

const Sample& sample(int shape) {
  static const CsvSample plain(Encoding::kUtf8, false, false);
  static const CsvSample chinese(Encoding::kUtf8, true, false);
  static const CsvSample quoted(Encoding::kUtf8, false, true);
  static const CsvSample gb18030(Encoding::kGb18030, true, false);
  switch (shape) {
    case 0:
      return plain;
    case 1:
      return chinese;
    case 2:
      return quoted;
    default:
      return gb18030;
  }
}

void read_all(benchmark::State& state, const Sample& from, const ReadOptions& options) {
  while (state.KeepRunning()) {
    auto reader = Reader::open(from.path, options);
    if (!reader) return state.SkipWithError(reader.error().text().c_str());
    Batch batch;
    uint64_t sum = 0;
    for (;;) {
      const auto more = (*reader)->next(batch);
      if (!more) return state.SkipWithError(more.error().text().c_str());
      if (!*more) break;
      for (size_t r = 0; r < batch.rows(); ++r) sum += batch.cell(0, r).size();
    }
    benchmark::DoNotOptimize(sum);
    if ((*reader)->rows_read() != kRows) return state.SkipWithError("rows were lost");
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * from.bytes));
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kRows));
}

void bm_read_csv(benchmark::State& state) {
  static const char* const shapes[] = {"plain ASCII", "Chinese UTF-8", "quoted cells", "Chinese GB18030"};
  state.SetLabel(shapes[state.range(0)]);
  read_all(state, sample(static_cast<int>(state.range(0))), {});
}
BENCHMARK(bm_read_csv)->DenseRange(0, 3)->Unit(benchmark::kMillisecond);

void bm_read_csv_three_columns(benchmark::State& state) {
  ReadOptions options;
  options.columns = {"rec_id", "surname", "date_of_birth"};
  read_all(state, sample(0), options);
}
BENCHMARK(bm_read_csv_three_columns)->Unit(benchmark::kMillisecond);

void bm_read_csv_block(benchmark::State& state) {
  ReadOptions options;
  options.block_bytes = static_cast<size_t>(state.range(0)) << 10;
  read_all(state, sample(0), options);
}
BENCHMARK(bm_read_csv_block)->Arg(64)->Arg(128)->Arg(256)->Arg(512)->Arg(1024)->Unit(benchmark::kMillisecond);

void bm_write_csv(benchmark::State& state) {
  Random random(2);
  constexpr size_t kKept = 1000;
  std::vector<std::vector<std::string>> rows;
  rows.reserve(kKept);
  for (size_t r = 0; r < kKept; ++r) rows.push_back(random_row(random, state.range(0) > 0));
  std::vector<std::vector<std::string_view>> views;
  views.reserve(kKept);
  for (const auto& row : rows) views.emplace_back(row.begin(), row.end());
  WriteOptions options;
  options.encoding = state.range(0) == 2 ? Encoding::kGb18030 : Encoding::kUtf8;
  static const char* const shapes[] = {"plain ASCII", "Chinese UTF-8", "Chinese GB18030"};
  state.SetLabel(shapes[state.range(0)]);
  const fs::path path = fs::temp_directory_path() / fmt::format("zhili-bench-{}-out.csv", ::getpid());
  uint64_t bytes = 0;
  while (state.KeepRunning()) {
    auto writer = CsvWriter::create(path, names(), options);
    if (!writer) return state.SkipWithError(writer.error().text().c_str());
    for (size_t r = 0; r < kRows; ++r) {
      if (!writer->append(views[r % kKept])) return state.SkipWithError("write failed");
    }
    bytes += writer->bytes();
    if (!writer->finish()) return state.SkipWithError("write failed");
  }
  fs::remove(path);
  state.SetBytesProcessed(static_cast<int64_t>(bytes));
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kRows));
}
BENCHMARK(bm_write_csv)->DenseRange(0, 2)->Unit(benchmark::kMillisecond);

struct JsonSample : Sample {
  JsonSample() {
    Random random(1);
    const auto keys = names();
    std::ofstream out(path, std::ios::binary);
    for (size_t r = 0; r < kRows; ++r) {
      const auto row = random_row(random, false);
      std::string line = "{";
      for (size_t c = 0; c < kColumns; ++c) line += fmt::format("{}\"{}\":\"{}\"", c > 0 ? "," : "", keys[c], row[c]);
      out << line << "}\n";
    }
    out.close();
    bytes = fs::file_size(path);
  }
};

void bm_read_json_lines(benchmark::State& state) {
  static const JsonSample json;
  read_all(state, json, {});
}
BENCHMARK(bm_read_json_lines)->Unit(benchmark::kMillisecond);

Status write_rows(const fs::path& path, const std::vector<std::vector<std::string>>& rows) {
  std::vector<ParquetColumn> columns;
  for (const auto& name : names()) columns.push_back({name, ParquetType::kText});
  size_t at = 0;
  return write_parquet(path, columns, [&](ChunkWriter& chunk) {
    const size_t n = std::min(ChunkWriter::kRows, kRows - at);
    for (size_t c = 0; c < kColumns; ++c) {
      for (size_t r = 0; r < n; ++r) chunk.set_text(c, r, rows[(at + r) % rows.size()][c]);
    }
    at += n;
    return n;
  });
}

void bm_write_and_read_parquet(benchmark::State& state) {
  Random random(3);
  constexpr size_t kKept = 200'000;
  std::vector<std::vector<std::string>> rows;
  rows.reserve(kKept);
  for (size_t r = 0; r < kKept; ++r) rows.push_back(random_row(random, true));
  Sample target;
  if (!write_rows(target.path, rows)) return state.SkipWithError("write failed");
  target.bytes = fs::file_size(target.path);
  if (state.range(0) == 1) return read_all(state, target, {});
  while (state.KeepRunning()) {
    if (!write_rows(target.path, rows)) return state.SkipWithError("write failed");
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kRows));
}
BENCHMARK(bm_write_and_read_parquet)->ArgName("read")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace zhili::table
