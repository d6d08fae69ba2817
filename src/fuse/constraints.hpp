#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "fuse/cluster.hpp"
#include "fuse/config.hpp"
#include "fuse/decisions.hpp"

namespace zhili::fuse {

/// What people have decided, as constraints on the records that are there now, while decisions and records come and go.
/// Always what `resolve_decisions` says of all standing decisions; only those that hang together with a change are
/// resolved anew.
class Constraints {
 public:
  using Pair = std::pair<RecordName, RecordName>;
  /// What a decision replaced, to take it back.
  struct Taken {
    Pair pair;
    std::optional<uint64_t> made;  ///< Its number.
    std::optional<std::pair<uint64_t, Decision>> replaced;
  };

  /// A later decision on the same pair replaces an earlier one; kUndo only takes it away.
  Taken take(const Decision& decision);
  void take_back(const Taken& taken);
  void restore(uint64_t number, const Decision& decision) { put(number, decision); }
  /// Resolves all decisions that hang together with those about these records. `changed` is given the records whose
  /// constraints may be others now.
  void refresh(const std::set<RecordName>& names, const Config& config, const FindRecord& find,
               std::vector<uint32_t>& changed);

  bool empty() const { return standing_.empty(); }
  bool names(const RecordName& record) const { return of_name_.contains(record); }
  std::span<const uint32_t> same(uint32_t record) const { return of(same_, record); }
  std::span<const uint32_t> different(uint32_t record) const { return of(different_, record); }
  /// Constraints between records of the group, and some beyond it.
  void add_to(std::span<const uint32_t> group, Decided& decided) const;
  std::vector<std::pair<uint64_t, Decision>> standing() const { return {standing_.begin(), standing_.end()}; }

 private:
  using Partners = std::unordered_map<uint32_t, std::vector<uint32_t>>;

  static Pair pair_of(const Decision& decision);
  static std::span<const uint32_t> of(const Partners& partners, uint32_t record);
  void put(uint64_t number, const Decision& decision);
  void erase(uint64_t number);

  std::map<uint64_t, Decision> standing_;  // By number, the oldest first.
  std::map<Pair, uint64_t> of_pair_;
  std::map<RecordName, std::set<uint64_t>> of_name_;
  std::map<RecordName, uint32_t> resolved_;  // Records that were there when their decisions were resolved.
  Partners same_;
  Partners different_;
  uint64_t next_ = 1;
};

}  // namespace zhili::fuse
