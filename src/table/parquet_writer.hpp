#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace zhili::table {

class DuckSession;

enum class ParquetType { kText, kInt64, kDouble, kBool };

struct ParquetColumn {
  std::string name;
  ParquetType type = ParquetType::kText;
};

/// Some rows on their way into a Parquet file. Cells that are not set are null. The caller keeps column and row within
/// bounds and sets each cell by its column's type.
class ChunkWriter {
 public:
  /// Rows that fit.
  static constexpr size_t kRows = 2048;

  void set_text(size_t column, size_t row, std::string_view utf8);  ///< Must be valid UTF-8.
  void set_int64(size_t column, size_t row, int64_t value);
  void set_double(size_t column, size_t row, double value);
  void set_bool(size_t column, size_t row, bool value);

 private:
  friend class ParquetSource;
  struct Column {
    void* vector;  // DuckDB's handle.
    void* data;
    uint64_t* validity;
  };
  void set_valid(size_t column, size_t row) { columns_[column].validity[row / 64] |= uint64_t{1} << (row % 64); }

  std::vector<Column> columns_;
};

/// A key for Parquet's modular encryption: the footer and all columns are encrypted with it, by AES-GCM.
struct ParquetKey {
  std::string name;    ///< Letters, digits and '_': by it the file tells which key it needs.
  std::string base64;  ///< 16 or 32 bytes. Made for this one file: see vault/personal_lake.hpp.
};
/// Lets a session read files with this key: read_parquet('…', encryption_config = {footer_key: 'NAME'}).
Status add_parquet_key(DuckSession& session, const ParquetKey& key);

/// Writes a Parquet file (zstd) of as many rows as `fill` gives: it is called again and again to set up to
/// ChunkWriter::kRows rows, 0.., and returns how many it set; 0 ends the table. An error of `fill` ends the writing and
/// is returned. Memory does not grow with the number of rows. The file appears whole or not at all; the disk is not
/// forced to flush. `fill` is called from one thread at a time, which need not be the caller's.
Status write_parquet(const std::filesystem::path& path, const std::vector<ParquetColumn>& columns,
                     const std::function<Result<size_t>(ChunkWriter&)>& fill,
                     const std::optional<ParquetKey>& key = std::nullopt);

}  // namespace zhili::table
