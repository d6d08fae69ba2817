#include "fuse/review.hpp"

#include <algorithm>
#include <tuple>

#include "fuse/union_find.hpp"

namespace zhili::fuse {
namespace {

/// Chance that a constraint which keeps a linked pair apart is itself wrong: valid numbers that differ by a mistake, a
/// source that is unique but for one record. Low, so that such pairs stand behind those that are open.
constexpr double kConstraintDoubt = 0.02;

/// Parts of an entity that links connect so far.
class Parts {
 public:
  explicit Parts(size_t records) : sets_(records), size_(records, 1) {}
  /// Pairs that this link is the first to connect.
  uint64_t join(uint32_t a, uint32_t b) {
    a = sets_.root(a);
    b = sets_.root(b);
    if (a == b) return 0;
    const uint64_t pairs = uint64_t{size_[a]} * size_[b];
    const uint32_t sum = size_[a] + size_[b];
    size_[sets_.join(a, b)] = sum;
    return pairs;
  }

 private:
  UnionFind sets_;
  std::vector<uint32_t> size_;
};

/// A pair that may be listed. There may be millions of them, so only what orders the list is kept.
struct Candidate {
  uint32_t edge;
  float gain;
  uint64_t pairs;
};

class Finder {
 public:
  Finder(const Fusion& fusion, const Membership& membership, const Decided& decided)
      : fusion_(fusion),
        edges_(fusion.scored().edges),
        cluster_of_(fusion.clusters().of_record),
        membership_(membership),
        decided_(decided),
        low_(static_cast<float>(weight_of(fusion.config().review_low))),
        high_(static_cast<float>(weight_of(fusion.config().review_high))) {
    for (auto pairs : {&decided.same, &decided.different}) {
      asked_.insert(asked_.end(), pairs->begin(), pairs->end());
    }
    std::ranges::sort(asked_);
  }

  Result<ReviewList> run() {
    collect();
    ZHILI_TRY(fusion_.cancel().check());
    weigh_within();
    ZHILI_TRY(fusion_.cancel().check());
    weigh_across();
    ReviewList out{{}, found_.size()};
    const auto before = [](const Candidate& x, const Candidate& y) {
      return std::tuple(y.gain, x.edge) < std::tuple(x.gain, y.edge);
    };
    if (found_.size() > kReviewRows) {
      std::ranges::nth_element(found_, found_.begin() + kReviewRows, before);
      found_.resize(kReviewRows);
    }
    std::ranges::sort(found_, before);
    out.pairs.reserve(found_.size());
    for (const auto& candidate : found_) {
      auto pair = judge(edges_[candidate.edge]);
      pair.pairs = candidate.pairs;
      pair.gain = candidate.gain;
      out.pairs.push_back(pair);
    }
    return out;
  }

 private:
  bool grey(const Edge& edge) const { return edge.weight >= low_ && edge.weight <= high_; }
  bool within(const Edge& edge) const { return cluster_of_[edge.a] == cluster_of_[edge.b]; }

  void collect();
  ReviewPair judge(const Edge& edge) const;
  void weigh_within();
  void weigh_across();

