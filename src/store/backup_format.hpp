#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "store/connection.hpp"
#include "store/migration.hpp"
#include "store/rows.hpp"

/// What a backup's files say: one form for all engines.
namespace zhili::store {

struct BackupTable {
  std::string name;
  std::vector<ColumnInfo> columns;
  int64_t rows = 0;
  int64_t bytes = 0;
  std::string sha256;

  std::string file() const { return "tables/" + name + ".jsonl"; }
};

struct BackupFile {
  std::string path;  ///< Relative to the lake.
  int64_t bytes = 0;
  std::string sha256;
};

/// manifest.json.
struct BackupManifest {
  int64_t made_at = 0;  ///< Microseconds since 1970 UTC.
  std::vector<AppliedMigration> migrations;
  std::vector<BackupTable> tables;
  std::vector<BackupFile> lake;

  std::string text() const;
  /// Trusts nothing: names are plain words, paths stay within the lake, checksums are checksums. Errors: kInput.
  static Result<BackupManifest> parse(std::string_view text);
};

/// One row as a line of JSON with its line end: [1,"text",2.5,null,{"bytes":"base64"},{"real":"inf"}].
void append_row_line(std::string& out, const Row& row);

/// Reads lines of rows. Not thread-safe.
class RowLines {
 public:
  explicit RowLines(std::vector<ColumnInfo> columns);
  ~RowLines();
  RowLines(const RowLines&) = delete;
  RowLines& operator=(const RowLines&) = delete;

  /// The values of a line, good until the next one. Errors: kInput.
  Result<const std::vector<Value>*> read(std::string_view line);

 private:
  struct Parser;
  std::vector<ColumnInfo> columns_;
  std::unique_ptr<Parser> parser_;
  std::vector<Value> values_;
};

}  // namespace zhili::store
