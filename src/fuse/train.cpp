#include "fuse/train.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "base/parallel.hpp"
#include "base/random.hpp"

namespace zhili::fuse {
namespace {

/// Random pairs: enough that a level which one pair in 30,000 reaches is seen ten times.
constexpr uint64_t kRandomPairs = 300'000;
/// Pairs of one rule that EM sees and that the prior is taken from, and of all rules together.
constexpr double kPairsOfRule = 40'000;
constexpr double kPairsOfRules = 320'000;
constexpr double kTasksWalked = 4'000;
/// Records that dependences on one comparison are looked for among.
constexpr uint64_t kRecordsOfValue = 20'000;
constexpr double kPairsNeeded = 200;
/// A comparison depends on another when it is equal in at least this share of the other's chance pairs, and so many
/// times more often than by chance.
constexpr double kDependent = 0.1;
constexpr double kLift = 2;
constexpr uint64_t kPairsOfTask = 1U << 11;
constexpr int kIterations = 200;
constexpr int kRounds = 3;
constexpr double kConverged = 1e-5;
/// Share of records that hold a number that is valid but another entity's. Two entities have one identifying number
/// only by such a mistake, which random pairs are too few to see: what agrees among them are matches.
constexpr double kWrongNumber = 1e-4;
/// Pairs that every level is given in advance, so that a level never seen keeps a finite weight.
constexpr double kSmoothing = 0.5;
/// Labelled pairs that the first guess of m weighs as much as, where no rule taught better.
constexpr double kGuessedPairs = 10;

/// How often a pattern of levels was seen.
struct PatternCount {
  Pattern pattern = 0;
  double count = 0;
};
using Patterns = std::vector<PatternCount>;

/// Counts the patterns of pairs. One for each thread.
class PatternCounter {
 public:
  explicit PatternCounter(const Comparisons& comparisons)
      : comparisons_(&comparisons), memo_(comparisons.size()), slots_(kSlots) {}

  void add(uint32_t a, uint32_t b) {
    pairs_.emplace_back(a, b);
    if (pairs_.size() == kAtOnce) compare();
  }

  /// What was counted since the last call, by all of the counters, in ascending order, so that sums over it come out
  /// the same on every run.
  static Patterns take(std::span<PatternCounter> counters) {
    Patterns out;
    for (auto& counter : counters) {
      counter.compare();
      std::ranges::copy_if(counter.slots_, std::back_inserter(out), [](const auto& slot) { return slot.count > 0; });
      counter.slots_.assign(kSlots, {});
      counter.used_ = 0;
    }
    std::ranges::sort(out, {}, &PatternCount::pattern);
    size_t kept = 0;
    for (size_t i = 1; i < out.size(); ++i) {
      if (out[i].pattern == out[kept].pattern)
        out[kept].count += out[i].count;
      else
        out[++kept] = out[i];
    }
    if (!out.empty()) out.resize(kept + 1);
    return out;
  }

 private:
  static constexpr size_t kAtOnce = 256;
  static constexpr size_t kSlots = 1U << 12;

  void compare() {
    comparisons_->patterns(pairs_, memo_, patterns_.data());
    for (size_t k = 0; k < pairs_.size(); ++k) {
      auto& slot = slot_of(patterns_[k]);
      slot.pattern = patterns_[k];
      if (slot.count++ == 0 && ++used_ * 2 > slots_.size()) grow();
    }
    pairs_.clear();
  }

  PatternCount& slot_of(Pattern p) {
    const size_t last = slots_.size() - 1;
    size_t at = mix64(static_cast<uint64_t>(p) ^ mix64(static_cast<uint64_t>(p >> 64))) & last;
    while (slots_[at].count > 0 && slots_[at].pattern != p) at = (at + 1) & last;
    return slots_[at];
  }

  void grow() {
    const auto old = std::exchange(slots_, Patterns(2 * slots_.size()));
    for (const auto& slot : old) {
      if (slot.count > 0) slot_of(slot.pattern) = slot;
    }
  }

