#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.hpp"
#include "base/result.hpp"
#include "fuse/decisions.hpp"
#include "fuse/entity_id.hpp"
#include "fuse/fusion.hpp"
#include "fuse/membership.hpp"

namespace zhili::fuse {

/// Why a pair is worth a look.
enum class Doubt : uint8_t {
  kUncertain,  ///< Its probability lies in the review zone.
  kOutvoted,   ///< It was linked, but the other pairs of the two entities speak against it.
  kConflict,   ///< It was linked, but the two records have different valid values of an identifying attribute.
  kUnique,     ///< It was linked, but both records come from one source whose records are all different entities.
};

/// A pair for people to decide on.
struct ReviewPair {
  uint32_t a = 0;  ///< Records, a < b.
  uint32_t b = 0;
  float weight = 0;       ///< Bits.
  bool together = false;  ///< Both are in one entity now.
  Doubt doubt = Doubt::kUncertain;
  uint32_t attribute = kNoAttribute;  ///< For kConflict.
  /// Record pairs that a decision against the present state would part or bring together.
  uint64_t pairs = 0;
  double gain = 0;  ///< `pairs` times the chance that the decision goes against the present state. Orders the list.
};

struct ReviewList {
  std::vector<ReviewPair> pairs;  ///< By gain, the highest first; at most `kReviewRows`.
  uint64_t found = 0;             ///< Including those that did not fit.
};
inline constexpr size_t kReviewRows = 20'000;

/// Finds pairs whose probability lies between the review marks, and linked pairs that the clusters do not keep; pairs
/// that were decided on are left out.
///
/// What hangs on a pair: two entities are brought together by "same", so that all their pairs are at stake, but only
/// once, for the pair of them with the highest gain; every further pair between the same two counts for itself alone.
/// Within an entity links are laid from the strongest down; a pair that is the first to connect two parts holds all
/// pairs between them, one whose ends stronger links connect already holds itself alone.
Result<ReviewList> find_review(const Fusion& fusion, const Membership& membership, const Decided& decided);

/// Why the pair is on the list, in words.
std::string reason(const ReviewPair& pair, const Fusion& fusion);

/// Writes review.csv: number,source_a,record_a,entity_a,source_b,record_b,entity_b,probability,weight,together,reason,
/// pairs, then for each attribute a.NAME and b.NAME with the values as written.
Status write_review(const std::filesystem::path& path, const ReviewList& list, const Fusion& fusion,
                    const std::vector<EntityId>& ids);

/// A line of review.csv.
struct ReviewLine {
  uint64_t number = 0;
  RecordName a;
  RecordName b;
  std::string entity_a;
  std::string entity_b;
  std::string probability;
  std::string reason;
  std::string pairs;
  bool together = false;
  std::vector<std::string> attributes;
  std::vector<std::string> values_a;
  std::vector<std::string> values_b;
};

/// Reads review.csv from line `from` (numbers begin at 1) for as long as `take` returns true.
Status read_review(const std::filesystem::path& path, uint64_t from, const std::function<bool(ReviewLine)>& take);

}  // namespace zhili::fuse
