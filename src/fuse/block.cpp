#include "fuse/block.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

#include "base/parallel.hpp"
#include "fuse/rule_keys.hpp"

namespace zhili::fuse {
namespace {

/// Up to this many records the blocks of several rules are built at once.
constexpr uint64_t kSideBySide = 1U << 20;

struct Entry {
  uint64_t key;
  uint32_t record;
  bool operator<(const Entry& other) const { return key != other.key ? key < other.key : record < other.record; }
};

/// Sorts by key, then record: one pass spreads the entries over buckets by the key's top bits, then the buckets, which
/// fit the cache, are sorted side by side.
void sort_entries(std::vector<Entry>& entries, unsigned threads) {
  constexpr size_t kBucket = 4096;
  const int bits = std::clamp(static_cast<int>(std::bit_width(entries.size() / kBucket)), 0, 14);
  if (bits == 0) {
    std::sort(entries.begin(), entries.end());
    return;
  }
  const int shift = 64 - bits;
  std::vector<size_t> starts((size_t{1} << bits) + 1, 0);
  for (const auto& entry : entries) ++starts[(entry.key >> shift) + 1];
  std::partial_sum(starts.begin(), starts.end(), starts.begin());
  std::vector<Entry> spread(entries.size());
  auto next = starts;
  for (const auto& entry : entries) spread[next[entry.key >> shift]++] = entry;
  parallel_for(starts.size() - 1, 64, threads, [&](uint64_t begin, uint64_t end, unsigned) {
    for (uint64_t b = begin; b < end; ++b) {
      std::sort(spread.begin() + static_cast<ptrdiff_t>(starts[b]),
                spread.begin() + static_cast<ptrdiff_t>(starts[b + 1]));
    }
  });
  entries = std::move(spread);
}

std::vector<Entry> sorted_entries(const RuleKeys& keys, const Records& records, unsigned threads) {
  std::vector<Entry> entries;
  entries.reserve(records.size());
  for (uint64_t r = 0; r < records.size(); ++r) {
    keys.keys_of(r, [&](uint64_t key) { entries.push_back({key, static_cast<uint32_t>(r)}); });
  }
  sort_entries(entries, threads);
  entries.erase(std::unique(entries.begin(), entries.end(),
                            [](const Entry& a, const Entry& b) { return a.key == b.key && a.record == b.record; }),
                entries.end());
  return entries;
}

uint64_t pairs_of(uint64_t n) { return n * (n - 1) / 2; }

/// Cuts one rule's sorted entries into leaves.
class LeafCutter {
 public:
  LeafCutter(const Config& config, const BlockingRule& rule, const std::vector<uint32_t>& split_by,
             const SplitParts* always_split, const Records& records, Projections& projections, RuleBlocks& out)
      : config_(config),
        rule_(rule),
        records_(records),
        projections_(projections),
        out_(out),
        split_by_(split_by),
        always_split_(always_split) {}

  void cut(const std::vector<Entry>& entries) {
    out_.starts.push_back(0);
    for (size_t begin = 0; begin < entries.size();) {
      size_t end = begin + 1;
      while (end < entries.size() && entries[end].key == entries[begin].key) ++end;
      if (end - begin > 1) block(entries, begin, end);
      begin = end;
    }
    std::ranges::stable_sort(out_.large, std::greater<>{}, &LargeBlock::pairs);
    if (out_.large.size() > kLargeShown) out_.large.resize(kLargeShown);
  }

 private:
  void block(const std::vector<Entry>& entries, size_t begin, size_t end) {
    ++out_.blocks;
    std::vector<uint32_t> members(end - begin);
    for (size_t i = begin; i < end; ++i) members[i - begin] = entries[i].record;
    const uint64_t key = entries[begin].key;
    if (small_enough(key, members)) {
      leaf(members);
      return;
    }
    LargeBlock large;
    large.records = members.size();
    large.pairs = pairs_of(members.size());
    for (const auto& part : rule_.parts) {
      if (!large.key.empty()) large.key += " + ";
      large.key += projections_.text(part, members[0]);
    }
    const uint64_t pairs_before = out_.pairs;
    split(members, key, 0, large);
    large.pairs_kept = out_.pairs - pairs_before;
    out_.pairs_given_up += large.pairs - large.pairs_kept;
    ++out_.large_count;
    out_.large.push_back(std::move(large));
  }

  bool small_enough(uint64_t key, const std::vector<uint32_t>& members) const {
    return members.size() <= config_.max_block && (always_split_ == nullptr || !always_split_->contains(key));
  }

