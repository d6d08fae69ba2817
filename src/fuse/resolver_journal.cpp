#include <algorithm>

#include "fuse/resolver.hpp"

namespace zhili::fuse {
namespace {

constexpr uint64_t kJournalForm = 1;

std::unexpected<Error> not_a_journal() {
  return fail(ErrorCode::kInput, {}, "Restore the state from a backup.", "the journal of fused records is damaged");
}

}  // namespace

void write_decision(const Decision& decision, ByteWriter& out) {
  for (const auto* text : {&decision.a.source, &decision.a.record, &decision.b.source, &decision.b.record, &decision.by,
                           &decision.time, &decision.note}) {
    out.text(*text);
  }
  out.number(static_cast<uint64_t>(decision.verdict));
}

Decision read_decision(ByteReader& in) {
  Decision decision;
  for (auto* text : {&decision.a.source, &decision.a.record, &decision.b.source, &decision.b.record, &decision.by,
                     &decision.time, &decision.note}) {
    *text = in.text();
  }
  decision.verdict = static_cast<Verdict>(std::min<uint64_t>(in.number(), static_cast<uint64_t>(Verdict::kUndo)));
  return decision;
}

/// The records as they are now, the decisions, and which records the changed entities hold. So it is told with the same
/// ids again, whatever version of the program reads it.
void Resolver::write_journal(std::span<const Decision> decisions, Step& step) const {
  ByteWriter out(step.journal);
  const auto& records = live_.records;
  out.number(kJournalForm);
  out.number(edited_.size());
  for (const uint32_t slot : edited_) {
    const bool there = presence_[slot] == Presence::kThere;
    out.number(records.source(slot));
    out.text(records.id(slot));
    out.text(records.updated(slot));
    out.number(there ? 1 : 0);
    for (const auto& column : records.columns()) {
      if (there) out.text(column.raws[column.raw[slot]]);
    }
  }
  out.number(decisions.size());
  for (const auto& decision : decisions) write_decision(decision, out);
  out.number(step.resolution.entities.size());
  for (const auto& entity : step.resolution.entities) {
    out.fixed(entity.id.bits);
    out.number(entity.members.size());
    for (const auto& [source, id] : entity.members) {
      out.number(source);
      out.text(id);
    }
  }
}

Result<uint64_t> Resolver::replay(std::string_view journal) {
  ByteReader in(journal);
  if (in.number() != kJournalForm) return not_a_journal();
  ++step_;
  affected_.clear();
  edited_.clear();
  named_.clear();
  for (uint64_t n = in.count(); n > 0; --n) {
    RecordChange change;
    change.source = static_cast<uint32_t>(in.number());
    change.id = in.text();
    change.updated = in.text();
    change.gone = in.number() == 0;
    for (uint32_t a = 0; a < live_.records.attributes() && !change.gone; ++a) change.values.emplace_back(in.text());
    if (!in.good()) return not_a_journal();
    ZHILI_TRY(check_change(change, config()));
    edit(change);
  }
  for (uint64_t n = in.count(); n > 0; --n) {
    const auto decision = read_decision(in);
    if (!in.good()) return not_a_journal();
    constraints_.take(decision);
    named_.insert({decision.a, decision.b});
  }
  refresh_constraints(named_);
  ZHILI_TRY(replay_entities(in));
  return edited_.size();
}

Status Resolver::replay_entities(ByteReader& in) {
  struct Told {
    EntityId id;
    std::vector<uint32_t> members;
  };
  std::vector<Told> all;
  for (uint64_t n = in.count(); n > 0; --n) {
    Told told{{in.fixed()}, {}};
    for (uint64_t m = in.count(); m > 0; --m) {
      const auto source = static_cast<uint32_t>(in.number());
      const auto slot = index_.find(source, in.text());
      if (!in.good() || !slot) return not_a_journal();
      told.members.push_back(*slot);
    }
    all.push_back(std::move(told));
  }
  if (!in.good() || !in.done()) return not_a_journal();
  // What was told is the whole of every entity that had any of these records: first all go, then all come.
  for (const auto& told : all) {
    if (const uint32_t number = entities_.find(told.id); number != EntityTable::kNone) erase_entity(number);
  }
  for (const auto& told : all) {
    if (told.members.empty()) continue;
    for (const uint32_t slot : told.members) {
      if (entity_of_[slot] != EntityTable::kNone) return not_a_journal();
    }
    add_entity(told.id, told.members);
  }
  return {};
}

}  // namespace zhili::fuse
