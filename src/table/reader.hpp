#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "table/batch.hpp"

namespace zhili::table {

/// Writes up to `size` bytes to `to` and returns how many; 0 only at the end.
using ByteSource = std::function<Result<size_t>(char* to, size_t size)>;

/// kAuto goes by the file's first bytes where they are plain (Parquet), then by extension, then by content.
enum class Format { kAuto, kDelimited, kJsonLines, kParquet };

/// kAuto goes by the byte order mark, then takes UTF-8 where the bytes are UTF-8, else GB18030 (which holds GBK and
/// GB 2312). kUtf16 needs a byte order mark.
enum class Encoding { kAuto, kUtf8, kGb18030, kUtf16 };

struct ReadOptions {
  Format format = Format::kAuto;
  Encoding encoding = Encoding::kAuto;
  char delimiter = 0;                ///< Delimited only. 0: found among , tab ; | and \x01, spaces around it allowed.
  char quote = '"';                  ///< Delimited only. 0: quotes are text.
  std::vector<std::string> columns;  ///< Wanted columns in the wanted order; empty means all, in the file's order.
  double max_reject_share = 0.01;    ///< Reading stops when more of the lines than this were rejected, ...
  uint64_t min_rejects = 10;         ///< ... but fewer rejects than this are borne up to half of the lines.
  bool quote_rows = true;            ///< Errors may quote a row: not where they are kept or shown to others.
  size_t block_bytes = size_t{256} << 10;  ///< Bytes read at once; tests make it small to hit every boundary.
};

enum class RejectKind { kRagged, kQuote, kEncoding, kNul, kLimit, kSyntax };
inline constexpr size_t kRejectKinds = 6;
/// "ragged", "quote", "encoding", "nul", "limit", "syntax".
std::string_view reject_kind_name(RejectKind kind);

/// A row that can't be read. It is not in any batch.
struct Reject {
  RejectKind kind = RejectKind::kSyntax;
  uint64_t line = 0;    ///< From 1; for Parquet the row's number.
  uint64_t column = 0;  ///< Character in that line, from 1; 0 where the whole row is meant.
  std::string reason;   ///< A sentence for the owner of the file, with the counts or limit in question.
  std::string excerpt;  ///< The row's beginning as UTF-8 in one line, cut to some 120 characters.
  uint64_t lines = 1;   ///< How many lines of the file went with it.
};

/// Reads a table from a file, batch by batch, in bounded memory. Not thread-safe; the batches are independent of it.
class Reader {
 public:
  /// Opens the file and reads its header. For Parquet the path may be a glob. Errors: no such file (with the nearest
  /// name), a directory, an empty file, a binary file of another kind, a broken header, a wanted column that is
  /// missing.
  static Result<std::unique_ptr<Reader>> open(const std::filesystem::path& path, const ReadOptions& options = {});
  /// The same for content at hand (not Parquet); `name` stands in errors where the file's name would.
  static Result<std::unique_ptr<Reader>> open_bytes(std::string name, std::string bytes,
                                                    const ReadOptions& options = {});
  /// The same for content that comes from elsewhere, in bounded memory; `total` bytes, 0 where unknown.
  static Result<std::unique_ptr<Reader>> open_source(std::string name, uint64_t total, ByteSource source,
                                                     const ReadOptions& options = {});
  virtual ~Reader() = default;
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  /// The columns of the batches.
  const std::vector<std::string>& columns() const { return columns_; }
  /// Fills the batch with the next rows, at least one; false at the end. After an error it gives the same error again.
  Result<bool> next(Batch& batch);

  /// Is called within next() for each row that can't be read, in the file's order.
  void on_reject(std::function<void(const Reject&)> callback) { on_reject_ = std::move(callback); }

  uint64_t rows_read() const { return rows_read_; }
  uint64_t rejected() const { return rejected_; }
  uint64_t rejected(RejectKind kind) const { return rejected_by_kind_[static_cast<size_t>(kind)]; }
  /// Size of the file, 0 where unknown, and how much of it was read: for progress.
  virtual uint64_t bytes_total() const = 0;
  virtual uint64_t bytes_done() const = 0;
  /// How the file was understood, e.g. "delimited by comma, UTF-8".
  virtual std::string description() const = 0;
  /// What the file's owner should know although it stopped nothing, one sentence each; complete at the end.
  virtual std::vector<std::string> notes() const { return {}; }

 protected:
  Reader(std::string name, const ReadOptions& options) : name_(std::move(name)), options_(options) {}

  /// Sets columns() and sources() from the names in the file.
  Status choose_columns(const std::vector<std::string>& names, uint64_t line);
  /// Adds rows to the cleared batch; false when there are no more. May return true with no row.
  virtual Result<bool> fill(Batch& batch) = 0;
  /// The way out when most rejects are of this kind.
  virtual std::string reject_hint(RejectKind kind) const = 0;
  void reject(Reject reject);

  const std::string& name() const { return name_; }
  const ReadOptions& options() const { return options_; }
  /// For each of columns(), its place among the file's columns.
  const std::vector<uint32_t>& sources() const { return sources_; }

 private:
  Result<bool> next_or_error(Batch& batch);
  Status check_rejects(bool at_end) const;

  std::string name_;
  ReadOptions options_;
  std::vector<std::string> columns_;
  std::vector<uint32_t> sources_;
  std::function<void(const Reject&)> on_reject_;
  uint64_t rows_read_ = 0;
  uint64_t rejected_ = 0;
  uint64_t rejected_lines_ = 0;
  std::array<uint64_t, kRejectKinds> rejected_by_kind_{};
  Reject first_reject_;  // Once rejected_ is not 0.
  std::optional<Error> failed_;
};

}  // namespace zhili::table
