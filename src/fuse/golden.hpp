#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fuse/config.hpp"
#include "fuse/records.hpp"

namespace zhili::fuse {

/// Which record an entity's value of one attribute comes from.
struct GoldenValue {
  static constexpr uint32_t kNone = UINT32_MAX;
  uint32_t record = kNone;  ///< kNone: no record of the entity has a usable value.
  uint32_t differs = 0;     ///< Other standard values in the entity.
};

/// Chooses golden values. First, what passes its type's check goes before what does not, and fuller values before
/// emptier ones (a date before a year alone, a name before an initial, an address with numbers before one without, a
/// whole value before a masked one). Among these the attribute's survivorship rule decides:
/// - trust: the most trusted source; ties go to the newest record, then to the value that most records hold;
/// - newest: the newest record; ties go to trust, then to the most frequent value;
/// - vote: the standard value that most records hold; ties go to trust, then to the newest.
/// Of records that are still equal, the best spelling is taken: no stray spaces or full-width letters, not all in
/// capitals; then the most frequent one. The result does not depend on the order of sources or records.
/// Safe to use from many threads, each with its own scratch.
class GoldenRules {
 public:
  struct Candidate {
    uint32_t record;
    uint32_t raw;
    uint32_t value;
    uint32_t votes;  ///< Records of the entity with this value.
  };
  using Scratch = std::vector<Candidate>;

  GoldenRules(const Config& config, const Records& records) : config_(config), records_(records) {}

  GoldenValue choose(uint32_t attribute, std::span<const uint32_t> members, Scratch& scratch) const;
  /// The record's value as the golden record shows it: as written in its source, but where the type has one canonical
  /// form (ID number, credit code, phone, date) in that. The view is good until `buffer` changes.
  std::string_view text(uint32_t attribute, uint32_t record, std::string& buffer) const;

 private:
  uint32_t keep_best_kind(uint32_t attribute, Scratch& candidates) const;
  bool wins(Survivorship rule, const Candidate& x, const Candidate& y) const;
  bool reads_better(uint32_t attribute, const Candidate& x, const Candidate& y, const Scratch& all) const;
  double trust(const Candidate& c) const { return config_.sources[records_.source(c.record)].trust; }

  const Config& config_;
  const Records& records_;
};

}  // namespace zhili::fuse
