#include "library/keeper.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "fuse/model.hpp"

namespace zhili::library {
namespace {

using fuse::EntityChange;
using fuse::Resolver;
using store::Transaction;

Result<text::DivisionTable> divisions_of(const std::filesystem::path& file) {
  if (file.empty()) return text::DivisionTable(text::DivisionTable::national());
  return text::DivisionTable::national().with_file(file);
}

}  // namespace

Result<std::unique_ptr<Keeper>> Keeper::create(vault::Vault& vault, const Plan& plan, identity::AreaTree areas,
                                               std::vector<std::string> datasets, WhenMerged merged) {
  ZHILI_ASSIGN(auto upkeep, vault::Upkeep::create(vault, plan.kind, plan.purpose, plan.basis));
  ZHILI_ASSIGN(auto divisions, divisions_of(plan.divisions));
  std::unique_ptr<Keeper> out(
      new Keeper(vault, *vault.catalog().kind(plan.kind), plan.config, std::move(datasets), std::move(merged)));
  out->upkeep_ = std::move(upkeep);
  out->placing_ = std::make_unique<Placing>(std::move(divisions), std::move(areas), plan.elsewhere);
  for (const auto& [address, area] : plan.places) out->placing_->learn(address, area);
  return out;
}

vault::Subject Keeper::subject_of(const Resolver& resolver, const EntityChange& entity) const {
  vault::Subject out;
  out.id = entity.id.text();
  std::vector<std::string_view> addresses;
  for (const auto& value : entity.values) {
    const std::string& name = config_.attributes[value.attribute].name;
    const auto* field = kind_.find(name);
    if (field == nullptr) continue;
    if (field->type == catalog::ValueType::kAddress) addresses.emplace_back(value.value);
    out.values.push_back(
        {name, value.value, config_.sources[value.source].id, value.record, value.updated, value.differs});
  }
  out.place = placing_->place_of(addresses);
  for (const auto& [source, record] : entity.members) {
    out.provenance.records.push_back({config_.sources[source].id, record, {}});
  }
  for (auto& link : resolver.links(entity.id)) {
    out.provenance.links.push_back(
        {link.a, link.b, link.weight, fuse::probability(link.weight), std::move(link.parts)});
  }
  return out;
}

void Keeper::note_doubts(const Resolver& resolver, fuse::EntityId id, std::vector<Doubt>& out) const {
  constexpr double kMilli = 1000;
  for (const auto& pair : resolver.doubts(id)) {
    const auto [a, b] = std::minmax(pair.a, pair.b);
    out.push_back({a.text(), b.text(), std::llround(kMilli * static_cast<double>(pair.weight))});
  }
}

Status Keeper::write_doubts(Transaction& tx, const std::vector<std::string>& looked_at,
                            const std::vector<Doubt>& doubts, int64_t now) const {
  const int64_t area = vault_.area_id();
  for (const std::string& id : looked_at) {
    ZHILI_TRY(
        tx.execute("DELETE FROM library_doubt WHERE area_id = $1 AND kind = $2 AND a = $3", {area, kind_.id, id}));
    ZHILI_TRY(
        tx.execute("DELETE FROM library_doubt WHERE area_id = $1 AND kind = $2 AND b = $3", {area, kind_.id, id}));
  }
  for (const Doubt& doubt : doubts) {
    ZHILI_TRY(
        tx.execute("INSERT INTO library_doubt (area_id, kind, a, b, millibits, distance, found_at) VALUES ($1, $2, $3, "
                   "$4, $5, $6, $7) ON CONFLICT (area_id, kind, a, b) DO NOTHING",
                   {area, kind_.id, doubt.a, doubt.b, doubt.millibits, std::abs(doubt.millibits), now}));
  }
  return {};
}

Status Keeper::write_event(Transaction& tx, const std::string& subject, int64_t now, std::string_view event,
                           const std::string& other, uint64_t records) const {
  ZHILI_TRY(
      tx.execute("INSERT INTO library_event (area_id, kind, subject_id, at, event, other, records) VALUES ($1, "
                 "$2, $3, $4, $5, $6, $7) ON CONFLICT (area_id, kind, subject_id, at, event, other) DO NOTHING",
                 {vault_.area_id(), kind_.id, subject, now, std::string(event), other, static_cast<int64_t>(records)}));
  return {};
}

Status Keeper::write_word(Transaction& tx, const std::string& a, const std::string& b, fuse::Verdict verdict,
                          int64_t now) const {
  const std::string event = fmt::format("decided_{}", fuse::name_of(verdict));
  ZHILI_TRY(write_event(tx, a, now, event, b == a ? "" : b, 0));
  return a == b ? Status() : write_event(tx, b, now, event, a, 0);
}

Status Keeper::write_events(Transaction& tx, const fuse::Resolution& resolution, int64_t now) const {
  for (const auto& entity : resolution.entities) {
    if (!entity.gone) ZHILI_TRY(write_event(tx, entity.id.text(), now, "changed", "", entity.members.size()));
  }
  for (const auto& event : resolution.events) {
    const std::string other = event.new_id ? event.new_id.text() : "";
    const std::string_view name = fuse::name_of(event.change);
    ZHILI_TRY(write_event(tx, event.old_id.text(), now, name, other, event.records));
    if (other.empty()) continue;
    ZHILI_TRY(write_event(tx, other, now, fmt::format("{}_from", name), event.old_id.text(), event.records));
  }
  return {};
}

Result<fuse::EntityWrite> Keeper::prepare(const Resolver& resolver, const fuse::Resolution& resolution) {
  vault::SubjectChanges changes;
  std::vector<Doubt> doubts;
  std::vector<std::string> looked_at;
  std::map<std::string, std::vector<vault::Records::Link>, std::less<>> about;
  for (const EntityChange& entity : resolution.entities) {
    looked_at.push_back(entity.id.text());
    if (entity.gone) {
      changes.gone.push_back(entity.id.text());
      continue;
    }
    changes.put.push_back(subject_of(resolver, entity));
    note_doubts(resolver, entity.id, doubts);
    for (const auto& [source, record] : entity.members) {
      if (datasets_[source].empty()) continue;
      about[datasets_[source]].push_back({{record}, kind_.id, entity.id.text()});
    }
  }
  for (auto& [dataset, links] : about) changes.about.push_back({dataset, std::move(links)});
  for (const auto& event : resolution.events) {
    if (event.change == fuse::Change::kMerged) changes.merged.emplace_back(event.old_id.text(), event.new_id.text());
  }
  ZHILI_ASSIGN(auto prepared, upkeep_->prepare(changes));
  auto merged = std::move(changes.merged);
  const int64_t now = vault_.store().now();
  return [this, prepared = std::move(prepared), merged = std::move(merged), resolution, doubts = std::move(doubts),
          looked_at = std::move(looked_at), now](Transaction& tx) -> Status {
    ZHILI_TRY(upkeep_->apply(tx, *prepared));
    for (const auto& [from, to] : merged) {
      if (merged_) ZHILI_TRY(merged_(tx, kind_.id, from, to));
    }
    ZHILI_TRY(write_doubts(tx, looked_at, doubts, now));
    return write_events(tx, resolution, now);
  };
}

fuse::EntityWrite Keeper::prepare_doubts(const Resolver& resolver, const std::vector<fuse::EntityId>& ids) const {
  std::vector<Doubt> doubts;
  std::vector<std::string> looked_at;
  for (const auto id : ids) {
    looked_at.push_back(id.text());
    note_doubts(resolver, id, doubts);
  }
  return [this, doubts = std::move(doubts), looked_at = std::move(looked_at),
          now = vault_.store().now()](Transaction& tx) { return write_doubts(tx, looked_at, doubts, now); };
}

}  // namespace zhili::library
