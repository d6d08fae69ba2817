#include "fuse/resolver.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "base/parallel.hpp"
#include "fuse/resolver_undo.hpp"
#include "text/utf8.hpp"

namespace zhili::fuse {
namespace {

constexpr size_t kMostIdBytes = 1024;

bool is_clean(std::string_view text) { return text::valid_utf8(text) && text.find('\0') == std::string_view::npos; }

}  // namespace

Status check_change(const RecordChange& change, const Config& config) {
  if (change.source >= config.sources.size()) {
    return fail(ErrorCode::kInput, {}, "Name a source of the configuration.", "there is no source {}", change.source);
  }
  const auto& source = config.sources[change.source].id;
  if (change.id.empty() || change.id.size() > kMostIdBytes || !is_clean(change.id)) {
    return fail(ErrorCode::kInput, {source, 0, 0},
                fmt::format("Give each record an id of 1 to {} bytes of UTF-8.", kMostIdBytes),
                "a record's id is empty, too long or no text");
  }
  if (change.updated.size() > kMostIdBytes || !is_clean(change.updated)) {
    return fail(ErrorCode::kInput, {source, 0, 0}, "Write the time as in 2026-01-31 or 2026-01-31T08:00:00.",
                "the time of record {} is too long or no text", change.id);
  }
  if (change.gone) return {};
  if (change.values.size() != config.attributes.size()) {
    return fail(ErrorCode::kInput, {source, 0, 0},
                "Give one value for each attribute, an empty one where it is missing.",
                "record {} has {} values for {} attributes", change.id, change.values.size(), config.attributes.size());
  }
  for (size_t a = 0; a < change.values.size(); ++a) {
    if (change.values[a].size() <= limits::kCellBytes && is_clean(change.values[a])) continue;
    return fail(ErrorCode::kInput, {source, 0, 0}, "Send UTF-8 without NUL, of at most a MiB.",
                "record {}: the value of {} is too long or no text", change.id, config.attributes[a].name);
  }
  return {};
}

Resolver::Resolver(std::unique_ptr<Fusion> fusion, uint64_t capacity)
    : fusion_(std::move(fusion)),
      live_(fusion_->live()),
      editor_(live_.records, fusion_->config(), fusion_->divisions(), capacity),
      index_(live_.records, fusion_->threads()),
      allowed_(fusion_->config()),
      threshold_(fusion_->threshold()),
      entities_(lists_),
      scratch_(live_.comparisons.size()) {
  const uint64_t slots = live_.records.size();
  capacity = std::max(capacity, slots);
  live_.comparisons.reserve(capacity);
  index_.reserve(capacity);
  const auto size = [&](auto& table, auto value) {
    table.reserve(capacity);
    table.assign(slots, value);
  };
  size(presence_, Presence::kThere);
  size(links_, Lists::List{});
  size(entity_of_, EntityTable::kNone);
  size(mark_, 0U);
  size(touched_, 0U);
  entities_.reserve(capacity / 2);
  there_ = slots;
  scratch_.leaf.whole = false;
}

Resolver::~Resolver() = default;

/// Lets the keys of the rules be worked out of all values that there are.
void Resolver::ask_for_keys() {
  for (const auto& rule : fusion_->rules()) keys_.emplace_back(rule, live_.records, live_.projections);
}

uint32_t Resolver::restore_slot(uint32_t source, std::string_view id, Presence presence) {
  const uint32_t slot = editor_.append(static_cast<uint16_t>(source), id);
  index_.add(slot);
  presence_.push_back(presence);
  links_.emplace_back();
  entity_of_.push_back(EntityTable::kNone);
  mark_.push_back(0);
  touched_.push_back(0);
  if (presence == Presence::kThere) ++there_;
  return slot;
}

void Resolver::build_postings() {
  const auto& records = live_.records;
  const auto value_of = [&records](uint32_t record, uint32_t attribute) {
    const auto& column = records.column(attribute);
    return column.values[column.value(record)];
  };
  const auto& rules = fusion_->rules();
  if (keys_.empty()) ask_for_keys();
  postings_.reserve(rules.size());
  for (size_t r = 0; r < rules.size(); ++r) {
    postings_.emplace_back(config().max_block, fusion_->split_by()[r], fusion_->always_split()[r], value_of);
  }
  parallel_for(rules.size(), 1, fusion_->threads(), [&](uint64_t begin, uint64_t end, unsigned) {
    std::vector<std::vector<uint32_t>> parted;
    for (uint64_t r = begin; r < end; ++r) {
      postings_[r].reserve(presence_.capacity() / 2);
      for (uint32_t slot = 0; slot < presence_.size(); ++slot) {
        if (presence_[slot] != Presence::kThere) continue;
        keys_[r].keys_of(slot, [&](uint64_t key) { postings_[r].insert(key, slot, parted); });
        parted.clear();
      }
    }
  });
}

void Resolver::take_run(const Identity& identity) {
  for (const auto& edge : fusion_->scored().edges) {
    if (edge.weight < threshold_) continue;
    lists_.add(links_[edge.a], edge.b);
    lists_.add(links_[edge.b], edge.a);
  }
  std::vector<uint32_t> number(identity.of_cluster.size());
  for (size_t c = 0; c < number.size(); ++c) number[c] = entities_.add(identity.of_cluster[c]);
  const auto& clusters = fusion_->clusters();
  for (uint32_t slot = 0; slot < presence_.size(); ++slot) {
    entity_of_[slot] = number[clusters.of_record[slot]];
    entities_.add_member(entity_of_[slot], slot);
  }
}

Result<std::unique_ptr<Resolver>> Resolver::create(std::unique_ptr<Fusion> fusion, const Identity* identity,
                                                   std::span<const Decision> standing, uint64_t capacity) {
  if (identity == nullptr && fusion->records().size() > 0) {
    return fail(ErrorCode::kInternal, {}, "", "records without the ids of their entities");
  }
  std::unique_ptr<Resolver> out(new Resolver(std::move(fusion), capacity));
  if (identity != nullptr) out->take_run(*identity);
  out->fusion_->forget_steps();
  out->build_postings();
  std::set<RecordName> names;
  for (const auto& decision : standing) {
    out->constraints_.take(decision);
    names.insert({decision.a, decision.b});
  }
  out->refresh_constraints(names);
  out->affected_.clear();
  return out;
}

uint32_t Resolver::slot_for(uint32_t source, std::string_view id) {
  if (const auto found = index_.find(source, id)) return *found;
  const uint32_t slot = restore_slot(source, id, Presence::kAbsent);
  live_.comparisons.extend(live_.records, live_.projections);
  return slot;
}

/// Notes what a slot is, before it changes for the first time in this step.
void Resolver::touch(uint32_t slot) {
  if (touched_[slot] == step_) return;
  touched_[slot] = step_;
  if (before_change_) before_change_(slot);
  if (!recording_) return;
  auto& images = open_.back()->images;
  const auto linked = lists_.of(links_[slot]);
  images.insert(images.end(), {slot, static_cast<uint32_t>(presence_[slot]), editor_.time_of(slot),
                               static_cast<uint32_t>(linked.size())});
  for (const auto& column : live_.records.columns()) images.push_back(column.raw[slot]);
  images.insert(images.end(), linked.begin(), linked.end());
}

Effect Resolver::edit(const RecordChange& change) {
  const auto found = index_.find(change.source, change.id);
  const uint32_t time = editor_.time(change.updated);
  const bool was_there = found && presence_[*found] == Presence::kThere;
  if (found && presence_[*found] != Presence::kAbsent) {
    const TimeKey known = editor_.key_of_time(editor_.time_of(*found));
    const TimeKey now = editor_.key_of_time(time);
    if (now != 0 && now < known) return Effect::kOlder;
  }
  if (change.gone && !was_there && time == 0) return Effect::kUnknown;
  if (change.gone && !was_there && found && presence_[*found] == Presence::kGone && time == editor_.time_of(*found)) {
    return Effect::kUnknown;
  }
  std::vector<uint32_t> raws(live_.records.attributes(), 0);
  if (!change.gone) {
    for (uint32_t a = 0; a < raws.size(); ++a) raws[a] = editor_.raw(a, change.values[a]);
    bool same = was_there && time == editor_.time_of(*found);
    for (uint32_t a = 0; a < raws.size() && same; ++a) same = raws[a] == live_.records.column(a).raw[*found];
    if (same) return Effect::kNothing;
  }
  const uint32_t slot = found ? *found : slot_for(change.source, change.id);
  touch(slot);
  edited_.insert(slot);
  stays_.assign(keys_.size(), 0);
  if (was_there) {
    if (!change.gone) find_staying(slot, raws, time);
    unlink(slot);
    take_out(slot);
  }
  editor_.set(slot, raws, time);
  presence_[slot] = change.gone ? Presence::kGone : Presence::kThere;
  if (was_there) --there_;
  if (!change.gone) ++there_;
  if (was_there == change.gone) note_presence(slot);
  affected_.push_back(slot);
  if (change.gone) return was_there ? Effect::kGone : Effect::kUnknown;
  live_.comparisons.extend(live_.records, live_.projections);
  live_.scorer.extend(live_.records);
  live_.comparisons.set_row(live_.records, slot);
  put_in(slot);
  find_links(slot);
  return was_there ? Effect::kChanged : Effect::kNew;
}

/// Decisions that name a record hold while it is there.
void Resolver::note_presence(uint32_t slot) {
  if (constraints_.empty()) return;
  RecordName name{config().sources[live_.records.source(slot)].id, std::string(live_.records.id(slot))};
  if (constraints_.names(name)) named_.insert(std::move(name));
}

/// Finds the rules whose keys a change leaves alone: there the record is neither taken out nor put in.
void Resolver::find_staying(uint32_t slot, std::span<const uint32_t> raws, uint32_t time) {
  const auto keys = [&] {
    std::vector<std::vector<uint64_t>> out(keys_.size());
    for (size_t r = 0; r < keys_.size(); ++r) {
      keys_[r].keys_of(slot, [&](uint64_t key) { out[r].push_back(key); });
    }
    return out;
  };
  const auto before = keys();
  std::vector<uint32_t> old;
  for (const auto& column : live_.records.columns()) old.push_back(column.raw[slot]);
  const uint32_t old_time = editor_.time_of(slot);
  live_.projections.extend();
  editor_.set(slot, raws, time);
  const auto after = keys();
  editor_.set(slot, old, old_time);
  for (size_t r = 0; r < keys_.size(); ++r) {
    const bool split = std::ranges::any_of(before[r], [&](uint64_t key) { return postings_[r].is_split(key); });
    stays_[r] = before[r] == after[r] && !split ? 1 : 0;
  }
}

void Resolver::put_in(uint32_t slot) {
  std::vector<std::vector<uint32_t>> parted;
  for (size_t r = 0; r < keys_.size(); ++r) {
    if (stays_[r] != 0) continue;
    keys_[r].keys_of(slot, [&](uint64_t key) { postings_[r].insert(key, slot, parted); });
  }
  for (const auto& members : parted) recheck(members);
}

void Resolver::take_out(uint32_t slot) {
  std::vector<std::vector<uint32_t>> joined;
  for (size_t r = 0; r < keys_.size(); ++r) {
    if (stays_[r] != 0) continue;
    keys_[r].keys_of(slot, [&](uint64_t key) { postings_[r].remove(key, slot, joined); });
  }
  for (const auto& members : joined) link_all(members);
}

void Resolver::add_link(uint32_t a, uint32_t b) {
  touch(a);
  touch(b);
  lists_.add(links_[a], b);
  lists_.add(links_[b], a);
}

void Resolver::drop_link(uint32_t a, uint32_t b) {
  touch(a);
  touch(b);
  lists_.remove(links_[a], b);
  lists_.remove(links_[b], a);
  affected_.insert(affected_.end(), {a, b});
}

void Resolver::unlink(uint32_t slot) {
  const auto linked = lists_.of(links_[slot]);
  const std::vector<uint32_t> others(linked.begin(), linked.end());
  for (const uint32_t other : others) drop_link(slot, other);
}

/// The record, and behind it in their order those that a block holds with it.
std::vector<uint32_t> Resolver::candidates(uint32_t slot) const {
  std::vector<uint32_t> out{slot};
  const uint16_t source = live_.records.source(slot);
  for (size_t r = 0; r < keys_.size(); ++r) {
    keys_[r].keys_of(slot, [&](uint64_t key) {
      for (const uint32_t other : postings_[r].find(key, slot).records) {
        if (other != slot && allowed_(source, live_.records.source(other))) out.push_back(other);
      }
    });
  }
  std::sort(out.begin() + 1, out.end());
  out.erase(std::unique(out.begin() + 1, out.end()), out.end());
  return out;
}

void Resolver::find_links(uint32_t slot) {
  weigh(candidates(slot), 0, threshold_, [&](uint32_t a, uint32_t b, float) { add_link(a, b); });
}

/// A block is small enough again: all its pairs are compared.
void Resolver::link_all(const std::vector<uint32_t>& members) {
  scratch_.leaf.whole = true;
  for (uint32_t i = 0; i + 1 < members.size(); ++i) {
    weigh(members, i, threshold_, [&](uint32_t a, uint32_t b, float) {
      if (!allowed_(live_.records.source(a), live_.records.source(b))) return;
      if (std::ranges::find(lists_.of(links_[a]), b) != lists_.of(links_[a]).end()) return;
      add_link(a, b);
      affected_.insert(affected_.end(), {a, b});
    });
  }
  scratch_.leaf.whole = false;
}

/// Where a record is in each rule's blocks, as far as it is compared there.
void Resolver::leaves_of(uint32_t slot, std::vector<std::pair<uint32_t, uint64_t>>& leaves) const {
  leaves.clear();
  for (uint32_t r = 0; r < keys_.size(); ++r) {
    keys_[r].keys_of(slot, [&](uint64_t key) {
      const auto leaf = postings_[r].find(key, slot);
      if (!leaf.records.empty()) leaves.emplace_back(r, leaf.key);
    });
  }
}

/// A block was split: links that no block holds any more go.
void Resolver::recheck(const std::vector<uint32_t>& members) {
  std::vector<std::pair<uint32_t, uint64_t>> of_one;
  std::vector<std::pair<uint32_t, uint64_t>> of_other;
  for (const uint32_t slot : members) {
    const auto linked = lists_.of(links_[slot]);
    const std::vector<uint32_t> others(linked.begin(), linked.end());
    if (!others.empty()) leaves_of(slot, of_one);
    for (const uint32_t other : others) {
      if (other < slot && std::ranges::find(members, other) != members.end()) continue;  // Was looked at.
      leaves_of(other, of_other);
      if (std::ranges::find_first_of(of_one, of_other) == of_one.end()) drop_link(slot, other);
    }
  }
}

void Resolver::refresh_constraints(const std::set<RecordName>& names) {
  if (names.empty()) return;
  constraints_.refresh(
      names, config(),
      [&](uint32_t source, std::string_view id) -> std::optional<uint32_t> {
        const auto slot = index_.find(source, id);
        if (!slot || presence_[*slot] != Presence::kThere) return std::nullopt;
        return slot;
      },
      affected_);
}

std::optional<EntityId> Resolver::find(uint32_t source, std::string_view id) const {
  const auto slot = index_.find(source, id);
  if (!slot || presence_[*slot] != Presence::kThere) return std::nullopt;
  return entities_.id(entity_of_[*slot]);
}

std::vector<uint32_t> Resolver::members_of(uint32_t entity) const {
  const auto members = entities_.members(entity);
  std::vector<uint32_t> out(members.begin(), members.end());
  std::ranges::sort(out, [&](uint32_t a, uint32_t b) { return before(a, b); });
  return out;
}

std::optional<EntityChange> Resolver::entity(EntityId id) const {
  const uint32_t number = entities_.find(id);
  if (number == EntityTable::kNone) return std::nullopt;
  return describe(id, members_of(number));
}

std::vector<EntityId> Resolver::ids() const {
  std::set<EntityId> out;
  for (uint32_t slot = 0; slot < presence_.size(); ++slot) {
    if (presence_[slot] == Presence::kThere) out.insert(entities_.id(entity_of_[slot]));
  }
  return {out.begin(), out.end()};
}

uint64_t Resolver::bytes() const {
  uint64_t out = lists_.bytes() + entities_.bytes() + presence_.capacity() * 17;
  for (const auto& postings : postings_) out += postings.bytes();
  return out;
}

Resolver::Step Resolver::apply(std::span<const RecordChange> changes, std::span<const Decision> decisions) {
  open_.push_back(std::make_unique<Undo>());
  ++step_;
  affected_.clear();
  edited_.clear();
  named_.clear();
  recording_ = true;
  auto& undo = *open_.back();
  Step out;
  out.effects.reserve(changes.size());
  for (const auto& change : changes) out.effects.push_back(edit(change));
  for (const auto& decision : decisions) {
    undo.taken.push_back(constraints_.take(decision));
    named_.insert({decision.a, decision.b});
  }
  refresh_constraints(named_);
  undo.named = named_;
  undo.edited.assign(edited_.begin(), edited_.end());
  regroup(out);
  recording_ = false;
  if (!affected_.empty() || !decisions.empty()) write_journal(decisions, out);
  return out;
}

void Resolver::keep() { open_.pop_front(); }

}  // namespace zhili::fuse
