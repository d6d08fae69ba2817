#include "vault/rotation.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/limits.hpp"
#include "catalog/registry.hpp"
#include "vault/blind_index.hpp"
#include "vault/jobs.hpp"
#include "vault/key_ring.hpp"
#include "vault/words.hpp"

namespace zhili::vault {
namespace {

using store::Bytes;

constexpr size_t kGroup = 250;  // One change, in the way of others: short.
constexpr std::string_view kSelect =
    "SELECT kind, subject_id, version, key_number, place, digests, golden, provenance FROM vault_subject WHERE "
    "area_id = $1 AND (kind, subject_id) > ($2, $3) ORDER BY kind, subject_id LIMIT $4";

constexpr std::string_view kSelectRecords =
    "SELECT dataset, record_id, version, key_number, digests, row_sealed FROM vault_record WHERE area_id = $1 AND "
    "(dataset, record_id) > ($2, $3) ORDER BY dataset, record_id LIMIT $4";

}  // namespace

/// A subject, or a row by its dataset and number, as it was, and as it is to be. A row is in `golden`.
struct Rotation::Old {
  std::string kind;
  std::string subject;
  int64_t version = 0;
  int64_t key = 0;
  std::string digests;
  std::string new_digests;
  std::string content;
  std::string golden;
  std::string provenance;
};

Result<Rotation::Old> Rotation::seal_anew(Sealer& sealer, const DataKeys& keys, const store::Row& row) const {
  Old old{.kind = std::string(row.text(0)),
          .subject = std::string(row.text(1)),
          .version = row.int64(2),
          .key = row.int64(3),
          .digests = std::string(row.bytes(5)),
          .new_digests = {},
          .content = {},
          .golden = {},
          .provenance = {}};
  SealContext context{vault_.area_id(), SealContext::Part::kGolden, old.kind, old.subject};
  ZHILI_ASSIGN(const std::string golden, sealer.open(keys, context, row.bytes(6)));
  ZHILI_ASSIGN(old.golden, sealer.seal(keys.newest(), context, golden));
  context.part = SealContext::Part::kProvenance;
  ZHILI_ASSIGN(const std::string provenance, sealer.open(keys, context, row.bytes(7)));
  ZHILI_ASSIGN(old.provenance, sealer.seal(keys.newest(), context, provenance));
  ZHILI_ASSIGN(old.content, content_digest(sealer, keys.newest(), row.text(4), golden, provenance));
  // A kind that no pack has any more keeps no index: nobody can look by it.
  if (const catalog::EntityKind* kind = vault_.catalog().kind(old.kind)) {
    ZHILI_ASSIGN(const auto values, decode_values(golden));
    ZHILI_ASSIGN(old.new_digests, index_digests(sealer, keys.newest(), *kind, values));
  }
  return old;
}

Status Rotation::write(store::Transaction& tx, const DataKeys& keys, const Old& old) const {
  const int64_t area_id = vault_.area_id();
  ZHILI_ASSIGN(
      const int64_t updated,
      tx.execute("UPDATE vault_subject SET key_number = $4, content = $5, digests = $6, golden = $7, "
                 "provenance = $8 WHERE area_id = $1 AND kind = $2 AND subject_id = $3 AND version = $9 AND "
                 "key_number = $10",
                 {area_id, old.kind, old.subject, static_cast<int64_t>(keys.newest().number), Bytes{old.content},
                  Bytes{old.new_digests}, Bytes{old.golden}, Bytes{old.provenance}, old.version, old.key}));
  if (updated == 0) return {};  // It was replaced or removed meanwhile: then with the newest key.
  for (size_t at = 0; at < old.digests.size(); at += kIndexDigestBytes) {
    ZHILI_TRY(tx.execute("DELETE FROM vault_index WHERE area_id = $1 AND kind = $2 AND digest = $3 AND subject_id = $4",
                         {area_id, old.kind, Bytes{old.digests.substr(at, kIndexDigestBytes)}, old.subject}));
  }
  // Not appended: a change behind this one in the group may take the subject out, with its index.
  for (size_t at = 0; at < old.new_digests.size(); at += kIndexDigestBytes) {
    ZHILI_TRY(
        tx.execute("INSERT INTO vault_index (area_id, kind, digest, subject_id) VALUES ($1, $2, $3, $4) "
                   "ON CONFLICT (area_id, kind, digest, subject_id) DO NOTHING",
                   {area_id, old.kind, Bytes{old.new_digests.substr(at, kIndexDigestBytes)}, old.subject}));
  }
  return {};
}

Result<uint64_t> Rotation::group(const std::string& job, std::string& kind, std::string& subject, bool& end) {
  const auto keys = vault_.keys().keys();
  ZHILI_ASSIGN(const auto rows,
               vault_.store().query(kSelect, {vault_.area_id(), kind, subject, static_cast<int64_t>(kGroup)}));
  end = rows.size() < kGroup;
  Sealer sealer;
  std::vector<Old> olds;
  for (const store::Row row : rows) {
    kind = row.text(0);
    subject = row.text(1);
    if (row.int64(3) >= keys->newest().number) continue;
    ZHILI_ASSIGN(Old old, seal_anew(sealer, *keys, row));
    olds.push_back(std::move(old));
  }
  if (olds.empty()) return 0;
  const Status made = vault_.store().commit([&](store::Transaction& tx) -> Status {
    ZHILI_TRY(vault_.keys().require_newest(tx, keys->newest().number));
    ZHILI_TRY(note_progress(tx, vault_, job, {0, olds.size(), 0, 0}));
    for (const Old& old : olds) ZHILI_TRY(write(tx, *keys, old));
    return {};
  });
  ZHILI_TRY(made);
  return olds.size();
}

Result<uint64_t> Rotation::subjects(const std::string& job, const Cancel& cancel,
                                    const std::function<void(uint64_t)>& progress) {
  uint64_t done = 0;
  std::string kind;
  std::string subject;
  for (bool end = false; !end;) {
    ZHILI_TRY(cancel.check());
    ZHILI_ASSIGN(const uint64_t some, group(job, kind, subject, end));
    done += some;
    if (progress) progress(some);
  }
  return done;
}

Result<Rotation::Old> Rotation::seal_record(Sealer& sealer, const DataKeys& keys, const store::Row& row,
                                            const catalog::Dataset* dataset) const {
  Old old{.kind = std::string(row.text(0)),
          .subject = std::to_string(row.int64(1)),
          .version = row.int64(2),
          .key = row.int64(3),
          .digests = std::string(row.bytes(4)),
          .new_digests = {},
          .content = {},
          .golden = {},
          .provenance = {}};
  const SealContext context{vault_.area_id(), SealContext::Part::kRecord, old.kind, old.subject};
  ZHILI_ASSIGN(const std::string body, sealer.open(keys, context, row.bytes(5)));
  ZHILI_ASSIGN(old.golden, sealer.seal(keys.newest(), context, body));
  ZHILI_ASSIGN(old.content, row_digest(sealer, keys.newest(), body));
  // A dataset that was withdrawn keeps no index: nobody can look by it.
  if (dataset != nullptr) {
    ZHILI_ASSIGN(const auto cells, decode_row(body));
    ZHILI_ASSIGN(old.new_digests, record_digests(sealer, keys.newest(), *dataset, cells));
  }
  return old;
}

Status Rotation::write_record(store::Transaction& tx, const DataKeys& keys, const Old& old) const {
  const int64_t area_id = vault_.area_id();
  const int64_t record = std::stoll(old.subject);
  ZHILI_ASSIGN(const int64_t updated,
               tx.execute("UPDATE vault_record SET key_number = $4, content = $5, digests = $6, row_sealed = $7 WHERE "
                          "area_id = $1 AND dataset = $2 AND record_id = $3 AND version = $8 AND key_number = $9",
                          {area_id, old.kind, record, static_cast<int64_t>(keys.newest().number), Bytes{old.content},
                           Bytes{old.new_digests}, Bytes{old.golden}, old.version, old.key}));
  if (updated == 0) return {};  // It was replaced or removed meanwhile: then with the newest key.
  for (size_t at = 0; at < old.digests.size(); at += kIndexDigestBytes) {
    ZHILI_TRY(tx.execute("DELETE FROM vault_record_index WHERE area_id = $1 AND digest = $2 AND record_id = $3",
                         {area_id, Bytes{old.digests.substr(at, kIndexDigestBytes)}, record}));
  }
  for (size_t at = 0; at < old.new_digests.size(); at += kIndexDigestBytes) {
    ZHILI_TRY(
        tx.execute("INSERT INTO vault_record_index (area_id, digest, record_id) VALUES ($1, $2, $3) ON CONFLICT "
                   "(area_id, digest, record_id) DO NOTHING",
                   {area_id, Bytes{old.new_digests.substr(at, kIndexDigestBytes)}, record}));
  }
  return {};
}

Result<uint64_t> Rotation::record_group(const std::string& job, std::string& dataset, int64_t& record, bool& end) {
  const auto keys = vault_.keys().keys();
  ZHILI_ASSIGN(const auto rows,
               vault_.store().query(kSelectRecords, {vault_.area_id(), dataset, record, static_cast<int64_t>(kGroup)}));
  end = rows.size() < kGroup;
  const catalog::Registry registry(vault_.store(), vault_.log(), vault_.catalog(), vault_.area_id());
  Sealer sealer;
  std::optional<catalog::Dataset> declared;
  std::vector<Old> olds;
  olds.reserve(rows.size());
  for (const store::Row row : rows) {
    if (dataset != row.text(0) || !declared) {
      auto found = registry.find(row.text(0));
      if (!found && found.error().code != ErrorCode::kNotFound) return fail(std::move(found).error());
      declared = found ? std::optional(std::move(found->dataset)) : std::nullopt;
    }
    dataset = row.text(0);
    record = row.int64(1);
    if (row.int64(3) >= keys->newest().number) continue;
    ZHILI_ASSIGN(Old old, seal_record(sealer, *keys, row, declared ? &*declared : nullptr));
    olds.push_back(std::move(old));
  }
  if (olds.empty()) return 0;
  const Status made = vault_.store().commit([&](store::Transaction& tx) -> Status {
    ZHILI_TRY(vault_.keys().require_newest(tx, keys->newest().number));
    ZHILI_TRY(note_progress(tx, vault_, job, {0, olds.size(), 0, 0}));
    for (const Old& old : olds) ZHILI_TRY(write_record(tx, *keys, old));
    return {};
  });
  ZHILI_TRY(made);
  return olds.size();
}

Result<uint64_t> Rotation::records(const std::string& job, const Cancel& cancel,
                                   const std::function<void(uint64_t)>& progress) {
  uint64_t done = 0;
  std::string dataset;
  int64_t record = 0;
  for (bool end = false; !end;) {
    ZHILI_TRY(cancel.check());
    ZHILI_ASSIGN(const uint64_t some, record_group(job, dataset, record, end));
    done += some;
    if (progress) progress(some);
  }
  return done;
}

Result<uint64_t> Rotation::file_keys(const Cancel& cancel) {
  const auto keys = vault_.keys().keys();
  ZHILI_ASSIGN(
      const auto rows,
      vault_.store().query("SELECT dataset, batch, sealed FROM vault_file_key WHERE area_id = $1", {vault_.area_id()}));
  Sealer sealer;
  uint64_t done = 0;
  for (const store::Row row : rows) {
    if (Sealer::key_of(row.bytes(2)) >= keys->newest().number) continue;
    ZHILI_TRY(cancel.check());
    const SealContext context{vault_.area_id(), SealContext::Part::kFileKey, row.text(0), row.text(1)};
    ZHILI_ASSIGN(const std::string secret, sealer.open(*keys, context, row.bytes(2)));
    ZHILI_ASSIGN(const std::string sealed, sealer.seal(keys->newest(), context, secret));
    const Status made = vault_.store().commit([&](store::Transaction& tx) -> Status {
      ZHILI_TRY(vault_.keys().require_newest(tx, keys->newest().number));
      ZHILI_TRY(tx.execute("UPDATE vault_file_key SET sealed = $4 WHERE area_id = $1 AND dataset = $2 AND batch = $3",
                           {vault_.area_id(), row.text(0), row.text(1), Bytes{sealed}}));
      return {};
    });
    ZHILI_TRY(made);
    ++done;
  }
  return done;
}

Result<RotateCounts> Rotation::rotate(const std::string& by, const Cancel& cancel,
                                      const std::function<void(uint64_t)>& progress) {
  RotateCounts counts;
  ZHILI_ASSIGN(counts.job, begin_job(vault_, {.work = "rotate", .actor = by, .purpose = "key_rotation"}));
  const auto work = [&]() -> Status {
    ZHILI_TRY(vault_.keys().load());
    // Old keys are forgotten at a rotation's end: where there are any, one has broken off.
    counts.resumed = vault_.keys().keys()->all().size() > 1;
    if (!counts.resumed) {
      const Status made = vault_.store().commit([&](store::Transaction& tx) -> Status {
        ZHILI_TRY(vault_.keys().add(tx, vault_.options().cipher, vault_.store().now()));
        return {};
      });
      ZHILI_TRY(made);
      ZHILI_TRY(vault_.keys().load());
    }
    counts.key = vault_.keys().keys()->newest().number;
    ZHILI_ASSIGN(counts.files, file_keys(cancel));
    ZHILI_ASSIGN(counts.subjects, subjects(counts.job, cancel, progress));
    ZHILI_ASSIGN(counts.records, records(counts.job, cancel, progress));
    const auto actor = audit::Ref::of_actor(by);
    ZHILI_ASSIGN(const audit::Ref job, audit::Ref::create(audit::Kind::kJob, counts.job));
    ZHILI_ASSIGN(auto entry, vault_.log().draft(audit::Action::kConfigure, actor));
    entry.object(job)
        .count(word_of("subjects"), counts.subjects)
        .count(word_of("records"), counts.records)
        .count(word_of("files"), counts.files);
    const Status forgotten = vault_.store().commit([&](store::Transaction& tx) -> Status {
      ZHILI_TRY(vault_.keys().require_newest(tx, counts.key));
      ZHILI_TRY(note_progress(tx, vault_, counts.job, {}));
      ZHILI_TRY(vault_.keys().forget_below(tx, counts.key));
      return vault_.log().add(tx, entry);
    });
    ZHILI_TRY(forgotten);
    return vault_.keys().load();
  };
  const Status done = work();
  const Status ended = end_job(vault_, counts.job, done ? "done" : "broken_off");
  ZHILI_TRY(done);
  ZHILI_TRY(ended);
  return counts;
}

Result<uint64_t> Rotation::rewrap(const std::string& by) {
  const auto actor = audit::Ref::of_actor(by);
  ZHILI_ASSIGN(const audit::Ref object, audit::Ref::create(audit::Kind::kSetting, "vault-master-key"));
  ZHILI_ASSIGN(auto entry, vault_.log().draft(audit::Action::kConfigure, actor));
  entry.object(object);
  uint64_t changed = 0;
  const Status made = vault_.store().commit([&](store::Transaction& tx) -> Status {
    ZHILI_ASSIGN(changed, vault_.keys().rewrap(tx));
    return changed == 0 ? Status() : vault_.log().add(tx, entry);
  });
  ZHILI_TRY(made);
  ZHILI_TRY(vault_.keys().load());
  return changed;
}

}  // namespace zhili::vault
