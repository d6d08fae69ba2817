#include "fuse/explain.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace zhili::fuse {
namespace {

constexpr size_t kMostMembers = 512;  ///< Records of an entity that chains and means look at.
constexpr float kInfinite = std::numeric_limits<float>::infinity();

constexpr std::array<std::string_view, 5> kBarriers{"none", "decision", "unique_source", "one_to_one", "identifying"};
constexpr std::array<std::string_view, 9> kReasons{"decided_same", "linked",           "through_others",
                                                   "barred",       "barred_by_others", "not_compared",
                                                   "not_brought",  "outweighed",       "too_light"};

using RecordPair = std::pair<uint32_t, uint32_t>;

/// Pairs in any order of their records.
class PairSet {
 public:
  explicit PairSet(std::vector<RecordPair> pairs) : pairs_(std::move(pairs)) {
    for (auto& pair : pairs_) {
      if (pair.first > pair.second) std::swap(pair.first, pair.second);
    }
    std::ranges::sort(pairs_);
  }
  bool has(uint32_t a, uint32_t b) const {
    return !pairs_.empty() && std::ranges::binary_search(pairs_, RecordPair(std::minmax(a, b)));
  }

 private:
  std::vector<RecordPair> pairs_;
};

std::span<const uint32_t> some(std::span<const uint32_t> members) {
  return members.first(std::min(members.size(), kMostMembers));
}

/// Explains one pair of one run.
class Explainer {
 public:
  Explainer(const Fusion& fusion, const Decided& decided)
      : fusion_(fusion), same_(decided.same), different_(decided.different), memo_(size()) {}

  void weigh(Explanation& out) {
    const auto& comparisons = fusion_.comparisons();
    const auto* row_a = comparisons.row(out.a);
    const auto* row_b = comparisons.row(out.b);
    out.prior = fusion_.scorer().prior();
    out.weight = out.prior;
    for (uint32_t c = 0; c < size(); ++c) {
      const auto part = fusion_.scorer().part(c, row_a, row_b, memo_);
      ExplainedPart entry;
      entry.comparison = c;
      entry.attribute = comparisons.list()[c].attribute;
      entry.level = part.level;
      entry.level_text = comparisons.list()[c].label(part.level);
      entry.given = part.given;
      entry.weight = part.weight;
      entry.rarity = part.rarity;
      if (part.level != kMissing) {
        const auto& level = fusion_.model().comparisons[c].levels[part.level - 1];
        entry.m = level.m;
        entry.u = level.u;
      }
      fill_values(out, entry);
      out.weight += entry.weight + entry.rarity;
      entry.sum = out.weight;
      out.parts.push_back(std::move(entry));
    }
    out.probability = probability(out.weight);
    out.threshold = fusion_.threshold();
  }

  void judge(Explanation& out, const Outcome& outcome) {
    out.one_entity = outcome.one_entity;
    out.barrier = barrier(out.a, out.b, out.barrier_attribute);
    if (outcome.one_entity) {
      if (same_.has(out.a, out.b)) {
        out.reason = Reason::kDecidedSame;
      } else if (out.brought && out.weight >= out.threshold) {
        out.reason = Reason::kLinked;
      } else {
        out.reason = Reason::kThroughOthers;
        out.chain = chain(out.a, out.b, some(outcome.records_a));
      }
      return;
    }
    const auto& records = fusion_.records();
    if (out.barrier != Barrier::kNone) {
      out.reason = Reason::kBarred;
    } else if (!fusion_.allowed()(records.source(out.a), records.source(out.b))) {
      out.reason = Reason::kNotCompared;
    } else if (out.weight < out.threshold) {
      out.reason = Reason::kTooLight;
    } else if (!out.brought) {
      out.reason = Reason::kNotBrought;
    } else {
      between_entities(out, some(outcome.records_a), some(outcome.records_b));
    }
  }

 private:
  uint32_t size() const { return fusion_.comparisons().size(); }

