#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "store/store.hpp"
#include "table/parquet_writer.hpp"

namespace zhili::store {

/// Names one batch of a dataset, as its sender does: the same batch can't land twice.
struct BatchKey {
  int64_t area_id = 0;
  std::string dataset;  ///< Small Latin letters, digits, '_', '-', '.'; begins with a letter or digit; 100 at most.
  std::string batch;    ///< The same.
};

/// A batch in the lake.
struct LakeBatch {
  BatchKey key;
  std::string path;  ///< Relative to the lake: dataset=D/date=2026-11-22/AREA-BATCH-….parquet.
  std::string sha256;
  int64_t bytes = 0;
  int64_t rows = 0;
  std::vector<table::ParquetColumn> columns;
  int64_t received_at = 0;  ///< Microseconds since 1970 UTC.
};

/// Uploaded batches as they came: Parquet files in a directory, and a row for each in the store (table lake_batch). A
/// file counts once its row is committed; before, nobody sees it, and what a crash left is removed at the next start.
/// Landed files never change. Any number of processes may read and land; the paths suit engines that know Hive's
/// partitions.
class Lake {
 public:
  /// Makes the directory where it is missing, and removes what crashes left unless another process is landing. The
  /// store must outlive the lake. Errors: kIo.
  static Result<Lake> open(Store& store, const std::filesystem::path& dir);

  /// Lands rows: `fill` as in table::write_parquet. Errors: kUsage (a name that won't do), kConflict (the batch is
  /// there already), those of writing and committing. After kOutcomeUnknown ask `find`.
  Result<LakeBatch> land(const BatchKey& key, const std::vector<table::ParquetColumn>& columns,
                         const std::function<Result<size_t>(table::ChunkWriter&)>& fill);
  /// Lands a Parquet file that `write` makes at the path it is given, for example an encrypted one; it returns the
  /// number of rows.
  Result<LakeBatch> land_file(const BatchKey& key, const std::vector<table::ParquetColumn>& columns,
                              const std::function<Result<int64_t>(const std::filesystem::path&)>& write);

  /// Lands a file of any kind that `write` makes, whose name ends in `extension` (one of kExtensions). `also` is a part
  /// of the change that makes it count: it sees what was landed, and an error of it undoes all.
  using Also = std::function<Status(Transaction&, const LakeBatch&)>;
  Result<LakeBatch> land_as(const BatchKey& key, std::string_view extension,
                            const std::vector<table::ParquetColumn>& columns,
                            const std::function<Result<int64_t>(const std::filesystem::path&)>& write,
                            const Also& also);
  /// What landed files are called by: Parquet, and files that are sealed as they came.
  static constexpr std::array<std::string_view, 2> kExtensions = {".parquet", ".sealed"};

  /// kNotFound where there is no such batch.
  Result<LakeBatch> find(const BatchKey& key) const;
  /// All batches of a dataset in the order in which they were received.
  Result<std::vector<LakeBatch>> batches(int64_t area_id, std::string_view dataset) const;
  std::filesystem::path path(const LakeBatch& batch) const { return dir_ / batch.path; }
  /// The batches' rows for DuckDB: read_parquet(['…', …], union_by_name = true). At least one batch.
  std::string duckdb_source(const std::vector<LakeBatch>& batches) const;
  /// Compares the file with its checksum. Errors: kInput where they differ, kNotFound where the file is gone.
  Status verify(const LakeBatch& batch) const;
  /// Takes a batch out of the lake for good; `also` is a part of the same change.
  Status remove(const BatchKey& key, const std::function<Status(Transaction&)>& also = {});

  const std::filesystem::path& dir() const { return dir_; }

 private:
  Lake(Store& store, std::filesystem::path dir) : store_(&store), dir_(std::move(dir)) {}
  Status sweep();
  Status put(const LakeBatch& batch, const std::filesystem::path& staged, const Also& also);

  Store* store_;
  std::filesystem::path dir_;
};

/// [["name","int64"], …] and back; for the manifest. Errors: kInput.
std::string columns_text(const std::vector<table::ParquetColumn>& columns);
Result<std::vector<table::ParquetColumn>> columns_of_text(std::string_view text);

}  // namespace zhili::store
