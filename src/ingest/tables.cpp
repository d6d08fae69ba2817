#include "ingest/tables.hpp"

#include <algorithm>
#include <array>

#include <boost/json.hpp>
#include <openssl/rand.h>

namespace zhili::ingest {
namespace {

constexpr std::string_view kTables =
    "CREATE TABLE ingest_upload (area_id BIGINT NOT NULL, id TEXT NOT NULL, dataset TEXT NOT NULL, batch TEXT NOT "
    "NULL, "
    "kind BIGINT NOT NULL, name TEXT NOT NULL, format BIGINT NOT NULL, encoding BIGINT NOT NULL, "
    "delimiter BIGINT NOT NULL, declared_bytes BIGINT, sha256 TEXT NOT NULL, sender TEXT NOT NULL, state BIGINT NOT "
    "NULL, "
    "received BIGINT NOT NULL, stored BIGINT NOT NULL, frames BIGINT NOT NULL, error TEXT NOT NULL, hint TEXT NOT "
    "NULL, "
    "begun_at BIGINT NOT NULL, touched_at BIGINT NOT NULL, PRIMARY KEY (area_id, id), UNIQUE (area_id, dataset, "
    "batch));"
    "CREATE TABLE ingest_batch (area_id BIGINT NOT NULL, id TEXT NOT NULL, dataset TEXT NOT NULL, batch TEXT NOT NULL, "
    "kind BIGINT NOT NULL, state BIGINT NOT NULL, name TEXT NOT NULL, format BIGINT NOT NULL, encoding BIGINT NOT "
    "NULL, "
    "delimiter BIGINT NOT NULL, sha256 TEXT NOT NULL, bytes BIGINT NOT NULL, stored BIGINT NOT NULL, "
    "frames BIGINT NOT NULL, reject_frames BIGINT NOT NULL, path TEXT NOT NULL, row_count BIGINT NOT NULL, "
    "rejected BIGINT NOT NULL, mistaken BIGINT NOT NULL, unreadable BIGINT NOT NULL, version BIGINT NOT NULL, "
    "sender TEXT NOT NULL, received_at BIGINT NOT NULL, decided_by TEXT NOT NULL, decided_at BIGINT NOT NULL, "
    "reason TEXT NOT NULL, report TEXT NOT NULL, PRIMARY KEY (area_id, id), UNIQUE (area_id, dataset, batch));"
    "CREATE INDEX ingest_batch_received ON ingest_batch (area_id, dataset, received_at);"
    "CREATE TABLE ingest_quality (area_id BIGINT NOT NULL, id TEXT NOT NULL, field TEXT NOT NULL, "
    "present BIGINT NOT NULL, missing BIGINT NOT NULL, mistaken BIGINT NOT NULL, different BIGINT NOT NULL, "
    "mean DOUBLE PRECISION, PRIMARY KEY (area_id, id, field));";

constexpr size_t kRandomBytes = 8;

}  // namespace

std::vector<store::Migration> Ingest::migrations() { return {{"ingest", 1, kTables}}; }

std::string_view name_of(UploadState state) {
  static constexpr std::array<std::string_view, 3> kNames = {"open", "closed", "failed"};
  return kNames[static_cast<size_t>(state)];
}

std::string_view name_of(BatchState state) {
  static constexpr std::array<std::string_view, 3> kNames = {"landed", "held", "dropped"};
  return kNames[static_cast<size_t>(state)];
}

Upload upload_of(const store::Row& row) {
  Upload out;
  out.id = row.text(0);
  UploadRequest& request = out.request;
  request.dataset = row.text(1);
  request.batch = row.text(2);
  request.kind = static_cast<BatchKind>(row.int64(3));
  request.name = row.text(4);
  request.format = static_cast<table::Format>(row.int64(5));
  request.encoding = static_cast<table::Encoding>(row.int64(6));
  request.delimiter = static_cast<char>(row.int64(7));
  if (!row.is_null(8)) request.bytes = static_cast<uint64_t>(row.int64(8));
  request.sha256 = row.text(9);
  request.sender = row.text(10);
  out.state = static_cast<UploadState>(row.int64(11));
  out.received = {static_cast<uint64_t>(row.int64(12)), static_cast<uint64_t>(row.int64(13)),
                  static_cast<uint64_t>(row.int64(14))};
  out.error = row.text(15);
  out.hint = row.text(16);
  out.begun_at = row.int64(17);
  out.touched_at = row.int64(18);
  return out;
}

Batch batch_of(const store::Row& row) {
  Batch out;
  out.id = row.text(0);
  out.dataset = row.text(1);
  out.name = row.text(2);
  out.kind = static_cast<BatchKind>(row.int64(3));
  out.state = static_cast<BatchState>(row.int64(4));
  out.sha256 = row.text(5);
  out.bytes = static_cast<uint64_t>(row.int64(6));
  out.rows = static_cast<uint64_t>(row.int64(7));
  out.rejected = static_cast<uint64_t>(row.int64(8));
  out.mistaken = static_cast<uint64_t>(row.int64(9));
  out.unreadable = static_cast<uint64_t>(row.int64(10));
  out.version = row.int64(11);
  out.sender = row.text(12);
  out.received_at = row.int64(13);
  out.decided_by = row.text(14);
  out.decided_at = row.int64(15);
  out.reason = row.text(16);
  if (row.columns() > 17) out.report = row.text(17);
  return out;
}

Result<std::string> new_id(int64_t now) {
  std::array<unsigned char, kRandomBytes> random{};
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) {
    return fail(ErrorCode::kInternal, {}, "", "the system has no randomness");
  }
  std::string out = fmt::format("b{:013x}-", now);
  for (const unsigned char byte : random) fmt::format_to(std::back_inserter(out), "{:02x}", byte);
  return out;
}

std::string landed_event(const Batch& batch) {
  return boost::json::serialize(boost::json::object{{"dataset", batch.dataset},
                                                    {"batch", batch.name},
                                                    {"id", batch.id},
                                                    {"rows", batch.rows - batch.rejected},
                                                    {"kind", name_of(batch.kind)}});
}

audit::Ref ref_of_dataset(const std::string& dataset) {
  std::string name = dataset;
  std::ranges::replace(name, '.', '_');
  return audit::Ref::by_id(audit::Kind::kDataset, name);
}

}  // namespace zhili::ingest