  void split(std::vector<uint32_t>& members, uint64_t key, uint32_t depth, LargeBlock& large) {
    if (small_enough(key, members)) {
      if (members.size() > 1) leaf(members);
      return;
    }
    if (depth == split_by_.size()) return;  // Given up, and counted as such.
    out_.split.insert(key);
    const uint32_t attribute = split_by_[depth];
    const auto& name = config_.attributes[attribute].name;
    if (std::ranges::find(large.split_by, name) == large.split_by.end()) large.split_by.push_back(name);
    const auto& column = records_.column(attribute);
    std::ranges::stable_sort(members, {}, [&](uint32_t r) { return column.value(r); });
    std::vector<uint32_t> part;
    for (size_t begin = 0; begin < members.size();) {
      size_t end = begin + 1;
      while (end < members.size() && column.value(members[end]) == column.value(members[begin])) ++end;
      part.assign(members.begin() + static_cast<ptrdiff_t>(begin), members.begin() + static_cast<ptrdiff_t>(end));
      split(part, key_of_part(key, depth, column.values[column.value(part[0])]), depth + 1, large);
      begin = end;
    }
  }

  void leaf(std::vector<uint32_t>& members) {
    std::ranges::sort(members);
    out_.order.insert(out_.order.end(), members.begin(), members.end());
    out_.starts.push_back(static_cast<uint32_t>(out_.order.size()));
    out_.pairs += pairs_of(members.size());
    out_.largest = std::max<uint64_t>(out_.largest, members.size());
  }

