#include "store/lake.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <set>

#include <boost/json.hpp>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/hash.hpp"
#include "base/output_dir.hpp"
#include "store/digest.hpp"
#include "table/duckdb_session.hpp"

namespace zhili::store {
namespace fs = std::filesystem;
namespace {

constexpr std::array<std::string_view, 4> kTypeNames = {"text", "int64", "double", "bool"};
constexpr std::string_view kSelect =
    "SELECT area_id, dataset, batch, path, sha256, bytes, row_count, columns, received_at FROM lake_batch ";
constexpr size_t kNameBytes = 100;
constexpr const char* kStaged = ".staged-";

std::unexpected<Error> io_error(const fs::path& path, std::string_view what, int error) {
  const auto code = error == ENOSPC ? ErrorCode::kDiskFull : ErrorCode::kIo;
  return fail(code, {path.string(), 0, 0},
              error == ENOSPC ? "Free some space on this disk." : "Check the disk and the directory's permissions.",
              "{}: {}", what, std::strerror(error));
}

/// Those who land share it; who sweeps holds it alone.
class LandingLock {
 public:
  LandingLock(const fs::path& dir, int operation) : fd_(::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (fd_ >= 0) held_ = ::flock(fd_, operation) == 0;
  }
  ~LandingLock() {
    if (fd_ >= 0) ::close(fd_);
  }
  LandingLock(const LandingLock&) = delete;
  LandingLock& operator=(const LandingLock&) = delete;
  bool held() const { return held_; }

 private:
  int fd_;
  bool held_ = false;
};

Status check_name(std::string_view name, std::string_view what) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  const bool good = !name.empty() && name.size() <= kNameBytes && plain(name[0]) &&
                    std::ranges::all_of(name, [&](char c) { return plain(c) || c == '_' || c == '-' || c == '.'; });
  if (good) return {};
  return fail(ErrorCode::kUsage, {},
              "Use small Latin letters, digits, '_', '-' and '.', a letter or digit first, 100 at most.",
              "the {} \"{}\" will not do as a name", what, name);
}

std::string date_of(int64_t micros) {
  const std::chrono::sys_time<std::chrono::microseconds> time{std::chrono::microseconds(micros)};
  const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(time)};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                     static_cast<unsigned>(day.day()));
}

/// Differs for each attempt on any machine, so that one that fails may remove its own file whatever another does.
std::string unique_word(int64_t now, std::string_view sha256) {
  static std::atomic<unsigned> serial{0};
  const auto text = fmt::format("{} {} {} {}", now, ::getpid(), serial.fetch_add(1), sha256);
  return fmt::format("{:016x}", hash_bytes(text));
}

Result<LakeBatch> batch_of(const Row& row) {
  LakeBatch batch{.key = {row.int64(0), std::string(row.text(1)), std::string(row.text(2))},
                  .path = std::string(row.text(3)),
                  .sha256 = std::string(row.text(4)),
                  .bytes = row.int64(5),
                  .rows = row.int64(6),
                  .columns = {},
                  .received_at = row.int64(8)};
  ZHILI_ASSIGN(batch.columns, columns_of_text(row.text(7)));
  return batch;
}

}  // namespace

std::string columns_text(const std::vector<table::ParquetColumn>& columns) {
  boost::json::array out;
  for (const auto& column : columns) {
    out.push_back(boost::json::array{column.name, kTypeNames[static_cast<size_t>(column.type)]});
  }
  return boost::json::serialize(out);
}

Result<std::vector<table::ParquetColumn>> columns_of_text(std::string_view text) {
  const auto wrong = [&] { return fail(ErrorCode::kInput, {}, "", "a list of columns is damaged"); };
  boost::system::error_code failed;
  const auto parsed = boost::json::parse(text, failed);
  if (failed || !parsed.is_array()) return wrong();
  std::vector<table::ParquetColumn> columns;
  for (const auto& pair : parsed.get_array()) {
    if (!pair.is_array() || pair.get_array().size() != 2) return wrong();
    const auto& name = pair.get_array()[0];
    const auto& type = pair.get_array()[1];
    if (!name.is_string() || !type.is_string()) return wrong();
    const auto* found = std::ranges::find(kTypeNames, std::string_view(type.get_string()));
    if (found == kTypeNames.end()) return wrong();
    columns.push_back({std::string(name.get_string()), static_cast<table::ParquetType>(found - kTypeNames.begin())});
  }
  return columns;
}

