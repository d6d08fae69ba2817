#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <duckdb.h>

#include "base/result.hpp"

namespace zhili::table {

/// A DuckDB result and the chunk of it at hand; frees both.
class DuckResult {
 public:
  explicit DuckResult(duckdb_result result) : result_(result) {}
  DuckResult(DuckResult&& other) noexcept;
  DuckResult& operator=(DuckResult&& other) noexcept;
  DuckResult(const DuckResult&) = delete;
  DuckResult& operator=(const DuckResult&) = delete;
  ~DuckResult();

  /// Fetches the next rows; false at the end. The error is what DuckDB says, for the caller to place.
  Result<bool> fetch();
  size_t rows() const { return chunk_ == nullptr ? 0 : duckdb_data_chunk_get_size(chunk_); }
  size_t columns() { return duckdb_column_count(&result_); }
  std::string_view column_name(size_t column) { return duckdb_column_name(&result_, column); }
  duckdb_type column_type(size_t column) { return duckdb_column_type(&result_, column); }
  duckdb_vector vector(size_t column) const { return duckdb_data_chunk_get_vector(chunk_, column); }

 private:
  duckdb_result result_;
  duckdb_data_chunk chunk_ = nullptr;
};

/// A DuckDB of its own in memory with one connection: no extension is looked for, nothing is spilled to disk, time is
/// UTC. Not thread-safe.
class DuckSession {
 public:
  /// threads 0: as many as there are cores.
  static Result<std::unique_ptr<DuckSession>> create(unsigned threads = 0);
  DuckSession(const DuckSession&) = delete;
  DuckSession& operator=(const DuckSession&) = delete;
  ~DuckSession();

  /// Runs one statement; its result is streamed. The error is what DuckDB says, for the caller to place.
  Result<DuckResult> query(const std::string& sql);
  /// Runs one statement to its end.
  Status run(const std::string& sql);
  duckdb_connection connection() const { return connection_; }

 private:
  DuckSession() = default;

  duckdb_database database_ = nullptr;
  duckdb_connection connection_ = nullptr;
};

/// 'text' and "name" for SQL.
std::string sql_text(std::string_view text);
std::string sql_name(std::string_view name);

/// The first line of a DuckDB error without its kind, e.g. "IO Error: …".
std::string first_line(std::string_view message);

}  // namespace zhili::table
