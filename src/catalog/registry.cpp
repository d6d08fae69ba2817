#include "catalog/registry.hpp"

#include <algorithm>

#include "store/like.hpp"

namespace zhili::catalog {
namespace {

using audit::Action;
using audit::Kind;
using audit::Ref;
using store::Row;
using store::Transaction;

constexpr size_t kSearchWords = 10;

constexpr std::string_view kTables =
    "CREATE TABLE catalog_dataset (area_id BIGINT NOT NULL, id TEXT NOT NULL, version BIGINT NOT NULL, "
    "since BIGINT NOT NULL, code TEXT NOT NULL, provider TEXT NOT NULL, sharing TEXT NOT NULL, words TEXT NOT NULL, "
    "body TEXT NOT NULL, PRIMARY KEY (area_id, id), UNIQUE (area_id, code));"
    "CREATE TABLE catalog_dataset_field (area_id BIGINT NOT NULL, element TEXT NOT NULL, dataset TEXT NOT NULL, "
    "field TEXT NOT NULL, PRIMARY KEY (area_id, element, dataset, field));"
    "CREATE TABLE catalog_dataset_version (area_id BIGINT NOT NULL, id TEXT NOT NULL, version BIGINT NOT NULL, "
    "since BIGINT NOT NULL, by_account TEXT NOT NULL, entry TEXT NOT NULL, body TEXT, "
    "PRIMARY KEY (area_id, id, version));";

constexpr std::string_view kSelectHolders =
    "SELECT f.dataset, f.field, d.provider, d.sharing FROM catalog_dataset_field f JOIN catalog_dataset d ON "
    "d.area_id = f.area_id AND d.id = f.dataset WHERE f.area_id = $1 AND f.element = $2 ORDER BY f.dataset, f.field";

Ref ref_of_dataset(std::string_view id) {
  std::string name(id);
  std::ranges::replace(name, '.', '_');
  return Ref::by_id(Kind::kCatalogue, name);
}

/// Small letters of ASCII; other scripts of the catalogue have none.
std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

/// What a search looks through.
std::string words_of(const Dataset& dataset) {
  std::string out =
      fmt::format("{} {} {} {} {}", dataset.id, dataset.code, dataset.title.zh, dataset.title.en, dataset.summary);
  for (const DatasetField& field : dataset.fields) {
    out += fmt::format(" {} {} {} {}", field.id, field.title.zh, field.title.en, field.element);
  }
  return lower(out);
}

Result<Sharing> sharing_of(std::string_view word) {
  for (const Sharing one : {Sharing::kUnconditional, Sharing::kConditional, Sharing::kNotShared}) {
    if (name_of(one) == word) return one;
  }
  return fail(ErrorCode::kInternal, {}, "Restore the last backup.", "the catalogue has a sharing attribute '{}'", word);
}

Result<Dataset> dataset_of(std::string_view body) {
  auto out = dataset_from_json(body);
  if (out) return out;
  return fail(ErrorCode::kInternal, {}, "Restore the last backup.", "an entry of the catalogue: {}",
              out.error().message);
}

std::unexpected<Error> unknown_dataset(std::string_view id) {
  return fail(ErrorCode::kNotFound, {}, "Search the catalogue.", "the catalogue has no dataset '{}'", id);
}

std::unexpected<Error> other_version(int64_t is) {
  if (is == 0) return fail(ErrorCode::kConflict, {}, "Declare it as new.", "it is not in the catalogue any more");
  return fail(ErrorCode::kConflict, {}, "Look at it again, and make your change to that version.",
              "it has version {} by now", is);
}

std::unexpected<Error> collected_again(const Dataset& dataset, const std::vector<Registry::Repeat>& repeats) {
  Error error{ErrorCode::kConflict,
              fmt::format("{} fields are shared by other departments already", repeats.size()),
              {},
              "Request it from them, or say why it has to be collected again.",
              {}};
  for (const auto& [field, holder] : repeats) {
    error.others.push_back({ErrorCode::kConflict,
                            fmt::format("/fields/{}: '{}' is held by {}, as {} of {}", field,
                                        dataset.fields[field].element, holder.provider, holder.field, holder.dataset),
                            {},
                            {},
                            {}});
  }
  return fail(std::move(error));
}

Status require_sound(const Dataset& dataset, const Catalog& catalog) {
  const auto mistakes = mistakes_in(dataset, catalog);
  if (mistakes.empty()) return {};
  Error error{ErrorCode::kInput, fmt::format("{} mistakes in the entry", mistakes.size()), {}, "Correct them.", {}};
  for (const auto& mistake : mistakes) {
    error.others.push_back({ErrorCode::kInput, mistake.path + " " + mistake.en, {}, {}, {}});
  }
  return fail(std::move(error));
}

}  // namespace

std::vector<store::Migration> Registry::migrations() { return {{"catalog", 2, kTables}}; }

/// Writes a version, its entry in the log, and what searches go by. Null: withdrawn.
Status Registry::put(Transaction& tx, const std::string& id, int64_t version, const Dataset* dataset,
                     const std::string& by) const {
  const Action action = dataset == nullptr ? Action::kRemove : version == 1 ? Action::kCreate : Action::kChange;
  ZHILI_ASSIGN(auto entry, log_.draft(action, Ref::of_actor(by)));
  ZHILI_ASSIGN(const auto number, audit::Word::create("version"));
  entry.object(ref_of_dataset(id)).count(number, static_cast<uint64_t>(version));
  const std::string body = dataset == nullptr ? std::string() : to_json(*dataset);
  if (dataset != nullptr) entry.change(body);
  ZHILI_TRY(log_.add(tx, entry));
  const int64_t now = store_.now();
  ZHILI_TRY(tx.execute(
      "INSERT INTO catalog_dataset_version (area_id, id, version, since, by_account, entry, body) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7)",
      {area_id_, id, version, now, by, entry.id(), dataset == nullptr ? store::Value() : store::Value(body)}));
  ZHILI_TRY(tx.execute("DELETE FROM catalog_dataset_field WHERE area_id = $1 AND dataset = $2", {area_id_, id}));
  ZHILI_TRY(tx.execute("DELETE FROM catalog_dataset WHERE area_id = $1 AND id = $2", {area_id_, id}));
  if (dataset == nullptr) return {};
  ZHILI_TRY(
      tx.execute("INSERT INTO catalog_dataset (area_id, id, version, since, code, provider, sharing, words, body) "
                 "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                 {area_id_, id, version, now, dataset->code, dataset->provider, name_of(dataset->sharing),
                  words_of(*dataset), body}));
  for (const DatasetField& field : dataset->fields) {
    if (field.element.empty()) continue;
    ZHILI_TRY(tx.execute("INSERT INTO catalog_dataset_field (area_id, element, dataset, field) VALUES ($1, $2, $3, $4)",
                         {area_id_, field.element, id, field.id}));
  }
  return {};
}

