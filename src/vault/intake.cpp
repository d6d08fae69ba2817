#include "vault/intake.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <unordered_set>
#include <utility>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "vault/blind_index.hpp"
#include "vault/jobs.hpp"
#include "vault/key_ring.hpp"
#include "vault/subject_rows.hpp"
#include "vault/words.hpp"

namespace zhili::vault {
namespace {

using audit::Action;
using store::Transaction;

constexpr size_t kIdsAtOnce = 500;

/// What one change writes. It may run several times: nothing is moved out of it.
struct Group {
  std::vector<ReadySubject> subjects;
  audit::EntryDraft entry;
  std::string listed;  // What the entry digests.
  uint64_t added = 0;
  uint64_t changed = 0;
};

const std::string& ids_sql() {
  static const std::string text = [] {
    std::string sql =
        "SELECT subject_id, key_number, content FROM vault_subject WHERE area_id = $1 AND kind = $2 AND "
        "subject_id IN (";
    for (size_t i = 0; i < kIdsAtOnce; ++i) sql += fmt::format("{}${}", i == 0 ? "" : ", ", i + 3);
    return sql + ")";
  }();
  return text;
}

}  // namespace

struct Intake::State {
  State(Vault& vault_in, IntakeJob job_in, const catalog::EntityKind& kind_in)
      : vault(vault_in), job(std::move(job_in)), kind(kind_in), rows(vault_in, kind_in) {}

  Result<bool> compare(std::vector<ReadySubject>& group, uint64_t& unchanged);
  Status flush();
  Status write(Transaction& tx, const Group& group) const;
  Status remove_gone();
  Status remove(std::vector<std::string> ids);
  Result<audit::EntryDraft> draft(Action action, std::string_view what) const;
  void submit(const std::shared_ptr<const Group>& group);
  Status sign_of_life();
  Status wait(size_t until);

  Vault& vault;
  const IntakeJob job;
  const catalog::EntityKind& kind;
  SubjectRows rows;
  std::string id;
  bool empty = false;  // There was no subject of the kind at the beginning.
  bool over = false;
  std::vector<ReadySubject> group;
  std::unordered_set<std::string> seen;
  IntakeCounts counts;
  int64_t last_sign = 0;

