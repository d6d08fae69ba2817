#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "fuse/cluster.hpp"
#include "fuse/fusion.hpp"

namespace zhili::fuse {

/// What one comparison adds to the weight of a pair.
struct ExplainedPart {
  uint32_t comparison = 0;
  uint32_t attribute = 0;
  std::string raw_a;  ///< As the source writes it; empty where it is missing.
  std::string raw_b;
  std::string standard_a;  ///< As it was compared.
  std::string standard_b;
  LevelNumber level = kMissing;
  std::string level_text;  ///< "jaro_winkler 0.92", "missing", "else".
  double m = 0;            ///< Of the level; 0 where a value is missing.
  double u = 0;
  float weight = 0;  ///< Of the level, bits.
  float rarity = 0;  ///< On top of it, because the shared value is rarer or commoner than most.
  /// The equal comparison that says part of it already, so that this one weighs less; -1 where there is none.
  int given = -1;
  uint32_t frequency = 0;  ///< Records that hold the shared value; 0 where the values differ.
  float sum = 0;           ///< Prior and all parts so far, this one included.
};

/// What forbids that two records are one entity.
enum class Barrier : uint8_t {
  kNone,
  kDecision,      ///< People decided that they differ.
  kUniqueSource,  ///< Both lie in a source without duplicates.
  kOneToOne,      ///< Both lie in one of two sources that are linked one to one.
  kIdentifying,   ///< Two different valid values of an identifying attribute.
};

/// Why two records are one entity, or are not.
enum class Reason : uint8_t {
  // One entity:
  kDecidedSame,
  kLinked,         ///< Their own weight reaches the threshold.
  kThroughOthers,  ///< Other records of the entity connect them.
  // Two entities:
  kBarred,          ///< See Barrier.
  kBarredByOthers,  ///< Linked by weight, but other records of their entities must not come together.
  kNotCompared,     ///< The link mode leaves pairs of these sources out.
  kNotBrought,      ///< Their weight would reach the threshold, but no blocking rule brings them together.
  kOutweighed,      ///< Linked by weight, but the other records of their entities speak against it.
  kTooLight,        ///< Their weight stays below the threshold.
};

/// A blocking rule in which two records agree, or in which they fail to meet although they agree.
struct RuleHold {
  std::string rule;
  std::string key;     ///< What they share: "wang wei + 1980"; empty for rules over words.
  bool split = false;  ///< Their block was larger than max_block, and its split has parted them.
};

/// A link of the chain that connects two records of one entity.
struct Hop {
  uint32_t record = 0;
  float weight = 0;  ///< Of the pair of this record and the one before it; 0 for the first.
};

struct Explanation {
  uint32_t a = 0;
  uint32_t b = 0;
  std::string name_a;  ///< "source:record_id"
  std::string name_b;
  float prior = 0;
  std::vector<ExplainedPart> parts;  ///< In the order of the model.
  float weight = 0;
  double probability = 0;
  float threshold = 0;
  std::vector<RuleHold> rules;
  bool brought = false;  ///< Some rule brings them together.
  Barrier barrier = Barrier::kNone;
  uint32_t barrier_attribute = kNoAttribute;  ///< For kIdentifying.
  bool one_entity = false;
  Reason reason = Reason::kTooLight;
  std::vector<Hop> chain;  ///< For kThroughOthers: from a to b over the records whose weakest link is strongest.
  float mean = 0;        ///< For kOutweighed: mean weight of all pairs between the two entities, as clustering sees it.
  uint32_t other_a = 0;  ///< For kBarredByOthers: the records that must not come together, and why.
  uint32_t other_b = 0;
  Barrier other_barrier = Barrier::kNone;
};

/// What clustering made of a pair: the records of its entities. One list twice when they are one entity.
struct Outcome {
  bool one_entity = false;
  std::span<const uint32_t> records_a;
  std::span<const uint32_t> records_b;
};

/// The rules that bring a and b together, out of the blocks of a run.
std::vector<RuleHold> rules_holding(const Fusion& fusion, uint32_t a, uint32_t b);
/// The same for a run whose blocks were not built: builds those of the rules in which a and b agree.
Result<std::vector<RuleHold>> find_rules_holding(Fusion& fusion, const std::vector<BlockingRule>& rules, uint32_t a,
                                                 uint32_t b);

/// Takes a pair's weight apart and says what became of it. The fusion must have read and learnt.
Explanation explain(const Fusion& fusion, uint32_t a, uint32_t b, const Decided& decided, const Outcome& outcome,
                    std::vector<RuleHold> rules);

/// "source:record_id", for messages and pictures.
std::string name_of_record(const Fusion& fusion, uint32_t record);

std::string_view name_of(Barrier barrier);  ///< "none", "decision", "unique_source", "one_to_one", "identifying".
std::string_view name_of(Reason reason);    ///< "linked", "through_others", …

}  // namespace zhili::fuse
