#include "store/backup.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <ranges>

#include "base/output_dir.hpp"
#include "store/backup_format.hpp"
#include "store/connection.hpp"
#include "store/digest.hpp"

namespace zhili::store {
namespace fs = std::filesystem;
namespace {

// A large table takes its time; Ctrl-C ends it.
constexpr std::chrono::hours kTableTime{48};
constexpr uint64_t kManifestBytes = uint64_t{256} << 20;
constexpr size_t kPiece = size_t{1} << 20;
constexpr uint64_t kRowsPerLook = 256;

std::unexpected<Error> io_error(const fs::path& path, std::string_view what, int error) {
  return fail(error == ENOSPC ? ErrorCode::kDiskFull : ErrorCode::kIo, {path.string(), 0, 0},
              error == ENOSPC ? "Free some space on this disk." : "Check the disk and the permissions.", "{}: {}", what,
              std::strerror(error));
}

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

Result<File> open_file(const fs::path& path, const char* mode) {
  File file(std::fopen(path.c_str(), mode));
  if (file == nullptr) return io_error(path, "cannot open", errno);
  return file;
}

/// Copies a file and tells its digest, read on the way.
Result<FileDigest> copy_file(const fs::path& from, const fs::path& to, const Cancel& cancel) {
  ZHILI_ASSIGN(const File in, open_file(from, "rbe"));
  ZHILI_ASSIGN(File out, open_file(to, "wbe"));
  Sha256 digest;
  FileDigest copied;
  std::vector<char> piece(kPiece);
  while (const size_t got = std::fread(piece.data(), 1, piece.size(), in.get())) {
    ZHILI_TRY(cancel.check());
    if (std::fwrite(piece.data(), 1, got, out.get()) != got) return io_error(to, "cannot write", errno);
    digest.add({piece.data(), got});
    copied.bytes += got;
  }
  if (std::ferror(in.get()) != 0) return io_error(from, "cannot read", errno);
  if (std::fclose(out.release()) != 0) return io_error(to, "cannot write", errno);
  copied.sha256 = digest.hex();
  return copied;
}

/// A table's rows on their way into a file.
class TableWriter final : public RowSink {
 public:
  TableWriter(fs::path path, File file, const Cancel& cancel, Progress& progress)
      : path_(std::move(path)), file_(std::move(file)), cancel_(cancel), progress_(progress) {}

  void columns(std::vector<std::string>) override {}
  Status row(std::span<const Cell> cells) override {
    append_row_line(piece_, Row(cells));
    if (++rows_ % kRowsPerLook == 0) {
      progress_.add(kRowsPerLook);
      ZHILI_TRY(cancel_.check());
    }
    return piece_.size() < kPiece ? Status{} : flush();
  }
  Status finish(BackupTable& table) {
    ZHILI_TRY(flush());
    progress_.add(rows_ % kRowsPerLook);
    if (std::fclose(file_.release()) != 0) return io_error(path_, "cannot write", errno);
    table.rows = static_cast<int64_t>(rows_);
    table.bytes = static_cast<int64_t>(bytes_);
    table.sha256 = digest_.hex();
    return {};
  }

 private:
  Status flush() {
    if (std::fwrite(piece_.data(), 1, piece_.size(), file_.get()) != piece_.size()) {
      return io_error(path_, "cannot write", errno);
    }
    digest_.add(piece_);
    bytes_ += piece_.size();
    piece_.clear();
    return {};
  }

  fs::path path_;
  File file_;
  const Cancel& cancel_;
  Progress& progress_;
  Sha256 digest_;
  std::string piece_;
  uint64_t rows_ = 0;
  uint64_t bytes_ = 0;
};

std::string joined(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, ", ")); }

std::vector<std::string> names_of(const std::vector<ColumnInfo>& columns) {
  std::vector<std::string> names;
  names.reserve(columns.size());
  for (const auto& column : columns) names.push_back(column.name);
  return names;
}

Status save_tables(Connection& connection, const fs::path& out, BackupManifest& manifest, const Cancel& cancel,
                   Progress::Mode mode) {
  ZHILI_ASSIGN(const auto tables, connection.tables());
  Progress progress("saving tables", 0, "rows", mode);
  const Bounds bounds{kTableTime, UINT64_MAX, SIZE_MAX, &cancel};
  for (const auto& info : tables) {
    // The migrations stand in the manifest.
    if (info.name == "schema_migration" || info.primary_key.empty()) continue;
    BackupTable table{.name = info.name, .columns = info.columns, .rows = 0, .bytes = 0, .sha256 = {}};
    const auto path = out / table.file();
    ZHILI_ASSIGN(File file, open_file(path, "wbe"));
    TableWriter writer(path, std::move(file), cancel, progress);
    const auto sql = fmt::format("SELECT {} FROM {} ORDER BY {}", joined(names_of(info.columns)), info.name,
                                 joined(info.primary_key));
    ZHILI_TRY(connection.run(sql, {}, bounds, &writer));
    ZHILI_TRY(writer.finish(table));
    manifest.tables.push_back(std::move(table));
  }
  return {};
}

