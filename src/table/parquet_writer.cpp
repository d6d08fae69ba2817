#include "table/parquet_writer.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <exception>
#include <optional>
#include <set>

#include <sys/stat.h>
#include <unistd.h>

#include "table/duckdb_session.hpp"

namespace zhili::table {
namespace fs = std::filesystem;
namespace {

// The rows come from one thread, and so does the file; a second one would only wait.
constexpr unsigned kThreads = 1;

duckdb_type duck_type(ParquetType type) {
  switch (type) {
    case ParquetType::kInt64:
      return DUCKDB_TYPE_BIGINT;
    case ParquetType::kDouble:
      return DUCKDB_TYPE_DOUBLE;
    case ParquetType::kBool:
      return DUCKDB_TYPE_BOOLEAN;
    case ParquetType::kText:
      break;
  }
  return DUCKDB_TYPE_VARCHAR;
}

}  // namespace

// The rows of write_parquet() as a DuckDB table function. DuckDB's callbacks are plain functions: they find this object
// through the function's extra info.
class ParquetSource {
 public:
  ParquetSource(const std::vector<ParquetColumn>& columns, const std::function<Result<size_t>(ChunkWriter&)>& fill)
      : columns_(columns), fill_(fill) {
    chunk_.columns_.resize(columns.size());
  }

  Status register_in(duckdb_connection connection) {
    duckdb_table_function function = duckdb_create_table_function();
    duckdb_table_function_set_name(function, "zhili_rows");
    duckdb_table_function_set_extra_info(function, this, nullptr);
    duckdb_table_function_set_bind(function, bind);
    duckdb_table_function_set_init(function, init);
    duckdb_table_function_set_function(function, next);
    const auto state = duckdb_register_table_function(connection, function);
    duckdb_destroy_table_function(&function);
    if (state == DuckDBError) return fail(ErrorCode::kInternal, {}, "", "DuckDB refuses the table function");
    return {};
  }

  std::optional<Error>& failed() { return failed_; }

 private:
  static void bind(duckdb_bind_info info) {
    const auto& source = *static_cast<ParquetSource*>(duckdb_bind_get_extra_info(info));
    for (const auto& column : source.columns_) {
      duckdb_logical_type type = duckdb_create_logical_type(duck_type(column.type));
      duckdb_bind_add_result_column(info, column.name.c_str(), type);
      duckdb_destroy_logical_type(&type);
    }
  }

  static void init(duckdb_init_info info) { duckdb_init_set_max_threads(info, 1); }

  static void next(duckdb_function_info info, duckdb_data_chunk output) {
    auto& source = *static_cast<ParquetSource*>(duckdb_function_get_extra_info(info));
    if (!source.next_chunk(output)) duckdb_function_set_error(info, "the rows could not be made");
  }

  bool next_chunk(duckdb_data_chunk output) {
    for (size_t c = 0; c < columns_.size(); ++c) {
      duckdb_vector vector = duckdb_data_chunk_get_vector(output, c);
      duckdb_vector_ensure_validity_writable(vector);
      uint64_t* validity = duckdb_vector_get_validity(vector);
      std::fill_n(validity, ChunkWriter::kRows / 64, uint64_t{0});
      chunk_.columns_[c] = {vector, duckdb_vector_get_data(vector), validity};
    }
    auto rows = call_fill();
    if (!rows) {
      failed_ = std::move(rows).error();
      return false;
    }
    duckdb_data_chunk_set_size(output, *rows);
    return true;
  }

  // DuckDB can't bear exceptions of ours in its threads.
  Result<size_t> call_fill() {
    try {
      auto rows = fill_(chunk_);
      if (rows && *rows > ChunkWriter::kRows) {
        return fail(ErrorCode::kInternal, {}, "", "{} rows in a chunk of {}", *rows, ChunkWriter::kRows);
      }
      return rows;
    } catch (const std::exception& error) {
      return fail(ErrorCode::kInternal, {}, "", "making rows for a Parquet file: {}", error.what());
    }
  }

