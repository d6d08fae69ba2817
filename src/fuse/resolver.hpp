#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "fuse/bytes.hpp"
#include "fuse/constraints.hpp"
#include "fuse/decisions.hpp"
#include "fuse/entity_table.hpp"
#include "fuse/fusion.hpp"
#include "fuse/golden.hpp"
#include "fuse/history.hpp"
#include "fuse/identity.hpp"
#include "fuse/lists.hpp"
#include "fuse/postings.hpp"
#include "fuse/record_editor.hpp"
#include "fuse/record_index.hpp"
#include "fuse/rule_keys.hpp"

namespace zhili::fuse {

/// What happens to one record of a source.
struct RecordChange {
  uint32_t source = 0;
  std::string id;
  std::string updated;              ///< The record's own time; empty where it has none.
  bool gone = false;                ///< The source has it no more; then without values.
  std::vector<std::string> values;  ///< By attribute, as a batch run reads them from a file; empty: missing.
};

/// What became of a RecordChange.
enum class Effect : uint8_t {
  kNew,      ///< The record was not there.
  kChanged,  ///< It was there, with other values or another time.
  kNothing,  ///< It was there just so.
  kOlder,    ///< What is there is newer, by the records' own times. Nothing was done.
  kGone,     ///< It was there, and is no more.
  kUnknown,  ///< It is gone, and was not there. Its time is kept, so that what is older does not bring it back.
};

/// An entity's value of one attribute, and where it comes from.
struct EntityValue {
  uint32_t attribute = 0;
  std::string value;
  uint32_t source = 0;
  std::string record;
  std::string updated;
  uint32_t differs = 0;  ///< Other standard values in the entity.
};

/// An entity that is new, is not as it was, or is no more.
struct EntityChange {
  EntityId id;
  bool gone = false;  ///< The id went out of use; without members and values.
  /// Source and record id, in order of both.
  std::vector<std::pair<uint32_t, std::string>> members;
  std::vector<EntityValue> values;  ///< Without attributes of which no record has a usable value.
};

/// What a step did to entities.
struct Resolution {
  std::vector<EntityChange> entities;
  std::vector<Event> events;  ///< What became of ids: in order of old id and new id.
};

/// Why a record belongs to its entity: the strongest of its links to those before it.
struct EntityLink {
  uint32_t a = 0;  ///< Places in EntityChange::members; a < b does not hold always.
  uint32_t b = 0;
  float weight = 0;   ///< Bits.
  std::string parts;  ///< As LinkTree::Member has it.
};

/// Two records that may be one entity or two: worth a look.
struct DoubtfulPair {
  EntityId a;
  EntityId b;                                 ///< The same as `a`: they are one entity now.
  std::pair<uint32_t, std::string> record_a;  ///< Source and record id.
  std::pair<uint32_t, std::string> record_b;
  float weight = 0;   ///< Bits.
  std::string parts;  ///< As LinkTree::Member has it.
};

void write_decision(const Decision& decision, ByteWriter& out);
/// Errors show as !in.good().
Decision read_decision(ByteReader& in);

/// Checks a change that came from outside. Errors: kInput, naming the attribute and not the value.
Status check_change(const RecordChange& change, const Config& config);

/// Keeps the records of one kind of entity in memory and resolves changes as they come: always to the same entities as
/// a batch run under the same frozen model over the records that are there, in order of source and record id. Belongs
/// to one thread at a time; nothing here is durable.
class Resolver {
 public:
  /// From a run that has grouped its records, with their ids; or from one that adopted records (none, say), with
  /// `identity` null. `standing`: decisions, the oldest first. Room for `capacity` records is set aside.
  ~Resolver();
  static Result<std::unique_ptr<Resolver>> create(std::unique_ptr<Fusion> fusion, const Identity* identity,
                                                  std::span<const Decision> standing, uint64_t capacity);

  /// One step: changes, then decisions (kUndo takes one back), in their order.
  struct Step {
    std::vector<Effect> effects;  ///< By change.
    Resolution resolution;
    std::string journal;  ///< For `replay`; empty where nothing changed. Holds personal values.
  };
  /// Changes have been checked. The step stays open until `keep` or `undo`.
  Step apply(std::span<const RecordChange> changes, std::span<const Decision> decisions);
  /// Steps that are neither kept nor taken back.
  size_t open_steps() const { return open_.size(); }
  /// The oldest open step holds for good.
  void keep();
  /// Takes the newest open step back.
  void undo();
  /// Does again what a step did, to the same entities. Errors: kInput for bytes that are no journal of one.
  /// Returns how many records it was about.
  Result<uint64_t> replay(std::string_view journal);

  const Config& config() const { return fusion_->config(); }
  const Fusion& fusion() const { return *fusion_; }
  uint64_t records() const { return there_; }
  uint64_t entities() const { return entities_.size(); }
  /// The entity of a record; none where the record is not there.
  std::optional<EntityId> find(uint32_t source, std::string_view id) const;
  /// An entity as a change would tell it; none where no entity has the id.
  std::optional<EntityChange> entity(EntityId id) const;
  std::vector<EntityId> ids() const;
  /// Why the records of an entity are one; its members as `entity` gives them. Empty where no entity has the id.
  std::vector<EntityLink> links(EntityId id) const;
  /// What is doubtful about an entity: its own weakest link, and the best pair with each entity that it could be one
  /// with, as far as their probabilities lie between the configuration's review marks, or the pair is linked and yet
  /// kept apart. Pairs that were decided on are left out.
  std::vector<DoubtfulPair> doubts(EntityId id) const;
  /// Ids of a source's records that are there, in no order.
  void each_record(uint32_t source, const std::function<void(std::string_view id)>& take) const;
  /// Bytes of the large tables, set aside for later included.
  uint64_t bytes() const;

