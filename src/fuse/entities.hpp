#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/cancel.hpp"
#include "base/progress.hpp"
#include "base/result.hpp"
#include "fuse/config.hpp"
#include "fuse/entity_id.hpp"
#include "fuse/membership.hpp"
#include "fuse/records.hpp"

namespace zhili::fuse {

/// Names of the columns of entities.parquet: entity_id, records, then for each attribute its name, NAME_source,
/// NAME_record, NAME_time and NAME_differs. A name that was there before (regardless of case) gets "_2", "_3", ….
std::vector<std::string> entity_columns(const Config& config);
inline constexpr size_t kColumnsBeforeAttributes = 2;
inline constexpr size_t kColumnsOfAttribute = 5;

/// Writes entities.parquet: golden values of each entity, in order of clusters. An attribute of which no record has a
/// usable value is null in all its columns. `progress` goes on by a row an entity. Streams: memory does not grow with
/// the entities. Errors: kIo, kCancelled.
Status write_entities(const std::filesystem::path& path, const Config& config, const Records& records,
                      const Membership& membership, const std::vector<EntityId>& ids, unsigned threads,
                      Progress& progress, const Cancel& cancel);

}  // namespace zhili::fuse