  const Config& config_;
  const BlockingRule& rule_;
  const Records& records_;
  Projections& projections_;
  RuleBlocks& out_;
  const std::vector<uint32_t>& split_by_;
  const SplitParts* always_split_;
};

}  // namespace

AllowedPairs::AllowedPairs(const Config& config) : sources_(config.sources.size()), allowed_(sources_ * sources_, 0) {
  for (size_t a = 0; a < sources_; ++a) {
    for (size_t b = 0; b < sources_; ++b) {
      bool allowed =
          a == b ? config.link != LinkMode::kLink && !config.sources[a].unique : config.link != LinkMode::kDedupe;
      allowed_[a * sources_ + b] = allowed ? 1 : 0;
      all_ = all_ && allowed;
    }
  }
}

double AllowedPairs::count(const std::vector<SourceCount>& counts) const {
  double pairs = 0;
  for (size_t a = 0; a < sources_; ++a) {
    const auto n = static_cast<double>(counts[a].records);
    if (allowed_[a * sources_ + a] != 0) pairs += n * (n - 1) / 2;
    for (size_t b = a + 1; b < sources_; ++b) {
      if (allowed_[a * sources_ + b] != 0) pairs += n * static_cast<double>(counts[b].records);
    }
  }
  return pairs;
}

void put_word_rules_last(std::vector<BlockingRule>& rules) {
  std::ranges::stable_partition(rules, [](const BlockingRule& rule) {
    return std::ranges::none_of(rule.parts, [](const KeyPart& p) { return p.transform == KeyTransform::kTokens; });
  });
}

std::vector<uint32_t> split_order(const Config& config, const BlockingRule& rule, const Records& records) {
  std::vector<uint32_t> out;
  for (uint32_t a = 0; a < records.attributes(); ++a) {
    const bool used = std::ranges::any_of(rule.parts, [&](const KeyPart& part) { return part.attribute == a; });
    if (!used && config.attributes[a].compare) out.push_back(a);
  }
  std::ranges::stable_sort(
      out, [&](uint32_t a, uint32_t b) { return records.column(a).values.size() > records.column(b).values.size(); });
  return out;
}

SplitOrders split_orders(const Config& config, const std::vector<BlockingRule>& rules, const Records& records) {
  SplitOrders out;
  out.reserve(rules.size());
  for (const auto& rule : rules) out.push_back(split_order(config, rule, records));
  return out;
}

Result<Blocks> Blocks::build(const Config& config, const std::vector<BlockingRule>& rules, const SplitOrders& split_by,
                             const std::vector<SplitParts>* always_split, const Records& records,
                             Projections& projections, unsigned threads, Progress::Mode progress, Cancel& cancel) {
  Blocks blocks;
  blocks.rules_.resize(rules.size());
  blocks.slot_.resize(rules.size());
  std::vector<RuleKeys> keys;
  keys.reserve(rules.size());
  for (const auto& rule : rules) keys.emplace_back(rule, records, projections);
  for (size_t r = 0; r < rules.size(); ++r) {
    if (r > 0 && keys[r - 1].over_words() && !keys[r].over_words()) {
      return fail(ErrorCode::kInternal, {}, "", "rules over words must come last");
    }
    blocks.slot_[r] = blocks.width_;
    if (!keys[r].over_words()) ++blocks.single_slots_;
    blocks.width_ += keys[r].over_words() ? kKeysOfRecord : 1;
  }
  blocks.leaf_.assign(records.size() * blocks.width_, 0);
  Progress shown("Blocking", rules.size(), "rules", progress);
  // Rules side by side need as much memory each: of many records, all threads work on one rule.
  const bool side_by_side = records.size() <= kSideBySide;
  const unsigned within = side_by_side ? 1 : threads;
  parallel_for(rules.size(), 1, side_by_side ? threads : 1, [&](uint64_t begin, uint64_t end, unsigned) {
    for (uint64_t r = begin; r < end && !cancel.requested(); ++r) {
      LeafCutter cutter(config, rules[r], split_by[r], always_split == nullptr ? nullptr : &(*always_split)[r], records,
                        projections, blocks.rules_[r]);
      cutter.cut(sorted_entries(keys[r], records, within));
      blocks.enter_leaves(static_cast<uint32_t>(r));
      shown.add(1);
    }
  });
  ZHILI_TRY(cancel.check());
  return blocks;
}

/// Notes at each record which leaves of the rule it is in.
void Blocks::enter_leaves(uint32_t rule) {
  const auto& made = rules_[rule];
  for (uint32_t leaf = 0; leaf < made.leaves(); ++leaf) {
    for (uint32_t i = made.starts[leaf]; i < made.starts[leaf + 1]; ++i) {
      uint32_t* slot = leaf_.data() + uint64_t{made.order[i]} * width_ + slot_[rule];
      if (over_words(rule)) {
        while (*slot != 0) ++slot;
      }
      *slot = leaf + 1;
    }
  }
}

bool Blocks::word_rules_hold(uint32_t rule, uint32_t leaf, const uint32_t* a, const uint32_t* b) const {
  for (uint32_t r = 0; r <= rule; ++r) {
    if (slot_[r] < single_slots_) continue;
    for (uint32_t s = slot_[r]; s < slot_[r] + kKeysOfRecord && a[s] != 0; ++s) {
      if (r == rule && a[s] >= leaf) break;
      for (uint32_t t = slot_[r]; t < slot_[r] + kKeysOfRecord && b[t] != 0; ++t) {
        if (a[s] == b[t]) return true;
      }
    }
  }
  return false;
}

bool Blocks::held_before(uint32_t rule, uint32_t leaf, uint64_t a, uint64_t b) const {
  const uint32_t* of_a = leaves_of(a);
  const uint32_t* of_b = leaves_of(b);
  for (uint32_t s = 0; s < single_slots_before(rule); ++s) {
    if (of_a[s] != 0 && of_a[s] == of_b[s]) return true;
  }
  return over_words(rule) && word_rules_hold(rule, leaf + 1, of_a, of_b);
}

bool Blocks::holds(uint32_t rule, uint64_t a, uint64_t b) const {
  const uint32_t first = slot_[rule];
  const uint32_t n = first < single_slots_ ? 1 : kKeysOfRecord;
  const uint32_t* of_a = leaves_of(a) + first;
  const uint32_t* of_b = leaves_of(b) + first;
  for (uint32_t s = 0; s < n && of_a[s] != 0; ++s) {
    if (std::find(of_b, of_b + n, of_a[s]) != of_b + n) return true;
  }
  return false;
}

bool Blocks::hold(uint64_t a, uint64_t b) const {
  for (uint32_t rule = 0; rule < rules_.size(); ++rule) {
    if (holds(rule, a, b)) return true;
  }
  return false;
}

uint64_t count_pairs(const BlockingRule& rule, const Records& records, Projections& projections, unsigned threads) {
  const RuleKeys keys(rule, records, projections);
  const auto entries = sorted_entries(keys, records, threads);
  uint64_t pairs = 0;
  for (size_t begin = 0; begin < entries.size();) {
    size_t end = begin + 1;
    while (end < entries.size() && entries[end].key == entries[begin].key) ++end;
    pairs += pairs_of(end - begin);
    begin = end;
  }
  return pairs;
}

}  // namespace zhili::fuse
