#include <algorithm>
#include <cstring>
#include <utility>

#include "ingest/ingest.hpp"
#include "ingest/tables.hpp"
#include "vault/file_keys.hpp"
#include "vault/jobs.hpp"
#include "vault/words.hpp"

namespace zhili::ingest {
namespace {

std::unexpected<Error> no_batch() { return fail(ErrorCode::kNotFound, {}, "", "there is no such batch"); }

RowSet rows_of(std::string_view words) {
  RowSet out;
  out.words().resize(words.size() / sizeof(uint64_t));
  if (!words.empty()) std::memcpy(out.words().data(), words.data(), out.words().size() * sizeof(uint64_t));
  return out;
}

Result<std::string> read_all(SealedReader& sealed) {
  std::string out;
  std::vector<char> buffer(kFrameBytes);
  for (;;) {
    ZHILI_ASSIGN(const size_t got, sealed.read(buffer.data(), buffer.size()));
    if (got == 0) return out;
    out.append(buffer.data(), got);
  }
}

/// The rows that are not to be taken: `count` frames behind the sender's.
Result<RowSet> read_rejected(const vault::FileKeys& keys, const Batch& batch, const std::filesystem::path& path,
                             uint64_t first, uint64_t count) {
  if (count == 0) return RowSet();
  ZHILI_ASSIGN(auto key, keys.find(batch.dataset, batch.id));
  ZHILI_ASSIGN(SealedReader tail, SealedReader::open(path, std::move(key), first, first + count));
  ZHILI_ASSIGN(const std::string words, read_all(tail));
  return rows_of(words);
}

}  // namespace

Result<Batch> Ingest::find_batch(const std::string& id) const {
  ZHILI_ASSIGN(const auto rows,
               vault_.store().query(
                   fmt::format("SELECT {}, report FROM ingest_batch WHERE area_id = $1 AND id = $2", kBatchColumns),
                   {vault_.area_id(), id}));
  if (rows.empty()) return no_batch();
  return batch_of(rows[0]);
}

Result<Batch> Ingest::find_batch(const std::string& dataset, const std::string& name) const {
  ZHILI_ASSIGN(
      const auto rows,
      vault_.store().query(fmt::format("SELECT {}, report FROM ingest_batch WHERE area_id = $1 AND dataset = $2 "
                                       "AND batch = $3",
                                       kBatchColumns),
                           {vault_.area_id(), dataset, name}));
  if (rows.empty()) return no_batch();
  return batch_of(rows[0]);
}

Result<std::vector<Batch>> Ingest::batches(const Page& page) const {
  if (page.limit == 0 || page.limit > kBatchesPage) {
    return fail(ErrorCode::kInput, {}, fmt::format("Ask for 1 to {}.", kBatchesPage), "a page of {} batches",
                page.limit);
  }
  ZHILI_ASSIGN(const auto rows,
               vault_.store().query(
                   fmt::format("SELECT {} FROM ingest_batch WHERE area_id = $1 AND dataset = $2 AND "
                               "(CAST($3 AS BIGINT) < 0 OR state = CAST($3 AS BIGINT)) AND (CAST($4 AS BIGINT) = 0 OR "
                               "received_at < CAST($4 AS BIGINT)) ORDER BY received_at DESC, id DESC LIMIT $5",
                               kBatchColumns),
                   {vault_.area_id(), page.dataset, page.state ? static_cast<int64_t>(*page.state) : int64_t{-1},
                    page.before, static_cast<int64_t>(page.limit)}));
  std::vector<Batch> out;
  out.reserve(rows.size());
  for (const store::Row row : rows) out.push_back(batch_of(row));
  return out;
}

Result<std::vector<Ingest::FieldPoint>> Ingest::trend(const std::string& dataset, const std::string& field,
                                                      size_t limit) const {
  ZHILI_ASSIGN(
      const auto rows,
      vault_.store().query("SELECT b.batch, b.received_at, q.present, q.missing, q.mistaken, q.different, q.mean "
                           "FROM ingest_batch b JOIN ingest_quality q ON q.area_id = b.area_id AND q.id = b.id "
                           "WHERE b.area_id = $1 AND b.dataset = $2 AND q.field = $3 "
                           "ORDER BY b.received_at DESC, b.id DESC LIMIT $4",
                           {vault_.area_id(), dataset, field, static_cast<int64_t>(std::min(limit, kBatchesPage))}));
  std::vector<FieldPoint> out;
  out.reserve(rows.size());
  for (const store::Row row : rows) {
    const auto number = [&](size_t column) { return static_cast<uint64_t>(row.int64(column)); };
    out.push_back({std::string(row.text(0)), row.int64(1), number(2), number(3), number(4), number(5),
                   row.is_null(6) ? std::optional<double>() : std::optional<double>(row.real(6))});
  }
  return out;
}

Result<Batch> Ingest::decide(const std::string& id, const std::string& by, const std::string& reason,
                             BatchState state) const {
  if (reason.empty()) {
    return fail(ErrorCode::kInput, {}, "Say why: it is kept with the batch.", "a decision needs a reason");
  }
  ZHILI_ASSIGN(Batch batch, find_batch(id));
  if (batch.state != BatchState::kHeld) {
    return fail(ErrorCode::kConflict, {}, "", "the batch is {}, not held back", name_of(batch.state));
  }
  batch.state = state;
  batch.decided_by = by;
  batch.decided_at = vault_.store().now();
  batch.reason = reason;
  ZHILI_ASSIGN(auto entry, vault_.log().draft(audit::Action::kDecide, audit::Ref::of_actor(by)));
  ZHILI_ASSIGN(const auto word, audit::Word::create(name_of(state)));
  entry.object(ref_of_dataset(batch.dataset)).purpose(word).change(fmt::format("{} {}", id, reason));
  const vault::FileKeys keys(vault_);
  const auto change = [&](store::Transaction& tx) -> Status {
    ZHILI_ASSIGN(const int64_t changed,
                 tx.execute("UPDATE ingest_batch SET state = $3, decided_by = $4, decided_at = $5, reason = $6 WHERE "
                            "area_id = $1 AND id = $2 AND state = $7",
                            {vault_.area_id(), id, static_cast<int64_t>(state), by, batch.decided_at, reason,
                             static_cast<int64_t>(BatchState::kHeld)}));
    if (changed != 1) return fail(ErrorCode::kConflict, {}, "", "somebody else has decided meanwhile");
    ZHILI_TRY(vault_.log().add(tx, entry));
    if (state == BatchState::kLanded) return tx.publish("ingest.landed", landed_event(batch));
    return keys.forget(tx, batch.dataset, id);
  };
  if (state == BatchState::kLanded) {
    ZHILI_TRY(vault_.store().commit(change));
  } else {
    ZHILI_TRY(lake_.remove({vault_.area_id(), batch.dataset, id}, change));
  }
  return batch;
}

Result<Batch> Ingest::release(const std::string& id, const std::string& by, const std::string& reason) const {
  return decide(id, by, reason, BatchState::kLanded);
}

Result<Batch> Ingest::drop(const std::string& id, const std::string& by, const std::string& reason) const {
  return decide(id, by, reason, BatchState::kDropped);
}

Status Ingest::read(const std::string& id, const Reading& reading, const Visit& visit) const {
  ZHILI_ASSIGN(const Batch batch, find_batch(id));
  if (batch.state != BatchState::kLanded) {
    return fail(ErrorCode::kConflict, {}, "", "the batch is {}: its rows don't count", name_of(batch.state));
  }
  const std::string_view wrong = vault::wrong_basis(vault_.catalog(), reading.basis, reading.purpose);
  if (!wrong.empty()) {
    return fail(ErrorCode::kInput, {}, "Name a legal basis of a pack, and a purpose that it carries.",
                "the batch can't be read: {}", wrong);
  }
  ZHILI_ASSIGN(
      const auto rows,
      vault_.store().query("SELECT name, format, encoding, delimiter, stored, frames, reject_frames, path FROM "
                           "ingest_batch WHERE area_id = $1 AND id = $2",
                           {vault_.area_id(), id}));
  const store::Row row = rows[0];
  UploadRequest request;
  request.dataset = batch.dataset;
  request.batch = batch.name;
  request.kind = batch.kind;
  request.name = row.text(0);
  request.format = static_cast<table::Format>(row.int64(1));
  request.encoding = static_cast<table::Encoding>(row.int64(2));
  request.delimiter = static_cast<char>(row.int64(3));
  const auto frames = static_cast<uint64_t>(row.int64(5));
  const auto path = lake_.dir() / std::string(row.text(7));

  // By the dataset as it was when the batch came.
  ZHILI_ASSIGN(const auto versions, registry_.versions(batch.dataset));
  std::optional<catalog::Dataset> dataset;
  for (const auto& version : versions) {
    if (version.number == batch.version) dataset = version.dataset;
  }
  if (!dataset) {
    return fail(ErrorCode::kNotFound, {}, "", "version {} of dataset {} is not known", batch.version, batch.dataset);
  }
  ZHILI_ASSIGN(const Standard standard, Standard::create(*dataset, vault_.catalog()));
  std::vector<std::string> fields;
  for (const FieldStandard& field : standard.fields()) fields.push_back(field.id);
  ZHILI_TRY(vault::record_job(vault_,
                              {.work = "read_batch",
                               .kind = batch.dataset,
                               .actor = reading.actor,
                               .purpose = reading.purpose,
                               .basis = reading.basis,
                               .fields = vault::joined(fields)},
                              batch.rows - batch.rejected));
  const vault::FileKeys keys(vault_);
  ZHILI_ASSIGN(const RowSet rejected, read_rejected(keys, batch, path, frames, static_cast<uint64_t>(row.int64(6))));
  ZHILI_ASSIGN(auto key, keys.find(batch.dataset, id));
  ZHILI_ASSIGN(SealedReader sealed, SealedReader::open(path, std::move(key), 0, frames));
  ZHILI_ASSIGN(const OpenTable table, open_table(request, sealed, batch.bytes));
  ZHILI_ASSIGN(const Columns columns, find_columns(standard, batch.kind, table.reader->columns(), request.name));
  table::Batch some;
  std::vector<std::string_view> values(columns.places.size());
  for (uint64_t at = 0;;) {
    ZHILI_ASSIGN(const bool more, table.reader->next(some));
    if (!more) return {};
    for (size_t r = 0; r < some.rows(); ++r, ++at) {
      if (rejected.contains(at)) continue;
      for (size_t f = 0; f < values.size(); ++f) values[f] = some.cell(columns.places[f], r);
      const Change change =
          columns.change < 0 ? Change::kInsert : change_of(some.cell(static_cast<size_t>(columns.change), r));
      ZHILI_TRY(visit(change, values));
    }
  }
}

}  // namespace zhili::ingest
