#pragma once

#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "fuse/resolver.hpp"

namespace zhili::fuse {

/// What one step changed, as it was before.
struct Resolver::Undo {
  /// Slot by slot: number, presence, time, links, then a raw number for each attribute, then the linked slots.
  std::vector<uint32_t> images;
  std::vector<uint32_t> edited;  ///< Slots with other values.
  std::vector<Constraints::Taken> taken;
  std::set<RecordName> named;
  std::vector<std::pair<EntityId, std::vector<uint32_t>>> before;  ///< Entities that were changed or are gone.
  std::vector<EntityId> after;                                     ///< Entities that were changed or made.
};

}  // namespace zhili::fuse
