#include "fuse/plan.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

#include "base/parallel.hpp"
#include "base/random.hpp"
#include "fuse/pairs.hpp"
#include "fuse/score.hpp"
#include "fuse/train.hpp"

namespace zhili::fuse {
namespace {

constexpr uint64_t kSample = 50'000;       ///< Records that rules are counted on.
constexpr size_t kLikelyMatches = 30'000;  ///< Pairs that recall is estimated on.
constexpr double kPairsARecord = 60;       ///< Budget.
constexpr double kBudgetFloor = 5e6;
constexpr double kBudgetCeiling = 3e9;
constexpr double kSeedPairsARecord = 3;  ///< A rule that trains the first model gives at most so many pairs.
constexpr size_t kSeeds = 10;
constexpr size_t kRules = 16;
constexpr size_t kWideTried = 60;  ///< Rules of two keys that are tried with a third.
constexpr size_t kThreesTried = 400;
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
          const AllowedPairs& allowed, unsigned threads, Progress::Mode progress, Cancel& cancel)
      : config_(config),
        records_(records),
        projections_(projections),
        comparisons_(comparisons),
        allowed_(allowed),
        threads_(threads),
        progress_(progress),
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
    std::vector<uint32_t> keys;   // Numbers of its parts in `singles_`.
    std::vector<uint64_t> finds;  // Likely matches that it finds, as bits.
  };

  /// One key of one attribute, with its hashes over the sample (0 = none; for kTokens kKeysOfRecord hashes a record)
  /// and the likely matches that agree in it.
  struct Single {
    KeyPart part;
    uint32_t width = 1;
    std::vector<uint64_t> hashes;
    std::vector<uint64_t> finds;
  };

  void draw_sample();
  void list_candidates();
  void count(Candidate& candidate) const;
  std::vector<BlockingRule> seeds() const;
  Status find_likely_matches(const std::vector<BlockingRule>& rules);
  void mark_finds(Single& single) const;
  void add_single(const KeyPart& part);
  void choose();
  void list_others(const std::vector<bool>& taken, double matches);
  void take_cheapest();

  const Config& config_;
  const Records& records_;
  Projections& projections_;
  const Comparisons& comparisons_;
  const AllowedPairs& allowed_;
  unsigned threads_;
  Progress::Mode progress_;
  Cancel& cancel_;
  std::vector<uint32_t> sample_;
  std::vector<Single> singles_;
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

void Planner::add_single(const KeyPart& part) {
  Single single{part, part.transform == kTokens ? kKeysOfRecord : 1, {}, {}};
  single.hashes.assign(sample_.size() * single.width, 0);
  const auto& column = records_.column(part.attribute);
  const Words* words = single.width > 1 ? &projections_.words(part.attribute) : nullptr;
  const Projection* hash = words == nullptr ? &projections_.get(part.attribute, part.transform, part.n) : nullptr;
  for (size_t i = 0; i < sample_.size(); ++i) {
    const uint32_t value = column.value(sample_[i]);
    if (words == nullptr)
      single.hashes[i] = (*hash)[value];
    else
      std::ranges::copy(words->keys_of(value), single.hashes.begin() + static_cast<ptrdiff_t>(i * single.width));
  }
  singles_.push_back(std::move(single));
}