  std::mutex mutex;
  std::condition_variable came;
  size_t under_way = 0;
  std::optional<Error> failed;
};

/// Takes out of the group what the store has already.
Result<bool> Intake::State::compare(std::vector<ReadySubject>& ready, uint64_t& unchanged) {
  std::map<std::string, std::pair<uint32_t, std::string>, std::less<>> there;
  for (size_t first = 0; first < ready.size(); first += kIdsAtOnce) {
    std::vector<store::Value> params{vault.area_id(), kind.id};
    params.reserve(kIdsAtOnce + 2);
    for (size_t i = 0; i < kIdsAtOnce; ++i) params.emplace_back(ready[std::min(first + i, ready.size() - 1)].id);
    ZHILI_ASSIGN(const auto found, vault.store().query(ids_sql(), params));
    for (const store::Row row : found) {
      there.insert_or_assign(std::string(row.text(0)),
                             std::pair(static_cast<uint32_t>(row.int64(1)), std::string(row.bytes(2))));
    }
  }
  std::vector<ReadySubject> left;
  left.reserve(ready.size());
  for (ReadySubject& one : ready) {
    const auto found = there.find(one.id);
    one.there = found != there.end();
    bool same = false;
    if (one.there) {
      const auto& [number, content] = found->second;
      const DataKey* key = rows.keys().find(number);
      if (number == rows.keys().newest().number || key == nullptr) {
        same = content == one.content;
      } else {
        ZHILI_ASSIGN(const std::string old, content_digest(rows.sealer(), *key, one.place, one.golden, one.provenance));
        same = content == old;
      }
    }
    if (same) {
      ++unchanged;
    } else {
      left.push_back(std::move(one));
    }
  }
  ready = std::move(left);
  return !ready.empty();
}

Result<audit::EntryDraft> Intake::State::draft(Action action, std::string_view listed) const {
  const auto actor = audit::Ref::of_actor(job.actor);
  ZHILI_ASSIGN(auto entry, vault.log().draft(action, actor));
  ZHILI_ASSIGN(const audit::Ref object, audit::Ref::create(audit::Kind::kJob, id));
  entry.object(object).purpose(word_of(job.purpose)).basis(word_of(job.basis));
  if (!listed.empty()) entry.change(listed);
  return entry;
}

Status Intake::State::flush() {
  if (group.empty()) return {};
  std::vector<ReadySubject> subjects = std::move(group);
  group.clear();
  if (!empty) {
    ZHILI_ASSIGN(const bool any, compare(subjects, counts.unchanged));
    if (!any) return sign_of_life();
  }
  std::string listed;
  uint64_t added = 0;
  for (ReadySubject& ready : subjects) {
    listed += SubjectRows::listed(ready);
    if (!ready.there) ++added;
    ZHILI_TRY(rows.seal(ready));
  }
  const uint64_t changed = subjects.size() - added;
  ZHILI_ASSIGN(auto entry, draft(Action::kChange, listed));
  entry.count(word_of("added"), added).count(word_of("changed"), changed);
  counts.added += added;
  counts.changed += changed;
  ZHILI_TRY(wait(limits::kIntakeAhead - 1));
  submit(
      std::make_shared<const Group>(Group{std::move(subjects), std::move(entry), std::move(listed), added, changed}));
  return {};
}

void Intake::State::submit(const std::shared_ptr<const Group>& made) {
  {
    const std::scoped_lock lock(mutex);
    ++under_way;
  }
  vault.store().submit([this, made](Transaction& tx) { return write(tx, *made); },
                       [this](Status done) {
                         const std::scoped_lock lock(mutex);
                         --under_way;
                         if (!done && !failed) failed = std::move(done).error();
                         came.notify_all();
                       });
}

/// Where nothing is written for long, others would take the job for broken off.
Status Intake::State::sign_of_life() {
  const int64_t now = vault.store().now();
  if (is_within(last_sign, kJobSilence / 4, now)) return {};
  last_sign = now;
  return vault.store().commit([&](Transaction& tx) { return note_progress(tx, vault, id, {}); });
}

/// Waits until so many groups are under way at most; the first error of any.
Status Intake::State::wait(size_t until) {
  std::unique_lock lock(mutex);
  came.wait(lock, [&] { return under_way <= until; });
  if (failed) return fail(*failed);
  return {};
}

Status Intake::State::write(Transaction& tx, const Group& made) const {
  ZHILI_TRY(vault.keys().require_newest(tx, rows.keys().newest().number));
  ZHILI_TRY(note_progress(tx, vault, id, {made.added, made.changed, 0, 0}));
  for (const ReadySubject& ready : made.subjects) ZHILI_TRY(rows.append(tx, ready, made.entry.id()));
  ZHILI_TRY(SubjectRows::write_listed(tx, vault.area_id(), made.entry.id(), id, made.listed));
  return vault.log().add(tx, made.entry);
}

Status Intake::State::remove(std::vector<std::string> ids) {
  std::string listed;
  for (const std::string& gone : ids) listed += gone + "\n";
  ZHILI_ASSIGN(auto entry, draft(Action::kRemove, listed));
  entry.count(word_of("removed"), ids.size());
  counts.removed += ids.size();
  return vault.store().commit([&](Transaction& tx) -> Status {
    ZHILI_TRY(note_progress(tx, vault, id, {0, 0, 0, ids.size()}));
    for (const std::string& gone : ids) {
      if (const auto removed = rows.remove(tx, gone); !removed) return fail(removed.error());
    }
    ZHILI_TRY(SubjectRows::write_listed(tx, vault.area_id(), entry.id(), id, listed));
    return vault.log().add(tx, entry);
  });
}

Status Intake::State::remove_gone() {
  std::vector<std::string> gone;
  {
    ZHILI_ASSIGN(auto snapshot, vault.store().read());
    ZHILI_TRY(snapshot.each("SELECT subject_id FROM vault_subject WHERE area_id = $1 AND kind = $2 ORDER BY subject_id",
                            {vault.area_id(), kind.id}, [&](const store::Row& row) -> Status {
                              std::string one(row.text(0));
                              if (!seen.contains(one)) gone.push_back(std::move(one));
                              return {};
                            }));
  }
  for (size_t first = 0; first < gone.size(); first += limits::kIntakeGroup) {
    const size_t end = std::min(gone.size(), first + limits::kIntakeGroup);
    ZHILI_TRY(remove({gone.begin() + static_cast<ptrdiff_t>(first), gone.begin() + static_cast<ptrdiff_t>(end)}));
  }
  return {};
}

Intake::Intake(std::unique_ptr<State> state) : state_(std::move(state)) {}

Intake::~Intake() {
  (void)state_->wait(0);
  if (!state_->over) (void)end_job(state_->vault, state_->id, "broken_off");
}

const std::string& Intake::job() const { return state_->id; }

Result<std::unique_ptr<Intake>> Intake::begin(Vault& vault, IntakeJob job) {
  const catalog::EntityKind* kind = vault.catalog().kind(job.kind);
  if (kind == nullptr) {
    return fail(ErrorCode::kInput, {}, "Write datasets/KIND.yaml in a pack.", "the catalogue has no kind '{}'",
                job.kind.substr(0, limits::kIdBytes));
  }
  const std::string_view wrong = wrong_basis(vault.catalog(), job.basis, job.purpose);
  if (!wrong.empty()) {
    return fail(ErrorCode::kInput, {}, "Name a legal basis of a pack, and a purpose that it carries.",
                "subjects can't be taken in on basis '{}' for '{}': {}", job.basis.substr(0, limits::kIdBytes),
                job.purpose.substr(0, limits::kIdBytes), wrong);
  }
  auto state = std::make_unique<State>(vault, std::move(job), *kind);
  std::vector<std::string> fields;
  fields.reserve(kind->fields.size());
  for (const catalog::Field& field : kind->fields) fields.push_back(field.id);
  ZHILI_ASSIGN(state->id, begin_job(vault, {.work = "intake",
                                            .kind = kind->id,
                                            .actor = state->job.actor,
                                            .purpose = state->job.purpose,
                                            .basis = state->job.basis,
                                            .fields = joined(fields)}));
  const auto there = vault.store().query("SELECT 1 FROM vault_subject WHERE area_id = $1 AND kind = $2 LIMIT 1",
                                         {vault.area_id(), kind->id});
  std::unique_ptr<Intake> intake(new Intake(std::move(state)));
  if (!there) return fail(there.error());
  intake->state_->empty = there->empty();
  return intake;
}

Status Intake::put(const Subject& subject) {
  if (state_->over) return fail(ErrorCode::kInternal, {}, "", "the job is over");
  ZHILI_ASSIGN(ReadySubject ready, state_->rows.prepare(subject));
  if (!state_->seen.insert(subject.id).second) {
    return fail(ErrorCode::kInput, {}, "Each subject comes once.", "a subject was put twice");
  }
  state_->group.push_back(std::move(ready));
  return state_->group.size() < limits::kIntakeGroup ? Status() : state_->flush();
}

Result<IntakeCounts> Intake::finish() {
  if (state_->over) return fail(ErrorCode::kInternal, {}, "", "the job is over");
  ZHILI_TRY(state_->flush());
  ZHILI_TRY(state_->wait(0));
  if (state_->job.whole) ZHILI_TRY(state_->remove_gone());
  ZHILI_TRY(end_job(state_->vault, state_->id, "done", state_->counts.unchanged));
  state_->over = true;
  return state_->counts;
}

}  // namespace zhili::vault
