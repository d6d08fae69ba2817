#include "fuse/plan.hpp"

#include <algorithm>
#include <numeric>

#include "base/parallel.hpp"
#include "base/random.hpp"
#include "fuse/pairs.hpp"
#include "fuse/score.hpp"
#include "fuse/train.hpp"

namespace zhili::fuse {
namespace {

constexpr uint64_t kSample = 100'000;      ///< Records that rules are counted on.
constexpr size_t kLikelyMatches = 30'000;  ///< Pairs that recall is estimated on.
constexpr double kPairsARecord = 60;       ///< Budget.
constexpr double kBudgetFloor = 5e6;
constexpr double kBudgetCeiling = 3e9;
constexpr double kSeedPairsARecord = 3;  ///< A rule that trains the first model gives at most so many pairs.
constexpr size_t kSeeds = 10;
constexpr size_t kRules = 16;
constexpr double kLeastGain = 2e-4;  ///< Share of likely matches that a further rule must add.
/// What finding a match the first, second and third time is worth.
constexpr std::array<double, 3> kWorth{1.0, 0.25, 0.05};

using enum KeyTransform;

/// Keys worth trying for values of a type, the strictest first.
std::vector<std::pair<KeyTransform, uint32_t>> keys_of(const Attribute& attribute) {
  switch (attribute.type) {
    case SemanticType::kChineseName:
      return {{kExact, 0}, {kPinyin, 0}, {kInitial, 0}};
    case SemanticType::kLatinName:
      if (attribute.part == NamePart::kFull) return {{kExact, 0}, {kSortedTokens, 0}, {kTokens, 0}, {kPrefix, 4}};
      return {{kExact, 0}, {kMetaphone, 0}, {kPrefix, 3}, {kInitial, 0}};
    case SemanticType::kIdNumber:
      return {{kExact, 0}, {kBirth, 0}, {kSuffix, 6}};
    case SemanticType::kCreditCode:
      return {{kExact, 0}, {kSuffix, 8}};
    case SemanticType::kDate:
      return {{kExact, 0}, {kYearMonth, 0}, {kMonthDay, 0}, {kYear, 0}};
    case SemanticType::kPhone:
      return {{kExact, 0}, {kSuffix, 6}, {kPrefix, 7}};
    case SemanticType::kAddress:
      return {{kRoom, 0}, {kBuilding, 0}, {kRoad, 0}};
    case SemanticType::kText:
      return {{kExact, 0}, {kPrefix, 5}, {kPrefix, 3}, {kTokens, 0}};
    case SemanticType::kLatitude:
    case SemanticType::kLongitude:
      return {{kCell, 3}, {kCell, 2}};
    case SemanticType::kCategory:
    case SemanticType::kNumber:
      break;
  }
  return {{kExact, 0}};
}

std::string text_of(const Config& config, const BlockingRule& rule) {
  std::string out;
  for (const auto& part : rule.parts) {
    if (!out.empty()) out += " + ";
    out += config.attributes[part.attribute].name;
    if (part.transform != kExact) out += "." + std::string(name_of(part.transform));
    if (takes_number(part.transform)) out += fmt::format("({})", part.n);
  }
  return out;
}

class Planner {
 public:
  Planner(const Config& config, const Records& records, Projections& projections, const Comparisons& comparisons,
          const AllowedPairs& allowed, unsigned threads, Cancel& cancel)
      : config_(config),
        records_(records),
        projections_(projections),
        comparisons_(comparisons),
        allowed_(allowed),
        threads_(threads),
        cancel_(cancel) {}

  Result<Plan> run() {
    plan_.budget = std::clamp(kPairsARecord * static_cast<double>(records_.size()), kBudgetFloor, kBudgetCeiling);
    draw_sample();
    list_candidates();
    ZHILI_TRY(cancel_.check());
    auto training = seeds();
    for (int round = 0; round < 2; ++round) {
      if (training.empty()) break;
      ZHILI_TRY(find_likely_matches(training));
      choose();
      training = plan_.chosen;
    }
    if (plan_.chosen.empty()) take_cheapest();
    return std::move(plan_);
  }

 private:
  struct Candidate {
    BlockingRule rule;
    double pairs = 0;
    uint64_t largest = 0;
    std::vector<bool> finds;  // By likely match.
  };