Result<Lake> Lake::open(Store& store, const fs::path& dir) {
  std::error_code ec;
  fs::create_directories(dir, ec);
  if (ec) return io_error(dir, "cannot create directory", ec.value());
  auto absolute = fs::canonical(dir, ec);
  if (ec) return io_error(dir, "cannot resolve this path", ec.value());
  Lake lake(store, std::move(absolute));
  ZHILI_TRY(lake.sweep());
  return lake;
}

/// Removes files that no row names: what a crash left between a file's landing and its commit.
Status Lake::sweep() {
  const LandingLock lock(dir_, LOCK_EX | LOCK_NB);
  if (!lock.held()) return {};
  std::vector<fs::path> strays;
  std::error_code ec;
  for (fs::recursive_directory_iterator it(dir_, ec), end; !ec && it != end; it.increment(ec)) {
    const auto name = it->path().filename().string();
    // A staged file's own temporary one has a dot more.
    const bool staged = name.starts_with(kStaged) || name.starts_with(std::string(".") + kStaged);
    const bool landed = std::ranges::any_of(kExtensions, [&](std::string_view one) { return name.ends_with(one); });
    if (it->is_regular_file(ec) && (staged || landed)) strays.push_back(it->path());
  }
  if (ec) return io_error(dir_, "cannot list", ec.value());
  if (strays.empty()) return {};
  std::set<std::string> known;
  ZHILI_ASSIGN(auto snapshot, store_->read());
  ZHILI_TRY(snapshot.each("SELECT path FROM lake_batch", {}, [&](const Row& row) -> Status {
    known.emplace(row.text(0));
    return {};
  }));
  for (const auto& stray : strays) {
    if (!known.contains(stray.lexically_relative(dir_).string())) fs::remove(stray, ec);
  }
  return {};
}

Result<LakeBatch> Lake::land(const BatchKey& key, const std::vector<table::ParquetColumn>& columns,
                             const std::function<Result<size_t>(table::ChunkWriter&)>& fill) {
  return land_file(key, columns, [&](const fs::path& path) -> Result<int64_t> {
    int64_t rows = 0;
    ZHILI_TRY(table::write_parquet(path, columns, [&](table::ChunkWriter& chunk) -> Result<size_t> {
      auto filled = fill(chunk);
      if (filled) rows += static_cast<int64_t>(*filled);
      return filled;
    }));
    return rows;
  });
}

Result<LakeBatch> Lake::land_file(const BatchKey& key, const std::vector<table::ParquetColumn>& columns,
                                  const std::function<Result<int64_t>(const fs::path&)>& write) {
  return land_as(key, kExtensions[0], columns, write, {});
}

Result<LakeBatch> Lake::land_as(const BatchKey& key, std::string_view extension,
                                const std::vector<table::ParquetColumn>& columns,
                                const std::function<Result<int64_t>(const fs::path&)>& write, const Also& also) {
  ZHILI_TRY(check_name(key.dataset, "dataset"));
  ZHILI_TRY(check_name(key.batch, "batch"));
  if (const auto there = find(key)) {
    return fail(ErrorCode::kConflict, {}, "Give each batch a name of its own.", "batch {} of {} is in the lake already",
                key.batch, key.dataset);
  } else if (there.error().code != ErrorCode::kNotFound) {
    return fail(there.error());
  }
  const LandingLock lock(dir_, LOCK_SH);
  LakeBatch batch;
  batch.key = key;
  batch.columns = columns;
  batch.received_at = store_->now();
  const fs::path folder = fs::path("dataset=" + key.dataset) / ("date=" + date_of(batch.received_at));
  std::error_code ec;
  fs::create_directories(dir_ / folder, ec);
  if (ec) return io_error(dir_ / folder, "cannot create directory", ec.value());
  const auto word = unique_word(batch.received_at, "");
  const auto staged = dir_ / folder / fmt::format("{}{}{}", kStaged, word, extension);
  const auto written = [&]() -> Status {
    ZHILI_ASSIGN(batch.rows, write(staged));
    ZHILI_TRY(sync_path(staged));
    ZHILI_ASSIGN(const auto digest, digest_file(staged));
    batch.sha256 = digest.sha256;
    batch.bytes = static_cast<int64_t>(digest.bytes);
    batch.path = (folder / fmt::format("{}-{}-{}{}", key.area_id, key.batch, word, extension)).string();
    return put(batch, staged, also);
  }();
  if (written) return batch;
  fs::remove(staged, ec);
  return fail(written.error());
}

