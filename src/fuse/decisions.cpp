#include "fuse/decisions.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <numeric>
#include <optional>
#include <set>

namespace zhili::fuse {
namespace {

using Pair = std::pair<RecordName, RecordName>;

Pair pair_of(const Decision& decision) {
  return decision.a < decision.b ? Pair(decision.a, decision.b) : Pair(decision.b, decision.a);
}

/// Takes decisions one by one and refuses those that can't be true together with the ones taken before.
class Ledger {
 public:
  /// nullopt when the decision was taken; else the chain of nodes that speaks against it, with its steps' verdicts.
  struct Chain {
    std::vector<uint32_t> nodes;
    std::vector<bool> same;
  };
  std::optional<Chain> take(uint32_t a, uint32_t b, bool same) { return same ? join(a, b) : part(a, b); }

  uint32_t node(uint32_t record) {
    const auto [at, added] = number_.try_emplace(record, static_cast<uint32_t>(records_.size()));
    if (added) {
      records_.push_back(record);
      parent_.push_back(at->second);
      links_.emplace_back();
      apart_.emplace_back();
    }
    return at->second;
  }
  uint32_t record(uint32_t node) const { return records_[node]; }
  uint32_t size() const { return static_cast<uint32_t>(records_.size()); }

  uint32_t root(uint32_t node) {
    while (parent_[node] != node) node = parent_[node] = parent_[parent_[node]];
    return node;
  }

 private:
  std::optional<Chain> join(uint32_t a, uint32_t b) {
    uint32_t x = root(a);
    uint32_t y = root(b);
    if (x != y) {
      if (apart_[x].size() > apart_[y].size()) std::swap(x, y);
      for (const auto& [inside, outside] : apart_[x]) {
        if (root(outside) == y) return across(a, inside, outside, b);
      }
      apart_[y].insert(apart_[y].end(), apart_[x].begin(), apart_[x].end());
      apart_[x] = {};
      parent_[x] = y;
    }
    links_[a].push_back(b);
    links_[b].push_back(a);
    return std::nullopt;
  }

  std::optional<Chain> part(uint32_t a, uint32_t b) {
    const uint32_t x = root(a);
    const uint32_t y = root(b);
    if (x == y) {
      Chain chain{path(a, b), {}};
      chain.same.assign(chain.nodes.size() - 1, true);
      return chain;
    }
    apart_[x].emplace_back(a, b);
    apart_[y].emplace_back(b, a);
    return std::nullopt;
  }

  /// a = … = x ≠ y = … = b, where x and y may have to change sides.
  Chain across(uint32_t a, uint32_t x, uint32_t y, uint32_t b) {
    if (root(a) != root(x)) std::swap(x, y);
    Chain chain{path(a, x), {}};
    chain.same.assign(chain.nodes.size() - 1, true);
    chain.same.push_back(false);
    const auto rest = path(y, b);
    chain.nodes.insert(chain.nodes.end(), rest.begin(), rest.end());
    chain.same.resize(chain.nodes.size() - 1, true);
    return chain;
  }

  /// The shortest path over links of "same". Precondition: one root.
  std::vector<uint32_t> path(uint32_t from, uint32_t to) const {
    std::map<uint32_t, uint32_t> came_from{{to, to}};
    std::deque<uint32_t> open{to};
    while (!came_from.contains(from)) {
      const uint32_t node = open.front();
      open.pop_front();
      for (const uint32_t next : links_[node]) {
        if (came_from.try_emplace(next, node).second) open.push_back(next);
      }
    }
    std::vector<uint32_t> out{from};
    while (out.back() != to) out.push_back(came_from.at(out.back()));
    return out;
  }