/// The last version's number, 0 where there was none; and what it says, nothing where it was withdrawn.
template <class Source>
Result<std::pair<int64_t, std::optional<Dataset>>> Registry::newest(Source& source, std::string_view id) const {
  ZHILI_ASSIGN(const auto rows, source.query("SELECT version, body FROM catalog_dataset_version WHERE area_id = $1 AND "
                                             "id = $2 ORDER BY version DESC LIMIT 1",
                                             {area_id_, id}));
  std::pair<int64_t, std::optional<Dataset>> out;
  if (rows.empty()) return out;
  out.first = rows[0].int64(0);
  if (rows[0].is_null(1)) return out;
  ZHILI_ASSIGN(out.second, dataset_of(rows[0].text(1)));
  return out;
}

template <class Source>
Result<std::vector<Registry::Holder>> Registry::holders_by(Source& source, std::string_view element) const {
  ZHILI_ASSIGN(const auto rows, source.query(kSelectHolders, {area_id_, element}));
  std::vector<Holder> out;
  out.reserve(rows.size());
  for (const Row row : rows) {
    ZHILI_ASSIGN(const auto sharing, sharing_of(row.text(3)));
    out.push_back({std::string(row.text(0)), std::string(row.text(1)), std::string(row.text(2)), sharing});
  }
  return out;
}

/// What another department shares is asked from it, and not from people again. Keys are needed to join; what was
/// declared before stays; and what the department has in another dataset it collects no more than once.
template <class Source>
Result<std::vector<Registry::Repeat>> Registry::repeats_by(Source& source, const Dataset& dataset,
                                                           const std::optional<Dataset>& before) const {
  std::vector<Repeat> out;
  for (size_t i = 0; i < dataset.fields.size(); ++i) {
    const DatasetField& field = dataset.fields[i];
    if (field.element.empty() || field.key || !field.collected_because.empty()) continue;
    const DatasetField* was = before ? before->find(field.id) : nullptr;
    if (was != nullptr && was->element == field.element) continue;
    ZHILI_ASSIGN(auto holders, holders_by(source, field.element));
    const auto own = [&](const Holder& holder) { return holder.provider == dataset.provider; };
    if (std::ranges::any_of(holders, own)) continue;
    const auto shared = [](const Holder& holder) { return holder.sharing != Sharing::kNotShared; };
    const auto first = std::ranges::find_if(holders, shared);
    if (first != holders.end()) out.push_back({i, std::move(*first)});
  }
  return out;
}

Result<std::vector<Registry::Repeat>> Registry::repeats(const Dataset& dataset) const {
  ZHILI_ASSIGN(const auto last, newest(store_, dataset.id));
  return repeats_by(store_, dataset, last.second);
}