Status save_lake(Connection& connection, const fs::path& out, const BackupOptions& options, BackupManifest& manifest,
                 const Cancel& cancel) {
  if (std::ranges::find(manifest.tables, "lake_batch", &BackupTable::name) == manifest.tables.end()) return {};
  const Bounds bounds{kTableTime, UINT64_MAX, SIZE_MAX, &cancel};
  RowCollector found(bounds);
  ZHILI_TRY(connection.run("SELECT path, sha256 FROM lake_batch ORDER BY path", {}, bounds, &found));
  const Rows batches = found.take();
  if (batches.empty()) return {};
  if (!options.lake.has_value()) {
    return fail(ErrorCode::kUsage, {}, "Name its directory with --lake.", "the store has {} batches in a lake",
                batches.size());
  }
  Progress progress("saving the lake", batches.size(), "files", options.progress);
  for (const Row row : batches) {
    BackupFile file{.path = std::string(row.text(0)), .bytes = 0, .sha256 = std::string(row.text(1))};
    const auto to = out / "lake" / file.path;
    std::error_code ec;
    fs::create_directories(to.parent_path(), ec);
    ZHILI_ASSIGN(const auto copied, copy_file(*options.lake / file.path, to, cancel));
    if (copied.sha256 != file.sha256) {
      return fail(ErrorCode::kInput, {(*options.lake / file.path).string(), 0, 0},
                  "Restore it from an older backup, or let the batch be sent again.",
                  "the file is not what was received: its SHA-256 differs");
    }
    file.bytes = static_cast<int64_t>(copied.bytes);
    manifest.lake.push_back(std::move(file));
    progress.add(1);
  }
  return {};
}

BackupSummary summary_of(const BackupManifest& manifest) {
  BackupSummary summary;
  for (const auto& table : manifest.tables) {
    ++summary.tables;
    summary.rows += static_cast<uint64_t>(table.rows);
    summary.bytes += static_cast<uint64_t>(table.bytes);
  }
  for (const auto& file : manifest.lake) {
    ++summary.lake_files;
    summary.bytes += static_cast<uint64_t>(file.bytes);
  }
  return summary;
}

Status check_digest(const fs::path& path, int64_t bytes, const std::string& sha256) {
  ZHILI_ASSIGN(const auto digest, digest_file(path));
  if (digest.sha256 == sha256 && digest.bytes == static_cast<uint64_t>(bytes)) return {};
  return fail(ErrorCode::kInput, {path.string(), 0, 0}, "Take another backup; nothing was restored.",
              "the file is not what was saved: its SHA-256 differs");
}

/// Looks at every byte before anything is written.
Status check_files(const fs::path& from, const BackupManifest& manifest, const BackupOptions& options,
                   const Cancel& cancel) {
  Progress progress("checking the backup", manifest.tables.size() + manifest.lake.size(), "files", options.progress);
  for (const auto& table : manifest.tables) {
    ZHILI_TRY(cancel.check());
    ZHILI_TRY(check_digest(from / table.file(), table.bytes, table.sha256));
    progress.add(1);
  }
  for (const auto& file : manifest.lake) {
    ZHILI_TRY(cancel.check());
    ZHILI_TRY(check_digest(from / "lake" / file.path, file.bytes, file.sha256));
    progress.add(1);
  }
  return {};
}

/// Those of the program's migrations that the backup has seen, no more and no less.
Result<std::vector<Migration>> migrations_of(const BackupManifest& manifest, const std::vector<Migration>& known) {
  std::vector<Migration> chosen;
  std::vector<AppliedMigration> left = manifest.migrations;
  for (const auto& migration : known) {
    const AppliedMigration same{std::string(migration.room), migration.number, sha256_hex(migration.sql)};
    const auto found = std::ranges::find(left, same);
    if (found == left.end()) continue;
    left.erase(found);
    chosen.push_back(migration);
  }
  if (left.empty()) return chosen;
  return fail(ErrorCode::kConfig, {}, "Restore with the program that made the backup, or a newer one.",
              "the backup holds migration {} of room {}, which this program does not have", left.front().number,
              left.front().room);
}

/// The lines of a table's file as rows.
class TableReader {
 public:
  TableReader(const fs::path& path, const BackupTable& table, const Cancel& cancel, Progress& progress)
      : in_(path, std::ios::binary), lines_(table.columns), cancel_(cancel), progress_(progress) {}

