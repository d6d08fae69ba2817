#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstring>
#include <map>
#include <mutex>
#include <utility>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "catalog/registry.hpp"
#include "text/utf8.hpp"
#include "vault/blind_index.hpp"
#include "vault/jobs.hpp"
#include "vault/key_ring.hpp"
#include "vault/records.hpp"
#include "vault/words.hpp"

namespace zhili::vault {
namespace {

using audit::Action;
using store::Bytes;
using store::Transaction;

constexpr size_t kDigestsAtOnce = 500;
constexpr size_t kListedDigest = 16;  // Bytes of a row's digest in what an entry digests.

const store::Appendable record_rows("vault_record",
                                    {"area_id", "dataset", "record_id", "version", "key_number", "content", "digests",
                                     "batch", "changed_at", "entry_id", "row_sealed"});
const store::Appendable index_rows("vault_record_index", {"area_id", "digest", "record_id"});
const store::Appendable change_rows("vault_change", {"area_id", "entry_id", "job_id", "subjects"});

const std::string& find_sql() {
  static const std::string text = [] {
    std::string sql =
        "SELECT i.digest, r.record_id, r.key_number, r.content FROM vault_record_index i JOIN vault_record r ON "
        "r.area_id = i.area_id AND r.dataset = $2 AND r.record_id = i.record_id WHERE i.area_id = $1 AND i.digest IN (";
    for (size_t i = 0; i < kDigestsAtOnce; ++i) sql += fmt::format("{}${}", i == 0 ? "" : ", ", i + 3);
    return sql + ")";
  }();
  return text;
}

/// One row on its way into the store.
struct Ready {
  std::string key;           // As `record_key` makes it.
  std::string body = {};     // Sealed only once it is known that it changed. Empty: the row is to be removed.
  std::string content = {};  // Its digest, under the newest key.
  std::string digests = {};  // For the index, the first that of the key.
  int64_t record = 0;        // 0: not there yet.
  bool gone = false;
  bool same = false;
};

/// What one change writes. It may run several times: nothing is moved out of it.
struct Group {
  std::vector<Ready> rows;
  std::vector<bool> there;
  audit::EntryDraft entry;
  std::string listed;  // What the entry digests.
  int64_t next = 0;    // Number of the row that comes next.
  JobSteps steps;
};

/// The digests of keys that came, 16 bytes each, to tell one that comes twice.
class SeenKeys {
 public:
  bool insert(std::string_view digest) {
    if (count_ * 3 >= places_.size() * 2) grow();
    std::array<uint64_t, 2> key{};
    std::memcpy(key.data(), digest.data(), sizeof key);
    if (key == kNone) key[0] = 1;
    return place(key);
  }

 private:
  static constexpr std::array<uint64_t, 2> kNone{};
  bool place(const std::array<uint64_t, 2>& key) {
    const size_t mask = places_.size() - 1;
    for (size_t at = key[0] & mask;; at = (at + 1) & mask) {
      if (places_[at] == key) return false;
      if (places_[at] != kNone) continue;
      places_[at] = key;
      ++count_;
      return true;
    }
  }
  void grow() {
    constexpr size_t kFirst = 4096;
    std::vector<std::array<uint64_t, 2>> old(std::max(kFirst, places_.size() * 2), kNone);
    old.swap(places_);
    count_ = 0;
    for (const auto& key : old) {
      if (key != kNone) place(key);
    }
  }

