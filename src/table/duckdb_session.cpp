#include "table/duckdb_session.hpp"

#include <utility>

namespace zhili::table {
namespace {

std::string quoted(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    if (c == quote) out += quote;
    out += c;
  }
  return out + quote;
}

}  // namespace

DuckResult::DuckResult(DuckResult&& other) noexcept
    : result_(std::exchange(other.result_, {})), chunk_(std::exchange(other.chunk_, nullptr)) {}

DuckResult& DuckResult::operator=(DuckResult&& other) noexcept {
  std::swap(result_, other.result_);
  std::swap(chunk_, other.chunk_);
  return *this;
}

DuckResult::~DuckResult() {
  if (chunk_ != nullptr) duckdb_destroy_data_chunk(&chunk_);
  duckdb_destroy_result(&result_);
}

Result<bool> DuckResult::fetch() {
  do {
    if (chunk_ != nullptr) duckdb_destroy_data_chunk(&chunk_);
    chunk_ = duckdb_fetch_chunk(result_);
  } while (chunk_ != nullptr && duckdb_data_chunk_get_size(chunk_) == 0);
  if (chunk_ != nullptr) return true;
  const char* error = duckdb_result_error(&result_);
  if (error != nullptr && *error != '\0') return fail(ErrorCode::kInput, {}, "", "{}", first_line(error));
  return false;
}

Result<std::unique_ptr<DuckSession>> DuckSession::create(unsigned threads) {
  auto session = std::unique_ptr<DuckSession>(new DuckSession());
  duckdb_config config = nullptr;
  if (duckdb_create_config(&config) == DuckDBError) return fail(ErrorCode::kInternal, {}, "", "DuckDB has no options");
  duckdb_set_config(config, "autoinstall_known_extensions", "false");
  duckdb_set_config(config, "autoload_known_extensions", "false");
  duckdb_set_config(config, "temp_directory", "");
  if (threads > 0) duckdb_set_config(config, "threads", std::to_string(threads).c_str());
  char* error = nullptr;
  const auto opened = duckdb_open_ext(nullptr, &session->database_, config, &error);
  duckdb_destroy_config(&config);
  if (opened == DuckDBError) {
    const std::string message = error == nullptr ? "" : first_line(error);
    duckdb_free(error);
    return fail(ErrorCode::kInternal, {}, "Check that DuckDB's library is whole: tools/setup lays it anew.",
                "DuckDB does not start: {}", message);
  }
  if (duckdb_connect(session->database_, &session->connection_) == DuckDBError) {
    return fail(ErrorCode::kInternal, {}, "", "DuckDB takes no connection");
  }
  ZHILI_TRY(session->run("SET TimeZone = 'UTC'"));
  return session;
}

DuckSession::~DuckSession() {
  if (connection_ != nullptr) duckdb_disconnect(&connection_);
  if (database_ != nullptr) duckdb_close(&database_);
}

Result<DuckResult> DuckSession::query(const std::string& sql) {
  duckdb_prepared_statement statement = nullptr;
  if (duckdb_prepare(connection_, sql.c_str(), &statement) == DuckDBError) {
    const std::string message = first_line(duckdb_prepare_error(statement));
    duckdb_destroy_prepare(&statement);
    return fail(ErrorCode::kInput, {}, "", "{}", message);
  }
  duckdb_result raw{};
  const auto state = duckdb_execute_prepared_streaming(statement, &raw);
  duckdb_destroy_prepare(&statement);
  DuckResult result(raw);
  if (state == DuckDBError) {
    const char* error = duckdb_result_error(&raw);
    return fail(ErrorCode::kInput, {}, "", "{}", first_line(error == nullptr ? "unknown error" : error));
  }
  return result;
}

Status DuckSession::run(const std::string& sql) {
  duckdb_result raw{};
  const auto state = duckdb_query(connection_, sql.c_str(), &raw);
  DuckResult result(raw);
  if (state == DuckDBSuccess) return {};
  const char* error = duckdb_result_error(&raw);
  return fail(ErrorCode::kInput, {}, "", "{}", first_line(error == nullptr ? "unknown error" : error));
}

std::string sql_text(std::string_view text) { return quoted(text, '\''); }
std::string sql_name(std::string_view name) { return quoted(name, '"'); }

std::string first_line(std::string_view message) {
  message = message.substr(0, message.find('\n'));
  const size_t colon = message.find("Error: ");
  if (colon != std::string_view::npos && colon < 40) message.remove_prefix(colon + 7);
  return std::string(message);
}

}  // namespace zhili::table
