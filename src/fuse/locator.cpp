#include "fuse/locator.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace zhili::fuse {

std::vector<std::string> Locator::keys(const text::Address& address, std::string_view county) {
  std::vector<std::string> out;
  const std::string_view rest = std::string_view(address.rest).substr(0, address.rest.find(','));
  // Roads and estates are named once in a county, groups once in a village.
  const auto add = [&](std::string_view kind, std::string_view a, std::string_view b, std::string_view c) {
    out.push_back(fmt::format("{}|{}|{}|{}|{}", kind, county, a, b, c));
  };
  if (!address.road.empty() && !address.number.empty()) add("gate", address.road, address.lane, address.number);
  if (!rest.empty() && !address.building.empty()) add("house", rest, address.building, "");
  if (!rest.empty()) add("estate", rest, "", "");
  if (!address.community.empty() && !address.number.empty()) {
    add("farm", address.community, address.lane, address.number);
  }
  if (!address.community.empty() && !address.lane.empty()) add("group", address.community, address.lane, "");
  if (!address.road.empty() && !address.lane.empty()) add("lane", address.road, address.lane, "");
  if (!address.community.empty()) add("community", address.community, "", "");
  if (!address.road.empty()) add("road", address.road, "", "");
  return out;
}

void Locator::learn(std::string_view address, std::string_view area) {
  if (address.empty() || area.empty()) return;
  const auto [at, fresh] = numbers_.try_emplace(std::string(area), static_cast<uint32_t>(areas_.size()));
  if (fresh) areas_.emplace_back(area);
  const auto parsed = text::parse_address(address, table_);
  // Registers of one county seldom name it: without it, what they write counts by itself.
  auto all = keys(parsed, parsed.county);
  if (!parsed.county.empty()) std::ranges::move(keys(parsed, ""), std::back_inserter(all));
  for (const std::string& key : all) {
    Votes& votes = votes_[key];
    ++votes.all;
    const auto found = std::ranges::find(votes.of_area, at->second, &std::pair<uint32_t, uint32_t>::first);
    if (found != votes.of_area.end()) {
      ++found->second;
    } else {
      votes.of_area.emplace_back(at->second, 1U);
    }
  }
}

std::string Locator::division_of(const text::Address& address) const {
  if (address.division_code.empty() || address.community.empty()) return address.division_code;
  const auto within = table_.find(address.division_code);
  const auto id = table_.find_named(address.community, within);
  const bool community = id != text::DivisionTable::kNone && table_.level(id) == text::DivisionLevel::kCommunity;
  return community ? table_.code(id) : address.division_code;
}

Locator::Place Locator::find(std::string_view text) const {
  // Four fifths: registers have errors, and one stray line must not undo a road.
  constexpr uint32_t kOf = 5;
  constexpr uint32_t kAgree = 4;
  const auto address = text::parse_address(text, table_);
  Place out{{}, division_of(address)};
  for (const std::string& key : keys(address, address.county)) {
    const auto at = votes_.find(key);
    if (at == votes_.end()) continue;
    const auto best = std::ranges::max_element(at->second.of_area, {}, &std::pair<uint32_t, uint32_t>::second);
    if (best->second * kOf < at->second.all * kAgree) continue;
    out.area = areas_[best->first];
    break;
  }
  return out;
}

}  // namespace zhili::fuse