  std::vector<std::array<uint64_t, 2>> places_;
  size_t count_ = 0;
};

std::unexpected<Error> wrong(std::string_view what) {
  return fail(ErrorCode::kInput, {}, "Look at how the rows are made.", "a row can't be absorbed: {}", what);
}

/// Within a change: takes a row's places in the index away, but for those in `keep`. Gives its version, 0 where it is
/// not there, and its digests.
Result<int64_t> take_digests(Transaction& tx, int64_t area_id, const std::string& dataset, int64_t record,
                             std::string_view keep, std::string& had) {
  ZHILI_ASSIGN(const auto rows, tx.query("SELECT version, digests FROM vault_record WHERE area_id = $1 AND "
                                         "dataset = $2 AND record_id = $3",
                                         {area_id, dataset, record}));
  if (rows.empty()) return 0;
  had = rows[0].bytes(1);
  const auto kept = [&](std::string_view digest) {
    for (size_t at = 0; at < keep.size(); at += kIndexDigestBytes) {
      if (keep.substr(at, kIndexDigestBytes) == digest) return true;
    }
    return false;
  };
  for (size_t at = 0; at < had.size(); at += kIndexDigestBytes) {
    const std::string digest = had.substr(at, kIndexDigestBytes);
    if (kept(digest)) continue;
    ZHILI_TRY(tx.execute("DELETE FROM vault_record_index WHERE area_id = $1 AND digest = $2 AND record_id = $3",
                         {area_id, Bytes{digest}, record}));
  }
  return rows[0].int64(0);
}

}  // namespace

struct RecordIntake::State {
  State(Vault& vault_in, RecordJob job_in, catalog::Dataset dataset_in)
      : vault(vault_in),
        job(std::move(job_in)),
        dataset(std::move(dataset_in)),
        keys(vault_in.keys().keys()),
        now(vault_in.store().now()) {}

  Status bind_columns();
  Status begin_numbers();
  Status add(Ready ready);
  Result<Ready> prepare(std::span<const std::string_view> values);
  Status compare(std::vector<Ready>& rows);
  Status find(std::vector<Ready>& rows, const DataKey& key);
  Status flush();
  Status seal(std::vector<Ready>& rows, Group& made);
  Status write(Transaction& tx, const Group& made) const;
  Status write_row(Transaction& tx, const Group& made, size_t i) const;
  Status remove_gone();
  Status remove(std::span<const int64_t> records);
  Result<audit::EntryDraft> draft(Action action, std::string_view listed) const;
  void submit(const std::shared_ptr<const Group>& group);
  Status sign_of_life();
  Status wait(size_t until);

  Vault& vault;
  const RecordJob job;
  const catalog::Dataset dataset;
  const std::shared_ptr<const DataKeys> keys;
  const int64_t now;
  Sealer sealer;
  std::string id;
  std::vector<const catalog::DatasetField*> columns;
  size_t key_fields = 0;
  bool empty = false;  // There was no row at the beginning.
  bool over = false;
  int64_t first_new = 0;  // Number of the first row that this job adds.
  int64_t next = 0;
  std::vector<Ready> group;
  std::map<std::string, size_t, std::less<>> in_group;  // Of changes: a row's place in the group, by key.
  SeenKeys seen;
  std::vector<int64_t> found;  // Numbers of rows that were there and came.
  RecordCounts counts;
  int64_t last_sign = 0;