  const Comparisons* comparisons_;
  LevelMemo memo_;
  std::vector<std::pair<uint32_t, uint32_t>> pairs_;  // Not compared yet.
  std::array<Pattern, kAtOnce> patterns_{};
  Patterns slots_;  // By hash, the next free one where taken; count 0 is free.
  size_t used_ = 0;
};

using Table = std::vector<std::vector<double>>;  // By comparison and level number; [c][0] is unused.

Table filled(const Comparisons& comparisons, double value) {
  Table table(comparisons.size());
  for (uint32_t c = 0; c < comparisons.size(); ++c) table[c].assign(comparisons.list()[c].count(), value);
  return table;
}

void normalise(std::vector<double>& levels) {
  double sum = 0;
  for (size_t k = 1; k < levels.size(); ++k) sum += levels[k];
  for (size_t k = 1; k < levels.size(); ++k) levels[k] /= sum;
}

/// m before anything is known: most matches agree, a fifth lies on the graded levels.
Table first_guess(const Comparisons& comparisons) {
  Table m = filled(comparisons, 0);
  for (auto& levels : m) {
    const size_t n = levels.size() - 1;
    for (size_t k = 1; k <= n; ++k) levels[k] = k == 1 ? 0.8 : k == n ? 0.05 : 0.15 / static_cast<double>(n - 2);
    normalise(levels);
  }
  return m;
}

class Trainer {
 public:
  Trainer(const Config& config, const std::vector<BlockingRule>& rules, const Records& records, const Blocks& blocks,
          const Comparisons& comparisons, const AllowedPairs& allowed, const Decided& labels, unsigned threads,
          Progress::Mode progress, Cancel& cancel)
      : config_(config),
        rules_(rules),
        records_(records),
        blocks_(blocks),
        comparisons_(comparisons),
        allowed_(allowed),
        labels_(labels),
        threads_(threads),
        progress_(progress),
        cancel_(cancel),
        counters_(threads, PatternCounter(comparisons)) {}

  Result<Training> run() {
    ZHILI_TRY(draw_random_pairs());
    ZHILI_TRY(draw_rule_pairs());
    same_ = labelled(labels_.same);
    different_ = labelled(labels_.different);
    m_ = first_guess(comparisons_);
    prior_ = 1e-4;
    given_.assign(comparisons_.size(), {});
    estimate_u(false);
    ZHILI_TRY(find_dependences());
    for (int round = 0; round < kRounds; ++round) {
      ZHILI_TRY(cancel_.check());
      estimate_u(round > 0);
      estimate_m();
      estimate_prior();
    }
    return finished();
  }

 private:
  Status draw_random_pairs();
  Status draw_rule_pairs();
  Patterns sample(const std::vector<PairTask>& tasks, bool each_once, double& share, Progress& shown);
  void estimate_u(bool without_matches);
  void estimate_m();
  void estimate_prior();
  /// m / u by comparison, variant (see Scorer) and level, for one state of m.
  using Ratios = std::vector<std::array<std::array<double, kMaxLevels>, kParents + 1>>;
  Ratios ratios(const Table& m) const;
  double odds(Pattern pattern, const std::vector<uint32_t>& free, double prior, const Ratios& ratios) const;
  /// How often the labelled pairs fall on each level.
  Table labelled(const std::vector<std::pair<uint32_t, uint32_t>>& pairs) const;
  Patterns pairs_equal_in(uint32_t comparison, PatternCounter& counter) const;
  double share_given(uint32_t c, uint32_t by, const Patterns& patterns) const;
  Status find_dependences();
  bool maximise(const Patterns& patterns, const std::vector<uint32_t>& free, Table& m, TrainingReport::Rule& rule,
                double& share) const;
  std::vector<uint32_t> free_in(uint32_t rule) const;
  Training finished() const;

  const Config& config_;
  const std::vector<BlockingRule>& rules_;
  const Records& records_;
  const Blocks& blocks_;
  const Comparisons& comparisons_;
  const AllowedPairs& allowed_;
  const Decided& labels_;
  unsigned threads_;
  Progress::Mode progress_;
  Cancel& cancel_;
  std::vector<PatternCounter> counters_;  // By thread.