Result<Registry::Listed> Registry::declare(const Dataset& dataset, int64_t known, const std::string& by) const {
  ZHILI_TRY(require_sound(dataset, catalog_));
  Listed out{dataset, 0, 0};
  const Status done = store_.commit([&](Transaction& tx) -> Status {
    ZHILI_ASSIGN(const auto last, newest(tx, dataset.id));
    const int64_t is = last.second ? last.first : 0;
    if (known != is) return other_version(is);
    ZHILI_ASSIGN(const auto same_code,
                 tx.query("SELECT id FROM catalog_dataset WHERE area_id = $1 AND code = $2 AND id <> $3",
                          {area_id_, dataset.code, dataset.id}));
    if (!same_code.empty()) {
      return fail(ErrorCode::kConflict, {}, "Give it the next serial number.", "the code {} is that of '{}'",
                  dataset.code, same_code[0].text(0));
    }
    ZHILI_ASSIGN(const auto repeats, repeats_by(tx, dataset, last.second));
    if (!repeats.empty()) return collected_again(dataset, repeats);
    out.version = last.first + 1;
    out.since = store_.now();
    return put(tx, dataset.id, out.version, &dataset, by);
  });
  ZHILI_TRY(done);
  return out;
}

Status Registry::withdraw(std::string_view id, int64_t known, const std::string& by) const {
  return store_.commit([&](Transaction& tx) -> Status {
    ZHILI_ASSIGN(const auto rows,
                 tx.query("SELECT version FROM catalog_dataset WHERE area_id = $1 AND id = $2", {area_id_, id}));
    if (rows.empty()) return unknown_dataset(id);
    if (rows[0].int64(0) != known) return other_version(rows[0].int64(0));
    return put(tx, std::string(id), known + 1, nullptr, by);
  });
}

Result<Registry::Listed> Registry::find(std::string_view id) const {
  ZHILI_ASSIGN(
      const auto rows,
      store_.query("SELECT version, since, body FROM catalog_dataset WHERE area_id = $1 AND id = $2", {area_id_, id}));
  if (rows.empty()) return unknown_dataset(id);
  ZHILI_ASSIGN(auto dataset, dataset_of(rows[0].text(2)));
  return Listed{std::move(dataset), rows[0].int64(0), rows[0].int64(1)};
}

Result<std::vector<Registry::Version>> Registry::versions(std::string_view id) const {
  ZHILI_ASSIGN(const auto rows,
               store_.query("SELECT version, since, by_account, entry, body FROM catalog_dataset_version WHERE "
                            "area_id = $1 AND id = $2 ORDER BY version DESC",
                            {area_id_, id}));
  if (rows.empty()) return unknown_dataset(id);
  std::vector<Version> out;
  out.reserve(rows.size());
  for (const Row row : rows) {
    Version& version = out.emplace_back(
        Version{row.int64(0), row.int64(1), std::string(row.text(2)), std::string(row.text(3)), std::nullopt});
    if (row.is_null(4)) continue;
    ZHILI_ASSIGN(version.dataset, dataset_of(row.text(4)));
  }
  return out;
}

Result<std::vector<Registry::Listed>> Registry::search(const Search& search) const {
  if (search.limit == 0 || search.limit > kPage) {
    return fail(ErrorCode::kInput, {}, "Ask for the next page.", "a page has 1 to {} entries", kPage);
  }
  std::string sql = "SELECT version, since, body FROM catalog_dataset d WHERE area_id = $1 AND id > $2";
  std::vector<store::Value> params{area_id_, search.after};
  const auto add = [&](std::string_view condition, store::Value value) {
    params.push_back(std::move(value));
    sql += fmt::format(fmt::runtime(condition), params.size());
  };
  std::string text = lower(search.text);
  std::ranges::replace(text, '\t', ' ');
  size_t words = 0;
  for (size_t at = 0; at < text.size() && words < kSearchWords;) {
    const size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) {
      add(" AND words LIKE ${} ESCAPE '!'", store::like_holding(std::string_view(text).substr(at, end - at)));
      ++words;
    }
    at = end + 1;
  }
  if (!search.code.empty()) add(" AND code LIKE ${} ESCAPE '!'", store::like_text(search.code) + "%");
  if (!search.provider.empty()) add(" AND provider = ${}", search.provider);
  if (search.sharing) add(" AND sharing = ${}", name_of(*search.sharing));
  if (!search.element.empty()) {
    add(" AND EXISTS (SELECT 1 FROM catalog_dataset_field f WHERE f.area_id = d.area_id AND f.dataset = d.id AND "
        "f.element = ${})",
        search.element);
  }
  add(" ORDER BY id LIMIT ${}", static_cast<int64_t>(search.limit));
  ZHILI_ASSIGN(const auto rows, store_.query(sql, params));
  std::vector<Listed> out;
  out.reserve(rows.size());
  for (const Row row : rows) {
    ZHILI_ASSIGN(auto dataset, dataset_of(row.text(2)));
    out.push_back({std::move(dataset), row.int64(0), row.int64(1)});
  }
  return out;
}

Result<std::vector<Registry::Holder>> Registry::holders(std::string_view element) const {
  return holders_by(store_, element);
}

}  // namespace zhili::catalog
