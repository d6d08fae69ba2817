#include <algorithm>
#include <map>

#include "fuse/link_tree.hpp"
#include "fuse/resolver.hpp"

namespace zhili::fuse {

std::vector<EntityLink> Resolver::links(EntityId id) const {
  const uint32_t number = entities_.find(id);
  if (number == EntityTable::kNone) return {};
  const auto members = members_of(number);
  std::vector<LinkTree::Member> tree;
  LinkTree(*fusion_).grow(members, tree);
  const auto place = [&](uint32_t slot) {
    return static_cast<uint32_t>(std::ranges::find(members, slot) - members.begin());
  };
  std::vector<EntityLink> out;
  for (auto& member : tree) {
    if (member.link == LinkTree::kNone) continue;
    out.push_back({place(member.link), place(member.record), member.weight, std::move(member.parts)});
  }
  return out;
}

bool Resolver::is_decided(uint32_t a, uint32_t b) const {
  return std::ranges::find(constraints_.same(a), b) != constraints_.same(a).end() ||
         std::ranges::find(constraints_.different(a), b) != constraints_.different(a).end();
}

std::vector<DoubtfulPair> Resolver::doubts(EntityId id) const {
  const uint32_t number = entities_.find(id);
  if (number == EntityTable::kNone) return {};
  const auto low = static_cast<float>(weight_of(config().review_low));
  const auto high = static_cast<float>(weight_of(config().review_high));
  const auto members = members_of(number);
  LinkTree tree(*fusion_);
  std::vector<DoubtfulPair> out;
  const auto tell = [&](uint32_t a, uint32_t b, float weight) {
    const auto name = [&](uint32_t slot) {
      return std::pair<uint32_t, std::string>(live_.records.source(slot), live_.records.id(slot));
    };
    out.push_back({id, entities_.id(entity_of_[b]), name(a), name(b), weight, tree.parts(a, b)});
  };
  std::vector<LinkTree::Member> inside;
  tree.grow(members, inside);
  const auto weaker = [](const LinkTree::Member& x, const LinkTree::Member& y) { return x.weight < y.weight; };
  std::erase_if(inside, [&](const auto& member) {
    return member.link == LinkTree::kNone || is_decided(member.link, member.record) || member.weight < low;
  });
  const auto weakest = std::ranges::min_element(inside, weaker);
  if (weakest != inside.end() && weakest->weight <= high) tell(weakest->link, weakest->record, weakest->weight);

  struct Best {
    uint32_t a;
    uint32_t b;
    float weight;
  };
  std::map<uint32_t, Best> others;  // By entity.
  for (const uint32_t slot : members) {
    weigh(candidates(slot), 0, low, [&](uint32_t a, uint32_t b, float weight) {
      if (a != slot) std::swap(a, b);
      const uint32_t other = entity_of_[b];
      if (other == number || (weight > high && weight < threshold_)) return;
      const auto [at, fresh] = others.try_emplace(other, Best{a, b, weight});
      if (!fresh && at->second.weight < weight) at->second = {a, b, weight};
    });
  }
  for (const auto& [other, best] : others) {
    // Whoever decided on one pair of two entities has looked at both.
    const auto theirs = entities_.members(other);
    const bool decided = std::ranges::any_of(members, [&](uint32_t mine) {
      return std::ranges::any_of(theirs, [&](uint32_t slot) { return is_decided(mine, slot); });
    });
    if (!decided) tell(best.a, best.b, best.weight);
  }
  return out;
}

void Resolver::each_record(uint32_t source, const std::function<void(std::string_view id)>& take) const {
  for (uint32_t slot = 0; slot < presence_.size(); ++slot) {
    if (presence_[slot] == Presence::kThere && live_.records.source(slot) == source) take(live_.records.id(slot));
  }
}

}  // namespace zhili::fuse
