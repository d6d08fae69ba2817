#include "catalog/in_force.hpp"

#include <algorithm>
#include <set>

namespace zhili::catalog {
namespace {

using audit::Kind;
using audit::Ref;

constexpr std::string_view kTables =
    "CREATE TABLE catalog_text /* small */ (area_id BIGINT NOT NULL, id TEXT NOT NULL, version BIGINT NOT NULL, "
    "since BIGINT NOT NULL, entry TEXT NOT NULL, text TEXT, PRIMARY KEY (area_id, id, version));";

constexpr std::string_view kSelectNewest =
    "SELECT t.id, t.version, t.text FROM catalog_text t WHERE t.area_id = $1 AND t.version = (SELECT max(n.version) "
    "FROM catalog_text n WHERE n.area_id = t.area_id AND n.id = t.id)";

/// "lamp/datasets/lamp.yaml" as "lamp_datasets_lamp".
Ref ref_of_text(std::string_view id) {
  constexpr std::string_view kEnding = ".yaml";
  std::string name(id.ends_with(kEnding) ? id.substr(0, id.size() - kEnding.size()) : id);
  std::ranges::replace(name, '/', '_');
  return Ref::by_id(Kind::kCatalogue, name);
}

struct Change {
  std::string id;
  int64_t number;
  const std::string* text;  // Null where it is gone.
};

/// Of rows of kSelectNewest.
std::vector<Change> changes_from(const store::Rows& known, const std::vector<GoverningText>& texts) {
  std::vector<Change> out;
  std::set<std::string, std::less<>> seen;
  for (const store::Row row : known) {
    const std::string id(row.text(0));
    seen.insert(id);
    const auto now = std::ranges::find(texts, id, &GoverningText::id);
    const bool was = !row.is_null(2);
    if (now == texts.end() ? was : !was || now->text != row.text(2)) {
      out.push_back({id, row.int64(1) + 1, now == texts.end() ? nullptr : &now->text});
    }
  }
  for (const GoverningText& one : texts) {
    if (!seen.contains(one.id)) out.push_back({one.id, 1, &one.text});
  }
  return out;
}

}  // namespace

std::vector<store::Migration> InForce::migrations() { return {{"catalog", 1, kTables}}; }

Status InForce::note(store::Transaction& tx, const std::string& id, int64_t number, const std::string* text) const {
  using audit::Action;
  const Action action = text == nullptr ? Action::kRemove : number == 1 ? Action::kCreate : Action::kChange;
  ZHILI_ASSIGN(auto entry, log_.draft(action, Ref::of(Kind::kSystem, 0)));
  ZHILI_ASSIGN(const auto version, audit::Word::create("version"));
  entry.object(ref_of_text(id)).count(version, static_cast<uint64_t>(number));
  // Whoever has the salt can hold the text that is kept against the entry.
  if (text != nullptr) entry.change(*text);
  ZHILI_TRY(log_.add(tx, entry));
  const store::Value kept = text == nullptr ? store::Value() : store::Value(*text);
  ZHILI_TRY(
      tx.execute("INSERT INTO catalog_text (area_id, id, version, since, entry, text) VALUES ($1, $2, $3, $4, "
                 "$5, $6)",
                 {area_id_, id, number, store_.now(), entry.id(), kept}));
  return {};
}

Result<size_t> InForce::set(const std::vector<GoverningText>& texts) const {
  ZHILI_ASSIGN(const auto known, store_.query(kSelectNewest, {area_id_}));
  if (changes_from(known, texts).empty()) return size_t{0};
  size_t noted = 0;
  const Status done = store_.commit([&](store::Transaction& tx) -> Status {
    // Another server may have noted them meanwhile.
    ZHILI_ASSIGN(const auto now_known, tx.query(kSelectNewest, {area_id_}));
    const auto changes = changes_from(now_known, texts);
    for (const Change& change : changes) ZHILI_TRY(note(tx, change.id, change.number, change.text));
    noted = changes.size();
    return {};
  });
  ZHILI_TRY(done);
  return noted;
}

Result<std::vector<InForce::Version>> InForce::versions(std::string_view id) const {
  ZHILI_ASSIGN(const auto rows, store_.query("SELECT version, since, text, entry FROM catalog_text WHERE area_id = $1 "
                                             "AND id = $2 ORDER BY version DESC",
                                             {area_id_, id}));
  if (rows.empty()) return fail(ErrorCode::kNotFound, {}, "", "there never was a text '{}'", id);
  std::vector<Version> out;
  out.reserve(rows.size());
  for (const store::Row row : rows) {
    out.push_back({row.int64(0), row.int64(1),
                   row.is_null(2) ? std::nullopt : std::optional<std::string>(std::string(row.text(2))),
                   std::string(row.text(3))});
  }
  return out;
}

Result<std::vector<std::string>> InForce::ids() const {
  ZHILI_ASSIGN(const auto rows,
               store_.query("SELECT DISTINCT id FROM catalog_text WHERE area_id = $1 ORDER BY id", {area_id_}));
  std::vector<std::string> out;
  out.reserve(rows.size());
  for (const store::Row row : rows) out.emplace_back(row.text(0));
  return out;
}

}  // namespace zhili::catalog
