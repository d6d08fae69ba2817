#include "fuse/redundancy.hpp"

#include <algorithm>

#include "base/parallel.hpp"
#include "base/random.hpp"

namespace zhili::fuse {
namespace {

constexpr size_t kRecordsLookedAt = 20'000;
constexpr size_t kPairsNeeded = 200;
/// Two attributes say the same when each agrees in so many of the pairs of different entities that agree in the other.
constexpr double kSame = 0.985;
constexpr double kContained = 0.95;
constexpr double kMadeUp = 0.6;

bool is_text(const Attribute& attribute) {
  return attribute.type == SemanticType::kLatinName || attribute.type == SemanticType::kText ||
         attribute.type == SemanticType::kAddress || attribute.type == SemanticType::kChineseName;
}

/// Characters of `whole` that the words of `part` make up; 0 unless all of them stand in it.
size_t contained(std::string_view part, std::string_view whole) {
  size_t characters = 0;
  while (!part.empty()) {
    const size_t space = part.find(' ');
    const auto word = part.substr(0, space);
    if (!word.empty() && whole.find(word) == std::string_view::npos) return 0;
    characters += word.size();
    if (space == std::string_view::npos) break;
    part.remove_prefix(space + 1);
  }
  return characters;
}

class RedundancyFinder {
 public:
  RedundancyFinder(const Config& config, const Records& records) : config_(config), records_(records) {
    for (uint32_t a = 0; a < config.attributes.size(); ++a) {
      if (config.attributes[a].compare && records.column(a).values.size() > 1) compared_.push_back(a);
    }
  }

  Redundancy run(unsigned threads) {
    for (const uint32_t a : compared_) {
      if (is_text(config_.attributes[a]) && config_.attributes[a].levels.empty()) drop_if_composite(a);
    }
    std::erase_if(compared_, [&](uint32_t a) { return is_dropped(a); });
    std::vector<std::vector<double>> share(config_.attributes.size());
    parallel_for(compared_.size(), 1, threads, [&](uint64_t begin, uint64_t end, unsigned) {
      for (uint64_t i = begin; i < end; ++i) share[compared_[i]] = shares_given(compared_[i]);
    });
    for (const uint32_t by : compared_) {
      for (const uint32_t a : compared_) {
        if (by >= a || is_dropped(by) || share[by][a] < kSame || share[a][by] < kSame) continue;
        if (!config_.attributes[a].levels.empty() || config_.attributes[a].identifying) continue;
        out_.dropped.push_back({a, fmt::format("says the same as {}", config_.attributes[by].name)});
      }
    }
    std::erase_if(compared_, [&](uint32_t a) { return is_dropped(a); });
    return std::move(out_);
  }

 private:
  bool is_dropped(uint32_t a) const {
    return std::ranges::any_of(out_.dropped, [&](const auto& d) { return d.attribute == a; });
  }

  void drop_if_composite(uint32_t whole) {
    const auto& column = records_.column(whole);
    const uint64_t step = std::max<uint64_t>(1, records_.size() / kRecordsLookedAt);
    std::vector<std::string> parts;
    double made_up = 0;
    for (const uint32_t part : compared_) {
      if (part == whole || !is_text(config_.attributes[part]) || is_dropped(part)) continue;
      size_t both = 0;
      size_t inside = 0;
      double share = 0;
      for (uint64_t r = 0; r < records_.size(); r += step) {
        const auto w = column.values[column.value(r)];
        const auto p = records_.column(part).values[records_.column(part).value(r)];
        if (w.empty() || p.empty()) continue;
        ++both;
        const size_t characters = contained(p, w);
        if (characters == 0 || characters == w.size()) continue;  // Equal values show no composition.
        ++inside;
        share += static_cast<double>(characters) / static_cast<double>(w.size());
      }
      const size_t equal = equal_values(whole, part, step);
      if (both < kPairsNeeded / 4 || static_cast<double>(inside + equal) < kContained * static_cast<double>(both) ||
          inside < both / 2) {
        continue;
      }
      parts.push_back(config_.attributes[part].name);
      made_up += share / static_cast<double>(inside);
    }
    if (parts.size() >= 2 && made_up >= kMadeUp) {
      out_.dropped.push_back({whole, fmt::format("is put together from {}", fmt::join(parts, ", "))});
    }
  }