  Result<const std::vector<Value>*> next() {
    if (rows_ % kRowsPerLook == 0) ZHILI_TRY(cancel_.check());
    if (!std::getline(in_, line_)) {
      progress_.add(rows_ % kRowsPerLook);
      return nullptr;
    }
    if (++rows_ % kRowsPerLook == 0) progress_.add(kRowsPerLook);
    return lines_.read(line_);
  }
  int64_t rows() const { return static_cast<int64_t>(rows_); }

 private:
  std::ifstream in_;
  RowLines lines_;
  const Cancel& cancel_;
  Progress& progress_;
  std::string line_;
  uint64_t rows_ = 0;
};

Status check_columns(const BackupTable& table, const std::vector<TableInfo>& infos) {
  const auto info = std::ranges::find(infos, table.name, &TableInfo::name);
  const bool fits = info != infos.end() && std::ranges::all_of(table.columns, [&](const ColumnInfo& column) {
                      const auto found = std::ranges::find(info->columns, column.name, &ColumnInfo::name);
                      return found != info->columns.end() && found->type == column.type;
                    });
  if (fits) return {};
  return fail(ErrorCode::kInput, {}, "Take another backup.", "the backup's table {} is not what its migrations make",
              table.name);
}

/// Fills the tables of a new schema, in the order in which they were made: a row may refer to earlier tables.
Status load_tables(Connection& connection, const fs::path& from, const BackupManifest& manifest,
                   const std::vector<std::string>& order, const Cancel& cancel, Progress::Mode mode) {
  ZHILI_ASSIGN(const auto infos, connection.tables());
  for (const auto& table : manifest.tables) ZHILI_TRY(check_columns(table, infos));
  auto tables = manifest.tables;
  const auto place = [&](const BackupTable& table) { return std::ranges::find(order, table.name) - order.begin(); };
  std::ranges::stable_sort(tables, {}, place);
  // Migrations put rows of their own in; the backup has them too.
  for (const auto& table : tables | std::views::reverse) ZHILI_TRY(connection.script("DELETE FROM " + table.name));
  Progress progress("restoring tables", summary_of(manifest).rows, "rows", mode);
  for (const auto& table : tables) {
    const Appendable target(table.name, names_of(table.columns));
    TableReader reader(from / table.file(), table, cancel, progress);
    ZHILI_TRY(connection.insert(target, [&] { return reader.next(); }, kTableTime));
    if (reader.rows() == table.rows) continue;
    return fail(ErrorCode::kInput, {}, "Take another backup.", "table {} has {} rows, and {} were saved", table.name,
                reader.rows(), table.rows);
  }
  return {};
}

Status load_lake(const fs::path& from, const BackupManifest& manifest, const fs::path& lake, Progress::Mode shown,
                 const Cancel& cancel) {
  Progress progress("restoring the lake", manifest.lake.size(), "files", shown);
  for (const auto& file : manifest.lake) {
    const auto to = lake / file.path;
    std::error_code ec;
    if (fs::exists(to, ec)) {
      return fail(ErrorCode::kConflict, {to.string(), 0, 0}, "Name an empty directory with --lake.",
                  "the lake holds this file already");
    }
    fs::create_directories(to.parent_path(), ec);
    if (ec) return io_error(to.parent_path(), "cannot create directory", ec.value());
    const auto staged = to.parent_path() / (".staged-" + to.filename().string());
    auto copied = copy_file(from / "lake" / file.path, staged, cancel);
    if (copied) fs::rename(staged, to, ec);
    if (!copied || ec) {
      std::error_code ignored;
      fs::remove(staged, ignored);
      if (!copied) return fail(copied.error());
      return io_error(to, "cannot put the file in place", ec.value());
    }
    progress.add(1);
  }
  return sync_tree(lake);
}

/// Where a restore writes: PostgreSQL itself, whose transaction hides it to the end, or a file beside SQLite's.
struct Target {
  StoreUrl url;
  fs::path staged;  ///< SQLite.
  fs::path final_path;

  void clear() const {
    std::error_code ignored;
    for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
      if (!staged.empty()) fs::remove(staged.string() + suffix, ignored);
    }
  }
};

Result<Target> target_of(const StoreUrl& url) {
  if (url.engine() == Engine::kPostgres) return Target{url, {}, {}};
  std::error_code ec;
  if (fs::exists(url.path(), ec)) {
    return fail(ErrorCode::kConflict, {url.path().string(), 0, 0}, "Name a file that does not exist yet.",
                "the target is there already");
  }
  auto staged = url.path();
  staged += ".restoring";
  ZHILI_ASSIGN(auto staged_url, StoreUrl::parse("sqlite:" + staged.string()));
  Target target{std::move(staged_url), std::move(staged), url.path()};
  target.clear();
  return target;
}