/// Renames the file into place and commits its row.
Status Lake::put(const LakeBatch& batch, const fs::path& staged, const Also& also) {
  const auto final_path = path(batch);
  std::error_code ec;
  fs::rename(staged, final_path, ec);
  if (ec) return io_error(final_path, "cannot put the file in place", ec.value());
  // The folders above may be new too.
  ZHILI_TRY(sync_path(final_path.parent_path()));
  ZHILI_TRY(sync_path(final_path.parent_path().parent_path()));
  ZHILI_TRY(sync_path(dir_));
  auto committed = store_->commit([&](Transaction& tx) -> Status {
    ZHILI_TRY(
        tx.execute("INSERT INTO lake_batch (area_id, dataset, batch, path, sha256, bytes, row_count, columns, "
                   "received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                   {batch.key.area_id, batch.key.dataset, batch.key.batch, batch.path, batch.sha256, batch.bytes,
                    batch.rows, columns_text(batch.columns), batch.received_at}));
    return also ? also(tx, batch) : Status{};
  });
  // Where the row may have been committed the file stays; the next start knows.
  if (!committed && committed.error().code != ErrorCode::kOutcomeUnknown) fs::remove(final_path, ec);
  return committed;
}

Result<LakeBatch> Lake::find(const BatchKey& key) const {
  ZHILI_ASSIGN(const Rows rows,
               store_->query(std::string(kSelect) + "WHERE area_id = $1 AND dataset = $2 AND batch = $3",
                             {key.area_id, key.dataset, key.batch}));
  if (rows.empty()) {
    return fail(ErrorCode::kNotFound, {}, "", "batch {} of {} is not in the lake", key.batch, key.dataset);
  }
  return batch_of(rows[0]);
}

Result<std::vector<LakeBatch>> Lake::batches(int64_t area_id, std::string_view dataset) const {
  ZHILI_ASSIGN(const Rows rows,
               store_->query(std::string(kSelect) + "WHERE area_id = $1 AND dataset = $2 ORDER BY received_at, batch",
                             {area_id, dataset}));
  std::vector<LakeBatch> out;
  for (const Row row : rows) {
    ZHILI_ASSIGN(auto batch, batch_of(row));
    out.push_back(std::move(batch));
  }
  return out;
}

std::string Lake::duckdb_source(const std::vector<LakeBatch>& batches) const {
  std::string list;
  for (const auto& batch : batches) list += (list.empty() ? "" : ", ") + table::sql_text(path(batch).string());
  return fmt::format("read_parquet([{}], union_by_name = true)", list);
}

Status Lake::verify(const LakeBatch& batch) const {
  ZHILI_ASSIGN(const auto digest, digest_file(path(batch)));
  if (digest.sha256 == batch.sha256) return {};
  return fail(ErrorCode::kInput, {path(batch).string(), 0, 0},
              "Restore it from the last backup, or let it be sent again.",
              "the file is not what was received: its SHA-256 differs");
}

Status Lake::remove(const BatchKey& key, const std::function<Status(Transaction&)>& also) {
  ZHILI_ASSIGN(const auto batch, find(key));
  ZHILI_TRY(store_->commit([&](Transaction& tx) -> Status {
    ZHILI_ASSIGN(const int64_t removed,
                 tx.execute("DELETE FROM lake_batch WHERE area_id = $1 AND dataset = $2 AND batch = $3 AND path = $4",
                            {key.area_id, key.dataset, key.batch, batch.path}));
    if (removed == 1) return also ? also(tx) : Status{};
    return fail(ErrorCode::kNotFound, {}, "", "batch {} of {} is not in the lake", key.batch, key.dataset);
  }));
  std::error_code ec;
  fs::remove(path(batch), ec);
  return {};
}

}  // namespace zhili::store
