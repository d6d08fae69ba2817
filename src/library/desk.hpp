#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/store.hpp"

namespace zhili::library {

/// What the review desk and an entity's page read of the base library: ids, weights and times, no value. May be used by
/// many threads; the store outlives it.
class Desk {
 public:
  Desk(store::Store& store, int64_t area_id) : store_(store), area_id_(area_id) {}

  /// Two entities that may be one, or one (a = b) that may be two.
  struct Doubt {
    std::string a;
    std::string b;
    double weight = 0;  ///< Bits that speak for one.
    int64_t found_at = 0;
    std::string next;  ///< Where the list goes on behind it.
  };
  static constexpr size_t kPage = 200;
  /// The most open question first. `after`: `next` of the last that is known; empty from the start. Errors: kInput for
  /// what is no `next`.
  Result<std::vector<Doubt>> doubts(const std::string& kind, const std::string& after, size_t limit) const;
  Result<int64_t> count_doubts(const std::string& kind) const;

  /// What became of an id.
  struct Event {
    int64_t at = 0;     ///< Microseconds since 1970.
    std::string event;  ///< changed; merged, split, moved, gone, and from the other side merged_from, split_from,
                        ///< moved_from; decided_same, decided_different, decided_undo.
    std::string other;  ///< The other entity, where there is one.
    uint64_t records = 0;
  };
  /// Newest first, at most kPage.
  Result<std::vector<Event>> events(const std::string& kind, const std::string& subject) const;

 private:
  store::Store& store_;
  int64_t area_id_;
};

}  // namespace zhili::library