  std::mutex mutex;
  std::condition_variable came;
  size_t under_way = 0;
  std::optional<Error> failed;
};

Status RecordIntake::State::bind_columns() {
  for (const auto& field : dataset.fields) key_fields += field.key ? 1 : 0;
  if (key_fields == 0) {
    return fail(ErrorCode::kInput, {}, "Mark the fields that tell its rows apart as key.", "dataset '{}' has no key",
                dataset.id);
  }
  if (job.columns.empty()) {
    for (const auto& field : dataset.fields) columns.push_back(&field);
    return {};
  }
  for (const std::string& name : job.columns) {
    const auto* field = dataset.find(name);
    if (field == nullptr || std::ranges::find(columns, field) != columns.end()) {
      return fail(ErrorCode::kInput, {}, "The catalogue lists the dataset's fields; each is one column at most.",
                  "'{}' is no column of dataset '{}', or comes twice", name.substr(0, limits::kIdBytes), dataset.id);
    }
    columns.push_back(field);
  }
  for (const auto& field : dataset.fields) {
    if (field.key && std::ranges::find(columns, &field) == columns.end()) {
      return fail(ErrorCode::kInput, {}, "Hand over all fields of the key.", "the key '{}' of dataset '{}' is missing",
                  field.id, dataset.id);
    }
  }
  return {};
}

Status RecordIntake::State::begin_numbers() {
  const int64_t area_id = vault.area_id();
  const Status made = vault.store().commit([&](Transaction& tx) -> Status {
    ZHILI_TRY(
        tx.execute("INSERT INTO vault_dataset (area_id, dataset, next_record, batch, changed_at) VALUES ($1, $2, 1, "
                   "'', 0) ON CONFLICT (area_id, dataset) DO NOTHING",
                   {area_id, dataset.id}));
    ZHILI_ASSIGN(const auto rows, tx.query("SELECT next_record FROM vault_dataset WHERE area_id = $1 AND dataset = $2",
                                           {area_id, dataset.id}));
    first_new = next = rows[0].int64(0);
    return {};
  });
  ZHILI_TRY(made);
  ZHILI_ASSIGN(const auto there, vault.store().query("SELECT 1 FROM vault_record WHERE area_id = $1 AND dataset = $2 "
                                                     "LIMIT 1",
                                                     {area_id, dataset.id}));
  empty = there.empty();
  return {};
}

Result<Ready> RecordIntake::State::prepare(std::span<const std::string_view> values) {
  if (values.size() != columns.size()) return wrong(fmt::format("it has {} columns", values.size()));
  std::vector<Cell> row;
  row.reserve(values.size());
  size_t bytes = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if (columns[i]->key && values[i].empty()) return wrong("its key is empty");
    if (values[i].empty()) continue;
    if (!text::valid_utf8(values[i])) return wrong("a value is not UTF-8");
    bytes += values[i].size();
    row.push_back({columns[i]->id, std::string(values[i])});
  }
  if (bytes > kRowBytes) {
    return fail(ErrorCode::kLimit, {}, "Look for values that are too long.", "a row of more than {} bytes", kRowBytes);
  }
  Ready ready{.key = record_key(dataset, row), .body = encode(row)};
  ZHILI_ASSIGN(ready.content, row_digest(sealer, keys->newest(), ready.body));
  ZHILI_ASSIGN(ready.digests, record_digests(sealer, keys->newest(), dataset, row));
  return ready;
}

Status RecordIntake::State::add(Ready ready) {
  if (job.whole) {
    if (!seen.insert(std::string_view(ready.digests).substr(0, kIndexDigestBytes))) {
      return wrong("its key came already");
    }
  } else {
    const auto [place, fresh] = in_group.try_emplace(ready.key, group.size());
    if (!fresh) {
      group[place->second] = std::move(ready);
      return {};
    }
  }
  group.push_back(std::move(ready));
  return group.size() < limits::kIntakeGroup ? Status() : flush();
}

/// Finds rows that are there, by the digests of one key.
Status RecordIntake::State::find(std::vector<Ready>& rows, const DataKey& key) {
  const bool newest = key.number == keys->newest().number;
  std::map<std::string, Ready*, std::less<>> by_digest;
  for (Ready& one : rows) {
    if (one.record != 0) continue;
    std::string digest = one.digests.substr(0, kIndexDigestBytes);
    if (!newest) {
      ZHILI_ASSIGN(digest, key_digest(sealer, key, dataset.id, one.key));
    }
    by_digest.emplace(std::move(digest), &one);
  }
  std::vector<const std::string*> digests;
  digests.reserve(by_digest.size());
  for (const auto& [digest, one] : by_digest) digests.push_back(&digest);
  for (size_t first = 0; first < digests.size(); first += kDigestsAtOnce) {
    std::vector<store::Value> params{vault.area_id(), dataset.id};
    params.reserve(kDigestsAtOnce + 2);
    for (size_t i = 0; i < kDigestsAtOnce; ++i) {
      params.emplace_back(Bytes{*digests[std::min(first + i, digests.size() - 1)]});
    }
    ZHILI_ASSIGN(const auto there, vault.store().query(find_sql(), params));
    for (const store::Row row : there) {
      Ready& one = *by_digest.find(row.bytes(0))->second;
      one.record = row.int64(1);
      std::string content = one.content;
      if (const auto number = static_cast<uint32_t>(row.int64(2)); number != keys->newest().number && !one.gone) {
        const DataKey* old = keys->find(number);
        if (old == nullptr) continue;
        ZHILI_ASSIGN(content, row_digest(sealer, *old, one.body));
      }
      one.same = !one.gone && row.bytes(3) == content;
    }
  }
  return {};
}