  void fill_values(const Explanation& out, ExplainedPart& entry) const {
    const auto& column = fusion_.records().column(entry.attribute);
    const uint32_t value_a = column.value(out.a);
    const uint32_t value_b = column.value(out.b);
    entry.raw_a = column.raws[column.raw[out.a]];
    entry.raw_b = column.raws[column.raw[out.b]];
    entry.standard_a = column.values[value_a];
    entry.standard_b = column.values[value_b];
    if (value_a == value_b && value_a != 0) entry.frequency = column.frequency[value_a];
  }

  /// What forbids that a and b are one entity; `attribute` is set for kIdentifying. The order of clustering.
  Barrier barrier(uint32_t a, uint32_t b, uint32_t& attribute) const {
    if (different_.has(a, b)) return Barrier::kDecision;
    if (same_.has(a, b)) return Barrier::kNone;
    const auto& config = fusion_.config();
    const uint32_t source = fusion_.records().source(a);
    if (source == fusion_.records().source(b)) {
      if (config.sources[source].unique) return Barrier::kUniqueSource;
      const auto in = [&](const auto& pair) { return pair.first == source || pair.second == source; };
      if (std::ranges::any_of(config.one_to_one, in)) return Barrier::kOneToOne;
    }
    const auto& comparisons = fusion_.comparisons();
    const auto* row_a = comparisons.row(a);
    const auto* row_b = comparisons.row(b);
    for (const uint32_t c : comparisons.identifying()) {
      const bool differ = row_a[c] != row_b[c] && row_a[c] != 0 && row_b[c] != 0;
      if (differ && comparisons.valid(c, row_a[c]) && comparisons.valid(c, row_b[c])) {
        attribute = comparisons.list()[c].attribute;
        return Barrier::kIdentifying;
      }
    }
    return Barrier::kNone;
  }

  float weight(uint32_t a, uint32_t b) {
    if (same_.has(a, b)) return kInfinite;
    const auto& comparisons = fusion_.comparisons();
    return fusion_.scorer().weight(comparisons.row(a), comparisons.row(b), memo_);
  }

  /// The path from a to b over the records of their entity whose weakest link is strongest (Prim's tree, grown from a).
  std::vector<Hop> chain(uint32_t a, uint32_t b, std::span<const uint32_t> members) {
    std::vector<uint32_t> records(members.begin(), members.end());
    for (const uint32_t end : {a, b}) {
      if (std::ranges::find(records, end) == records.end()) records.push_back(end);
    }
    const size_t n = records.size();
    const auto place = [&](uint32_t r) { return static_cast<size_t>(std::ranges::find(records, r) - records.begin()); };
    std::vector<float> link(n, -kInfinite);
    std::vector<size_t> from(n, n);
    std::vector<uint8_t> inside(n, 0);
    size_t last = place(a);
    inside[last] = 1;
    while (records[last] != b) {
      size_t next = n;
      for (size_t i = 0; i < n; ++i) {
        if (inside[i] != 0) continue;
        // The pair itself is no link: it is what the chain stands in for.
        const bool itself = (records[last] == a && records[i] == b) || (records[last] == b && records[i] == a);
        const float w = itself && n > 2 ? -kInfinite : weight(records[last], records[i]);
        if (from[i] == n || w > link[i]) {
          link[i] = w;
          from[i] = last;
        }
        if (next == n || link[i] > link[next]) next = i;
      }
      inside[next] = 1;
      last = next;
    }
    std::vector<Hop> out;
    for (size_t at = place(b); records[at] != a; at = from[at]) out.push_back({records[at], link[at]});
    out.push_back({a, 0});
    std::ranges::reverse(out);
    return out;
  }

  /// Why two records that would be linked by themselves lie in different entities.
  void between_entities(Explanation& out, std::span<const uint32_t> of_a, std::span<const uint32_t> of_b) {
    double sum = 0;
    uint32_t attribute = kNoAttribute;
    for (const uint32_t a : of_a) {
      for (const uint32_t b : of_b) {
        if (const auto found = barrier(a, b, attribute); found != Barrier::kNone) {
          out.reason = Reason::kBarredByOthers;
          out.other_a = a;
          out.other_b = b;
          out.other_barrier = found;
          return;
        }
        sum += std::clamp(weight(a, b), -kMostBitsOfPair, kMostBitsOfPair);
      }
    }
    out.reason = Reason::kOutweighed;
    out.mean = static_cast<float>(sum / static_cast<double>(of_a.size() * of_b.size()));
  }

