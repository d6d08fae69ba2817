#include "vault/bindings.hpp"

#include "vault/words.hpp"

namespace zhili::vault {
namespace {

Status record(const Vault& vault, store::Transaction& tx, audit::Action action, const Bindings::Subject& subject,
              const std::string& by) {
  const auto actor = audit::Ref::of_actor(by);
  ZHILI_ASSIGN(auto entry, vault.log().draft(action, actor));
  ZHILI_ASSIGN(const auto object, ref_of_subject(subject.kind, subject.id));
  entry.object(object);
  return vault.log().add(tx, entry);
}

}  // namespace

Status Bindings::bind(const Subject& subject, const std::string& account, const std::string& by) const {
  return vault_.store().commit([&](store::Transaction& tx) -> Status {
    ZHILI_ASSIGN(const auto there,
                 tx.query("SELECT 1 FROM vault_subject WHERE area_id = $1 AND kind = $2 AND subject_id = $3",
                          {vault_.area_id(), subject.kind, subject.id}));
    if (there.empty()) return fail(ErrorCode::kNotFound, {}, "Look it up first.", "there is no such {}", subject.kind);
    ZHILI_TRY(tx.execute("INSERT INTO vault_binding (area_id, kind, subject_id, account) VALUES ($1, $2, $3, $4)",
                         {vault_.area_id(), subject.kind, subject.id, account}));
    return record(vault_, tx, audit::Action::kGrant, subject, by);
  });
}

Status Bindings::release(const Subject& subject, const std::string& by) const {
  return vault_.store().commit([&](store::Transaction& tx) -> Status {
    ZHILI_ASSIGN(const int64_t gone,
                 tx.execute("DELETE FROM vault_binding WHERE area_id = $1 AND kind = $2 AND subject_id = $3",
                            {vault_.area_id(), subject.kind, subject.id}));
    if (gone == 0) return fail(ErrorCode::kNotFound, {}, "", "nobody is bound to it");
    return record(vault_, tx, audit::Action::kRevoke, subject, by);
  });
}

Result<std::vector<Bindings::Subject>> Bindings::of_account(const std::string& account) const {
  ZHILI_ASSIGN(const auto rows,
               vault_.store().query("SELECT kind, subject_id FROM vault_binding WHERE area_id = $1 AND "
                                    "account = $2 ORDER BY kind, subject_id",
                                    {vault_.area_id(), account}));
  std::vector<Subject> out;
  out.reserve(rows.size());
  for (const auto& row : rows) out.push_back({std::string(row.text(0)), std::string(row.text(1))});
  return out;
}

}  // namespace zhili::vault
