#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "ingest/ingest.hpp"
#include "store/rows.hpp"

/// How the room's rows stand in the store.
namespace zhili::ingest {

inline constexpr std::string_view kUploadColumns =
    "id, dataset, batch, kind, name, format, encoding, delimiter, declared_bytes, sha256, sender, state, received, "
    "stored, "
    "frames, error, hint, begun_at, touched_at";
inline constexpr std::string_view kBatchColumns =
    "id, dataset, batch, kind, state, sha256, bytes, row_count, rejected, mistaken, unreadable, version, sender, "
    "received_at, decided_by, decided_at, reason";

Upload upload_of(const store::Row& row);
/// `report` where the row has one column more.
Batch batch_of(const store::Row& row);

/// An id that nobody can guess, and that sorts by time. Errors: kInternal.
Result<std::string> new_id(int64_t now);

/// The event that tells that a batch counts.
std::string landed_event(const Batch& batch);
/// Names a dataset in the audit log.
audit::Ref ref_of_dataset(const std::string& dataset);

}  // namespace zhili::ingest
