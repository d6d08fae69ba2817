#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "base/cancel.hpp"
#include "base/progress.hpp"
#include "base/result.hpp"
#include "fuse/config.hpp"
#include "fuse/entity_id.hpp"
#include "fuse/history.hpp"
#include "fuse/membership.hpp"
#include "fuse/records.hpp"

namespace zhili::fuse {

/// Which entities an earlier run knew, and which of today's records they held. Old entities are numbered from 0.
struct EarlierEntities {
  static constexpr uint32_t kNone = UINT32_MAX;

  std::vector<EntityId> ids;        ///< By old number, in order of first appearance.
  std::vector<uint32_t> of_record;  ///< By record: its old entity; kNone for a record that is new.
  std::vector<uint32_t> lost;       ///< By old number: records that are not read any more.
};

/// Reads an earlier links.csv. Errors: kInput for a line that is not as `write_links` writes it, kIo, kCancelled.
Result<EarlierEntities> read_earlier_entities(const std::filesystem::path& dir, const Config& config,
                                              const Records& records, unsigned threads, Progress::Mode progress,
                                              const Cancel& cancel);

/// The ids of a run's entities.
struct Identity {
  std::vector<EntityId> of_cluster;
  std::vector<Event> events;  ///< What became of earlier entities, in order of old id and new id.
  uint64_t kept = 0;          ///< Entities that carry an earlier id.
  uint64_t fresh = 0;
};

/// Gives each cluster an id. A cluster takes the earlier id of which it holds most records; where several clusters hold
/// some of an id, or one holds some of several ids, the largest share is settled first, ties by an id's own anchor,
/// then by the ids. All others get a new id, made from `seed` and the names of the cluster's records (its anchor is the
/// record of the lowest hash), so that it does not depend on the order of sources, records or threads.
/// `earlier` may be null.
Identity assign_ids(const Config& config, const Records& records, const Membership& membership,
                    const EarlierEntities* earlier, unsigned threads);

/// The same for some of the records of a larger whole, whose other entities have ids too.
struct IdSurroundings {
  std::function<uint64_t(uint32_t record)> hash;  ///< hash_record of a record.
  std::function<bool(EntityId)> taken;            ///< Whether one of the other entities has the id. May be empty.
};
Identity assign_ids(const IdSurroundings& surroundings, const Membership& membership, const EarlierEntities* earlier,
                    unsigned threads);

}  // namespace zhili::fuse