  const Fusion& fusion_;
  PairSet same_;
  PairSet different_;
  LevelMemo memo_;
};

/// What two records share in a rule; false when they don't agree in it.
bool agree(Projections& projections, const Records& records, const BlockingRule& rule, uint32_t a, uint32_t b,
           std::string& key) {
  for (const auto& part : rule.parts) {
    if (part.transform == KeyTransform::kTokens) {
      const auto& column = records.column(part.attribute);
      const auto& words = projections.words(part.attribute);
      const auto of_a = words.keys_of(column.value(a));
      const auto of_b = words.keys_of(column.value(b));
      if (!std::ranges::any_of(of_a, [&](uint64_t w) { return std::ranges::find(of_b, w) != of_b.end(); }))
        return false;
      continue;
    }
    const auto text = projections.text(part, a);
    if (text.empty() || text != projections.text(part, b)) return false;
    key += (key.empty() ? "" : " + ") + text;
  }
  return true;
}

}  // namespace

std::vector<RuleHold> rules_holding(const Fusion& fusion, uint32_t a, uint32_t b) {
  std::vector<RuleHold> out;
  for (uint32_t r = 0; r < fusion.rules().size(); ++r) {
    if (fusion.blocks().holds(r, a, b)) out.push_back({fusion.rules()[r].text, "", false});
  }
  return out;
}

Result<std::vector<RuleHold>> find_rules_holding(Fusion& fusion, const std::vector<BlockingRule>& rules, uint32_t a,
                                                 uint32_t b) {
  std::vector<RuleHold> out;
  std::vector<BlockingRule> agreeing;
  for (const bool words : {false, true}) {  // Blocks want rules over words last.
    for (const auto& rule : rules) {
      const auto over_words = [](const KeyPart& part) { return part.transform == KeyTransform::kTokens; };
      if (std::ranges::any_of(rule.parts, over_words) != words) continue;
      std::string key;
      if (!agree(fusion.projections(), fusion.records(), rule, a, b, key)) continue;
      out.push_back({rule.text, std::move(key), false});
      agreeing.push_back(rule);
    }
  }
  // Records that agree meet in a block, unless it is so large that it was split.
  ZHILI_ASSIGN(
      const auto blocks,
      Blocks::build(fusion.config(), agreeing, split_orders(fusion.config(), agreeing, fusion.records()), nullptr,
                    fusion.records(), fusion.projections(), fusion.threads(), fusion.progress(), fusion.cancel()));
  for (uint32_t r = 0; r < agreeing.size(); ++r) out[r].split = !blocks.holds(r, a, b);
  return out;
}

std::string name_of_record(const Fusion& fusion, uint32_t record) {
  return fmt::format("{}:{}", fusion.config().sources[fusion.records().source(record)].id, fusion.records().id(record));
}

Explanation explain(const Fusion& fusion, uint32_t a, uint32_t b, const Decided& decided, const Outcome& outcome,
                    std::vector<RuleHold> rules) {
  Explanation out;
  out.a = a;
  out.b = b;
  out.name_a = name_of_record(fusion, a);
  out.name_b = name_of_record(fusion, b);
  out.rules = std::move(rules);
  out.brought = std::ranges::any_of(out.rules, [](const RuleHold& rule) { return !rule.split; });
  Explainer explainer(fusion, decided);
  explainer.weigh(out);
  explainer.judge(out, outcome);
  return out;
}

std::string_view name_of(Barrier barrier) { return kBarriers[static_cast<size_t>(barrier)]; }
std::string_view name_of(Reason reason) { return kReasons[static_cast<size_t>(reason)]; }

}  // namespace zhili::fuse
