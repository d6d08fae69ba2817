#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "fuse/group.hpp"
#include "fuse/resolver.hpp"
#include "fuse/resolver_undo.hpp"

namespace zhili::fuse {

/// The components that a step touched, with records numbered from 0: what assign_ids takes.
struct Resolver::Local {
  std::vector<uint32_t> slots;
  Clusters clusters;
  EarlierEntities earlier;
  std::vector<uint32_t> old_numbers;  ///< By old entity: its number in the table.
};

/// In order of source and record id.
bool Resolver::before(uint32_t a, uint32_t b) const {
  const auto& records = live_.records;
  return std::tuple(records.source(a), records.id(a)) < std::tuple(records.source(b), records.id(b));
}

/// All records that links and decisions connect with one, marked; in order.
void Resolver::find_component(uint32_t from, std::vector<uint32_t>& out) {
  out.assign(1, from);
  mark_[from] = marked_;
  for (size_t i = 0; i < out.size(); ++i) {
    const auto visit = [&](uint32_t next) {
      if (mark_[next] == marked_) return;
      mark_[next] = marked_;
      out.push_back(next);
    };
    std::ranges::for_each(lists_.of(links_[out[i]]), visit);
    std::ranges::for_each(constraints_.same(out[i]), visit);
  }
  std::ranges::sort(out, [&](uint32_t a, uint32_t b) { return before(a, b); });
}

void Resolver::cluster_component(const std::vector<uint32_t>& component, Local& local) {
  std::vector<uint32_t> cluster_of(1, 0);
  if (component.size() > 1) {
    Decided decided;
    constraints_.add_to(component, decided);
    const GroupClusterer clusterer(config(), live_.records, {}, live_.scorer, decided, threshold_);
    std::vector<GroupLink> links;
    if (component.size() > GroupClusterer::kDense) {
      std::unordered_map<uint32_t, uint32_t> place;
      for (uint32_t i = 0; i < component.size(); ++i) place.emplace(component[i], i);
      std::vector<uint32_t> row;
      for (uint32_t i = 0; i < component.size(); ++i) {
        row.assign(1, component[i]);
        for (const uint32_t other : lists_.of(links_[component[i]])) {
          if (place.at(other) > i) row.push_back(other);
        }
        weigh(row, 0, threshold_,
              [&](uint32_t, uint32_t b, float weight) { links.push_back({i, place.at(b), weight}); });
      }
    }
    clusterer.run(component, std::move(links), scratch_, cluster_of);
  }
  const uint32_t base = local.clusters.count;
  for (size_t i = 0; i < component.size(); ++i) {
    local.slots.push_back(component[i]);
    local.clusters.of_record.push_back(base + cluster_of[i]);
    local.clusters.count = std::max(local.clusters.count, base + cluster_of[i] + 1);
  }
}

/// The entities that held records of the components, or records that are gone.
void Resolver::find_old_entities(Local& local) {
  std::unordered_map<uint32_t, uint32_t> numbers;
  const auto number_of = [&](uint32_t entity) {
    const auto [at, added] = numbers.try_emplace(entity, static_cast<uint32_t>(local.old_numbers.size()));
    if (added) {
      local.old_numbers.push_back(entity);
      local.earlier.ids.push_back(entities_.id(entity));
      local.earlier.lost.push_back(static_cast<uint32_t>(entities_.members(entity).size()));
    }
    return at->second;
  };
  local.earlier.of_record.assign(local.slots.size(), EarlierEntities::kNone);
  for (size_t i = 0; i < local.slots.size(); ++i) {
    const uint32_t entity = entity_of_[local.slots[i]];
    if (entity == EntityTable::kNone) continue;
    local.earlier.of_record[i] = number_of(entity);
    --local.earlier.lost[local.earlier.of_record[i]];
  }
  for (const uint32_t slot : edited_) {
    if (entity_of_[slot] != EntityTable::kNone) number_of(entity_of_[slot]);
  }
}

void Resolver::note_entity(uint32_t number) {
  if (!recording_) return;
  const auto members = entities_.members(number);
  open_.back()->before.push_back({entities_.id(number), {members.begin(), members.end()}});
}

void Resolver::erase_entity(uint32_t number) {
  for (const uint32_t slot : entities_.members(number)) {
    touch(slot);
    entity_of_[slot] = EntityTable::kNone;
  }
  entities_.erase(number);
}

void Resolver::add_entity(EntityId id, std::span<const uint32_t> members) {
  const uint32_t number = entities_.add(id);
  for (const uint32_t slot : members) {
    touch(slot);
    entity_of_[slot] = number;
    entities_.add_member(number, slot);
  }
}

/// Clusters what the step touched, gives ids, and tells what became of entities.
void Resolver::regroup(Step& step) {
  Local local;
  ++marked_;
  std::vector<uint32_t> component;
  for (const uint32_t slot : affected_) {
    if (presence_[slot] != Presence::kThere || mark_[slot] == marked_) continue;
    find_component(slot, component);
    cluster_component(component, local);
  }
  if (affected_.empty()) return;
  find_old_entities(local);
  settle(local, step);
}

void Resolver::settle(Local& local, Step& step) {
  const Membership membership(local.clusters);
  const auto& records = live_.records;
  const std::set<EntityId> ours(local.earlier.ids.begin(), local.earlier.ids.end());
  const IdSurroundings surroundings{
      .hash =
          [&](uint32_t record) {
            const uint32_t slot = local.slots[record];
            return hash_record(config().sources[records.source(slot)].id, records.id(slot), config().seed);
          },
      .taken = [&](EntityId id) { return entities_.find(id) != EntityTable::kNone && !ours.contains(id); }};
  auto identity = assign_ids(surroundings, membership, &local.earlier, 1);
  step.resolution.events = std::move(identity.events);

  // Entities that keep their id and their records are left alone; if a record's values changed, they are told again.
  std::vector<std::vector<uint32_t>> members(membership.clusters());
  std::vector<uint8_t> stays(membership.clusters(), 0);
  std::set<uint32_t> staying;
  for (uint32_t c = 0; c < membership.clusters(); ++c) {
    for (const uint32_t record : membership.of(c)) members[c].push_back(local.slots[record]);
    const uint32_t number = entities_.find(identity.of_cluster[c]);
    if (number == EntityTable::kNone || entities_.members(number).size() != members[c].size()) continue;
    if (!std::ranges::all_of(members[c], [&](uint32_t slot) { return entity_of_[slot] == number; })) continue;
    stays[c] = 1;
    staying.insert(number);
  }
  std::set<EntityId> gone;
  for (const uint32_t number : local.old_numbers) {
    if (staying.contains(number)) continue;
    note_entity(number);
    gone.insert(entities_.id(number));
    erase_entity(number);
  }
  for (uint32_t c = 0; c < membership.clusters(); ++c) {
    const EntityId id = identity.of_cluster[c];
    if (stays[c] == 0) {
      add_entity(id, members[c]);
      gone.erase(id);
      if (recording_) open_.back()->after.push_back(id);
    } else if (std::ranges::none_of(members[c], [&](uint32_t slot) { return edited_.contains(slot); })) {
      continue;
    }
    step.resolution.entities.push_back(describe(id, members[c]));
  }
  for (const EntityId id : gone) step.resolution.entities.push_back({id, true, {}, {}});
}

EntityChange Resolver::describe(EntityId id, std::span<const uint32_t> members) const {
  const auto& records = live_.records;
  EntityChange out{id, false, {}, {}};
  out.members.reserve(members.size());
  for (const uint32_t slot : members) out.members.emplace_back(records.source(slot), records.id(slot));
  const GoldenRules rules(config(), records);
  std::string buffer;
  for (uint32_t a = 0; a < records.attributes(); ++a) {
    const auto golden = rules.choose(a, members, golden_scratch_);
    if (golden.record == GoldenValue::kNone) continue;
    out.values.push_back({a, std::string(rules.text(a, golden.record, buffer)), records.source(golden.record),
                          std::string(records.id(golden.record)), std::string(records.updated(golden.record)),
                          golden.differs});
  }
  return out;
}

void Resolver::undo() {
  const auto undo = std::move(open_.back());
  open_.pop_back();
  ++step_;
  std::vector<std::vector<uint32_t>> ignored;  // Links are put back as they were.
  const auto move_keys = [&](uint32_t slot, bool in) {
    if (presence_[slot] != Presence::kThere) return;
    for (size_t r = 0; r < keys_.size(); ++r) {
      keys_[r].keys_of(slot, [&](uint64_t key) {
        if (in)
          postings_[r].insert(key, slot, ignored);
        else
          postings_[r].remove(key, slot, ignored);
      });
    }
  };
  for (const uint32_t slot : undo->edited) move_keys(slot, false);
  const uint32_t attributes = live_.records.attributes();
  for (size_t at = 0; at < undo->images.size();) {
    const uint32_t* const image = undo->images.data() + at;
    const uint32_t slot = image[0];
    const std::span raws(image + 4, attributes);
    const std::span linked(image + 4 + attributes, image[3]);
    if (before_change_) before_change_(slot);
    if (presence_[slot] == Presence::kThere) --there_;
    presence_[slot] = static_cast<Presence>(image[1]);
    if (presence_[slot] == Presence::kThere) ++there_;
    editor_.set(slot, raws, image[2]);
    live_.comparisons.set_row(live_.records, slot);
    lists_.clear(links_[slot]);
    for (const uint32_t other : linked) lists_.add(links_[slot], other);
    at += 4 + attributes + linked.size();
  }
  for (const uint32_t slot : undo->edited) move_keys(slot, true);
  for (const EntityId id : undo->after) erase_entity(entities_.find(id));
  for (const auto& [id, members] : undo->before) add_entity(id, members);
  for (size_t i = undo->taken.size(); i > 0; --i) constraints_.take_back(undo->taken[i - 1]);
  affected_.clear();
  refresh_constraints(undo->named);
}

}  // namespace zhili::fuse