  const Fusion& fusion_;
  const std::vector<Edge>& edges_;  // In order of (a, b).
  const std::vector<uint32_t>& cluster_of_;
  const Membership& membership_;
  const Decided& decided_;
  float low_;
  float high_;
  std::vector<std::pair<uint32_t, uint32_t>> asked_;
  std::vector<Candidate> found_;  // In order of edges, until the end.
  std::vector<uint8_t> open_;     // By cluster: holds a pair that may be listed.
};

void Finder::collect() {
  open_.assign(membership_.clusters(), 0);
  for (uint32_t e = 0; e < edges_.size(); ++e) {
    const auto& edge = edges_[e];
    const bool inside = within(edge);
    if (!grey(edge) && (inside || edge.weight < fusion_.threshold())) continue;
    if (std::ranges::binary_search(asked_, std::pair(edge.a, edge.b))) continue;
    if (inside) open_[cluster_of_[edge.a]] = 1;
    found_.push_back({e, 0, 1});
  }
}

/// Why a pair is listed: what keeps it apart although it was linked, or that it is uncertain.
ReviewPair Finder::judge(const Edge& edge) const {
  ReviewPair pair{.a = edge.a, .b = edge.b, .weight = edge.weight, .together = within(edge)};
  if (pair.together || edge.weight < fusion_.threshold()) return pair;
  pair.doubt = Doubt::kOutvoted;
  const uint16_t source = fusion_.records().source(pair.a);
  if (source == fusion_.records().source(pair.b)) {
    const auto takes_part = [&](const auto& p) { return p.first == source || p.second == source; };
    if (fusion_.config().sources[source].unique || std::ranges::any_of(fusion_.config().one_to_one, takes_part)) {
      pair.doubt = Doubt::kUnique;
    }
  }
  const auto& comparisons = fusion_.comparisons();
  const uint32_t* a = comparisons.row(pair.a);
  const uint32_t* b = comparisons.row(pair.b);
  for (const uint32_t c : comparisons.identifying()) {
    if (a[c] == b[c] || a[c] == 0 || b[c] == 0 || !comparisons.valid(c, a[c]) || !comparisons.valid(c, b[c])) continue;
    pair.doubt = Doubt::kConflict;
    pair.attribute = comparisons.list()[c].attribute;
    break;
  }
  return pair;
}

/// Lays the links of each entity that holds a candidate, from the strongest down.
void Finder::weigh_within() {
  std::vector<std::pair<float, uint32_t>> links;  // Less the weight, and the edge.
  for (uint32_t e = 0; e < edges_.size(); ++e) {
    if (within(edges_[e]) && open_[cluster_of_[edges_[e].a]] != 0) links.emplace_back(-edges_[e].weight, e);
  }
  std::ranges::sort(links);
  Parts parts(cluster_of_.size());
  for (const auto& [a, b] : decided_.same) parts.join(a, b);
  for (const auto& [less, e] : links) {
    const Edge& edge = edges_[e];
    const uint64_t pairs = parts.join(edge.a, edge.b);
    if (!grey(edge)) continue;
    const auto at = std::ranges::lower_bound(found_, e, {}, &Candidate::edge);
    if (at == found_.end() || at->edge != e) continue;
    at->pairs = std::max<uint64_t>(pairs, 1);
    at->gain = static_cast<float>(static_cast<double>(at->pairs) * (1 - probability(edge.weight)));
  }
}

void Finder::weigh_across() {
  const auto key = [&](const Candidate& candidate) {
    const auto& edge = edges_[candidate.edge];
    return std::pair<uint32_t, uint32_t>(std::minmax(cluster_of_[edge.a], cluster_of_[edge.b]));
  };
  std::vector<uint32_t> across;
  for (uint32_t i = 0; i < found_.size(); ++i) {
    const auto& edge = edges_[found_[i].edge];
    if (within(edge)) continue;
    const auto doubt = judge(edge).doubt;
    const bool constrained = doubt == Doubt::kConflict || doubt == Doubt::kUnique;
    found_[i].gain = static_cast<float>(probability(edge.weight) * (constrained ? kConstraintDoubt : 1));
    across.push_back(i);
  }
  std::ranges::sort(across, [&](uint32_t x, uint32_t y) {
    return std::tuple(key(found_[x]), -found_[x].gain, x) < std::tuple(key(found_[y]), -found_[y].gain, y);
  });
  for (size_t i = 0; i < across.size(); ++i) {
    auto& candidate = found_[across[i]];
    if (i > 0 && key(candidate) == key(found_[across[i - 1]])) continue;
    const auto& edge = edges_[candidate.edge];
    candidate.pairs = uint64_t{membership_.size(cluster_of_[edge.a])} * membership_.size(cluster_of_[edge.b]);
    candidate.gain *= static_cast<float>(candidate.pairs);
  }
}

}  // namespace

Result<ReviewList> find_review(const Fusion& fusion, const Membership& membership, const Decided& decided) {
  return Finder(fusion, membership, decided).run();
}

std::string reason(const ReviewPair& pair, const Fusion& fusion) {
  const auto& config = fusion.config();
  switch (pair.doubt) {
    case Doubt::kUncertain:
      return "uncertain";
    case Doubt::kOutvoted:
      return "linked, but the other pairs speak against it";
    case Doubt::kConflict:
      return fmt::format("linked, but both have a valid {} and they differ", config.attributes[pair.attribute].name);
    case Doubt::kUnique:
      return fmt::format("linked, but the records of {} are all different",
                         config.sources[fusion.records().source(pair.a)].id);
  }
  return {};
}

}  // namespace zhili::fuse
