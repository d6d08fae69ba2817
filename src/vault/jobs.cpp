#include "vault/jobs.hpp"

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "vault/words.hpp"

namespace zhili::vault {
namespace {

constexpr unsigned kDrafts = 8;
constexpr size_t kMostJobs = 1000;

/// An entry whose id can be a job's.
Result<audit::EntryDraft> draft(const Vault& vault, const NewJob& job) {
  const auto actor = audit::Ref::of_actor(job.actor);
  for (unsigned i = 0; i < kDrafts; ++i) {
    ZHILI_ASSIGN(auto entry, vault.log().draft(audit::Action::kRun, actor));
    const auto object = audit::Ref::create(audit::Kind::kJob, entry.id());
    if (!object) continue;
    entry.object(*object).purpose(word_of(job.purpose)).basis(word_of(job.basis));
    return entry;
  }
  return fail(ErrorCode::kInternal, {}, "", "no id for a job was found");
}

Status insert(store::Transaction& tx, const Vault& vault, const NewJob& job, const std::string& id, int64_t now) {
  ZHILI_TRY(
      tx.execute("INSERT INTO vault_job (area_id, job_id, work, kind, actor, purpose, basis, fields, state, "
                 "started_at, seen_at, added, changed, unchanged, removed, entry_id) "
                 "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'running', $9, $9, 0, 0, 0, 0, $2)",
                 {vault.area_id(), id, job.work, job.kind, job.actor, job.purpose, job.basis, job.fields, now}));
  return {};
}

/// Tells who waits how long it may take.
std::unexpected<Error> busy(const store::Row& running, int64_t now) {
  constexpr int64_t kSecond = 1'000'000;
  const int64_t wait = (running.int64(1) + kJobSilence - now) / kSecond + 1;
  return fail(
      ErrorCode::kBusy, {},
      fmt::format("Wait until it is done, or, if it was killed, begin again in {} s: what gives no sign for {} s "
                  "has broken off.",
                  wait, kJobSilence / kSecond),
      "job {} of the same kind is running; it gave a sign {} s ago", running.text(0),
      std::max<int64_t>(now - running.int64(1), 0) / kSecond);
}

}  // namespace

Status break_off_orphans(const Vault& vault) {
  // One process writes to a file of SQLite at a time, and this is it: whoever began these was killed.
  if (vault.store().url().engine() != store::Engine::kSqlite) return {};
  ZHILI_ASSIGN(const auto running, vault.store().query("SELECT 1 FROM vault_job WHERE area_id = $1 AND "
                                                       "state = 'running' LIMIT 1",
                                                       {vault.area_id()}));
  if (running.empty()) return {};
  return vault.store().commit([&](store::Transaction& tx) -> Status {
    ZHILI_TRY(tx.execute("UPDATE vault_job SET state = 'broken_off' WHERE area_id = $1 AND state = 'running'",
                         {vault.area_id()}));
    return {};
  });
}

Result<std::string> begin_job(const Vault& vault, const NewJob& job) {
  ZHILI_ASSIGN(const auto entry, draft(vault, job));
  const int64_t now = vault.store().now();
  const Status made = vault.store().commit([&](store::Transaction& tx) -> Status {
    ZHILI_TRY(
        tx.execute("UPDATE vault_job SET state = 'broken_off' WHERE area_id = $1 AND work = $2 AND kind = $3 AND "
                   "state = 'running' AND (seen_at < $4 OR seen_at > $5)",
                   {vault.area_id(), job.work, job.kind, now - kJobSilence, now + kClockSlack}));
    ZHILI_ASSIGN(const auto running,
                 tx.query("SELECT job_id, seen_at FROM vault_job WHERE area_id = $1 AND work = $2 AND kind = $3 "
                          "AND state = 'running'",
                          {vault.area_id(), job.work, job.kind}));
    if (!running.empty()) return busy(running[0], now);
    ZHILI_TRY(insert(tx, vault, job, entry.id(), now));
    return vault.log().add(tx, entry);
  });
  ZHILI_TRY(made);
  return entry.id();
}

Result<std::string> record_job(const Vault& vault, const NewJob& job, uint64_t count) {
  ZHILI_ASSIGN(auto entry, draft(vault, job));
  entry.count(word_of("read"), count);
  const int64_t now = vault.store().now();
  const Status made = vault.store().commit([&](store::Transaction& tx) -> Status {
    ZHILI_TRY(insert(tx, vault, job, entry.id(), now));
    ZHILI_TRY(
        tx.execute("UPDATE vault_job SET state = 'done', finished_at = $3, unchanged = $4 WHERE area_id = $1 AND "
                   "job_id = $2",
                   {vault.area_id(), entry.id(), now, static_cast<int64_t>(count)}));
    return vault.log().add(tx, entry);
  });
  ZHILI_TRY(made);
  return entry.id();
}

Status note_progress(store::Transaction& transaction, const Vault& vault, const std::string& id,
                     const JobSteps& steps) {
  ZHILI_ASSIGN(
      const int64_t noted,
      transaction.execute("UPDATE vault_job SET seen_at = $3, added = added + $4, changed = changed + $5, "
                          "unchanged = unchanged + $6, removed = removed + $7 WHERE area_id = $1 AND job_id = $2 AND "
                          "state = 'running'",
                          {vault.area_id(), id, vault.store().now(), static_cast<int64_t>(steps.added),
                           static_cast<int64_t>(steps.changed), static_cast<int64_t>(steps.unchanged),
                           static_cast<int64_t>(steps.removed)}));
  if (noted == 1) return {};
  return fail(ErrorCode::kBusy, {}, "Begin again.", "another job has taken this one's place");
}

Status end_job(const Vault& vault, const std::string& id, const std::string& state, uint64_t unchanged) {
  const int64_t now = vault.store().now();
  return vault.store().commit([&](store::Transaction& tx) -> Status {
    ZHILI_TRY(
        tx.execute("UPDATE vault_job SET state = $3, finished_at = $4, seen_at = $4, "
                   "unchanged = unchanged + $5 WHERE area_id = $1 AND job_id = $2 AND state = 'running'",
                   {vault.area_id(), id, state, now, static_cast<int64_t>(unchanged)}));
    return {};
  });
}

Result<std::vector<Job>> Jobs::list(size_t limit, const std::string& before) const {
  ZHILI_ASSIGN(const auto rows,
               vault_.store().query("SELECT job_id, work, kind, actor, purpose, basis, fields, state, started_at, "
                                    "finished_at, added, changed, unchanged, removed, entry_id FROM vault_job WHERE "
                                    "area_id = $1 AND ($2 = '' OR job_id < $2) ORDER BY job_id DESC LIMIT $3",
                                    {vault_.area_id(), before, static_cast<int64_t>(std::min(limit, kMostJobs))}));
  std::vector<Job> out;
  out.reserve(rows.size());
  for (const store::Row row : rows) {
    Job& job = out.emplace_back();
    size_t column = 0;
    for (std::string* text : {&job.id, &job.work, &job.kind, &job.actor, &job.purpose, &job.basis}) {
      *text = row.text(column++);
    }
    job.fields = split(row.text(6));
    job.state = row.text(7);
    job.started_at = row.int64(8);
    if (!row.is_null(9)) job.finished_at = row.int64(9);
    job.added = static_cast<uint64_t>(row.int64(10));
    job.changed = static_cast<uint64_t>(row.int64(11));
    job.unchanged = static_cast<uint64_t>(row.int64(12));
    job.removed = static_cast<uint64_t>(row.int64(13));
    job.entry = row.text(14);
  }
  return out;
}

}  // namespace zhili::vault