  void draw_sample();
  void list_candidates();
  void count(Candidate& candidate) const;
  std::vector<BlockingRule> seeds() const;
  Status find_likely_matches(const std::vector<BlockingRule>& rules);
  void mark_finds(Candidate& candidate) const;
  void choose();
  void take_cheapest();
  bool agree(const BlockingRule& rule, uint32_t a, uint32_t b) const;
  uint64_t key(const KeyPart& part, uint64_t record) const {
    return (*single(part))[records_.column(part.attribute).value(record)];
  }
  const Projection* single(const KeyPart& part) const {
    return &projections_.get(part.attribute, part.transform, part.n);
  }

  const Config& config_;
  const Records& records_;
  Projections& projections_;
  const Comparisons& comparisons_;
  const AllowedPairs& allowed_;
  unsigned threads_;
  Cancel& cancel_;
  std::vector<uint32_t> sample_;
  std::vector<Candidate> candidates_;
  std::vector<std::pair<uint32_t, uint32_t>> likely_;
  Plan plan_;
};

void Planner::draw_sample() {
  sample_.resize(std::min(records_.size(), kSample));
  if (sample_.size() == records_.size()) {
    std::iota(sample_.begin(), sample_.end(), 0);
    return;
  }
  Random random(config_.seed, 77);
  for (auto& record : sample_) record = static_cast<uint32_t>(random.below(records_.size()));
  std::ranges::sort(sample_);
  sample_.erase(std::unique(sample_.begin(), sample_.end()), sample_.end());
}

/// Rules of one key, and of two and three keys of different attributes; a rule is extended only where it is too wide by
/// itself, since a narrower one finds less.
void Planner::list_candidates() {
  const auto n = static_cast<double>(records_.size());
  std::vector<Candidate> singles;
  for (uint32_t a = 0; a < config_.attributes.size(); ++a) {
    if (records_.column(a).values.size() < 2) continue;
    for (const auto& [transform, length] : keys_of(config_.attributes[a])) {
      if (transform == kTokens)
        projections_.words(a);
      else
        projections_.get(a, transform, length);
      singles.push_back({{{KeyPart{a, transform, length}}, {}}, 0, 0, {}});
    }
  }
  const auto count_all = [&](std::vector<Candidate>& list) {
    parallel_for(list.size(), 1, threads_, [&](uint64_t begin, uint64_t end, unsigned) {
      for (uint64_t i = begin; i < end && !cancel_.requested(); ++i) count(list[i]);
    });
  };
  const auto narrow_enough = [&](const Candidate& c) { return c.pairs <= plan_.budget / 4; };
  const auto extend = [&](const std::vector<Candidate>& wide) {
    std::vector<Candidate> longer;
    for (const auto& base : wide) {
      // Four-fold wider than records would allow by themselves: a further key must cut a lot.
      if (narrow_enough(base) && base.pairs < n) continue;
      for (const auto& add : singles) {
        const auto& last = base.rule.parts.back();
        if (add.rule.parts[0].attribute <= last.attribute || last.transform == kTokens) continue;
        auto rule = base.rule;
        rule.parts.push_back(add.rule.parts[0]);
        longer.push_back({std::move(rule), 0, 0, {}});
      }
    }
    return longer;
  };
  count_all(singles);
  auto pairs = extend(singles);
  count_all(pairs);
  std::vector<Candidate> wide;
  std::ranges::copy_if(pairs, std::back_inserter(wide), [&](const Candidate& c) { return !narrow_enough(c); });
  // The widest pairs of coarse keys stay hopeless with a third; the others are few enough to try.
  std::ranges::stable_sort(wide, {}, &Candidate::pairs);
  if (wide.size() > 60) wide.resize(60);
  auto triples = extend(wide);
  if (triples.size() > 400) triples.resize(400);
  count_all(triples);
  for (auto* list : {&singles, &pairs, &triples}) {
    for (auto& candidate : *list) {
      if (!narrow_enough(candidate) || candidate.pairs == 0) continue;
      candidate.rule.text = text_of(config_, candidate.rule);
      candidates_.push_back(std::move(candidate));
    }
  }
}

void Planner::count(Candidate& candidate) const {
  std::vector<uint64_t> keys;
  keys.reserve(sample_.size());
  const auto& parts = candidate.rule.parts;
  for (const uint32_t record : sample_) {
    uint64_t hash = 1;
    const Words* words = nullptr;
    uint32_t word_value = 0;
    for (const auto& part : parts) {
      if (part.transform == kTokens) {
        words = &projections_.words(part.attribute);
        word_value = records_.column(part.attribute).value(record);
        continue;
      }
      const uint64_t k = key(part, record);
      hash = k == 0 ? 0 : combine64(hash, k);
      if (hash == 0) break;
    }
    if (hash == 0) continue;
    if (words == nullptr) {
      keys.push_back(hash);
    } else {
      for (const uint64_t word : words->keys_of(word_value)) keys.push_back(combine64(hash, word));
    }
  }
  std::ranges::sort(keys);
  double pairs = 0;
  for (size_t begin = 0; begin < keys.size();) {
    size_t end = begin;
    while (end < keys.size() && keys[end] == keys[begin]) ++end;
    const auto size = static_cast<double>(end - begin);
    pairs += size * (size - 1) / 2;
    candidate.largest = std::max<uint64_t>(candidate.largest, end - begin);
    begin = end;
  }
  const double scale = static_cast<double>(records_.size()) / static_cast<double>(std::max<size_t>(1, sample_.size()));
  candidate.pairs = std::max(pairs, 0.5) * scale * scale;
  candidate.largest = static_cast<uint64_t>(static_cast<double>(candidate.largest) * scale);
}

/// Strict rules that between them leave every attribute free somewhere.
std::vector<BlockingRule> Planner::seeds() const {
  const double most = kSeedPairsARecord * static_cast<double>(records_.size());
  std::vector<const Candidate*> strict;
  for (const auto& candidate : candidates_) {
    const bool words =
        std::ranges::any_of(candidate.rule.parts, [](const KeyPart& p) { return p.transform == kTokens; });
    if (candidate.pairs <= most && !words) strict.push_back(&candidate);
  }
  std::ranges::stable_sort(strict, std::greater<>{}, &Candidate::pairs);
  std::vector<uint32_t> used(config_.attributes.size(), 0);
  std::vector<BlockingRule> out;
  while (out.size() < kSeeds && !strict.empty()) {
    // The attributes that were used least so far come first.
    const auto wear = [&](const Candidate* c) {
      uint32_t sum = 0;
      for (const auto& part : c->rule.parts) sum += used[part.attribute] * 4 + 1;
      return sum;
    };
    const auto best = std::ranges::min_element(strict, {}, wear);
    for (const auto& part : (*best)->rule.parts) ++used[part.attribute];
    out.push_back((*best)->rule);
    strict.erase(best);
  }
  return out;
}

Status Planner::find_likely_matches(const std::vector<BlockingRule>& rules) {
  ZHILI_ASSIGN(const auto blocks, Blocks::build(config_, rules, records_, projections_, threads_, cancel_));
  ZHILI_ASSIGN(const auto training, train(config_, rules, records_, blocks, comparisons_, allowed_, threads_, cancel_));
  const Scorer scorer(comparisons_, training.model, records_);
  constexpr float kSure = 3.3F;  // Odds of ten to one.
  const auto tasks = cut_into_tasks(blocks, 1U << 11);
  uint64_t pairs = 0;
  for (const auto& task : tasks) pairs += task.pairs;
  const double expected = std::max(1.0, training.report.expected_matches);
  const double share = std::min(1.0, static_cast<double>(kLikelyMatches) / expected);
  const auto limit = share >= 1 ? UINT64_MAX : static_cast<uint64_t>(share * 0x1.0p64);
  std::vector<std::vector<std::pair<uint32_t, uint32_t>>> found(threads_);
  std::vector<LevelMemo> memos(threads_, LevelMemo(comparisons_.size()));
  std::vector<PairWalker> walkers(threads_, PairWalker(blocks, comparisons_, records_, allowed_));
  parallel_for(tasks.size(), 4, threads_, [&](uint64_t begin, uint64_t end, unsigned thread) {
    for (uint64_t t = begin; t < end && !cancel_.requested(); ++t) {
      walkers[thread].walk(tasks[t], true, [&](uint32_t i, uint32_t j, const uint32_t* a, const uint32_t* b) {
        if (mix64(~(uint64_t{i} << 32 | j)) > limit) return;
        if (scorer.weight_from(kSure, a, b, memos[thread]) >= kSure) found[thread].push_back({i, j});
      });
    }
  });
  likely_.clear();
  for (const auto& list : found) likely_.insert(likely_.end(), list.begin(), list.end());
  std::ranges::sort(likely_);
  plan_.likely_matches = static_cast<double>(likely_.size());
  return cancel_.check();
}

bool Planner::agree(const BlockingRule& rule, uint32_t a, uint32_t b) const {
  for (const auto& part : rule.parts) {
    const auto& column = records_.column(part.attribute);
    if (part.transform == kTokens) {
      const auto& words = projections_.words(part.attribute);
      const auto x = words.keys_of(column.value(a));
      const auto y = words.keys_of(column.value(b));
      if (!std::ranges::any_of(x, [&](uint64_t w) { return std::ranges::find(y, w) != y.end(); })) return false;
      continue;
    }
    const uint64_t k = key(part, a);
    if (k == 0 || k != key(part, b)) return false;
  }
  return true;
}

void Planner::mark_finds(Candidate& candidate) const {
  candidate.finds.assign(likely_.size(), false);
  for (size_t i = 0; i < likely_.size(); ++i) {
    candidate.finds[i] = agree(candidate.rule, likely_[i].first, likely_[i].second);
  }
}

void Planner::choose() {
  parallel_for(candidates_.size(), 1, threads_, [&](uint64_t begin, uint64_t end, unsigned) {
    for (uint64_t i = begin; i < end; ++i) mark_finds(candidates_[i]);
  });
  plan_.chosen.clear();
  plan_.estimates.clear();
  const double matches = std::max<double>(1, static_cast<double>(likely_.size()));
  std::vector<uint8_t> found(likely_.size(), 0);
  std::vector<bool> taken(candidates_.size(), false);
  double spent = 0;
  while (plan_.chosen.size() < std::min<size_t>(kRules, limits::kBlockingRules)) {
    size_t best = candidates_.size();
    double best_value = 0;
    for (size_t i = 0; i < candidates_.size(); ++i) {
      const auto& candidate = candidates_[i];
      if (taken[i] || spent + candidate.pairs > plan_.budget) continue;
      double gain = 0;
      for (size_t k = 0; k < likely_.size(); ++k) {
        if (candidate.finds[k] && found[k] < kWorth.size()) gain += kWorth[found[k]];
      }
      if (gain < kLeastGain * matches) continue;
      // A rule costs its pairs, and a pass over the records.
      const double value = gain / (candidate.pairs + 0.5 * static_cast<double>(records_.size()));
      if (value > best_value) {
        best_value = value;
        best = i;
      }
    }
    if (best == candidates_.size()) break;
    taken[best] = true;
    spent += candidates_[best].pairs;
    for (size_t k = 0; k < likely_.size(); ++k) {
      if (candidates_[best].finds[k] && found[k] < kWorth.size()) ++found[k];
    }
    plan_.chosen.push_back(candidates_[best].rule);
    const auto so_far = static_cast<double>(std::ranges::count_if(found, [](uint8_t f) { return f > 0; })) / matches;
    const auto own = static_cast<double>(std::ranges::count(candidates_[best].finds, true)) / matches;
    plan_.estimates.push_back({candidates_[best].rule, static_cast<uint64_t>(candidates_[best].pairs),
                               candidates_[best].largest, own, so_far});
  }
  std::vector<RuleEstimate> others;
  for (size_t i = 0; i < candidates_.size(); ++i) {
    if (taken[i]) continue;
    const auto own = static_cast<double>(std::ranges::count(candidates_[i].finds, true)) / matches;
    others.push_back(
        {candidates_[i].rule, static_cast<uint64_t>(candidates_[i].pairs), candidates_[i].largest, own, 0});
  }
  std::ranges::stable_sort(others, std::greater<>{}, &RuleEstimate::recall);
  plan_.estimates.insert(plan_.estimates.end(), others.begin(), others.end());
}

/// Data in which no match shows itself still get rules: the widest that the budget bears.
void Planner::take_cheapest() {
  std::vector<const Candidate*> by_pairs;
  for (const auto& candidate : candidates_) by_pairs.push_back(&candidate);
  std::ranges::stable_sort(by_pairs, std::greater<>{}, &Candidate::pairs);
  double spent = 0;
  for (const auto* candidate : by_pairs) {
    if (plan_.chosen.size() >= kSeeds || spent + candidate->pairs > plan_.budget) continue;
    spent += candidate->pairs;
    plan_.chosen.push_back(candidate->rule);
    plan_.estimates.push_back({candidate->rule, static_cast<uint64_t>(candidate->pairs), candidate->largest, 0, 0});
  }
}

}  // namespace

Result<Plan> propose_rules(const Config& config, const Records& records, Projections& projections,
                           const Comparisons& comparisons, const AllowedPairs& allowed, unsigned threads,
                           Cancel& cancel) {
  return Planner(config, records, projections, comparisons, allowed, threads, cancel).run();
}

}  // namespace zhili::fuse