Status fill(Connection& connection, Engine engine, const fs::path& from, const BackupManifest& manifest,
            const std::vector<Migration>& migrations, const BackupOptions& options, const Cancel& cancel) {
  ZHILI_ASSIGN(const auto there, connection.tables());
  if (!there.empty()) {
    return fail(ErrorCode::kConflict, {}, "Name an empty database, or an empty schema (search_path) in it.",
                "the target is not empty: it holds table {}", there.front().name);
  }
  std::vector<std::string> order;
  ZHILI_TRY(build_schema(connection, engine, migrations, options.now(), order));
  // A row may refer to one of its own table that comes later.
  if (engine == Engine::kSqlite) ZHILI_TRY(connection.script("PRAGMA defer_foreign_keys = ON"));
  ZHILI_TRY(load_tables(connection, from, manifest, order, cancel, options.progress));
  if (const auto& lake = options.lake; lake && !manifest.lake.empty()) {
    ZHILI_TRY(load_lake(from, manifest, *lake, options.progress, cancel));
  }
  return cancel.check();
}

}  // namespace

Result<BackupSummary> backup(const StoreUrl& url, const fs::path& out, const BackupOptions& options,
                             const Cancel& cancel) {
  std::error_code ec;
  if (fs::exists(out, ec) && !fs::is_empty(out, ec)) {
    return fail(ErrorCode::kUsage, {out.string(), 0, 0}, "Name a directory that does not exist yet.",
                "holds something already");
  }
  if (url.engine() == Engine::kSqlite && !fs::exists(url.path(), ec)) {
    return fail(ErrorCode::kNotFound, {url.path().string(), 0, 0}, "Check the path.", "there is no such file");
  }
  const ConnectionOptions reading{.writer = false, .read_only = false, .connect_time = limits::kConnectTime};
  ZHILI_ASSIGN(auto connection, open_connection(url, reading));
  ZHILI_ASSIGN(auto dir, OutputDir::create(out));
  fs::create_directories(dir.staging() / "tables", ec);
  if (ec) return io_error(dir.staging() / "tables", "cannot create directory", ec.value());
  BackupManifest manifest;
  manifest.made_at = options.now();
  ZHILI_TRY(connection->begin(Connection::Begin::kRead));
  ZHILI_ASSIGN(manifest.migrations, applied_migrations(*connection));
  ZHILI_TRY(save_tables(*connection, dir.staging(), manifest, cancel, options.progress));
  ZHILI_TRY(save_lake(*connection, dir.staging(), options, manifest, cancel));
  ZHILI_TRY(connection->commit());
  ZHILI_TRY(write_file_atomically(dir.staging() / "manifest.json", manifest.text()));
  ZHILI_TRY(cancel.check());
  ZHILI_TRY(dir.publish());
  return summary_of(manifest);
}

Result<BackupSummary> restore(const fs::path& from, const StoreUrl& url, const std::vector<Migration>& migrations,
                              const BackupOptions& options, const Cancel& cancel) {
  ZHILI_ASSIGN(const std::string text, read_file(from / "manifest.json", kManifestBytes));
  ZHILI_ASSIGN(const auto manifest, BackupManifest::parse(text));
  if (!manifest.lake.empty() && !options.lake.has_value()) {
    return fail(ErrorCode::kUsage, {}, "Name a directory for it with --lake.", "the backup holds {} files of a lake",
                manifest.lake.size());
  }
  auto known = store_migrations();
  known.insert(known.end(), migrations.begin(), migrations.end());
  ZHILI_ASSIGN(const auto chosen, migrations_of(manifest, known));
  ZHILI_ASSIGN(const auto target, target_of(url));
  ZHILI_TRY(check_files(from, manifest, options, cancel));
  const ConnectionOptions writing{.writer = true, .read_only = false, .connect_time = limits::kConnectTime};
  ZHILI_ASSIGN(auto connection, open_connection(target.url, writing));
  ZHILI_TRY(connection->begin(Connection::Begin::kAlone));
  auto done = fill(*connection, url.engine(), from, manifest, chosen, options, cancel);
  if (done) {
    done = connection->commit();
  } else {
    connection->rollback();
  }
  connection.reset();
  std::error_code ec;
  if (done && !target.staged.empty()) {
    // Closing has copied the log into the file.
    done = sync_path(target.staged);
    if (done) fs::rename(target.staged, target.final_path, ec);
    if (ec) done = io_error(target.final_path, "cannot put the file in place", ec.value());
    if (done) done = sync_path(fs::absolute(target.final_path).parent_path());
  }
  target.clear();
  if (!done) return fail(done.error());
  return summary_of(manifest);
}

}  // namespace zhili::store
