#include "ingest/pull_postgres.hpp"

#include <memory>
#include <utility>

#include <libpq-fe.h>

#include "base/freed.hpp"

namespace zhili::ingest {
namespace {

using Connection = std::unique_ptr<PGconn, Freed<PQfinish>>;
using Answer = std::unique_ptr<PGresult, Freed<PQclear>>;
constexpr size_t kPart = size_t{4} << 20;

std::string first_line(std::string_view text) { return std::string(text.substr(0, text.find('\n'))); }

std::unexpected<Error> refused(PGconn* connection) {
  return fail(ErrorCode::kInput, {}, "Check the query, and what its account may read.",
              "the source database refuses the query: {}", first_line(PQerrorMessage(connection)));
}

Status run(PGconn* connection, const std::string& sql) {
  const Answer answer(PQexec(connection, sql.c_str()));
  if (PQresultStatus(answer.get()) == PGRES_COMMAND_OK) return {};
  return refused(connection);
}

/// Sends the rows that COPY gives as parts of the upload. Returns how many bytes.
Result<uint64_t> send_rows(PGconn* connection, const Ingest& ingest, const std::string& upload, const Cancel* cancel) {
  std::string part;
  uint64_t at = 0;
  for (;;) {
    if (cancel != nullptr) ZHILI_TRY(cancel->check());
    char* row = nullptr;
    const int size = PQgetCopyData(connection, &row, 0);
    if (size < -1) return refused(connection);
    if (size > 0) part.append(row, static_cast<size_t>(size));
    PQfreemem(row);
    if (part.size() >= kPart || (size < 0 && !part.empty())) {
      ZHILI_ASSIGN(at, ingest.put(upload, at, part));
      part.clear();
    }
    if (size >= 0) continue;
    const Answer end(PQgetResult(connection));
    if (PQresultStatus(end.get()) != PGRES_COMMAND_OK) return refused(connection);
    return at;
  }
}

}  // namespace

Result<Batch> pull_postgres(const Ingest& ingest, const PostgresPull& pull, const Cancel* cancel) {
  const Connection connection(PQconnectdb(pull.url.c_str()));
  if (PQstatus(connection.get()) != CONNECTION_OK) {
    return fail(ErrorCode::kUnavailable, {}, "Check the address, the network and the account.",
                "the source database is out of reach: {}", first_line(PQerrorMessage(connection.get())));
  }
  PGconn* const db = connection.get();
  PQsetClientEncoding(db, "UTF8");
  ZHILI_TRY(run(db, "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  ZHILI_TRY(run(db, fmt::format("SET LOCAL statement_timeout = '{}s'", pull.time_limit.count())));
  ZHILI_TRY(run(db, "SET LOCAL DateStyle = 'ISO, YMD'"));
  const std::string copy = fmt::format("COPY ({}) TO STDOUT (FORMAT csv, HEADER)", pull.query);
  const Answer begun_copy(PQexec(db, copy.c_str()));
  if (PQresultStatus(begun_copy.get()) != PGRES_COPY_OUT) return refused(db);

  UploadRequest request;
  request.dataset = pull.dataset;
  request.batch = pull.batch;
  request.kind = pull.kind;
  request.name = pull.batch + ".csv";
  request.format = table::Format::kDelimited;
  request.encoding = table::Encoding::kUtf8;
  request.delimiter = ',';
  request.sender = pull.sender;
  // A pull that broke off before is not gone on with: the source may give other rows by now.
  if (const auto left = ingest.find_upload(pull.dataset, pull.batch); left && left->state == UploadState::kOpen) {
    ZHILI_TRY(ingest.abandon(left->id));
  }
  ZHILI_ASSIGN(const auto begun, ingest.begin(request));
  const std::string& id = begun.upload.id;
  if (const auto sent = send_rows(db, ingest, id, cancel); !sent) {
    (void)ingest.abandon(id);
    return fail(sent.error());
  }
  ZHILI_TRY(ingest.close(id));
  return ingest.land(id, cancel);
}

}  // namespace zhili::ingest