  /// Slots are what a snapshot is made of: one a record that is or was there. See snapshot.hpp.
  uint64_t slots() const { return presence_.size(); }
  /// Appends one slot, as it is now, to `out`.
  void write_slot(uint32_t slot, std::string& out) const;
  /// From here on `before_change` is told each slot before it changes for the first time since.
  void watch_slots(std::function<void(uint32_t slot)> before_change);
  std::vector<std::pair<uint64_t, Decision>> decisions() const { return constraints_.standing(); }

 private:
  friend class SnapshotReader;
  friend class SnapshotTaker;
  enum class Presence : uint8_t { kAbsent, kThere, kGone };
  struct Undo;
  struct Local;

  Resolver(std::unique_ptr<Fusion> fusion, uint64_t capacity);
  void ask_for_keys();
  void build_postings();
  uint32_t restore_slot(uint32_t source, std::string_view id, Presence presence);
  void take_run(const Identity& identity);
  uint32_t slot_for(uint32_t source, std::string_view id);
  void touch(uint32_t slot);
  Effect edit(const RecordChange& change);
  void put_in(uint32_t slot);
  void take_out(uint32_t slot);
  void find_staying(uint32_t slot, std::span<const uint32_t> raws, uint32_t time);
  void unlink(uint32_t slot);
  void add_link(uint32_t a, uint32_t b);
  void drop_link(uint32_t a, uint32_t b);
  void find_links(uint32_t slot);
  void link_all(const std::vector<uint32_t>& members);
  void recheck(const std::vector<uint32_t>& members);
  void leaves_of(uint32_t slot, std::vector<std::pair<uint32_t, uint64_t>>& leaves) const;
  template <class Take>
  void weigh(std::span<const uint32_t> members, uint32_t first, float floor, Take&& take) const;
  std::vector<uint32_t> candidates(uint32_t slot) const;
  std::vector<uint32_t> members_of(uint32_t entity) const;
  bool is_decided(uint32_t a, uint32_t b) const;
  void refresh_constraints(const std::set<RecordName>& touched);
  void note_presence(uint32_t slot);
  void regroup(Step& step);
  void find_component(uint32_t from, std::vector<uint32_t>& out);
  void cluster_component(const std::vector<uint32_t>& component, Local& local);
  void find_old_entities(Local& local);
  void settle(Local& local, Step& step);
  void erase_entity(uint32_t number);
  void add_entity(EntityId id, std::span<const uint32_t> members);
  EntityChange describe(EntityId id, std::span<const uint32_t> members) const;
  void note_entity(uint32_t number);
  bool before(uint32_t a, uint32_t b) const;
  void write_journal(std::span<const Decision> decisions, Step& step) const;
  Status replay_entities(ByteReader& in);

  std::unique_ptr<Fusion> fusion_;
  Fusion::Live live_;
  RecordEditor editor_;
  RecordIndex index_;
  AllowedPairs allowed_;
  float threshold_;
  std::vector<RuleKeys> keys_;
  std::vector<Postings> postings_;
  std::vector<Presence> presence_;
  uint64_t there_ = 0;
  Lists lists_;
  std::vector<Lists::List> links_;  // By slot: linked slots.
  std::vector<uint32_t> entity_of_;
  EntityTable entities_;
  Constraints constraints_;
  mutable Scorer::Scratch scratch_;
  mutable GoldenRules::Scratch golden_scratch_;
  std::vector<uint32_t> mark_;  // By slot: equals marked_ where a walk has been.
  uint32_t marked_ = 0;
  std::vector<uint32_t> touched_;  // By slot: the step that touched it.
  uint32_t step_ = 0;
  bool recording_ = false;  // What changes is noted, to be taken back.
  std::deque<std::unique_ptr<Undo>> open_;
  std::vector<uint32_t> affected_;
  std::vector<uint8_t> stays_;  // By rule: the record that is being changed stays where it is.
  std::set<uint32_t> edited_;
  std::set<RecordName> named_;
  std::function<void(uint32_t)> before_change_;
};

/// Calls take(a, b, weight) for each pair of the member in place `first` with one behind it that weighs `floor` bits or
/// more. From the first place on, as the places before are laid out then.
template <class Take>
void Resolver::weigh(std::span<const uint32_t> members, uint32_t first, float floor, Take&& take) const {
  static constexpr std::array<uint32_t, kBatch> kSkipNone{};
  const auto n = static_cast<uint32_t>(members.size());
  PairRow row{.members = members, .new_leaf = first == 0, .i = first, .skip = kSkipNone.data()};
  for (row.begin = first + 1; row.begin < n; row.begin += kBatch) {
    row.count = std::min(kBatch, n - row.begin);
    live_.scorer.weigh(row, floor, scratch_, take);
    row.new_leaf = false;
  }
}

}  // namespace zhili::fuse
