#pragma once

#include <filesystem>
#include <vector>

#include "base/cancel.hpp"
#include "base/progress.hpp"
#include "base/result.hpp"
#include "fuse/config.hpp"
#include "fuse/entity_id.hpp"
#include "fuse/fusion.hpp"
#include "fuse/records.hpp"

namespace zhili::fuse {

/// Writes links.csv (source,record_id,entity_id), one line a record in order of sources and records.
/// `cluster_of` and `ids` are by record and by cluster; `progress` goes on by a row a record.
Status write_links(const std::filesystem::path& path, const Config& config, const Records& records,
                   const std::vector<uint32_t>& cluster_of, const std::vector<EntityId>& ids, Progress& progress,
                   const Cancel& cancel);

/// Writes pairs.parquet (source_a,record_a,source_b,record_b,weight,probability): the pairs whose weight reaches the
/// threshold, in order of records. Returns how many there are; `progress` goes on by a row an edge.
Result<uint64_t> write_pairs(const std::filesystem::path& path, const Fusion& fusion, Progress& progress);

/// Writes rejects.csv (source,file,line,column,reason,excerpt). Column and line are empty where unknown.
Status write_rejects(const std::filesystem::path& path, const Config& config, const Records& records);

}  // namespace zhili::fuse
