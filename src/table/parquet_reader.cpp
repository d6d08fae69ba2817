#include "table/parquet_reader.hpp"

#include <algorithm>
#include <cstring>

#include "base/limits.hpp"
#include "table/blanks.hpp"
#include "table/excerpt.hpp"
#include "table/text_input.hpp"

namespace zhili::table {
namespace fs = std::filesystem;
namespace {

// A batch ends at this much text, so that long cells don't make it large.
constexpr size_t kBatchBytes = size_t{16} << 20;

bool is_nested(duckdb_type type) {
  return type == DUCKDB_TYPE_LIST || type == DUCKDB_TYPE_STRUCT || type == DUCKDB_TYPE_MAP ||
         type == DUCKDB_TYPE_ARRAY || type == DUCKDB_TYPE_UNION;
}

}  // namespace

Result<std::unique_ptr<Reader>> ParquetReader::create(const fs::path& path, const ReadOptions& options) {
  auto reader = std::unique_ptr<ParquetReader>(new ParquetReader(path.string(), options));
  std::error_code ec;
  reader->glob_ = path.string().find_first_of("*?[") != std::string::npos && !fs::exists(path, ec);
  if (!reader->glob_) ZHILI_TRY(ByteInput::open(path));  // Its errors are the same for every kind of file.
  ZHILI_ASSIGN(reader->session_, DuckSession::create());
  auto started = reader->start();
  if (!started) return fail(reader->placed(std::move(started).error()));
  return std::unique_ptr<Reader>(std::move(reader));
}

std::string ParquetReader::source_sql() const {
  return fmt::format("read_parquet({}{})", sql_text(name()), glob_ ? ", union_by_name = true" : "");
}

Error ParquetReader::placed(Error error) const {
  if (!error.place.file.empty()) return error;
  error.place = {name(), 0, 0};
  if (error.message.find("No files found") != std::string::npos) {
    error.code = ErrorCode::kNotFound;
    error.hint = "Check the pattern.";
  } else {
    error.message = "cannot be read as Parquet: " + error.message;
    error.hint = "The file may be cut or of another kind: write it again, or name its format.";
  }
  return error;
}

Status ParquetReader::start() {
  ZHILI_ASSIGN(auto header, session_->query(fmt::format("SELECT * FROM {} LIMIT 0", source_sql())));
  std::vector<std::string> names;
  names.reserve(header.columns());
  for (size_t i = 0; i < header.columns(); ++i) names.emplace_back(header.column_name(i));
  ZHILI_TRY(choose_columns(names, 0));
  std::string list;
  for (const uint32_t source : sources()) {
    const std::string column = sql_name(names[source]);
    const bool nested = is_nested(header.column_type(source));
    list += fmt::format("{}CAST({} AS VARCHAR)", list.empty() ? "" : ", ",
                        nested ? fmt::format("to_json({})", column) : column);
  }
  ZHILI_TRY(measure());
  ZHILI_ASSIGN(auto rows, session_->query(fmt::format("SELECT {} FROM {}", list, source_sql())));
  rows_ = std::make_unique<DuckResult>(std::move(rows));
  return {};
}

// Sizes for progress.
Status ParquetReader::measure() {
  ZHILI_ASSIGN(auto files,
               session_->query(fmt::format("SELECT CAST(file_name AS VARCHAR), CAST(num_rows AS BIGINT) FROM "
                                           "parquet_file_metadata({})",
                                           sql_text(name()))));
  for (;;) {
    ZHILI_ASSIGN(const bool more, files.fetch());
    if (!more) return {};
    auto* paths = static_cast<duckdb_string_t*>(duckdb_vector_get_data(files.vector(0)));
    const auto* counts = static_cast<const int64_t*>(duckdb_vector_get_data(files.vector(1)));
    for (size_t i = 0; i < files.rows(); ++i) {
      const std::string path(duckdb_string_t_data(&paths[i]), duckdb_string_t_length(paths[i]));
      std::error_code ec;
      const auto bytes = fs::file_size(path, ec);
      if (!ec) bytes_total_ += bytes;
      rows_total_ += static_cast<uint64_t>(counts[i]);
    }
  }
}

uint64_t ParquetReader::bytes_done() const {
  if (rows_total_ == 0) return bytes_total_;
  const double share = static_cast<double>(row_) / static_cast<double>(rows_total_);
  return static_cast<uint64_t>(static_cast<double>(bytes_total_) * std::min(share, 1.0));
}

Result<bool> ParquetReader::fill(Batch& batch) {
  if (next_row_ == rows_->rows()) {
    auto more = rows_->fetch();
    if (!more) return fail(placed(std::move(more).error()));
    next_row_ = 0;
    if (!*more) return false;
  }
  size_t used = 0;
  while (next_row_ < rows_->rows() && used < kBatchBytes) {
    take_row(batch, used);
    ++next_row_;
  }
  return true;
}

void ParquetReader::take_row(Batch& batch, size_t& used) {
  ++row_;
  CellRange* cells = batch.add_row(row_);
  for (size_t c = 0; c < columns().size(); ++c) {
    duckdb_vector vector = rows_->vector(c);
    const uint64_t* validity = duckdb_vector_get_validity(vector);
    if (validity != nullptr && (validity[next_row_ / 64] >> (next_row_ % 64) & 1) == 0) continue;
    auto& text = static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector))[next_row_];
    const std::string_view cell = trim_blanks({duckdb_string_t_data(&text), duckdb_string_t_length(text)});
    if (cell.empty()) continue;
    const bool nul = std::memchr(cell.data(), '\0', cell.size()) != nullptr;
    if (nul || cell.size() > limits::kCellBytes) {
      batch.drop_row();
      const std::string reason = nul ? fmt::format("a NUL byte in \"{}\"", columns()[c])
                                     : fmt::format("\"{}\" is {} bytes long; the limit kCellBytes is {}", columns()[c],
                                                   cell.size(), limits::kCellBytes);
      reject({nul ? RejectKind::kNul : RejectKind::kLimit, row_, 0, reason, excerpt(cell.substr(0, 4096)), 1});
      return;
    }
    batch.text().reserve(used + cell.size());
    std::memcpy(batch.text().data() + used, cell.data(), cell.size());
    cells[c] = {static_cast<uint32_t>(used), static_cast<uint32_t>(cell.size())};
    used += cell.size();
  }
}

std::string ParquetReader::reject_hint(RejectKind kind) const {
  if (kind == RejectKind::kLimit) return "Leave columns with very long content out of the file.";
  return "Write the file again without NUL bytes in texts.";
}

}  // namespace zhili::table