/// Rules of one key, and of two and three keys of different attributes; a rule is extended only where it is too wide by
/// itself, since a narrower one finds less.
void Planner::list_candidates() {
  const auto n = static_cast<double>(records_.size());
  for (uint32_t a = 0; a < config_.attributes.size(); ++a) {
    if (records_.column(a).values.size() < 2) continue;
    for (const auto& [transform, length] : keys_of(config_.attributes[a])) add_single({a, transform, length});
  }
  const auto made_of = [&](std::vector<uint32_t> keys) {
    Candidate candidate;
    for (const uint32_t k : keys) candidate.rule.parts.push_back(singles_[k].part);
    candidate.keys = std::move(keys);
    return candidate;
  };
  const auto count_all = [&](std::vector<Candidate>& list) {
    Progress shown("Trying rules", list.size(), "rules", progress_);
    parallel_for(list.size(), 1, threads_, [&](uint64_t begin, uint64_t end, unsigned) {
      for (uint64_t i = begin; i < end && !cancel_.requested(); ++i) count(list[i]);
      shown.add(end - begin);
    });
  };
  const auto narrow_enough = [&](const Candidate& c) { return c.pairs <= plan_.budget / 4; };
  const auto extend = [&](const std::vector<Candidate>& bases) {
    std::vector<Candidate> longer;
    for (const auto& base : bases) {
      if (base.pairs < n) continue;
      for (uint32_t k = base.keys.back() + 1; k < singles_.size(); ++k) {
        if (singles_[k].part.attribute == base.rule.parts.back().attribute) continue;
        const bool words_before = singles_[base.keys.back()].width > 1 || singles_[base.keys.front()].width > 1;
        if (singles_[k].width > 1 && words_before) continue;
        auto keys = base.keys;
        keys.push_back(k);
        longer.push_back(made_of(std::move(keys)));
      }
    }
    return longer;
  };
  std::vector<Candidate> ones;
  ones.reserve(singles_.size());
  for (uint32_t k = 0; k < singles_.size(); ++k) ones.push_back(made_of({k}));
  count_all(ones);
  auto twos = extend(ones);
  count_all(twos);
  std::vector<Candidate> wide;
  std::ranges::copy_if(twos, std::back_inserter(wide), [&](const Candidate& c) { return !narrow_enough(c); });
  // The widest pairs of coarse keys stay hopeless with a third; the others are few enough to try.
  std::ranges::stable_sort(wide, {}, &Candidate::pairs);
  if (wide.size() > kWideTried) wide.resize(kWideTried);
  auto threes = extend(wide);
  if (threes.size() > kThreesTried) threes.resize(kThreesTried);
  count_all(threes);
  for (auto* list : {&ones, &twos, &threes}) {
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
  const Single* words = nullptr;
  for (const uint32_t k : candidate.keys) {
    if (singles_[k].width > 1) words = &singles_[k];
  }
  for (size_t i = 0; i < sample_.size(); ++i) {
    uint64_t hash = 1;
    for (const uint32_t k : candidate.keys) {
      if (singles_[k].width > 1) continue;
      const uint64_t key = singles_[k].hashes[i];
      hash = key == 0 || hash == 0 ? 0 : combine64(hash, key);
    }
    if (hash == 0) continue;
    if (words == nullptr) {
      keys.push_back(hash);
      continue;
    }
    for (uint32_t w = 0; w < words->width; ++w) {
      const uint64_t word = words->hashes[i * words->width + w];
      if (word != 0) keys.push_back(combine64(hash, word));
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
  ZHILI_ASSIGN(const auto blocks, Blocks::build(config_, rules, split_orders(config_, rules, records_), nullptr,
                                                records_, projections_, threads_, progress_, cancel_));
  ZHILI_ASSIGN(const auto training,
               train(config_, rules, records_, blocks, comparisons_, allowed_, {}, threads_, progress_, cancel_));
  const Scorer scorer(comparisons_, training.model, records_);
  constexpr float kSure = 3.3F;  // Odds of ten to one.
  const auto tasks = cut_into_tasks(blocks, 1U << 11);
  const double expected = std::max(1.0, training.report.expected_matches);
  const double share = std::min(1.0, static_cast<double>(kLikelyMatches) / expected);
  const auto limit = share >= 1 ? UINT64_MAX : static_cast<uint64_t>(share * 0x1.0p64);
  std::vector<std::vector<std::pair<uint32_t, uint32_t>>> found(threads_);
  std::vector<Scorer::Scratch> scratches(threads_, Scorer::Scratch(comparisons_.size()));
  std::vector<PairWalker> walkers(threads_, PairWalker(blocks, records_, allowed_));
  Progress shown("Looking for likely matches", tasks.size(), "blocks", progress_);
  parallel_for(tasks.size(), 4, threads_, [&](uint64_t begin, uint64_t end, unsigned thread) {
    for (uint64_t t = begin; t < end && !cancel_.requested(); ++t) {
      walkers[thread].walk_rows(tasks[t], true, [&](const PairRow& row) {
        scorer.weigh(row, kSure, scratches[thread], [&](uint32_t a, uint32_t b, float) {
          if (mix64(~(uint64_t{a} << 32 | b)) <= limit) found[thread].emplace_back(a, b);
        });
      });
    }
    shown.add(end - begin);
  });
  likely_.clear();
  for (const auto& list : found) likely_.insert(likely_.end(), list.begin(), list.end());
  std::ranges::sort(likely_);
  plan_.likely_matches = static_cast<double>(likely_.size());
  return cancel_.check();
}

void Planner::mark_finds(Single& single) const {
  single.finds.assign((likely_.size() + 63) / 64, 0);
  const auto& part = single.part;
  const auto& column = records_.column(part.attribute);
  const Words* words = single.width > 1 ? &projections_.words(part.attribute) : nullptr;
  const Projection* hash = words == nullptr ? &projections_.get(part.attribute, part.transform, part.n) : nullptr;
  for (size_t i = 0; i < likely_.size(); ++i) {
    const uint32_t a = column.value(likely_[i].first);
    const uint32_t b = column.value(likely_[i].second);
    bool agree = false;
    if (words == nullptr) {
      agree = (*hash)[a] != 0 && (*hash)[a] == (*hash)[b];
    } else {
      for (const uint64_t word : words->keys_of(a)) agree = agree || std::ranges::count(words->keys_of(b), word) > 0;
    }
    if (agree) single.finds[i / 64] |= uint64_t{1} << (i % 64);
  }
}

void Planner::choose() {
  for (auto& single : singles_) mark_finds(single);
  const size_t blocks = (likely_.size() + 63) / 64;
  for (auto& candidate : candidates_) {
    candidate.finds = singles_[candidate.keys[0]].finds;
    for (size_t k = 1; k < candidate.keys.size(); ++k) {
      for (size_t i = 0; i < blocks; ++i) candidate.finds[i] &= singles_[candidate.keys[k]].finds[i];
    }
  }
  plan_.chosen.clear();
  plan_.estimates.clear();
  const double matches = std::max<double>(1, static_cast<double>(likely_.size()));
  // found[t]: likely matches that at least t + 1 chosen rules find.
  std::array<std::vector<uint64_t>, kWorth.size()> found;
  for (auto& bits : found) bits.assign(blocks, 0);
  const auto gain_of = [&](const Candidate& candidate) {
    std::array<int64_t, kWorth.size()> fresh{};
    for (size_t i = 0; i < blocks; ++i) {
      uint64_t finds = candidate.finds[i];
      for (size_t t = 0; t < kWorth.size(); ++t) {
        fresh[t] += std::popcount(finds & ~found[t][i]);
        finds &= found[t][i];
      }
    }
    double gain = 0;
    for (size_t t = 0; t < kWorth.size(); ++t) gain += kWorth[t] * static_cast<double>(fresh[t]);
    return gain;
  };
  const auto share_of = [&](const std::vector<uint64_t>& bits) {
    int64_t sum = 0;
    for (const uint64_t word : bits) sum += std::popcount(word);
    return static_cast<double>(sum) / matches;
  };
  std::vector<bool> taken(candidates_.size(), false);
  double spent = 0;
  while (plan_.chosen.size() < kRules) {
    size_t best = candidates_.size();
    double best_value = 0;
    for (size_t i = 0; i < candidates_.size(); ++i) {
      const auto& candidate = candidates_[i];
      if (taken[i] || spent + candidate.pairs > plan_.budget) continue;
      const double gain = gain_of(candidate);
      if (gain < kLeastGain * matches) continue;
      // Below a rule's even share of the budget, finds count more than pairs.
      const double value = gain / (candidate.pairs + plan_.budget / (2 * kRules));
      if (value > best_value) {
        best_value = value;
        best = i;
      }
    }
    if (best == candidates_.size()) break;
    const auto& chosen = candidates_[best];
    taken[best] = true;
    spent += chosen.pairs;
    for (size_t i = 0; i < blocks; ++i) {
      uint64_t finds = chosen.finds[i];
      for (auto& bits : found) {
        const uint64_t before = bits[i];
        bits[i] |= finds;
        finds &= before;
      }
    }
    plan_.chosen.push_back(chosen.rule);
    plan_.estimates.push_back(
        {chosen.rule, static_cast<uint64_t>(chosen.pairs), chosen.largest, share_of(chosen.finds), share_of(found[0])});
  }
  put_word_rules_last(plan_.chosen);
  list_others(taken, matches);
}

void Planner::list_others(const std::vector<bool>& taken, double matches) {
  std::vector<RuleEstimate> others;
  for (size_t i = 0; i < candidates_.size(); ++i) {
    if (taken[i]) continue;
    int64_t own = 0;
    for (const uint64_t word : candidates_[i].finds) own += std::popcount(word);
    others.push_back({candidates_[i].rule, static_cast<uint64_t>(candidates_[i].pairs), candidates_[i].largest,
                      static_cast<double>(own) / matches, 0});
  }
  std::ranges::stable_sort(others, std::greater<>{}, &RuleEstimate::recall);
  plan_.estimates.insert(plan_.estimates.end(), others.begin(), others.end());
}

/// Data in which no match shows itself still get rules: the widest that the budget bears.
void Planner::take_cheapest() {
  std::vector<const Candidate*> by_pairs;
  by_pairs.reserve(candidates_.size());
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
                           Progress::Mode progress, Cancel& cancel) {
  return Planner(config, records, projections, comparisons, allowed, threads, progress, cancel).run();
}

}  // namespace zhili::fuse
