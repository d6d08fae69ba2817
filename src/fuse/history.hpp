#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "fuse/entity_id.hpp"

namespace zhili::fuse {

/// What a run did to an entity of an earlier one.
enum class Change : uint8_t {
  kMerged,  ///< The old id went out of use; these records of it now belong to the new id.
  kSplit,   ///< The old id lives on; these records of it became an entity of a new id.
  kMoved,   ///< The old id lives on; these records of it went to an entity that was known before.
  kGone,    ///< The old id went out of use, since none of its records is read any more. No new id.
};
std::string_view name_of(Change change);

struct Event {
  Change change = Change::kMerged;
  EntityId old_id;
  EntityId new_id;  ///< None for kGone.
  uint64_t records = 0;
};

/// When a run began, as its outputs write it: "2026-01-31T08:00:00.000Z". No two runs into one directory share it.
using RunTime = std::chrono::sys_time<std::chrono::milliseconds>;
std::string time_text(RunTime time);

/// Writes history.csv: all lines of `earlier` (which may not exist), then the events of this run.
/// Columns: time,event,old_id,new_id,records.
Status write_history(const std::filesystem::path& path, const std::filesystem::path& earlier,
                     const std::vector<Event>& events, std::string_view time);

/// One line of history.csv.
struct PastEvent {
  std::string time;
  std::string event;
  std::string old_id;
  std::string new_id;
  uint64_t records = 0;
};

/// What history.csv tells about one id.
struct Trace {
  std::vector<PastEvent> events;     ///< Those that the id, or an id that followed it, took part in, oldest first.
  std::vector<std::string> ids_now;  ///< Ids to which its records went, in order of appearance; some may be gone too.
};

/// Follows an id through history.csv; a file that does not exist is an empty one. `present` tells that the id is in
/// use: then only its own events are given, and `ids_now` is the id itself.
Result<Trace> trace(const std::filesystem::path& history, std::string_view id, bool present);

}  // namespace zhili::fuse