  std::map<uint32_t, uint32_t> number_;
  std::vector<uint32_t> records_;
  std::vector<uint32_t> parent_;
  std::vector<std::vector<uint32_t>> links_;
  std::vector<std::vector<std::pair<uint32_t, uint32_t>>> apart_;  // By root: pairs (inside, outside).
};

/// Every pair within each group that "same" connects.
void close(Ledger& ledger, std::vector<std::pair<uint32_t, uint32_t>>& same) {
  std::map<uint32_t, std::vector<uint32_t>> groups;
  for (uint32_t node = 0; node < ledger.size(); ++node) groups[ledger.root(node)].push_back(ledger.record(node));
  for (auto& [root, records] : groups) {
    if (records.size() < 3 || records.size() > kClosure) continue;
    std::ranges::sort(records);
    for (size_t i = 0; i < records.size(); ++i) {
      for (size_t k = i + 1; k < records.size(); ++k) same.emplace_back(records[i], records[k]);
    }
  }
  std::ranges::sort(same);
  const auto [first, last] = std::ranges::unique(same);
  same.erase(first, last);
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  constexpr std::string_view kNames[] = {"same", "different", "undo"};
  return kNames[static_cast<size_t>(verdict)];
}

std::vector<Decision> standing_decisions(std::span<const Decision> all) {
  std::map<Pair, size_t> last;
  for (size_t i = 0; i < all.size(); ++i) last[pair_of(all[i])] = i;
  std::vector<Decision> out;
  for (size_t i = 0; i < all.size(); ++i) {
    if (all[i].verdict != Verdict::kUndo && last[pair_of(all[i])] == i) out.push_back(all[i]);
  }
  return out;
}

std::string Contradiction::text() const {
  std::string steps = chain.empty() ? "" : chain[0].text();
  for (size_t i = 1; i < chain.size(); ++i) steps += (same[i - 1] ? " = " : " ≠ ") + chain[i].text();
  return fmt::format("line {}: {} and {} can't be {}, since later decisions say {}", decision.line, decision.a.text(),
                     decision.b.text(), name_of(decision.verdict), steps);
}

ResolvedDecisions resolve_decisions(std::span<const Decision> standing, const Config& config,
                                    const RecordIndex& index) {
  return resolve_decisions(standing, config,
                           [&](uint32_t source, std::string_view record) { return index.find(source, record); });
}

ResolvedDecisions resolve_decisions(std::span<const Decision> standing, const Config& config,
                                    const FindRecord& find_record) {
  ResolvedDecisions out;
  const auto find = [&](const RecordName& name) -> std::optional<uint32_t> {
    const auto source = config.find_source(name.source);
    return source ? find_record(*source, name.record) : std::nullopt;
  };
  Ledger ledger;
  std::map<uint32_t, RecordName> names;  // By node.
  for (size_t i = standing.size(); i > 0; --i) {
    const auto& decision = standing[i - 1];
    const auto a = find(decision.a);
    const auto b = find(decision.b);
    if (!a || !b) {
      out.unknown.push_back(decision);
      continue;
    }
    const uint32_t x = ledger.node(*a);
    const uint32_t y = ledger.node(*b);
    names.try_emplace(x, decision.a);
    names.try_emplace(y, decision.b);
    const bool same = decision.verdict == Verdict::kSame;
    if (const auto chain = ledger.take(x, y, same)) {
      Contradiction contradiction{decision, {}, chain->same};
      for (const uint32_t node : chain->nodes) contradiction.chain.push_back(names.at(node));
      out.set_aside.push_back(std::move(contradiction));
      continue;
    }
    (same ? out.decided.same : out.decided.different).emplace_back(std::min(*a, *b), std::max(*a, *b));
    out.followed.push_back(decision);
  }
  std::ranges::reverse(out.unknown);
  std::ranges::reverse(out.followed);
  std::ranges::reverse(out.set_aside);
  close(ledger, out.decided.same);
  std::ranges::sort(out.decided.different);
  return out;
}

uint64_t count_broken(const Decided& decided, const Clusters& clusters) {
  const auto together = [&](const auto& pair) {
    return clusters.of_record[pair.first] == clusters.of_record[pair.second];
  };
  return static_cast<uint64_t>(std::ranges::count_if(decided.different, together) +
                               std::ranges::count_if(decided.same, std::not_fn(together)));
}

}  // namespace zhili::fuse