/// Takes out of the group what the store has already.
Status RecordIntake::State::compare(std::vector<Ready>& rows) {
  for (const DataKey& key : keys->all()) ZHILI_TRY(find(rows, key));
  const size_t before = rows.size();
  for (const Ready& one : rows) {
    if (job.whole && one.record != 0) found.push_back(one.record);
  }
  std::erase_if(rows, [](const Ready& one) { return one.same || (one.gone && one.record == 0); });
  counts.unchanged += before - rows.size();
  return {};
}

Status RecordIntake::State::seal(std::vector<Ready>& rows, Group& made) {
  made.there.reserve(rows.size());
  for (Ready& one : rows) {
    made.there.push_back(one.record != 0);
    if (one.record == 0) one.record = next++;
    if (one.gone) {
      ++made.steps.removed;
      made.listed += fmt::format("{} gone\n", one.record);
      continue;
    }
    ++(made.there.back() ? made.steps.changed : made.steps.added);
    made.listed += fmt::format("{} {}\n", one.record, std::string_view(one.content).substr(0, kListedDigest));
    const std::string number = std::to_string(one.record);
    const SealContext context{vault.area_id(), SealContext::Part::kRecord, dataset.id, number};
    ZHILI_ASSIGN(one.body, sealer.seal(keys->newest(), context, one.body));
  }
  made.next = next;
  return {};
}

Result<audit::EntryDraft> RecordIntake::State::draft(Action action, std::string_view listed) const {
  const auto actor = audit::Ref::of_actor(job.actor);
  ZHILI_ASSIGN(auto entry, vault.log().draft(action, actor));
  ZHILI_ASSIGN(const audit::Ref object, audit::Ref::create(audit::Kind::kJob, id));
  entry.object(object).purpose(word_of(job.purpose)).basis(word_of(job.basis));
  if (!listed.empty()) entry.change(listed);
  return entry;
}

Status RecordIntake::State::flush() {
  if (group.empty()) return {};
  std::vector<Ready> rows = std::move(group);
  group.clear();
  in_group.clear();
  // Of changes a key may come again: what earlier groups made of it is to be seen.
  if (!job.whole) ZHILI_TRY(wait(0));
  if (!empty || !job.whole) ZHILI_TRY(compare(rows));
  if (rows.empty()) return sign_of_life();
  ZHILI_ASSIGN(auto begun, draft(Action::kChange, ""));
  Group made{{}, {}, std::move(begun), {}, 0, {}};
  ZHILI_TRY(seal(rows, made));
  made.rows = std::move(rows);
  made.entry.count(word_of("added"), made.steps.added)
      .count(word_of("changed"), made.steps.changed)
      .count(word_of("removed"), made.steps.removed)
      .change(made.listed);
  counts.added += made.steps.added;
  counts.changed += made.steps.changed;
  counts.removed += made.steps.removed;
  ZHILI_TRY(wait(limits::kIntakeAhead - 1));
  submit(std::make_shared<const Group>(std::move(made)));
  return {};
}

