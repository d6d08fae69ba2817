#include "opendata/publications.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <boost/json.hpp>

#include "base/clock.hpp"
#include "opendata/tables.hpp"
#include "table/reader.hpp"
#include "vault/words.hpp"

namespace zhili::opendata {
namespace {

using audit::Action;
using audit::Kind;
using audit::Ref;
using store::Transaction;

constexpr std::string_view kVersionColumns =
    "version, at, by_account, entry_id, digest, row_count, bytes, columns, checked, added, removed, changed";
constexpr size_t kReasonBytes = 2000;

std::unexpected<Error> unknown(std::string_view id) {
  return fail(ErrorCode::kNotFound, {}, "Look at the list of open data.", "there is no open data '{}'",
              id.substr(0, 80));
}

Result<Version> version_of(const store::Row& row) {
  Version out;
  out.number = row.int64(0);
  out.at = row.int64(1);
  out.by = row.text(2);
  out.entry = row.text(3);
  out.digest = row.text(4);
  out.rows = row.int64(5);
  out.bytes = row.int64(6);
  ZHILI_ASSIGN(out.columns, columns_from_json(row.text(7)));
  out.check = row.text(8);
  out.added = row.int64(9);
  out.removed = row.int64(10);
  out.changed = row.int64(11);
  return out;
}

/// Its columns, and behind them those of its newest version.
const std::string select_publications = [] {
  std::string newest;
  for (std::string_view rest = kVersionColumns; !rest.empty();) {
    const size_t end = std::min(rest.find(", "), rest.size());
    newest += fmt::format("v.{}{}", rest.substr(0, end), end < rest.size() ? ", " : "");
    rest.remove_prefix(std::min(end + 2, rest.size()));
  }
  return fmt::format(
      "SELECT {}, p.plan, p.provider, p.cycle, p.created_at, p.changed_at, p.withdrawn, p.reason FROM open_publication "
      "p JOIN open_version v ON v.area_id = p.area_id AND v.publication = p.id AND v.version = p.version WHERE "
      "p.area_id = $1",
      newest);
}();
constexpr size_t kBehindVersion = 12;

Result<Publication> publication_of(const store::Row& row) {
  Publication out;
  ZHILI_ASSIGN(out.newest, version_of(row));
  ZHILI_ASSIGN(out.plan, plan_from_json(row.text(kBehindVersion)));
  out.provider = row.text(kBehindVersion + 1);
  out.cycle = row.text(kBehindVersion + 2);
  out.created_at = row.int64(kBehindVersion + 3);
  out.changed_at = row.int64(kBehindVersion + 4);
  out.withdrawn = row.int64(kBehindVersion + 5) == 1;
  out.reason = row.text(kBehindVersion + 6);
  return out;
}

table::ParquetType parquet_type(ColumnType type) {
  if (type == ColumnType::kInteger) return table::ParquetType::kInt64;
  return type == ColumnType::kNumber ? table::ParquetType::kDouble : table::ParquetType::kText;
}

std::vector<table::ParquetColumn> parquet_columns(const std::vector<Column>& columns) {
  std::vector<table::ParquetColumn> out;
  out.reserve(columns.size());
  for (const Column& column : columns) out.push_back({column.id, parquet_type(column.type)});
  return out;
}

template <class Number>
Number number_in(std::string_view cell) {
  Number out = 0;
  std::from_chars(cell.data(), cell.data() + cell.size(), out);
  return out;
}

Status write_table(const std::filesystem::path& path, const PublicTable& table) {
  size_t next = 0;
  return table::write_parquet(path, parquet_columns(table.columns()), [&](table::ChunkWriter& chunk) -> Result<size_t> {
    const size_t count = std::min(table::ChunkWriter::kRows, table.rows() - next);
    for (size_t row = 0; row < count; ++row) {
      for (size_t i = 0; i < table.columns().size(); ++i) {
        const std::string_view cell = table.cell(next + row, i);
        if (cell.empty()) continue;
        switch (table.columns()[i].type) {
          case ColumnType::kText:
            chunk.set_text(i, row, cell);
            break;
          case ColumnType::kInteger:
            chunk.set_int64(i, row, number_in<int64_t>(cell));
            break;
          case ColumnType::kNumber:
            chunk.set_double(i, row, number_in<double>(cell));
            break;
        }
      }
    }
    next += count;
    return count;
  });
}

store::BatchKey lake_key(int64_t area_id, std::string_view id, int64_t version) {
  return {area_id, fmt::format("open.{}", id), fmt::format("v{}", version)};
}

Bits bits_of(identity::Entropy& entropy) {
  return [&entropy, kept = std::string(), at = size_t{0}]() mutable -> Result<uint64_t> {
    constexpr size_t kDrawn = 4096;
    if (at == kept.size()) {
      ZHILI_ASSIGN(kept, entropy.bytes(kDrawn));
      at = 0;
    }
    uint64_t out = 0;
    std::memcpy(&out, kept.data() + at, sizeof out);
    at += sizeof out;
    return out;
  };
}

template <class Reading>
Result<Budget> read_budget(Reading& reading, int64_t area_id, std::string_view dataset) {
  ZHILI_ASSIGN(
      const auto rows,
      reading.query("SELECT total, spent FROM open_budget WHERE area_id = $1 AND dataset = $2", {area_id, dataset}));
  if (rows.empty()) return Budget{Epsilon::of_units(kUsualBudget), {}};
  return Budget{Epsilon::of_units(rows[0].int64(0)), Epsilon::of_units(rows[0].int64(1))};
}

Status keep_budget(Transaction& tx, int64_t area_id, std::string_view dataset, const Budget& budget) {
  ZHILI_TRY(
      tx.execute("INSERT INTO open_budget (area_id, dataset, total, spent) VALUES ($1, $2, $3, $4) ON CONFLICT "
                 "(area_id, dataset) DO UPDATE SET total = $3, spent = $4",
                 {area_id, dataset, budget.total.units(), budget.spent.units()}));
  return {};
}

std::unexpected<Error> is_spent(const Budget& budget, std::string_view dataset, Epsilon wanted) {
  return fail(ErrorCode::kConstraint, {},
              "Publish without noise, with a smaller epsilon, or let the department raise the budget.",
              "the privacy budget of '{}' is {}, of which {} is spent: {} is too much", dataset, budget.total.text(),
              budget.spent.text(), wanted.text());
}

Status within_budget(const Budget& budget, std::string_view dataset, Epsilon wanted) {
  if (budget.spent.units() + wanted.units() <= budget.total.units()) return {};
  return is_spent(budget, dataset, wanted);
}

}  // namespace

std::vector<store::Migration> Publications::migrations() { return open_tables(); }

/// What is to be published, before it is.
struct Publications::Ready {
  Plan plan;
  catalog::Dataset dataset;
  Preparation::Prepared made;
  std::string digest;
  Difference difference;
  std::string job;
};

Publications::Publications(OpenGround ground, std::shared_ptr<const vault::Rules> rules)
    : ground_(ground), rules_(std::move(rules)) {}

void Publications::use(std::shared_ptr<const vault::Rules> rules) {
  const std::scoped_lock lock(mutex_);
  rules_ = std::move(rules);
}

std::shared_ptr<const vault::Rules> Publications::rules() const {
  const std::scoped_lock lock(mutex_);
  return rules_;
}

Status Publications::require(const identity::Actor& actor, std::string_view action,
                             const std::string& department) const {
  const auto by = rules();
  const auto decision = identity::decide(by->policy, by->areas, actor,
                                         {.action = action,
                                          .resource = kResource,
                                          .department = department,
                                          .area = {},
                                          .subject = {},
                                          .purpose = kPurpose,
                                          .grade = 1});
  if (decision.allowed) return {};
  return fail(ErrorCode::kConstraint, {}, identity::words_of(decision, identity::Language::kChinese), "{}: {}",
              identity::code_of(decision.reason), identity::words_of(decision, identity::Language::kEnglish));
}

Result<Publications::Ready> Publications::prepare(const identity::Actor& actor, const Plan& plan, bool noisy,
                                                  const Cancel& cancel) const {
  ZHILI_ASSIGN(const auto listed, ground_.registry.find(plan.dataset));
  ZHILI_TRY(require(actor, "publish", listed.dataset.provider));
  Ready out;
  out.dataset = listed.dataset;
  ZHILI_ASSIGN(out.plan, settled(plan, listed.dataset, ground_.catalog));
  if (out.plan.epsilon) {
    ZHILI_ASSIGN(const Budget left, budget(plan.dataset));
    ZHILI_TRY(within_budget(left, plan.dataset, *out.plan.epsilon));
  }
  const auto by = rules();
  const auto today = text::parse_date(time_text(ground_.store.now(), 0).substr(0, 10));
  const Ground ground{out.dataset, ground_.catalog, by->areas, today ? today->date : text::PartialDate{}};
  ZHILI_ASSIGN(auto preparation, Preparation::create(out.plan, ground));
  if (out.plan.epsilon && !noisy) {
    out.made.check.epsilon = out.plan.epsilon->text();
    return out;
  }
  ZHILI_ASSIGN(const auto surveyed,
               ground_.door.survey({.actor = actor,
                                    .dataset = plan.dataset,
                                    .fields = preparation.fields(),
                                    .purpose = std::string(kPurpose),
                                    .basis = out.plan.basis,
                                    .action = "publish",
                                    .resource = std::string(kResource)},
                                   cancel, [&](const auto& cells) { return preparation.add(cells); }));
  if (surveyed.refusal) {
    return fail(ErrorCode::kConstraint, {}, surveyed.refusal->zh, "{}: {}", surveyed.refusal->code,
                surveyed.refusal->en);
  }
  out.job = surveyed.job;
  Noise noise(bits_of(ground_.entropy));
  ZHILI_ASSIGN(out.made, std::move(preparation).finish(noise));
  return out;
}

Result<Check> Publications::check(const identity::Actor& actor, const Plan& plan, const Cancel& cancel) const {
  ZHILI_ASSIGN(const Ready ready, prepare(actor, plan, false, cancel));
  return ready.made.check;
}

Result<Publications::Outcome> Publications::publish(const identity::Actor& actor, const Plan& plan,
                                                    const Cancel& cancel) {
  ZHILI_ASSIGN(const auto before, newest(plan.id));
  if (before && before->plan.dataset != plan.dataset) {
    return fail(ErrorCode::kConflict, {}, "Give it an id of its own.", "'{}' is open data of the dataset '{}'", plan.id,
                before->plan.dataset);
  }
  ZHILI_ASSIGN(Ready ready, prepare(actor, plan, true, cancel));
  if (!ready.made.check.refused.empty()) return Outcome{std::move(ready.made.check), std::nullopt};
  ZHILI_ASSIGN(ready.digest, digest_of(ready.made.table));
  if (before && !before->withdrawn) {
    if (before->newest.digest == ready.digest && before->newest.columns == ready.made.table.columns()) {
      return fail(ErrorCode::kConflict, {}, "There is nothing to publish.", "version {} of '{}' has the same content",
                  before->newest.number, plan.id);
    }
    ZHILI_ASSIGN(const auto earlier, read(plan.id, before->newest));
    ready.difference = difference_of(*earlier, ready.made.table, ready.plan.key);
  }
  ZHILI_ASSIGN(auto version, land(actor, ready, before));
  return Outcome{std::move(ready.made.check), std::move(version)};
}

Result<Version> Publications::land(const identity::Actor& actor, const Ready& ready,
                                   const std::optional<Publication>& before) {
  const PublicTable& table = ready.made.table;
  const int64_t known = before ? before->newest.number : 0;
  ZHILI_ASSIGN(auto entry, ground_.log.draft(Action::kPublish, Ref::of_actor(actor.account)));
  Version version;
  version.number = known + 1;
  version.at = ground_.store.now();
  version.by = actor.account;
  version.entry = entry.id();
  version.digest = ready.digest;
  version.rows = static_cast<int64_t>(table.rows());
  version.columns = table.columns();
  version.check = to_json(ready.made.check, false);
  version.added = before && !before->withdrawn ? static_cast<int64_t>(ready.difference.added) : version.rows;
  version.removed = static_cast<int64_t>(ready.difference.removed);
  version.changed = static_cast<int64_t>(ready.difference.changed);
  entry.object(Ref::by_id(Kind::kDataset, vault::word_id(ready.plan.dataset)))
      .purpose(vault::word_of(kPurpose))
      .basis(vault::word_of(ready.plan.basis))
      .count(vault::word_of("rows"), table.rows())
      .count(vault::word_of("version"), static_cast<uint64_t>(version.number))
      .change(
          fmt::format("{}|{}|{}|{}|{}", ready.plan.id, version.number, version.digest, ready.job, to_json(ready.plan)));
  const auto write_file = [&](const std::filesystem::path& path) -> Result<int64_t> {
    ZHILI_TRY(write_table(path, table));
    return static_cast<int64_t>(table.rows());
  };
  const auto also = [&](Transaction& tx, const store::LakeBatch& batch) -> Status {
    version.bytes = batch.bytes;
    ZHILI_TRY(write(tx, ready, version, known));
    return ground_.log.add(tx, entry);
  };
  const auto landed =
      ground_.lake.land_as(lake_key(ground_.area_id, ready.plan.id, version.number), store::Lake::kExtensions[0],
                           parquet_columns(table.columns()), write_file, also);
  ZHILI_TRY(landed);
  return version;
}

Status Publications::charge(Transaction& tx, const Plan& plan, const Version& version) const {
  if (!plan.epsilon) return {};
  ZHILI_ASSIGN(Budget left, read_budget(tx, ground_.area_id, plan.dataset));
  ZHILI_TRY(within_budget(left, plan.dataset, *plan.epsilon));
  left.spent = Epsilon::of_units(left.spent.units() + plan.epsilon->units());
  ZHILI_TRY(keep_budget(tx, ground_.area_id, plan.dataset, left));
  ZHILI_TRY(
      tx.execute("INSERT INTO open_charge (area_id, dataset, entry_id, publication, version, epsilon) VALUES "
                 "($1, $2, $3, $4, $5, $6)",
                 {ground_.area_id, plan.dataset, version.entry, plan.id, version.number, plan.epsilon->units()}));
  return {};
}

Status Publications::write(Transaction& tx, const Ready& ready, const Version& version, int64_t known) const {
  const Plan& plan = ready.plan;
  ZHILI_ASSIGN(const auto rows, tx.query("SELECT version FROM open_publication WHERE area_id = $1 AND id = $2",
                                         {ground_.area_id, plan.id}));
  if ((rows.empty() ? 0 : rows[0].int64(0)) != known) {
    return fail(ErrorCode::kConflict, {}, "Look at it, and publish again.", "another version of '{}' came meanwhile",
                plan.id);
  }
  ZHILI_TRY(charge(tx, plan, version));
  ZHILI_TRY(tx.execute(
      "INSERT INTO open_version (area_id, publication, version, at, by_account, entry_id, job, digest, row_count, "
      "bytes, columns, checked, added, removed, changed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, "
      "$13, $14, $15)",
      {ground_.area_id, plan.id, version.number, version.at, version.by, version.entry, ready.job, version.digest,
       version.rows, version.bytes, columns_json(version.columns), version.check, version.added, version.removed,
       version.changed}));
  ZHILI_TRY(tx.execute(
      "INSERT INTO open_publication (area_id, id, dataset, provider, cycle, version, plan, created_at, changed_at, "
      "withdrawn, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, 0, '') ON CONFLICT (area_id, id) DO UPDATE SET "
      "provider = $4, cycle = $5, version = $6, plan = $7, changed_at = $8, withdrawn = 0, reason = ''",
      {ground_.area_id, plan.id, plan.dataset, ready.dataset.provider, catalog::name_of(ready.dataset.cycle),
       version.number, to_json(plan), version.at}));
  return tx.publish("opendata.published", boost::json::serialize(boost::json::object{{"id", plan.id},
                                                                                     {"dataset", plan.dataset},
                                                                                     {"version", version.number},
                                                                                     {"rows", version.rows},
                                                                                     {"digest", version.digest}}));
}

Status Publications::withdraw(const identity::Actor& actor, std::string_view id, const std::string& reason) {
  ZHILI_ASSIGN(const auto before, newest(id));
  if (!before || before->withdrawn) return unknown(id);
  ZHILI_TRY(require(actor, "decide", before->provider));
  if (reason.empty() || reason.size() > kReasonBytes) {
    return fail(ErrorCode::kInput, {}, "It is shown where the data were.", "a reason of 1 to {} bytes is needed",
                kReasonBytes);
  }
  ZHILI_ASSIGN(auto entry, ground_.log.draft(Action::kRevoke, Ref::of_actor(actor.account)));
  entry.object(Ref::by_id(Kind::kDataset, vault::word_id(before->plan.dataset)))
      .purpose(vault::word_of(kPurpose))
      .change(fmt::format("{}|{}|{}", id, before->newest.number, reason));
  const Status done = ground_.store.commit([&](Transaction& tx) -> Status {
    ZHILI_ASSIGN(const int64_t changed,
                 tx.execute("UPDATE open_publication SET withdrawn = 1, reason = $3, changed_at = $4 WHERE area_id = "
                            "$1 AND id = $2 AND withdrawn = 0",
                            {ground_.area_id, id, reason, ground_.store.now()}));
    if (changed == 0) return unknown(id);
    ZHILI_TRY(tx.publish("opendata.withdrawn", boost::json::serialize(boost::json::object{{"id", id}})));
    return ground_.log.add(tx, entry);
  });
  ZHILI_TRY(done);
  {
    const std::scoped_lock lock(mutex_);
    kept_.remove_if([&](const Kept& one) { return one.id == id; });
  }
  for (int64_t number = 1; number <= before->newest.number; ++number) {
    const Status removed = ground_.lake.remove(lake_key(ground_.area_id, id, number));
    // Versions before an earlier withdrawal are gone already.
    if (!removed && removed.error().code != ErrorCode::kNotFound) return fail(removed.error());
  }
  return {};
}

Result<std::optional<Publication>> Publications::newest(std::string_view id) const {
  ZHILI_ASSIGN(const auto rows, ground_.store.query(select_publications + " AND p.id = $2", {ground_.area_id, id}));
  if (rows.empty()) return std::optional<Publication>();
  ZHILI_ASSIGN(auto out, publication_of(rows[0]));
  return std::optional(std::move(out));
}

Result<std::vector<Publication>> Publications::list() const {
  ZHILI_ASSIGN(const auto rows,
               ground_.store.query(select_publications + " AND p.withdrawn = 0 ORDER BY p.id", {ground_.area_id}));
  std::vector<Publication> out;
  out.reserve(rows.size());
  for (const store::Row row : rows) {
    ZHILI_ASSIGN(auto one, publication_of(row));
    out.push_back(std::move(one));
  }
  return out;
}

Result<Publication> Publications::find(std::string_view id) const {
  ZHILI_ASSIGN(auto found, newest(id));
  if (!found || found->withdrawn) return unknown(id);
  return std::move(*found);
}

Result<std::vector<Version>> Publications::versions(std::string_view id) const {
  ZHILI_ASSIGN(const auto rows,
               ground_.store.query(fmt::format("SELECT {} FROM open_version WHERE area_id = $1 AND publication = $2 "
                                               "ORDER BY version DESC",
                                               kVersionColumns),
                                   {ground_.area_id, id}));
  if (rows.empty()) return unknown(id);
  std::vector<Version> out;
  out.reserve(rows.size());
  for (const store::Row row : rows) {
    ZHILI_ASSIGN(auto one, version_of(row));
    out.push_back(std::move(one));
  }
  return out;
}

Result<std::filesystem::path> Publications::parquet(std::string_view id, int64_t version) const {
  ZHILI_TRY(find(id));
  const auto batch = ground_.lake.find(lake_key(ground_.area_id, id, version));
  if (batch) return ground_.lake.path(*batch);
  if (batch.error().code != ErrorCode::kNotFound) return fail(batch.error());
  return fail(ErrorCode::kNotFound, {}, "Look at its versions.", "'{}' has no version {}", id, version);
}

Result<std::shared_ptr<const PublicTable>> Publications::read(std::string_view id, const Version& version) const {
  {
    const std::scoped_lock lock(mutex_);
    const auto found =
        std::ranges::find_if(kept_, [&](const Kept& one) { return one.id == id && one.version == version.number; });
    if (found != kept_.end()) {
      kept_.splice(kept_.begin(), kept_, found);
      return kept_.front().table;
    }
  }
  ZHILI_ASSIGN(const auto path, parquet(id, version.number));
  ZHILI_ASSIGN(const auto reader, table::Reader::open(path));
  auto made = std::make_shared<PublicTable>(version.columns);
  table::Batch batch;
  for (;;) {
    ZHILI_ASSIGN(const bool more, reader->next(batch));
    if (!more) break;
    for (size_t row = 0; row < batch.rows(); ++row) {
      std::vector<std::string> cells;
      cells.reserve(batch.columns());
      for (size_t i = 0; i < batch.columns(); ++i) {
        const bool number = version.columns[i].type == ColumnType::kNumber;
        cells.push_back(number ? shortest(batch.cell(i, row)) : std::string(batch.cell(i, row)));
      }
      made->add(std::move(cells));
    }
  }
  const std::scoped_lock lock(mutex_);
  kept_.push_front({std::string(id), version.number, made});
  size_t bytes = 0;
  size_t count = 0;
  // The one that is asked for stays, however large.
  std::erase_if(kept_, [&](const Kept& one) {
    bytes += one.table->bytes();
    ++count;
    return count > 1 && (count > kTablesKept || bytes > kTableBytes);
  });
  return std::shared_ptr<const PublicTable>(std::move(made));
}

Result<std::shared_ptr<const PublicTable>> Publications::table(std::string_view id, int64_t version) const {
  ZHILI_ASSIGN(const Publication found, find(id));
  if (found.newest.number == version) return read(id, found.newest);
  ZHILI_ASSIGN(const auto all, versions(id));
  const auto at = std::ranges::find(all, version, &Version::number);
  if (at != all.end()) return read(id, *at);
  return fail(ErrorCode::kNotFound, {}, "Look at its versions.", "'{}' has no version {}", id, version);
}

Result<Difference> Publications::difference(std::string_view id, int64_t from, int64_t to) const {
  ZHILI_ASSIGN(const Publication found, find(id));
  ZHILI_ASSIGN(const auto before, table(id, from));
  ZHILI_ASSIGN(const auto after, table(id, to));
  return difference_of(*before, *after, found.plan.key);
}

Result<Budget> Publications::budget(std::string_view dataset) const {
  return read_budget(ground_.store, ground_.area_id, dataset);
}

Result<Budget> Publications::set_budget(const identity::Actor& actor, const std::string& dataset, Epsilon total) {
  ZHILI_ASSIGN(const auto listed, ground_.registry.find(dataset));
  ZHILI_TRY(require(actor, "decide", listed.dataset.provider));
  if (total.units() > kMostBudget) {
    return fail(ErrorCode::kInput, {}, "", "a budget is at most {}", Epsilon::of_units(kMostBudget).text());
  }
  ZHILI_ASSIGN(auto entry, ground_.log.draft(Action::kConfigure, Ref::of_actor(actor.account)));
  entry.object(Ref::by_id(Kind::kDataset, vault::word_id(dataset)))
      .purpose(vault::word_of(kPurpose))
      .change(fmt::format("budget|{}|{}", dataset, total.text()));
  Budget out;
  const Status done = ground_.store.commit([&](Transaction& tx) -> Status {
    ZHILI_ASSIGN(out, read_budget(tx, ground_.area_id, dataset));
    if (total.units() < out.spent.units()) {
      return fail(ErrorCode::kInput, {}, "What was told can't be taken back.", "of the budget {} is spent already",
                  out.spent.text());
    }
    out.total = total;
    ZHILI_TRY(keep_budget(tx, ground_.area_id, dataset, out));
    return ground_.log.add(tx, entry);
  });
  ZHILI_TRY(done);
  return out;
}

}  // namespace zhili::opendata
