#include <algorithm>
#include <cstring>
#include <utility>

#include <sys/mman.h>
#include <unistd.h>

#include "base/output_dir.hpp"
#include "base/parallel.hpp"
#include "ingest/ingest.hpp"
#include "ingest/report.hpp"
#include "ingest/tables.hpp"
#include "ingest/trend.hpp"
#include "vault/file_keys.hpp"

namespace zhili::ingest {
namespace fs = std::filesystem;
namespace {

constexpr int64_t kDay = int64_t{24} * 3600 * 1'000'000;
constexpr size_t kWaiting = 1000;      // Uploads that one call lands.
constexpr double kShareChange = 0.02;  // Of a share, in hundredths, that may be sudden.
constexpr double kCountChange = 0.1;   // Of a count of rows, as a part of the median.

const store::Appendable& quality_rows() {
  static const store::Appendable table(
      "ingest_quality", {"area_id", "id", "field", "present", "missing", "mistaken", "different", "mean"});
  return table;
}

/// Whether trying again can't help: it is the batch that is wrong.
bool is_fault_of_batch(const Error& error) {
  switch (error.code) {
    case ErrorCode::kInput:
    case ErrorCode::kConfig:
    case ErrorCode::kLimit:
    case ErrorCode::kConflict:
    case ErrorCode::kNotFound:
      return true;
    default:
      return false;
  }
}

double part(uint64_t some, uint64_t all) { return all == 0 ? 0 : static_cast<double>(some) / static_cast<double>(all); }

std::string words_of(const RowSet& rows) {
  std::string out(rows.words().size() * sizeof(uint64_t), '\0');
  if (!out.empty()) std::memcpy(out.data(), rows.words().data(), out.size());
  return out;
}

}  // namespace

struct Ingest::Checked {
  catalog::Registry::Listed listed;
  Standard standard;
  TableFigures table;
  std::string sha256;
  Findings findings = {};
};

namespace {

/// What earlier batches of the same kind were like.
Result<std::vector<Series>> series_of(const vault::Vault& vault, const Upload& upload, const Standard& standard,
                                      const TableFigures& table) {
  const auto& figures = table.figures;
  ZHILI_ASSIGN(
      const auto batches,
      vault.store().query("SELECT id, row_count, mistaken FROM ingest_batch WHERE area_id = $1 AND dataset = $2 "
                          "AND kind = $3 AND state = 0 ORDER BY received_at DESC LIMIT $4",
                          {vault.area_id(), upload.request.dataset, static_cast<int64_t>(upload.request.kind),
                           static_cast<int64_t>(kTrendBatches)}));
  std::vector<Series> out;
  if (batches.size() < kTrendFewest) return out;
  const bool whole = upload.request.kind == BatchKind::kFull;
  Series rows{.field = "", .figure = "rows", .value = static_cast<double>(figures.rows), .before = {}};
  Series mistaken{.field = "",
                  .figure = "mistaken",
                  .value = part(figures.mistaken_rows, figures.rows),
                  .before = {},
                  .least_change = kShareChange};
  const size_t count = standard.fields().size();
  std::vector<Series> fields(3 * count);
  for (size_t f = 0; f < count; ++f) {
    const FieldFigures& field = figures.fields[f];
    const uint64_t present = field.values - field.missing;
    const std::string& id = standard.fields()[f].id;
    fields[3 * f] = {id, "missing", part(field.missing, field.values), {}, kShareChange};
    fields[3 * f + 1] = {id, "mistaken", part(field.mistaken(), present), {}, kShareChange};
    // The sketch errs by 3 %.
    fields[3 * f + 2] = {
        id, "different", part(std::min(field.different.count(), present), present), {}, 5 * kShareChange};
  }
  for (const store::Row batch : batches) {
    rows.before.push_back(batch.real(1));
    mistaken.before.push_back(part(static_cast<uint64_t>(batch.int64(2)), static_cast<uint64_t>(batch.int64(1))));
    ZHILI_ASSIGN(const auto kept, vault.store().query("SELECT field, present, missing, mistaken, different FROM "
                                                      "ingest_quality WHERE area_id = $1 AND id = $2",
                                                      {vault.area_id(), batch.text(0)}));
    for (const store::Row row : kept) {
      const auto found = std::ranges::find(standard.fields(), row.text(0), &FieldStandard::id);
      if (found == standard.fields().end()) continue;
      const auto at = static_cast<size_t>(found - standard.fields().begin());
      const auto number = [&](size_t column) { return static_cast<uint64_t>(row.int64(column)); };
      const uint64_t there = number(1) - number(2);
      fields[3 * at].before.push_back(part(number(2), number(1)));
      fields[3 * at + 1].before.push_back(part(number(3), there));
      fields[3 * at + 2].before.push_back(part(std::min(number(4), there), there));
    }
  }
  rows.least_change = kCountChange * rows.value;
  if (whole) out.push_back(std::move(rows));
  out.push_back(std::move(mistaken));
  for (Series& one : fields) out.push_back(std::move(one));
  return out;
}

}  // namespace

Result<Ingest::OpenTable> Ingest::open_table(const UploadRequest& request, SealedReader& sealed, uint64_t bytes) {
  auto options = read_options(request.format, request.encoding, request.delimiter);
  const std::string name = request.name.empty() ? request.batch : request.name;
  const bool parquet = request.format == table::Format::kParquet ||
                       (request.format == table::Format::kAuto && fs::path(name).extension() == ".parquet");
  OpenTable out;
  if (!parquet) {
    ZHILI_ASSIGN(out.reader,
                 table::Reader::open_source(
                     name, bytes, [&sealed](char* to, size_t size) { return sealed.read(to, size); }, options));
    return out;
  }
  // Parquet is read to and fro. Its bytes go to memory that is called a file, not to the disk.
  if (bytes > kParquetBytes) {
    return fail(ErrorCode::kLimit, {name, 0, 0}, "Send it in several batches, or as CSV or JSON lines.",
                "a Parquet file of {} bytes: at most {}", bytes, kParquetBytes);
  }
  const int fd = ::memfd_create("batch", MFD_CLOEXEC);
  if (fd < 0) return fail(ErrorCode::kIo, {}, "", "no memory for a Parquet file: {}", std::strerror(errno));
  out.memory = std::shared_ptr<void>(nullptr, [fd](void*) { ::close(fd); });
  std::vector<char> buffer(kFrameBytes);
  for (size_t got = 1; got != 0;) {
    ZHILI_ASSIGN(got, sealed.read(buffer.data(), buffer.size()));
    if (::write(fd, buffer.data(), got) != static_cast<ssize_t>(got)) {
      return fail(ErrorCode::kIo, {}, "", "no memory for a Parquet file");
    }
  }
  options.format = table::Format::kParquet;
  ZHILI_ASSIGN(out.reader, table::Reader::open(fmt::format("/proc/self/fd/{}", fd), options));
  return out;
}

Result<Ingest::Checked> Ingest::check(const Upload& upload, const Cancel* cancel) const {
  ZHILI_ASSIGN(auto listed, registry_.find(upload.request.dataset));
  ZHILI_ASSIGN(Standard standard, Standard::create(listed.dataset, vault_.catalog()));
  ZHILI_ASSIGN(auto key, vault::FileKeys(vault_).find(upload.request.dataset, upload.id));
  ZHILI_ASSIGN(SealedReader sealed, SealedReader::open(path_of(upload.id), std::move(key), 0, upload.received.frames));
  ZHILI_ASSIGN(const OpenTable opened, open_table(upload.request, sealed, upload.received.bytes));
  const unsigned threads = options_.threads == 0 ? usable_cores() : options_.threads;
  ZHILI_ASSIGN(TableFigures table,
               check_table(*opened.reader, standard,
                           {.name = upload.request.name.empty() ? upload.request.batch : upload.request.name,
                            .kind = upload.request.kind,
                            .threads = threads,
                            .today = static_cast<int32_t>(vault_.store().now() / kDay),
                            .cancel = cancel}));
  // What a reader leaves behind the last row counts too.
  std::vector<char> rest(kFrameBytes);
  for (size_t got = 1; got != 0;) {
    ZHILI_ASSIGN(got, sealed.read(rest.data(), rest.size()));
  }
  Checked out{.listed = std::move(listed),
              .standard = std::move(standard),
              .table = std::move(table),
              .sha256 = sealed.sha256()};
  if (!upload.request.sha256.empty() && upload.request.sha256 != out.sha256) {
    return fail(ErrorCode::kInput, {}, "Send it again.", "what came is not what was declared: its SHA-256 differs");
  }
  return out;
}

Status Ingest::judge(const Upload& upload, Checked& checked) const {
  const std::string& dataset = upload.request.dataset;
  Findings& findings = checked.findings;
  const Figures& figures = checked.table.figures;
  ZHILI_ASSIGN(const auto last,
               vault_.store().query("SELECT received_at, row_count - rejected FROM ingest_batch WHERE area_id = $1 AND "
                                    "dataset = $2 AND kind = $3 AND state = 0 ORDER BY received_at DESC LIMIT 1",
                                    {vault_.area_id(), dataset, static_cast<int64_t>(upload.request.kind)}));
  const auto before = last.empty() ? std::optional<int64_t>() : std::optional<int64_t>(last[0].int64(0));
  findings.timeliness = timeliness_of(checked.listed.dataset.cycle, before, upload.touched_at);
  if (options_.neighbours.consistency) {
    ZHILI_ASSIGN(findings.consistency, options_.neighbours.consistency(dataset, figures.sample));
  }
  if (options_.neighbours.held && upload.request.kind == BatchKind::kChanges) {
    ZHILI_ASSIGN(const auto held, options_.neighbours.held(dataset, figures.sample));
    HeldKeys keys{.looked_at = held.size()};
    for (size_t i = 0; i < std::min(held.size(), figures.sample.size()); ++i) {
      const bool insert = figures.sample[i].change == Change::kInsert;
      if (insert && held[i]) ++keys.inserted_twice;
      if (!insert && !held[i]) ++keys.changed_in_vain;
    }
    findings.held_keys = keys;
  }
  ZHILI_ASSIGN(const auto series, series_of(vault_, upload, checked.standard, checked.table));
  findings.alarms = sudden_changes(series);

  const catalog::HoldBack& hold = checked.listed.dataset.hold_back;
  if (hold.mistaken_rows && part(figures.mistaken_rows, figures.rows) > *hold.mistaken_rows) {
    findings.held_because.emplace_back("mistaken_rows");
  }
  if (hold.fewer_rows && upload.request.kind == BatchKind::kFull && !last.empty()) {
    const double earlier = last[0].real(1);
    const auto now = static_cast<double>(figures.rows - figures.rejected_rows);
    if (now < earlier * (1 - *hold.fewer_rows)) findings.held_because.emplace_back("fewer_rows");
  }
  if (hold.on_alarm && !findings.alarms.empty()) findings.held_because.emplace_back("alarm");
  return {};
}

Status Ingest::keep(store::Transaction& tx, const Upload& upload, const Batch& batch, const Checked& checked,
                    const Extent& rejects) const {
  const int64_t area = vault_.area_id();
  ZHILI_ASSIGN(const int64_t removed,
               tx.execute("DELETE FROM ingest_upload WHERE area_id = $1 AND id = $2 AND state = $3",
                          {area, upload.id, static_cast<int64_t>(UploadState::kClosed)}));
  if (removed != 1) {
    return fail(ErrorCode::kBusy, {}, "Look whether it has landed.", "another server has taken this upload");
  }
  ZHILI_ASSIGN(const auto path,
               tx.query("SELECT path FROM lake_batch WHERE area_id = $1 AND dataset = $2 AND batch = $3",
                        {area, batch.dataset, batch.id}));
  const auto number = [](uint64_t value) { return store::Value(static_cast<int64_t>(value)); };
  ZHILI_TRY(tx.execute(
      "INSERT INTO ingest_batch (area_id, id, dataset, batch, kind, state, name, format, encoding, delimiter, sha256, "
      "bytes, stored, frames, reject_frames, path, row_count, rejected, mistaken, unreadable, version, sender, "
      "received_at, decided_by, decided_at, reason, report) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, "
      "$13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, '', 0, '', $24)",
      {area,
       batch.id,
       batch.dataset,
       batch.name,
       static_cast<int64_t>(batch.kind),
       static_cast<int64_t>(batch.state),
       upload.request.name,
       static_cast<int64_t>(upload.request.format),
       static_cast<int64_t>(upload.request.encoding),
       static_cast<int64_t>(upload.request.delimiter),
       batch.sha256,
       number(batch.bytes),
       number(upload.received.stored),
       number(upload.received.frames),
       number(rejects.frames - upload.received.frames),
       path[0].text(0),
       number(batch.rows),
       number(batch.rejected),
       number(batch.mistaken),
       number(batch.unreadable),
       batch.version,
       batch.sender,
       batch.received_at,
       batch.report}));
  for (size_t f = 0; f < checked.standard.fields().size(); ++f) {
    const FieldFigures& field = checked.table.figures.fields[f];
    std::optional<double> mean;
    if (field.numbers != 0) mean = field.sum / static_cast<double>(field.numbers);
    ZHILI_TRY(tx.append(quality_rows(),
                        {area, batch.id, checked.standard.fields()[f].id, number(field.values), number(field.missing),
                         number(field.mistaken()), number(field.different.count()), mean}));
  }
  return batch.state == BatchState::kLanded ? tx.publish("ingest.landed", landed_event(batch)) : Status{};
}

Result<Batch> Ingest::put_in_lake(const Upload& upload, SealedFile& file, Checked& checked) const {
  const Figures& figures = checked.table.figures;
  Batch batch{.id = upload.id,
              .dataset = upload.request.dataset,
              .name = upload.request.batch,
              .kind = upload.request.kind,
              .state = checked.findings.held_because.empty() ? BatchState::kLanded : BatchState::kHeld,
              .sha256 = checked.sha256,
              .bytes = upload.received.bytes,
              .rows = figures.rows,
              .rejected = figures.rejected_rows,
              .mistaken = figures.mistaken_rows,
              .unreadable = checked.table.unreadable,
              .version = checked.listed.version,
              .sender = upload.request.sender,
              .received_at = upload.touched_at,
              .decided_by = {},
              .decided_at = 0,
              .reason = {},
              .report = report_of(checked.standard, checked.table, checked.findings)};
  Extent extent = upload.received;
  if (figures.rejected_rows != 0) {
    ZHILI_TRY(file.append(extent, words_of(checked.table.rejected)));
    ZHILI_TRY(file.sync());
  }
  ZHILI_ASSIGN(auto entry, vault_.log().draft(audit::Action::kCreate, audit::Ref::of_actor(batch.sender)));
  ZHILI_ASSIGN(const auto rows_word, audit::Word::create("rows"));
  entry.object(ref_of_dataset(batch.dataset)).count(rows_word, batch.rows).change(batch.sha256);
  std::vector<table::ParquetColumn> columns;
  for (const FieldStandard& field : checked.standard.fields()) columns.push_back({field.id, table::ParquetType::kText});
  // The sender's file gets a second name in the lake; the first goes once the batch counts.
  const auto link = [&](const fs::path& path) -> Result<int64_t> {
    std::error_code ec;
    fs::create_hard_link(path_of(upload.id), path, ec);
    if (ec) fs::copy_file(path_of(upload.id), path, ec);
    if (!ec) return static_cast<int64_t>(batch.rows);
    return fail(ErrorCode::kIo, {path.string(), 0, 0}, "Check the disk.", "cannot land the file: {}", ec.message());
  };
  const auto landed = lake_.land_as({vault_.area_id(), batch.dataset, batch.id}, ".sealed", columns, link,
                                    [&](store::Transaction& tx, const store::LakeBatch&) -> Status {
                                      ZHILI_TRY(keep(tx, upload, batch, checked, extent));
                                      return vault_.log().add(tx, entry);
                                    });
  if (!landed) return fail(landed.error());
  std::error_code ec;
  fs::remove(path_of(upload.id), ec);
  return batch;
}

Status Ingest::note_failure(const Upload& upload, const Error& error) const {
  std::string message =
      error.place.line == 0 ? error.message : fmt::format("line {}: {}", error.place.line, error.message);
  for (const Error& other : error.others) message += "\n" + other.message;
  const vault::FileKeys keys(vault_);
  const Status noted = vault_.store().commit([&](store::Transaction& tx) -> Status {
    ZHILI_TRY(
        tx.execute("UPDATE ingest_upload SET state = $3, error = $4, hint = $5, touched_at = $6 WHERE area_id = $1 "
                   "AND id = $2",
                   {vault_.area_id(), upload.id, static_cast<int64_t>(UploadState::kFailed), message, error.hint,
                    vault_.store().now()}));
    return keys.forget(tx, upload.request.dataset, upload.id);
  });
  ZHILI_TRY(noted);
  std::error_code ec;
  fs::remove(path_of(upload.id), ec);
  return {};
}

Result<Batch> Ingest::land(const std::string& id, const Cancel* cancel) const {
  if (auto batch = find_batch(id); batch) return batch;
  ZHILI_ASSIGN(const Upload known, find_upload(id));
  if (known.state == UploadState::kFailed) return fail(ErrorCode::kInput, {}, known.hint, "{}", known.error);
  if (known.state == UploadState::kOpen) {
    return fail(ErrorCode::kConflict, {}, "Send the rest, and close it.", "the upload is not whole yet");
  }
  const auto failed = [&](Error error) -> Result<Batch> {
    if (is_fault_of_batch(error)) ZHILI_TRY(note_failure(known, error));
    return fail(std::move(error));
  };
  auto key = vault::FileKeys(vault_).find(known.request.dataset, id);
  if (!key) return failed(std::move(key).error());
  ZHILI_ASSIGN(auto file, SealedFile::open(path_of(id), std::move(*key)));
  // Who held the file before may have landed it.
  if (auto batch = find_batch(id); batch) return batch;
  auto checked = check(known, cancel);
  if (!checked) return failed(std::move(checked).error());
  if (auto earlier = find_batch(known.request.dataset, known.request.batch); earlier) {
    if (earlier->sha256 == checked->sha256) {
      ZHILI_TRY(discard(known));
      return earlier;
    }
    auto clash = fail(ErrorCode::kConflict, {}, "Give the new content a name of its own.",
                      "batch {} of {} came before with other content", known.request.batch, known.request.dataset);
    return failed(std::move(clash).error());
  }
  ZHILI_TRY(judge(known, *checked));
  return put_in_lake(known, file, *checked);
}

Result<size_t> Ingest::land_waiting(const Cancel* cancel) const {
  ZHILI_ASSIGN(const auto rows,
               vault_.store().query(
                   "SELECT id FROM ingest_upload WHERE area_id = $1 AND state = $2 ORDER BY touched_at, id "
                   "LIMIT $3",
                   {vault_.area_id(), static_cast<int64_t>(UploadState::kClosed), static_cast<int64_t>(kWaiting)}));
  for (const store::Row row : rows) {
    if (cancel != nullptr && cancel->requested()) break;
    // What is wrong with it is kept with it; what is not its fault is tried again.
    (void)land(std::string(row.text(0)), cancel);
  }
  return rows.size();
}

}  // namespace zhili::ingest