  size_t equal_values(uint32_t a, uint32_t b, uint64_t step) const {
    const auto& x = records_.column(a);
    const auto& y = records_.column(b);
    size_t equal = 0;
    for (uint64_t r = 0; r < records_.size(); r += step) {
      if (x.value(r) != 0 && y.value(r) != 0 && x.values[x.value(r)] == y.values[y.value(r)]) ++equal;
    }
    return equal;
  }

  /// For each attribute the share of pairs that agree in it among pairs that agree in `by` and differ in at least half
  /// of the rest: pairs of different entities, as far as one can tell. Duplicates of one entity agree in everything,
  /// and would make any clean column look determined by any other. Looks at whole groups of equal `by`, drawn by their
  /// hash; of a group only neighbours are paired, so that no large group speaks for all.
  std::vector<double> shares_given(uint32_t by) const {
    const auto& column = records_.column(by);
    const uint64_t one_in = std::max<uint64_t>(1, records_.size() / kRecordsLookedAt);
    std::vector<std::pair<uint32_t, uint32_t>> picked;
    for (uint64_t r = 0; r < records_.size(); ++r) {
      const uint32_t value = column.value(r);
      if (value != 0 && column.frequency[value] > 1 && mix64(value) % one_in == 0) {
        picked.emplace_back(value, static_cast<uint32_t>(r));
      }
    }
    std::ranges::sort(picked);
    std::vector<size_t> pairs(config_.attributes.size(), 0);
    std::vector<size_t> equal(config_.attributes.size(), 0);
    std::vector<std::pair<uint32_t, bool>> seen;  // Attributes that both records hold, and whether they agree.
    for (size_t i = 1; i < picked.size(); ++i) {
      if (picked[i].first != picked[i - 1].first) continue;
      seen.clear();
      size_t differ = 0;
      for (const uint32_t a : compared_) {
        const uint32_t x = records_.column(a).value(picked[i - 1].second);
        const uint32_t y = records_.column(a).value(picked[i].second);
        if (a == by || x == 0 || y == 0) continue;
        seen.emplace_back(a, x == y);
        differ += x != y ? 1 : 0;
      }
      for (const auto& [a, agree] : seen) {
        const size_t others_differ = differ - (agree ? 0 : 1);
        if (others_differ == 0 || 2 * others_differ < seen.size() - 1) continue;
        ++pairs[a];
        equal[a] += agree ? 1 : 0;
      }
    }
    std::vector<double> share(config_.attributes.size(), 0);
    for (const uint32_t a : compared_) {
      // An attribute that hardly ever differs anyway is not determined by anything.
      if (pairs[a] >= kPairsNeeded && agreement(a) < 0.9) {
        share[a] = static_cast<double>(equal[a]) / static_cast<double>(pairs[a]);
      }
    }
    return share;
  }

  /// Share of pairs of records that agree in an attribute by chance.
  double agreement(uint32_t a) const {
    const auto& column = records_.column(a);
    double present = 0;
    double squares = 0;
    for (size_t v = 1; v < column.frequency.size(); ++v) {
      const double f = column.frequency[v];
      present += f;
      squares += f * f;
    }
    return present > 0 ? squares / (present * present) : 0;
  }

  const Config& config_;
  const Records& records_;
  std::vector<uint32_t> compared_;
  Redundancy out_;
};

}  // namespace

Redundancy find_redundancy(const Config& config, const Records& records, unsigned threads) {
  return RedundancyFinder(config, records).run(threads);
}

}  // namespace zhili::fuse
