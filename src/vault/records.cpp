#include "vault/records.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "catalog/registry.hpp"
#include "vault/blind_index.hpp"
#include "vault/key_ring.hpp"
#include "vault/words.hpp"

namespace zhili::vault {
namespace {

using store::Bytes;

std::unexpected<Error> no_row(const std::string& dataset) {
  return fail(ErrorCode::kNotFound, {}, "Look at the key's spelling.", "dataset '{}' has no row with this key",
              dataset);
}

size_t key_fields(const catalog::Dataset& dataset) {
  return static_cast<size_t>(std::ranges::count(dataset.fields, true, &catalog::DatasetField::key));
}

/// The numbers of rows by what `record_key` made of their keys.
Result<std::map<std::string, int64_t, std::less<>>> numbers_of(Vault& vault, const std::string& dataset,
                                                               const std::vector<std::string>& row_keys) {
  Sealer sealer;
  std::map<std::string, int64_t, std::less<>> out;
  // Another server may have made a key, and sealed by it what is looked for.
  ZHILI_TRY(vault.keys().load());
  const auto keys = vault.keys().keys();
  ZHILI_ASSIGN(auto snapshot, vault.store().read());
  for (const DataKey& key : keys->all()) {
    for (const std::string& row_key : row_keys) {
      ZHILI_ASSIGN(std::string digest, key_digest(sealer, key, dataset, row_key));
      ZHILI_ASSIGN(const auto rows,
                   snapshot.query("SELECT r.record_id FROM vault_record_index i JOIN vault_record r ON r.area_id = "
                                  "i.area_id AND r.dataset = $2 AND r.record_id = i.record_id WHERE i.area_id = $1 "
                                  "AND i.digest = $3",
                                  {vault.area_id(), dataset, Bytes{std::move(digest)}}));
      if (!rows.empty()) out.insert_or_assign(row_key, rows[0].int64(0));
    }
  }
  return out;
}

std::string key_of(const std::vector<std::string>& values) { return record_key({values.begin(), values.end()}); }

}  // namespace

Result<Records::Held> Records::held(const std::string& dataset) const {
  ZHILI_ASSIGN(auto snapshot, vault_.store().read());
  ZHILI_ASSIGN(const auto rows,
               snapshot.query("SELECT batch, changed_at FROM vault_dataset WHERE area_id = $1 AND dataset = $2",
                              {vault_.area_id(), dataset}));
  if (rows.empty()) return Held{};
  ZHILI_ASSIGN(const auto count, snapshot.query("SELECT count(*) FROM vault_record WHERE area_id = $1 AND dataset = $2",
                                                {vault_.area_id(), dataset}));
  return Held{count[0].int64(0), std::string(rows[0].text(0)), rows[0].int64(1)};
}

Result<std::shared_ptr<const Records::Prepared>> Records::prepare(const std::string& dataset,
                                                                  std::span<const Link> links,
                                                                  const std::string& by) const {
  if (links.size() > kLinksAtOnce) {
    return fail(ErrorCode::kLimit, {}, "Link them in several steps.", "more than {} links at once", kLinksAtOnce);
  }
  const catalog::Registry registry(vault_.store(), vault_.log(), vault_.catalog(), vault_.area_id());
  ZHILI_ASSIGN(const auto listed, registry.find(dataset));
  const size_t width = key_fields(listed.dataset);
  std::vector<std::string> row_keys;
  row_keys.reserve(links.size());
  for (const Link& link : links) {
    if (link.key.size() != width || (!link.subject.empty() && !is_subject_id(link.subject))) {
      return fail(ErrorCode::kInput, {}, "Give all values of the key, and a subject's id as the vault has it.",
                  "a row can't be linked: its key has {} of {} values, or its subject is none", link.key.size(), width);
    }
    row_keys.push_back(key_of(link.key));
  }
  ZHILI_ASSIGN(const auto numbers, numbers_of(vault_, dataset, row_keys));
  auto out = std::make_shared<Prepared>();
  out->dataset_ = dataset;
  out->by_ = by;
  for (size_t i = 0; i < links.size(); ++i) {
    const auto found = numbers.find(row_keys[i]);
    if (found == numbers.end()) continue;
    const Link& link = links[i];
    if (link.subject.empty()) {
      out->unset_.push_back(found->second);
    } else {
      out->set_.push_back({found->second, link.kind, link.subject});
    }
  }
  return std::shared_ptr<const Prepared>(std::move(out));
}

Result<size_t> Records::apply(store::Transaction& transaction, const Prepared& prepared) const {
  const int64_t area_id = vault_.area_id();
  std::string listed;
  size_t linked = 0;
  size_t unlinked = 0;
  for (const auto& one : prepared.set_) {
    ZHILI_ASSIGN(
        const int64_t changed,
        transaction.execute("INSERT INTO vault_record_link (area_id, dataset, record_id, kind, subject_id) VALUES ($1, "
                            "$2, $3, $4, $5) ON CONFLICT (area_id, dataset, record_id) DO UPDATE SET kind = "
                            "excluded.kind, subject_id = excluded.subject_id WHERE vault_record_link.kind <> "
                            "excluded.kind OR vault_record_link.subject_id <> excluded.subject_id",
                            {area_id, prepared.dataset_, one.record, one.kind, one.subject}));
    if (changed == 0) continue;
    ++linked;
    listed += fmt::format("{} {} {}\n", one.record, one.kind, one.subject);
  }
  for (const int64_t record : prepared.unset_) {
    ZHILI_ASSIGN(
        const int64_t changed,
        transaction.execute("DELETE FROM vault_record_link WHERE area_id = $1 AND dataset = $2 AND record_id = $3",
                            {area_id, prepared.dataset_, record}));
    if (changed == 0) continue;
    ++unlinked;
    listed += fmt::format("{} none\n", record);
  }
  if (listed.empty()) return 0;
  ZHILI_ASSIGN(auto entry, vault_.log().draft(audit::Action::kMerge, audit::Ref::of_actor(prepared.by_)));
  entry.object(audit::Ref::by_id(audit::Kind::kDataset, word_id(prepared.dataset_)))
      .count(word_of("linked"), linked)
      .count(word_of("unlinked"), unlinked)
      .change(listed);
  ZHILI_TRY(vault_.log().add(transaction, entry));
  return linked + unlinked;
}

Result<size_t> Records::link(const std::string& dataset, std::span<const Link> links, const std::string& by) const {
  ZHILI_ASSIGN(const auto prepared, prepare(dataset, links, by));
  size_t changes = 0;
  ZHILI_TRY(vault_.store().commit([&](store::Transaction& tx) -> Status {
    ZHILI_ASSIGN(changes, apply(tx, *prepared));
    return {};
  }));
  return changes;
}

Result<int64_t> Records::number(const std::string& dataset, const std::vector<std::string>& key) const {
  const std::string row_key = key_of(key);
  ZHILI_ASSIGN(const auto numbers, numbers_of(vault_, dataset, {row_key}));
  if (numbers.empty()) return no_row(dataset);
  return numbers.begin()->second;
}

Result<std::optional<Records::About>> Records::about(const std::string& dataset,
                                                     const std::vector<std::string>& key) const {
  ZHILI_ASSIGN(const int64_t record, number(dataset, key));
  return about(dataset, record);
}

Result<std::optional<Records::About>> Records::about(const std::string& dataset, int64_t record) const {
  ZHILI_ASSIGN(const auto rows, vault_.store().query("SELECT kind, subject_id FROM vault_record_link WHERE area_id = "
                                                     "$1 AND dataset = $2 AND record_id = $3",
                                                     {vault_.area_id(), dataset, record}));
  if (rows.empty()) return std::optional<About>();
  return std::optional(About{std::string(rows[0].text(0)), std::string(rows[0].text(1))});
}

}  // namespace zhili::vault
