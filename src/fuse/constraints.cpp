#include "fuse/constraints.hpp"

#include <algorithm>

namespace zhili::fuse {

Constraints::Pair Constraints::pair_of(const Decision& decision) {
  return decision.a < decision.b ? Pair(decision.a, decision.b) : Pair(decision.b, decision.a);
}

std::span<const uint32_t> Constraints::of(const Partners& partners, uint32_t record) {
  const auto found = partners.find(record);
  return found == partners.end() ? std::span<const uint32_t>() : std::span<const uint32_t>(found->second);
}

void Constraints::put(uint64_t number, const Decision& decision) {
  standing_[number] = decision;
  of_pair_[pair_of(decision)] = number;
  of_name_[decision.a].insert(number);
  of_name_[decision.b].insert(number);
  next_ = std::max(next_, number + 1);
}

void Constraints::erase(uint64_t number) {
  const auto at = standing_.find(number);
  for (const auto* name : {&at->second.a, &at->second.b}) {
    const auto numbers = of_name_.find(*name);
    numbers->second.erase(number);
    if (numbers->second.empty()) of_name_.erase(numbers);
  }
  of_pair_.erase(pair_of(at->second));
  standing_.erase(at);
}

Constraints::Taken Constraints::take(const Decision& decision) {
  Taken taken{pair_of(decision), {}, {}};
  if (const auto at = of_pair_.find(taken.pair); at != of_pair_.end()) {
    const uint64_t number = at->second;
    taken.replaced.emplace(number, standing_.at(number));
    erase(number);
  }
  if (decision.verdict != Verdict::kUndo) {
    taken.made = next_;
    put(next_, decision);
  }
  return taken;
}

void Constraints::take_back(const Taken& taken) {
  if (taken.made) erase(*taken.made);
  if (taken.replaced) put(taken.replaced->first, taken.replaced->second);
}

void Constraints::refresh(const std::set<RecordName>& names, const Config& config, const FindRecord& find,
                          std::vector<uint32_t>& changed) {
  std::set<RecordName> seen = names;
  std::vector<RecordName> open(names.begin(), names.end());
  std::set<uint64_t> numbers;
  while (!open.empty()) {
    const auto name = std::move(open.back());
    open.pop_back();
    const auto at = of_name_.find(name);
    if (at == of_name_.end()) continue;
    for (const uint64_t number : at->second) {
      if (!numbers.insert(number).second) continue;
      const auto& decision = standing_.at(number);
      for (const auto* next : {&decision.a, &decision.b}) {
        if (seen.insert(*next).second) open.push_back(*next);
      }
    }
  }
  for (const auto& name : seen) {
    const auto before = resolved_.find(name);
    if (before == resolved_.end()) continue;
    changed.push_back(before->second);
    same_.erase(before->second);
    different_.erase(before->second);
    resolved_.erase(before);
  }
  std::vector<Decision> decisions;
  decisions.reserve(numbers.size());
  for (const uint64_t number : numbers) decisions.push_back(standing_.at(number));
  for (const auto& name : seen) {
    const auto source = config.find_source(name.source);
    const auto record = source && of_name_.contains(name) ? find(*source, name.record) : std::nullopt;
    if (!record) continue;
    resolved_[name] = *record;
    changed.push_back(*record);
  }
  const auto resolved = resolve_decisions(decisions, config, find);
  for (const auto& [a, b] : resolved.decided.same) {
    same_[a].push_back(b);
    same_[b].push_back(a);
  }
  for (const auto& [a, b] : resolved.decided.different) {
    different_[a].push_back(b);
    different_[b].push_back(a);
  }
}

void Constraints::add_to(std::span<const uint32_t> group, Decided& decided) const {
  if (resolved_.empty()) return;
  for (const uint32_t record : group) {
    for (const uint32_t other : of(same_, record)) {
      if (record < other) decided.same.emplace_back(record, other);
    }
    for (const uint32_t other : of(different_, record)) decided.different.emplace_back(record, other);
  }
}

}  // namespace zhili::fuse
