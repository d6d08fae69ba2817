#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "table/duckdb_session.hpp"
#include "table/reader.hpp"

namespace zhili::table {

/// Parquet files through DuckDB, streamed. Cells are text as DuckDB casts it: dates 2024-02-29, times
/// 2024-02-29 08:00:00 (with a zone: in UTC), true and false; nested values are JSON. A glob reads its files in the
/// order of their names, columns matched by name.
class ParquetReader final : public Reader {
 public:
  static Result<std::unique_ptr<Reader>> create(const std::filesystem::path& path, const ReadOptions& options);

  uint64_t bytes_total() const override { return bytes_total_; }
  uint64_t bytes_done() const override;
  std::string description() const override { return "Parquet"; }

 protected:
  Result<bool> fill(Batch& batch) override;
  std::string reject_hint(RejectKind kind) const override;

 private:
  ParquetReader(std::string path, const ReadOptions& options) : Reader(std::move(path), options) {}
  Status start();
  Status measure();
  std::string source_sql() const;
  Error placed(Error error) const;
  void take_row(Batch& batch, size_t& used);

  std::unique_ptr<DuckSession> session_;
  std::unique_ptr<DuckResult> rows_;  // Behind session_, so that it goes first.
  bool glob_ = false;
  size_t next_row_ = 0;  // In the chunk at hand.
  uint64_t row_ = 0;     // Rows taken, of all files.
  uint64_t bytes_total_ = 0;
  uint64_t rows_total_ = 0;
};

}  // namespace zhili::table