  const std::vector<ParquetColumn>& columns_;
  const std::function<Result<size_t>(ChunkWriter&)>& fill_;
  ChunkWriter chunk_;
  std::optional<Error> failed_;
};

void ChunkWriter::set_text(size_t column, size_t row, std::string_view utf8) {
  set_valid(column, row);
  auto* vector = static_cast<duckdb_vector>(columns_[column].vector);
  auto& text = static_cast<duckdb_string_t*>(columns_[column].data)[row];
  constexpr size_t kInlined = sizeof text.value.inlined.inlined;
  if (utf8.size() > kInlined) {
    duckdb_vector_assign_string_element_len(vector, row, utf8.data(), utf8.size());
    return;
  }
  text = {};
  text.value.inlined.length = static_cast<uint32_t>(utf8.size());
  if (!utf8.empty()) std::memcpy(text.value.inlined.inlined, utf8.data(), utf8.size());
}

void ChunkWriter::set_int64(size_t column, size_t row, int64_t value) {
  set_valid(column, row);
  static_cast<int64_t*>(columns_[column].data)[row] = value;
}

void ChunkWriter::set_double(size_t column, size_t row, double value) {
  set_valid(column, row);
  static_cast<double*>(columns_[column].data)[row] = value;
}

void ChunkWriter::set_bool(size_t column, size_t row, bool value) {
  set_valid(column, row);
  static_cast<bool*>(columns_[column].data)[row] = value;
}

Status add_parquet_key(DuckSession& session, const ParquetKey& key) {
  if (session.run(fmt::format("PRAGMA add_parquet_key({}, {})", sql_text(key.name), sql_text(key.base64)))) return {};
  // DuckDB's own words might hold the key.
  return fail(ErrorCode::kInternal, {}, "", "DuckDB refuses a key for a Parquet file");
}

Status write_parquet(const fs::path& path, const std::vector<ParquetColumn>& columns,
                     const std::function<Result<size_t>(ChunkWriter&)>& fill, const std::optional<ParquetKey>& key) {
  const Place place{path.string(), 0, 0};
  std::set<std::string_view> names;
  for (const auto& column : columns) {
    if (!column.name.empty() && names.insert(column.name).second) continue;
    return fail(ErrorCode::kUsage, place, "Give each column a name of its own.", "the column name \"{}\" will not do",
                column.name);
  }
  if (columns.empty()) return fail(ErrorCode::kUsage, place, "Name at least one column.", "a table needs columns");
  struct stat info{};
  const bool direct = ::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode);
  static std::atomic<unsigned> serial{0};
  const fs::path target = direct ? path
                                 : path.parent_path() / fmt::format(".{}.tmp-{}-{}", path.filename().string(),
                                                                    ::getpid(), serial.fetch_add(1));
  ParquetSource source(columns, fill);
  Status written;
  {
    ZHILI_ASSIGN(auto session, DuckSession::create(kThreads));
    ZHILI_TRY(source.register_in(session->connection()));
    std::string encrypted;
    if (key) {
      ZHILI_TRY(add_parquet_key(*session, *key));
      // The word is DuckDB's, for its own source of nonces; who gives a key looks at them (vault/personal_lake.hpp).
      ZHILI_TRY(session->run("SET force_mbedtls_unsafe = true"));
      encrypted = fmt::format(", ENCRYPTION_CONFIG {{footer_key: {}}}", sql_text(key->name));
    }
    auto copied = session->run(
        fmt::format("COPY (SELECT * FROM zhili_rows()) TO {} (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false{})",
                    sql_text(target.string()), encrypted));
    if (!copied) written = std::move(copied);
  }
  std::error_code ec;
  if (written && !direct) {
    fs::rename(target, path, ec);
    if (ec) written = fail(ErrorCode::kIo, {}, "", "cannot put the file in place: {}", ec.message());
  }
  if (written) return {};
  if (!direct) fs::remove(target, ec);
  if (auto& failed = source.failed(); failed.has_value()) return fail(std::move(*failed));
  Error error = std::move(written).error();
  std::string hint;
  if (error.message.find("No space") != std::string::npos) {
    hint = "Free some space on this disk, or choose another directory.";
  } else if (error.message.find("No such file") != std::string::npos) {
    hint = "Create the directory first, or choose another one.";
  }
  return fail(ErrorCode::kIo, place, hint, "cannot write: {}", error.message);
}

}  // namespace zhili::table
