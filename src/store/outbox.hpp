#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "store/store.hpp"

/// The outbox: events that rooms tell each other, written in the same change as what they tell of. Rooms that do not
/// know each other meet here; `cli` binds them.
namespace zhili::store {

/// Something that happened. Topics are words with dots, such as "case.closed"; the payload is the topic's own affair.
struct Event {
  int64_t position = 0;  ///< Rises in the order of commits, over all servers, without a gap.
  std::string topic;
  std::string payload;
  int64_t at = 0;  ///< Microseconds since 1970 UTC.
};

/// Reads what a subscriber has not seen, oldest first, at most `most` (and limits::kEventsRead). Events come at least
/// once: one that was read comes again until `advance` was committed. A subscriber that nobody knows begins with the
/// first event that is still kept.
Result<std::vector<Event>> read_events(Store& store, std::string_view subscriber, size_t most = limits::kEventsRead);

/// Within a change: the subscriber has seen all up to `position`. What the change does with the events is then done
/// exactly once. kConflict where somebody else advanced it meanwhile: two worked on the same events.
Status advance(Transaction& transaction, std::string_view subscriber, int64_t from, int64_t position);

/// The position up to which a subscriber has seen all; 0 at first.
Result<int64_t> seen_by(Store& store, std::string_view subscriber);

/// Forgets events that every subscriber has seen and that are older than `before`. Returns how many.
Result<int64_t> trim_events(Store& store, int64_t before);

}  // namespace zhili::store