void RecordIntake::State::submit(const std::shared_ptr<const Group>& made) {
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
Status RecordIntake::State::sign_of_life() {
  const int64_t present = vault.store().now();
  if (is_within(last_sign, kJobSilence / 4, present)) return {};
  last_sign = present;
  return vault.store().commit([&](Transaction& tx) { return note_progress(tx, vault, id, {}); });
}

/// Waits until so many groups are under way at most; the first error of any.
Status RecordIntake::State::wait(size_t until) {
  std::unique_lock lock(mutex);
  came.wait(lock, [&] { return under_way <= until; });
  if (failed) return fail(*failed);
  return {};
}

Status RecordIntake::State::write_row(Transaction& tx, const Group& made, size_t i) const {
  const Ready& row = made.rows[i];
  const int64_t area_id = vault.area_id();
  const auto number = static_cast<int64_t>(keys->newest().number);
  if (!made.there[i]) {
    ZHILI_TRY(tx.append(record_rows, {area_id, dataset.id, row.record, 1, number, Bytes{row.content},
                                      Bytes{row.digests}, job.batch, now, made.entry.id(), Bytes{row.body}}));
    for (size_t at = 0; at < row.digests.size(); at += kIndexDigestBytes) {
      ZHILI_TRY(tx.append(index_rows, {area_id, Bytes{row.digests.substr(at, kIndexDigestBytes)}, row.record}));
    }
    return {};
  }
  std::string had;
  ZHILI_ASSIGN(const int64_t version, take_digests(tx, area_id, dataset.id, row.record, row.digests, had));
  if (row.gone) {
    ZHILI_TRY(tx.execute("DELETE FROM vault_record WHERE area_id = $1 AND dataset = $2 AND record_id = $3",
                         {area_id, dataset.id, row.record}));
    return {};
  }
  ZHILI_TRY(
      tx.execute("UPDATE vault_record SET version = $4, key_number = $5, content = $6, digests = $7, batch = $8, "
                 "changed_at = $9, entry_id = $10, row_sealed = $11 WHERE area_id = $1 AND dataset = $2 AND "
                 "record_id = $3",
                 {area_id, dataset.id, row.record, version + 1, number, Bytes{row.content}, Bytes{row.digests},
                  job.batch, now, made.entry.id(), Bytes{row.body}}));
  // Not appended: a change behind this one in the group may take them out.
  for (size_t at = 0; at < row.digests.size(); at += kIndexDigestBytes) {
    std::string digest = row.digests.substr(at, kIndexDigestBytes);
    bool there = false;
    for (size_t old = 0; old < had.size(); old += kIndexDigestBytes)
      there |= had.compare(old, kIndexDigestBytes, digest) == 0;
    if (there) continue;
    ZHILI_TRY(
        tx.execute("INSERT INTO vault_record_index (area_id, digest, record_id) VALUES ($1, $2, $3) ON CONFLICT "
                   "(area_id, digest, record_id) DO NOTHING",
                   {area_id, Bytes{std::move(digest)}, row.record}));
  }
  return {};
}

Status RecordIntake::State::write(Transaction& tx, const Group& made) const {
  ZHILI_TRY(vault.keys().require_newest(tx, keys->newest().number));
  ZHILI_TRY(note_progress(tx, vault, id, made.steps));
  ZHILI_TRY(
      tx.execute("UPDATE vault_dataset SET next_record = $3, batch = $4, changed_at = $5 WHERE area_id = $1 AND "
                 "dataset = $2",
                 {vault.area_id(), dataset.id, made.next, job.batch, now}));
  for (size_t i = 0; i < made.rows.size(); ++i) ZHILI_TRY(write_row(tx, made, i));
  ZHILI_TRY(tx.append(change_rows, {vault.area_id(), made.entry.id(), id, Bytes{made.listed}}));
  return vault.log().add(tx, made.entry);
}

Status RecordIntake::State::remove(std::span<const int64_t> records) {
  std::string listed;
  for (const int64_t gone : records) listed += fmt::format("{} gone\n", gone);
  ZHILI_ASSIGN(auto entry, draft(Action::kRemove, listed));
  entry.count(word_of("removed"), records.size());
  counts.removed += records.size();
  return vault.store().commit([&](Transaction& tx) -> Status {
    ZHILI_TRY(note_progress(tx, vault, id, {0, 0, 0, records.size()}));
    for (const int64_t gone : records) {
      std::string had;
      ZHILI_TRY(take_digests(tx, vault.area_id(), dataset.id, gone, "", had));
      ZHILI_TRY(tx.execute("DELETE FROM vault_record WHERE area_id = $1 AND dataset = $2 AND record_id = $3",
                           {vault.area_id(), dataset.id, gone}));
    }
    ZHILI_TRY(tx.execute("UPDATE vault_dataset SET batch = $3, changed_at = $4 WHERE area_id = $1 AND dataset = $2",
                         {vault.area_id(), dataset.id, job.batch, now}));
    ZHILI_TRY(tx.append(change_rows, {vault.area_id(), entry.id(), id, Bytes{listed}}));
    return vault.log().add(tx, entry);
  });
}

Status RecordIntake::State::remove_gone() {
  std::ranges::sort(found);
  std::vector<int64_t> gone;
  {
    ZHILI_ASSIGN(auto snapshot, vault.store().read());
    ZHILI_TRY(
        snapshot.each("SELECT record_id FROM vault_record WHERE area_id = $1 AND dataset = $2 AND record_id < $3 "
                      "ORDER BY record_id",
                      {vault.area_id(), dataset.id, first_new}, [&](const store::Row& row) -> Status {
                        if (!std::ranges::binary_search(found, row.int64(0))) gone.push_back(row.int64(0));
                        return {};
                      }));
  }
  for (size_t first = 0; first < gone.size(); first += limits::kIntakeGroup) {
    ZHILI_TRY(remove(std::span(gone).subspan(first, std::min(limits::kIntakeGroup, gone.size() - first))));
  }
  return {};
}

RecordIntake::RecordIntake(std::unique_ptr<State> state) : state_(std::move(state)) {}

RecordIntake::~RecordIntake() {
  (void)state_->wait(0);
  if (!state_->over) (void)end_job(state_->vault, state_->id, "broken_off", state_->counts.unchanged);
}

const std::string& RecordIntake::job() const { return state_->id; }

Result<std::unique_ptr<RecordIntake>> RecordIntake::begin(Vault& vault, RecordJob job) {
  const catalog::Registry registry(vault.store(), vault.log(), vault.catalog(), vault.area_id());
  ZHILI_ASSIGN(auto listed, registry.find(job.dataset));
  const std::string_view bad = wrong_basis(vault.catalog(), job.basis, job.purpose);
  if (!bad.empty()) {
    return fail(ErrorCode::kInput, {}, "Name a legal basis of a pack, and a purpose that it carries.",
                "rows can't be absorbed on basis '{}' for '{}': {}", job.basis.substr(0, limits::kIdBytes),
                job.purpose.substr(0, limits::kIdBytes), bad);
  }
  auto state = std::make_unique<State>(vault, std::move(job), std::move(listed.dataset));
  ZHILI_TRY(state->bind_columns());
  std::vector<std::string> fields;
  fields.reserve(state->columns.size());
  for (const auto* field : state->columns) fields.push_back(field->id);
  ZHILI_ASSIGN(state->id, begin_job(vault, {.work = "records",
                                            .kind = state->dataset.id,
                                            .actor = state->job.actor,
                                            .purpose = state->job.purpose,
                                            .basis = state->job.basis,
                                            .fields = joined(fields)}));
  std::unique_ptr<RecordIntake> intake(new RecordIntake(std::move(state)));
  ZHILI_TRY(intake->state_->begin_numbers());
  return intake;
}

Status RecordIntake::put(std::span<const std::string_view> values) {
  if (state_->over) return fail(ErrorCode::kInternal, {}, "", "the job is over");
  ZHILI_ASSIGN(Ready ready, state_->prepare(values));
  return state_->add(std::move(ready));
}

Status RecordIntake::remove(std::span<const std::string_view> key) {
  if (state_->over) return fail(ErrorCode::kInternal, {}, "", "the job is over");
  if (state_->job.whole) return wrong("a whole batch names what is there, not what is gone");
  if (key.size() != state_->key_fields) return wrong(fmt::format("its key has {} values", key.size()));
  Ready ready{.key = record_key({key.begin(), key.end()}), .gone = true};
  ZHILI_ASSIGN(ready.digests, key_digest(state_->sealer, state_->keys->newest(), state_->dataset.id, ready.key));
  return state_->add(std::move(ready));
}

Result<RecordCounts> RecordIntake::finish() {
  if (state_->over) return fail(ErrorCode::kInternal, {}, "", "the job is over");
  ZHILI_TRY(state_->flush());
  ZHILI_TRY(state_->wait(0));
  if (state_->job.whole) ZHILI_TRY(state_->remove_gone());
  ZHILI_TRY(end_job(state_->vault, state_->id, "done", state_->counts.unchanged));
  state_->over = true;
  return state_->counts;
}

}  // namespace zhili::vault
