#include "fuse/golden.hpp"

#include <algorithm>
#include <tuple>

#include "fuse/spelling.hpp"

namespace zhili::fuse {
namespace {

/// The date in ISO form as far as it is known; empty where that has no ISO form.
std::string iso_date(std::string_view digits) {
  const auto known = [&](size_t at, size_t n) { return digits.substr(at, n).find('?') == std::string_view::npos; };
  if (digits.size() != 8 || !known(0, 4)) return {};
  std::string out(digits.substr(0, 4));
  if (known(4, 2)) {
    out.append("-").append(digits.substr(4, 2));
    if (known(6, 2)) return out.append("-").append(digits.substr(6, 2));
  }
  // A day without its month, or a part of which one figure is known.
  const size_t used = out.size() == 4 ? 4 : 6;
  if (digits.find_first_not_of('?', used) != std::string_view::npos) return {};
  return out;
}

}  // namespace

/// Drops candidates that are invalid or emptier where better ones are there. Returns the number of distinct values
/// before. `candidates` are sorted by value.
uint32_t GoldenRules::keep_best_kind(uint32_t attribute, Scratch& candidates) const {
  const auto& column = records_.column(attribute);
  const auto kind = [&](uint32_t value) {
    return std::pair(column.valid[value], fullness(config_.attributes[attribute], column.values[value]));
  };
  uint32_t distinct = 0;
  auto best = kind(candidates[0].value);
  auto last = best;
  size_t kept = 0;
  for (size_t i = 0; i < candidates.size(); ++i) {
    if (i == 0 || candidates[i].value != candidates[i - 1].value) {
      ++distinct;
      last = kind(candidates[i].value);
      if (last > best) {
        best = last;
        kept = 0;
      }
    }
    if (last == best) candidates[kept++] = candidates[i];
  }
  candidates.resize(kept);
  return distinct;
}

bool GoldenRules::wins(Survivorship rule, const Candidate& x, const Candidate& y) const {
  const double trust_x = trust(x);
  const double trust_y = trust(y);
  const TimeKey time_x = records_.updated_key(x.record);
  const TimeKey time_y = records_.updated_key(y.record);
  switch (rule) {
    case Survivorship::kTrust:
      return std::tie(trust_x, time_x, x.votes) > std::tie(trust_y, time_y, y.votes);
    case Survivorship::kNewest:
      return std::tie(time_x, trust_x, x.votes) > std::tie(time_y, trust_y, y.votes);
    case Survivorship::kVote:
      break;
  }
  return std::tie(x.votes, trust_x, time_x) > std::tie(y.votes, trust_y, time_y);
}

bool GoldenRules::reads_better(uint32_t attribute, const Candidate& x, const Candidate& y, const Scratch& all) const {
  const auto& raws = records_.column(attribute).raws;
  if (x.raw != y.raw) {
    const auto faults_x = spelling_faults(raws[x.raw]);
    const auto faults_y = spelling_faults(raws[y.raw]);
    if (faults_x != faults_y) return faults_x < faults_y;
    const auto count_x = std::ranges::count(all, x.raw, &Candidate::raw);
    const auto count_y = std::ranges::count(all, y.raw, &Candidate::raw);
    if (count_x != count_y) return count_x > count_y;
  }
  const auto rank = [&](const Candidate& c) {
    return std::tuple(-trust(c), ~records_.updated_key(c.record), raws[c.raw],
                      std::string_view(config_.sources[records_.source(c.record)].id), records_.id(c.record));
  };
  return rank(x) < rank(y);
}

GoldenValue GoldenRules::choose(uint32_t attribute, std::span<const uint32_t> members, Scratch& scratch) const {
  const auto& column = records_.column(attribute);
  scratch.clear();
  bool differ = false;
  for (const uint32_t record : members) {
    const uint32_t raw = column.raw[record];
    const uint32_t value = column.value_of_raw[raw];
    if (value == 0) continue;
    differ = differ || (!scratch.empty() && value != scratch[0].value);
    scratch.push_back({record, raw, value, 0});
  }
  if (scratch.empty()) return {};
  GoldenValue out{scratch[0].record, 0};
  if (scratch.size() == 1) return out;
  if (differ) {
    std::ranges::sort(scratch, {}, [](const Candidate& c) { return std::pair(c.value, c.record); });
    for (size_t first = 0, i = 0; i < scratch.size(); ++i) {
      if (scratch[i].value != scratch[first].value) first = i;
      ++scratch[first].votes;
      if (i + 1 == scratch.size() || scratch[i + 1].value != scratch[first].value) {
        for (size_t k = first; k <= i; ++k) scratch[k].votes = scratch[first].votes;
      }
    }
    out.differs = keep_best_kind(attribute, scratch) - 1;
  }
  const auto rule = config_.attributes[attribute].survivorship;
  Candidate winner = scratch[0];
  for (const auto& candidate : scratch) {
    if (wins(rule, candidate, winner)) winner = candidate;
  }
  const auto best_spelling = [&](const auto& eligible) {
    const Candidate* best = nullptr;
    for (const auto& candidate : scratch) {
      if (!eligible(candidate)) continue;
      if (best == nullptr || reads_better(attribute, candidate, *best, scratch)) best = &candidate;
    }
    return best == nullptr ? winner : *best;
  };
  Candidate chosen = best_spelling([&](const Candidate& c) { return !wins(rule, winner, c); });
  // Every record that holds the value which won a vote is a witness for it.
  if (rule == Survivorship::kVote) {
    chosen = best_spelling([value = chosen.value](const Candidate& c) { return c.value == value; });
  }
  out.record = chosen.record;
  return out;
}

std::string_view GoldenRules::text(uint32_t attribute, uint32_t record, std::string& buffer) const {
  const auto& column = records_.column(attribute);
  const uint32_t raw = column.raw[record];
  const uint32_t value = column.value_of_raw[raw];
  if (column.valid[value] == 0) return column.raws[raw];
  switch (config_.attributes[attribute].type) {
    case SemanticType::kIdNumber:
    case SemanticType::kCreditCode:
    case SemanticType::kPhone:
      return column.values[value];
    case SemanticType::kDate:
      buffer = iso_date(column.values[value]);
      return buffer.empty() ? column.raws[raw] : std::string_view(buffer);
    default:
      return column.raws[raw];
  }
}

}  // namespace zhili::fuse
