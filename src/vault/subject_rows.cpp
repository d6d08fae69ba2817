#include "vault/subject_rows.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "identity/area_tree.hpp"
#include "text/utf8.hpp"
#include "vault/blind_index.hpp"
#include "vault/key_ring.hpp"
#include "vault/words.hpp"

namespace zhili::vault {
namespace {

using store::Bytes;
using store::Transaction;

const store::Appendable subject_rows("vault_subject",
                                     {"area_id", "kind", "subject_id", "place", "version", "key_number", "content",
                                      "digests", "entry_id", "golden", "provenance"});
const store::Appendable index_rows("vault_index", {"area_id", "kind", "digest", "subject_id"});
const store::Appendable change_rows("vault_change", {"area_id", "entry_id", "job_id", "subjects"});

}  // namespace

SubjectRows::SubjectRows(const Vault& vault, const catalog::EntityKind& kind)
    : vault_(vault), kind_(kind), keys_(vault.keys().keys()) {}

Status SubjectRows::check(const Subject& subject) const {
  const auto wrong = [](std::string_view what) {
    return fail(ErrorCode::kInput, {}, "Look at how the subjects are made.", "a subject can't be taken in: {}", what);
  };
  if (!is_subject_id(subject.id)) return wrong("its id has other characters than a-z 0-9 _ -, or too many");
  if (!subject.place.empty() && !identity::is_plain_id(subject.place)) return wrong("its place is no id of an area");
  std::vector<std::string_view> fields;
  for (const Value& value : subject.values) {
    if (kind_.find(value.field) == nullptr) {
      return fail(ErrorCode::kInput, {}, "Write the field into the dataset, with its grade.", "{} has no field '{}'",
                  kind_.id, value.field.substr(0, limits::kIdBytes));
    }
    if (std::ranges::find(fields, value.field) != fields.end()) return wrong("a field is there twice");
    fields.emplace_back(value.field);
    for (const std::string* text : {&value.text, &value.source, &value.record, &value.time}) {
      if (!text::valid_utf8(*text)) return wrong("a value is not UTF-8");
    }
  }
  const size_t records = subject.provenance.records.size();
  if (std::max(records, subject.provenance.links.size()) > limits::kRecordsOfSubject) {
    return fail(ErrorCode::kLimit, {}, "Look for what binds so many records together.",
                "a subject of more than {} records or links", limits::kRecordsOfSubject);
  }
  for (const Link& link : subject.provenance.links) {
    if (link.a >= records || link.b >= records) return wrong("a link names a record that is not there");
  }
  return {};
}

Result<ReadySubject> SubjectRows::prepare(const Subject& subject) {
  ZHILI_TRY(check(subject));
  ReadySubject ready{.id = subject.id,
                     .place = subject.place,
                     .golden = encode(subject.values),
                     .provenance = encode(subject.provenance),
                     .content = {},
                     .digests = {}};
  if (ready.golden.size() + ready.provenance.size() > limits::kSubjectBytes) {
    return fail(ErrorCode::kLimit, {}, "Look for values that are too long.", "a subject of more than {} bytes",
                limits::kSubjectBytes);
  }
  ZHILI_ASSIGN(ready.content, content_digest(sealer_, keys_->newest(), ready.place, ready.golden, ready.provenance));
  ZHILI_ASSIGN(ready.digests, index_digests(sealer_, keys_->newest(), kind_, subject.values));
  return ready;
}

Status SubjectRows::seal(ReadySubject& ready) {
  SealContext context{vault_.area_id(), SealContext::Part::kGolden, kind_.id, ready.id};
  ZHILI_ASSIGN(ready.golden, sealer_.seal(keys_->newest(), context, ready.golden));
  context.part = SealContext::Part::kProvenance;
  ZHILI_ASSIGN(ready.provenance, sealer_.seal(keys_->newest(), context, ready.provenance));
  return {};
}

std::vector<store::Value> SubjectRows::row_of(const ReadySubject& ready, int64_t version,
                                              const std::string& entry) const {
  return {vault_.area_id(),
          kind_.id,
          ready.id,
          ready.place,
          version,
          static_cast<int64_t>(keys_->newest().number),
          Bytes{ready.content},
          Bytes{ready.digests},
          entry,
          Bytes{ready.golden},
          Bytes{ready.provenance}};
}

Status SubjectRows::append(Transaction& tx, const ReadySubject& ready, const std::string& entry) const {
  int64_t version = 0;
  if (ready.there) {
    ZHILI_ASSIGN(version, take_out(tx, vault_.area_id(), kind_.id, ready.id));  // What is appended comes behind that.
  }
  ZHILI_TRY(tx.append(subject_rows, row_of(ready, version + 1, entry)));
  for (size_t at = 0; at < ready.digests.size(); at += kIndexDigestBytes) {
    ZHILI_TRY(tx.append(index_rows,
                        {vault_.area_id(), kind_.id, Bytes{ready.digests.substr(at, kIndexDigestBytes)}, ready.id}));
  }
  return {};
}

Status SubjectRows::replace(Transaction& tx, const ReadySubject& ready, const std::string& entry) const {
  ZHILI_ASSIGN(const int64_t version, take_out(tx, vault_.area_id(), kind_.id, ready.id));
  const auto row = row_of(ready, version + 1, entry);
  ZHILI_TRY(
      tx.execute("INSERT INTO vault_subject (area_id, kind, subject_id, place, version, key_number, content, "
                 "digests, entry_id, golden, provenance) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                 row));
  for (size_t at = 0; at < ready.digests.size(); at += kIndexDigestBytes) {
    ZHILI_TRY(
        tx.execute("INSERT INTO vault_index (area_id, kind, digest, subject_id) VALUES ($1, $2, $3, $4) "
                   "ON CONFLICT (area_id, kind, digest, subject_id) DO NOTHING",
                   {vault_.area_id(), kind_.id, Bytes{ready.digests.substr(at, kIndexDigestBytes)}, ready.id}));
  }
  return {};
}

Result<bool> SubjectRows::remove(Transaction& tx, const std::string& subject) const {
  ZHILI_ASSIGN(const int64_t version, take_out(tx, vault_.area_id(), kind_.id, subject));
  ZHILI_TRY(tx.execute("DELETE FROM vault_binding WHERE area_id = $1 AND kind = $2 AND subject_id = $3",
                       {vault_.area_id(), kind_.id, subject}));
  return version != 0;
}

std::string SubjectRows::listed(const ReadySubject& ready) { return fmt::format("{} {}\n", ready.id, ready.content); }

Status SubjectRows::write_listed(Transaction& tx, int64_t area_id, const std::string& entry, const std::string& job,
                                 const std::string& listed) {
  return tx.append(change_rows, {area_id, entry, job, Bytes{listed}});
}

}  // namespace zhili::vault
