#include "vault/upkeep.hpp"

#include <algorithm>
#include <span>

#include "base/limits.hpp"
#include "vault/key_ring.hpp"
#include "vault/subject_rows.hpp"
#include "vault/words.hpp"

namespace zhili::vault {

using store::Transaction;

class Upkeep::Prepared {
 public:
  std::shared_ptr<const SubjectRows> rows;
  std::vector<ReadySubject> put;
  std::vector<std::string> gone;
  std::vector<std::pair<std::string, std::string>> merged;
  std::vector<std::shared_ptr<const Records::Prepared>> about;
  std::string listed;
};

Upkeep::Upkeep(Vault& vault, const catalog::EntityKind& kind, std::string purpose, std::string basis)
    : vault_(vault), kind_(kind), purpose_(std::move(purpose)), basis_(std::move(basis)), records_(vault) {}

Upkeep::~Upkeep() = default;

Result<std::unique_ptr<Upkeep>> Upkeep::create(Vault& vault, const std::string& kind, std::string purpose,
                                               std::string basis) {
  const auto* known = vault.catalog().kind(kind);
  if (known == nullptr) {
    return fail(ErrorCode::kInput, {}, "Write datasets/KIND.yaml in a pack.", "the catalogue has no kind '{}'",
                kind.substr(0, limits::kIdBytes));
  }
  const std::string_view wrong = wrong_basis(vault.catalog(), basis, purpose);
  if (!wrong.empty()) {
    return fail(ErrorCode::kInput, {}, "Name a legal basis of a pack, and a purpose that it carries.",
                "subjects can't be kept on basis '{}' for '{}': {}", basis.substr(0, limits::kIdBytes),
                purpose.substr(0, limits::kIdBytes), wrong);
  }
  return std::unique_ptr<Upkeep>(new Upkeep(vault, *known, std::move(purpose), std::move(basis)));
}

Result<std::shared_ptr<const Upkeep::Prepared>> Upkeep::prepare(const SubjectChanges& changes) {
  if (stale_.exchange(false)) ZHILI_TRY(vault_.keys().load());
  if (!rows_ || rows_->keys().newest().number != vault_.keys().keys()->newest().number) {
    rows_ = std::make_shared<SubjectRows>(vault_, kind_);
  }
  auto out = std::make_shared<Prepared>();
  out->rows = rows_;
  out->gone = changes.gone;
  out->merged = changes.merged;
  out->put.reserve(changes.put.size());
  for (const Subject& subject : changes.put) {
    ZHILI_ASSIGN(ReadySubject ready, rows_->prepare(subject));
    out->listed += SubjectRows::listed(ready);
    ZHILI_TRY(rows_->seal(ready));
    out->put.push_back(std::move(ready));
  }
  for (const auto& id : changes.gone) out->listed += fmt::format("{} gone\n", id);
  for (const auto& [from, to] : changes.merged) out->listed += fmt::format("{} merged {}\n", from, to);
  for (const auto& [dataset, links] : changes.about) {
    for (size_t first = 0; first < links.size(); first += kLinksAtOnce) {
      const auto some = std::span(links).subspan(first, std::min(kLinksAtOnce, links.size() - first));
      ZHILI_ASSIGN(auto prepared, records_.prepare(dataset, some, ""));
      out->about.push_back(std::move(prepared));
    }
  }
  return std::shared_ptr<const Prepared>(std::move(out));
}

/// What others have seen of a subject stays known to whoever it turned out to be.
Status Upkeep::merge(Transaction& tx, const std::string& from, const std::string& to) const {
  const store::Value area_id = vault_.area_id();
  ZHILI_TRY(
      tx.execute("UPDATE vault_disclosure SET subject_id = $4 WHERE area_id = $1 AND kind = $2 AND subject_id = $3 "
                 "AND NOT EXISTS (SELECT 1 FROM vault_disclosure o WHERE o.area_id = $1 AND o.kind = $2 AND "
                 "o.subject_id = $4 AND o.entry_id = vault_disclosure.entry_id)",
                 {area_id, kind_.id, from, to}));
  ZHILI_TRY(
      tx.execute("UPDATE vault_record_link SET subject_id = $4 WHERE area_id = $1 AND kind = $2 AND "
                 "subject_id = $3",
                 {area_id, kind_.id, from, to}));
  ZHILI_TRY(
      tx.execute("UPDATE vault_binding SET subject_id = $4 WHERE area_id = $1 AND kind = $2 AND subject_id = $3 "
                 "AND NOT EXISTS (SELECT 1 FROM vault_binding o WHERE o.area_id = $1 AND o.kind = $2 AND "
                 "o.subject_id = $4)",
                 {area_id, kind_.id, from, to}));
  return {};
}

Status Upkeep::add_entry(Transaction& tx, const Prepared& prepared) const {
  ZHILI_ASSIGN(auto entry, vault_.log().draft(audit::Action::kChange, audit::Ref::of_actor("")));
  entry.object(audit::Ref::by_id(audit::Kind::kDataset, word_id(kind_.id)))
      .purpose(word_of(purpose_))
      .basis(word_of(basis_))
      .count(word_of("changed"), prepared.put.size())
      .count(word_of("removed"), prepared.gone.size())
      .change(prepared.listed);
  for (const ReadySubject& ready : prepared.put) ZHILI_TRY(prepared.rows->replace(tx, ready, entry.id()));
  for (const auto& [from, to] : prepared.merged) ZHILI_TRY(merge(tx, from, to));
  for (const std::string& gone : prepared.gone) {
    if (const auto removed = prepared.rows->remove(tx, gone); !removed) return fail(removed.error());
  }
  ZHILI_TRY(SubjectRows::write_listed(tx, vault_.area_id(), entry.id(), "", prepared.listed));
  return vault_.log().add(tx, entry);
}

Status Upkeep::apply(Transaction& tx, const Prepared& prepared) const {
  if (Status newest = vault_.keys().require_newest(tx, prepared.rows->keys().newest().number); !newest) {
    stale_ = true;
    return newest;
  }
  if (!prepared.listed.empty()) ZHILI_TRY(add_entry(tx, prepared));
  for (const auto& about : prepared.about) {
    if (const auto linked = records_.apply(tx, *about); !linked) return fail(linked.error());
  }
  return {};
}

}  // namespace zhili::vault