  Patterns random_;
  std::vector<Patterns> of_rule_;
  Patterns candidates_;
  double candidate_share_ = 1;
  std::vector<std::vector<GivenModel>> given_;  // By comparison.
  Table same_;
  Table different_;
  Table u_;
  Table m_;
  double prior_ = 0;
  TrainingReport report_;
};

Table Trainer::labelled(const std::vector<std::pair<uint32_t, uint32_t>>& pairs) const {
  Table out = filled(comparisons_, 0);
  LevelMemo memo(comparisons_.size());
  for (const auto& [a, b] : pairs) {
    for (uint32_t c = 0; c < comparisons_.size(); ++c) {
      ++out[c][comparisons_.level(c, comparisons_.row(a), comparisons_.row(b), memo)];
    }
  }
  return out;
}

Status Trainer::draw_random_pairs() {
  const uint64_t n = records_.size();
  const bool every = n * (n - 1) / 2 <= 2 * kRandomPairs;
  // Pieces are drawn from streams of their own, so that the number of threads changes nothing.
  constexpr uint64_t kPiece = 4096;
  const uint64_t pieces = every ? n : kRandomPairs / kPiece;
  parallel_for(pieces, 1, threads_, [&](uint64_t begin, uint64_t end, unsigned thread) {
    const auto take = [&](uint64_t a, uint64_t b) {
      if (a == b || !allowed_(records_.source(a), records_.source(b))) return false;
      counters_[thread].add(static_cast<uint32_t>(std::min(a, b)), static_cast<uint32_t>(std::max(a, b)));
      return true;
    };
    for (uint64_t piece = begin; piece < end && !cancel_.requested(); ++piece) {
      if (every) {
        for (uint64_t b = piece + 1; b < n; ++b) take(piece, b);
        continue;
      }
      Random random(config_.seed, 1 + piece);
      for (uint64_t taken = 0, tries = 0; taken < kPiece && tries < 20 * kPiece; ++tries) {
        if (take(random.below(n), random.below(n))) ++taken;
      }
    }
  });
  random_ = PatternCounter::take(counters_);
  for (const auto& entry : random_) report_.random_pairs += static_cast<uint64_t>(entry.count);
  return cancel_.check();
}

/// Draws about kPairsOfRule, or the share in kPairsOfRules, of the tasks' pairs: first tasks, so that not all of a
/// billion pairs are walked, then pairs within them. Blocks differ so much that a draw of few whole tasks would tell
/// little.
Patterns Trainer::sample(const std::vector<PairTask>& tasks, bool each_once, double& share, Progress& shown) {
  double pairs = 0;
  for (const auto& task : tasks) pairs += static_cast<double>(task.pairs);
  const double of_tasks = std::min(1.0, kTasksWalked / std::max<double>(1, static_cast<double>(tasks.size())));
  const double wanted = std::min(kPairsOfRule, kPairsOfRules / static_cast<double>(rules_.size()));
  const double of_pairs = std::min(1.0, wanted / std::max(1.0, pairs * of_tasks));
  share = of_tasks * of_pairs;
  const auto limit = of_pairs >= 1 ? UINT64_MAX : static_cast<uint64_t>(of_pairs * 0x1.0p64);
  const auto drawn = [&](uint32_t a, uint32_t b) { return mix64(uint64_t{a} << 32 | b) <= limit; };
  std::vector<PairWalker> walkers(threads_, PairWalker(blocks_, records_, allowed_));
  parallel_for(tasks.size(), 4, threads_, [&](uint64_t begin, uint64_t end, unsigned thread) {
    for (uint64_t t = begin; t < end && !cancel_.requested(); ++t) {
      if (Random(config_.seed, (uint64_t{1} << 40) + t).uniform() >= of_tasks) continue;
      walkers[thread].walk(tasks[t], each_once, drawn, [&](uint32_t a, uint32_t b) { counters_[thread].add(a, b); });
    }
    shown.add(end - begin);
  });
  return PatternCounter::take(counters_);
}

Status Trainer::draw_rule_pairs() {
  const auto tasks = cut_into_tasks(blocks_, kPairsOfTask);
  Progress shown("Learning", 2 * tasks.size(), "blocks", progress_);  // By rule, then all rules together.
  for (uint32_t r = 0; r < rules_.size(); ++r) {
    ZHILI_TRY(cancel_.check());
    std::vector<PairTask> of_rule;
    std::ranges::copy_if(tasks, std::back_inserter(of_rule), [&](const PairTask& task) { return task.rule == r; });
    double share = 1;
    of_rule_.push_back(sample(of_rule, false, share, shown));
    report_.rules.push_back({rules_[r].text, 0, 0, 0, false});
    for (const auto& entry : of_rule_.back()) report_.rules.back().pairs += entry.count;
  }
  candidates_ = sample(tasks, true, candidate_share_, shown);
  return cancel_.check();
}

/// Pairs of records with an equal value, drawn over all values; of a value's records only neighbours in a random order
/// are paired, so that no frequent value speaks for all.
Patterns Trainer::pairs_equal_in(uint32_t comparison, PatternCounter& counter) const {
  const auto& frequency = comparisons_.frequency(comparison);
  const uint64_t one_in = std::max<uint64_t>(1, records_.size() / kRecordsOfValue);
  std::vector<std::tuple<uint32_t, uint64_t, uint32_t>> picked;
  for (uint64_t r = 0; r < records_.size(); ++r) {
    const uint32_t value = comparisons_.row(r)[comparison];
    if (value != 0 && frequency[value] > 1 && mix64(value) % one_in == 0) {
      picked.emplace_back(value, mix64(r), static_cast<uint32_t>(r));
    }
  }
  std::ranges::sort(picked);
  for (size_t i = 1; i < picked.size(); ++i) {
    const uint32_t a = std::get<2>(picked[i - 1]);
    const uint32_t b = std::get<2>(picked[i]);
    if (std::get<0>(picked[i]) != std::get<0>(picked[i - 1]) || !allowed_(records_.source(a), records_.source(b)))
      continue;
    counter.add(std::min(a, b), std::max(a, b));
  }
  return PatternCounter::take({&counter, 1});
}

/// Among pairs of different entities that are equal in `by`: the share that is equal in `c`. Which pairs are of
/// different entities is told, as ever, by expectation–maximisation, but over the other comparisons alone: in the eyes
/// of c itself all that agree are matches. Less than kPairsNeeded such pairs tell nothing (0).
double Trainer::share_given(uint32_t c, uint32_t by, const Patterns& patterns) const {
  double equal = 0;
  double present = 0;
  for (const auto& [pattern, count] : patterns) {
    equal += level_in(pattern, c) == kEqual ? count : 0;
    present += level_in(pattern, c) != kMissing ? count : 0;
  }
  // Matches agree more than others: where not even all pairs together agree often, the others do not.
  if (present < kPairsNeeded || equal < kDependent * present) return 0;
  std::vector<uint32_t> free;
  for (uint32_t k = 0; k < comparisons_.size(); ++k) {
    if (k != c && k != by) free.push_back(k);
  }
  // With fewer the trial takes agreement in one of them for a match.
  if (free.size() < 3) return 0;
  Table m = first_guess(comparisons_);
  TrainingReport::Rule trial;
  double share = 0.2;
  maximise(patterns, free, m, trial, share);
  const auto known = ratios(m);
  equal = present = 0;
  for (const auto& [pattern, count] : patterns) {
    if (level_in(pattern, c) == kMissing) continue;
    const double different = count / (1 + odds(pattern, free, share, known));
    present += different;
    equal += level_in(pattern, c) == kEqual ? different : 0;
  }
  return present < kPairsNeeded ? 0 : std::min(equal / present, 0.999);
}

/// Dependences go from the comparison that agrees less often by chance to the one that agrees more often, so that they
/// make no circle; each has at most kParents, the closest first.
Status Trainer::find_dependences() {
  given_.assign(comparisons_.size(), {});
  const uint32_t n = comparisons_.size();
  std::vector<std::vector<double>> share(n, std::vector<double>(n, 0));  // By `by` and comparison.
  Progress shown("Learning dependences", n, "comparisons", progress_);
  parallel_for(n, 1, threads_, [&](uint64_t begin, uint64_t end, unsigned thread) {
    for (uint64_t b = begin; b < end && !cancel_.requested(); ++b) {
      const auto by = static_cast<uint32_t>(b);
      const auto patterns = pairs_equal_in(by, counters_[thread]);
      for (uint32_t c = 0; c < n; ++c) {
        if (c == by || std::pair(u_[by][kEqual], by) > std::pair(u_[c][kEqual], c)) continue;
        share[by][c] = share_given(c, by, patterns);
      }
    }
    shown.add(end - begin);
  });
  ZHILI_TRY(cancel_.check());
  std::vector<std::vector<GivenModel>> found(n);
  for (uint32_t by = 0; by < n; ++by) {
    for (uint32_t c = 0; c < n; ++c) {
      if (share[by][c] < kDependent || share[by][c] < kLift * u_[c][kEqual]) continue;
      found[c].push_back({by, config_.attributes[comparisons_.list()[by].attribute].name, share[by][c]});
    }
  }
  for (auto& list : found) {
    std::ranges::stable_sort(list, std::greater<>{}, &GivenModel::share);
    if (list.size() > kParents) list.resize(kParents);
  }
  given_ = std::move(found);
  return {};
}

Trainer::Ratios Trainer::ratios(const Table& m) const {
  Ratios out(comparisons_.size());
  for (uint32_t c = 0; c < comparisons_.size(); ++c) {
    const auto& u = u_[c];
    auto& plain = out[c][0];
    plain[kMissing] = 1;
    for (size_t k = 1; k < u.size(); ++k) plain[k] = m[c][k] / u[k];
    for (size_t g = 0; g < given_[c].size(); ++g) {
      const double share = given_[c][g].share;
      const double left = std::clamp(std::log(share) / std::log(u[kEqual]), 0.0, 1.0);
      auto& dependent = out[c][g + 1];
      dependent[kMissing] = 1;
      for (size_t k = 1; k < u.size(); ++k) dependent[k] = k == kEqual ? m[c][k] / share : std::pow(plain[k], left);
    }
  }
  return out;
}

/// Odds that a pair with this pattern is a match, looking at the free comparisons only. What a rule fixes is equal in
/// all its pairs, so it says nothing itself, but comparisons that depend on it say less.
double Trainer::odds(Pattern pattern, const std::vector<uint32_t>& free, double prior, const Ratios& ratios) const {
  double odds = prior / (1 - prior);
  const uint32_t equal = equal_in(pattern, comparisons_.size());
  for (const uint32_t c : free) {
    size_t variant = 0;
    for (size_t g = 0; g < given_[c].size() && variant == 0; ++g) {
      if ((equal >> given_[c][g].comparison & 1U) != 0) variant = g + 1;
    }
    odds *= ratios[c][variant][level_in(pattern, c)];
  }
  return odds;
}

void Trainer::estimate_u(bool without_matches) {
  std::vector<uint32_t> all(comparisons_.size());
  for (uint32_t c = 0; c < all.size(); ++c) all[c] = c;
  Table u = filled(comparisons_, kSmoothing);
  const auto known = without_matches ? ratios(m_) : Ratios();
  for (const auto& [pattern, count] : random_) {
    double weight = count;
    if (without_matches) weight /= 1 + odds(pattern, all, prior_, known);
    for (uint32_t c = 0; c < comparisons_.size(); ++c) u[c][level_in(pattern, c)] += weight;
  }
  for (uint32_t c = 0; c < comparisons_.size(); ++c) {
    for (size_t k = 1; k < u[c].size(); ++k) u[c][k] += different_[c][k];
    normalise(u[c]);
  }
  for (const uint32_t c : comparisons_.identifying()) {
    u[c][kEqual] = std::min(u[c][kEqual], kWrongNumber / static_cast<double>(comparisons_.frequency(c).size()));
  }
  u_ = std::move(u);
}

std::vector<uint32_t> Trainer::free_in(uint32_t rule) const {
  std::vector<uint32_t> free;
  for (uint32_t c = 0; c < comparisons_.size(); ++c) {
    const uint32_t attribute = comparisons_.list()[c].attribute;
    const bool fixed =
        std::ranges::any_of(rules_[rule].parts, [&](const KeyPart& p) { return p.attribute == attribute; });
    if (!fixed) free.push_back(c);
  }
  return free;
}

bool Trainer::maximise(const Patterns& patterns, const std::vector<uint32_t>& free, Table& m,
                       TrainingReport::Rule& rule, double& share) const {
  for (rule.iterations = 1; rule.iterations <= kIterations; ++rule.iterations) {
    Table next = filled(comparisons_, kSmoothing);
    double matches = 0;
    double total = 0;
    const auto known = ratios(m);
    for (const auto& [pattern, count] : patterns) {
      const double o = odds(pattern, free, share, known);
      const double expected = count * (o / (1 + o));
      matches += expected;
      total += count;
      for (const uint32_t c : free) next[c][level_in(pattern, c)] += expected;
    }
    double change = std::abs(matches / total - share);
    for (const uint32_t c : free) {
      normalise(next[c]);
      for (size_t k = 1; k < next[c].size(); ++k) change = std::max(change, std::abs(next[c][k] - m[c][k]));
      m[c] = next[c];
    }
    share = std::clamp(matches / total, 1e-9, 1 - 1e-9);
    rule.matches = matches;
    if (change < kConverged) break;
  }
  return rule.matches >= 20;
}

void Trainer::estimate_m() {
  std::vector<Table> of_rule(rules_.size());
  parallel_for(rules_.size(), 1, threads_, [&](uint64_t begin, uint64_t end, unsigned) {
    for (uint64_t r = begin; r < end; ++r) {
      auto& rule = report_.rules[r];
      const auto free = free_in(static_cast<uint32_t>(r));
      rule.used = false;
      if (of_rule_[r].empty() || free.size() < 2) continue;
      of_rule[r] = first_guess(comparisons_);
      double share = 0.2;
      rule.used = maximise(of_rule_[r], free, of_rule[r], rule, share);
    }
  });
  Table sum = filled(comparisons_, 0);
  std::vector<double> weight(comparisons_.size(), 0);
  for (uint32_t r = 0; r < rules_.size(); ++r) {
    const auto& rule = report_.rules[r];
    const auto& m = of_rule[r];
    if (!rule.used) continue;
    for (const uint32_t c : free_in(r)) {
      // A comparison that is missing in most pairs has learnt from fewer of them, but more than none; the root keeps
      // one large rule from silencing the others.
      const double trust = std::sqrt(rule.matches);
      for (size_t k = 1; k < m[c].size(); ++k) sum[c][k] += trust * m[c][k];
      weight[c] += trust;
    }
  }
  const Table guess = first_guess(comparisons_);
  for (uint32_t c = 0; c < comparisons_.size(); ++c) {
    m_[c] = weight[c] > 0 ? sum[c] : guess[c];
    // A guess counts as kGuessedPairs pairs.
    for (size_t k = 1; k < m_[c].size(); ++k) m_[c][k] = m_[c][k] * (weight[c] > 0 ? 1 : kGuessedPairs) + same_[c][k];
    normalise(m_[c]);
  }
}

/// The prior that agrees with the matches which it makes us expect among the candidates. Matches that no rule finds are
/// not in it: it errs to the low side.
void Trainer::estimate_prior() {
  std::vector<uint32_t> all(comparisons_.size());
  for (uint32_t c = 0; c < all.size(); ++c) all[c] = c;
  const double pairs = std::max(1.0, allowed_.count(records_.sources()));
  const auto known = ratios(m_);
  for (int i = 0; i < 20; ++i) {
    double matches = 0;
    for (const auto& [pattern, count] : candidates_) {
      const double o = odds(pattern, all, prior_, known);
      matches += count * (o / (1 + o));
    }
    report_.expected_matches = matches / candidate_share_;
    prior_ = std::clamp(report_.expected_matches / pairs, 1e-12, 0.5);
  }
}

Training Trainer::finished() const {
  Training out;
  out.report = report_;
  out.model.prior = prior_;
  for (uint32_t c = 0; c < comparisons_.size(); ++c) {
    const auto& comparison = comparisons_.list()[c];
    ComparisonModel entry{config_.attributes[comparison.attribute].name, comparison.term_frequency, {}, given_[c]};
    for (int k = 1; k < comparison.count(); ++k) {
      entry.levels.push_back({comparison.label(static_cast<LevelNumber>(k)), m_[c][k], u_[c][k]});
    }
    out.model.comparisons.push_back(std::move(entry));
  }
  return out;
}

}  // namespace

Result<Training> train(const Config& config, const std::vector<BlockingRule>& rules, const Records& records,
                       const Blocks& blocks, const Comparisons& comparisons, const AllowedPairs& allowed,
                       const Decided& labels, unsigned threads, Progress::Mode progress, Cancel& cancel) {
  return Trainer(config, rules, records, blocks, comparisons, allowed, labels, threads, progress, cancel).run();
}

}  // namespace zhili::fuse
