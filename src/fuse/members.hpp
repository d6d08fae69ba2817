#pragma once

#include <filesystem>
#include <vector>

#include "base/progress.hpp"
#include "base/result.hpp"
#include "fuse/entity_id.hpp"
#include "fuse/fusion.hpp"
#include "fuse/membership.hpp"

namespace zhili::fuse {

/// Writes members.parquet: why each record belongs to its entity, without any value of it. One row a record, the
/// records of an entity one after the other: entity_id, source, record; then the link that ties it to one of the rows
/// before it in the entity, which is the strongest there is: link_source, link_record, weight (bits), probability, and
/// parts, a JSON list of [attribute, level, bits] over all comparisons in which neither value is missing. An entity's
/// first row has no link. Of entities with more than LinkTree::kMostLinked records, those beyond have none either.
/// `decided` pairs have the weight that their values give. Errors: kIo, kCancelled.
Status write_members(const std::filesystem::path& path, const Fusion& fusion, const Membership& membership,
                     const std::vector<EntityId>& ids);

/// The same file with no rows, where an earlier one would tell of a result that is gone.
Status write_no_members(const std::filesystem::path& path);

}  // namespace zhili::fuse
