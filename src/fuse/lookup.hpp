#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.hpp"
#include "base/progress.hpp"
#include "base/result.hpp"
#include "fuse/decisions.hpp"
#include "fuse/history.hpp"

/// Questions to a result that lies on disk.
namespace zhili::fuse {

/// A golden value with where it comes from; all empty where the entity has none.
struct StoredValue {
  std::string attribute;
  std::string value;
  RecordName from;
  std::string time;
  uint64_t differs = 0;
};

struct StoredEntity {
  std::string id;
  std::vector<StoredValue> values;  ///< In order of attributes.
  std::vector<RecordName> records;  ///< In order of sources and records.
};

struct Lookup {
  bool present = false;                ///< The id asked for is in use.
  std::vector<StoredEntity> entities;  ///< The entity itself, or those to which its records went.
  std::vector<PastEvent> events;       ///< What history.csv tells about it, oldest first.
};

/// Finds an entity of the result in `dir` by its present or an old id. Errors: kNotFound for an id that was never
/// given, and where `dir` holds no result; kInput for damaged files.
Result<Lookup> look_up(const std::filesystem::path& dir, std::string_view id, Progress::Mode progress,
                       const Cancel& cancel);

/// Ids of the entities to which records belong, in the order of `names`; empty for a record that the result does not
/// have.
Result<std::vector<std::string>> entities_of(const std::filesystem::path& dir, std::span<const RecordName> names,
                                             Progress::Mode progress, const Cancel& cancel);

/// Takes "SOURCE:RECORD" apart at the first colon (no source has one in its name). Errors: kUsage.
Result<RecordName> parse_record_name(std::string_view text);

}  // namespace zhili::fuse
