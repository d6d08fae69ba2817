#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/cancel.hpp"
#include "base/result.hpp"
#include "ingest/checker.hpp"
#include "ingest/figures.hpp"
#include "table/reader.hpp"

namespace zhili::ingest {

/// What a batch holds.
enum class BatchKind : uint8_t {
  kFull,     ///< All rows that there are: what is missing is gone.
  kChanges,  ///< Rows to insert, to update, to delete by their key.
};
std::string_view name_of(BatchKind kind);
/// The column of a batch of changes that tells what to do with a row: insert, update or delete.
inline constexpr std::string_view kChangeColumn = "_change";

inline constexpr size_t kUnreadableRows = 100;  ///< Rows that can't be read and are named, of one batch.
/// More unreadable rows than this are no batch with mistakes but the wrong file.
inline constexpr double kMostUnreadable = 0.5;
/// A column in which more values than this are not of its type is another column.
inline constexpr double kMostOfOtherType = 0.5;
inline constexpr uint64_t kFewestOfOtherType = 20;

/// Rows of a batch by their number in reading order: one bit each.
class RowSet {
 public:
  void add(uint64_t row) {
    if (row / 64 >= words_.size()) words_.resize(row / 64 + 1);
    words_[row / 64] |= uint64_t{1} << (row % 64);
  }
  bool contains(uint64_t row) const { return row / 64 < words_.size() && (words_[row / 64] >> (row % 64) & 1U) != 0; }
  const std::vector<uint64_t>& words() const { return words_; }
  std::vector<uint64_t>& words() { return words_; }

 private:
  std::vector<uint64_t> words_;
};

/// A row that can't be read.
struct UnreadableRow {
  uint64_t line = 0;
  uint64_t column = 0;
  table::RejectKind kind = table::RejectKind::kSyntax;
};

/// What a check of a whole table came to.
struct TableFigures {
  Figures figures;
  uint64_t unreadable = 0;
  std::array<uint64_t, table::kRejectKinds> unreadable_by_kind{};
  std::vector<UnreadableRow> unreadable_rows;  ///< The first kUnreadableRows.
  bool keys_exact = true;                      ///< Else figures.repeated is the least.
  std::string description;                     ///< How the file was understood.
  std::vector<std::string> notes;              ///< What its owner should know although it stopped nothing.
  RowSet rejected;                             ///< Rows not to be taken.
};

struct TableCheckOptions {
  std::string name = {};  ///< Of the file, for messages.
  BatchKind kind = BatchKind::kFull;
  unsigned threads = 1;
  int32_t today = 0;               ///< Days since 1970.
  const Cancel* cancel = nullptr;  ///< May be none.
};

/// Where the standard's fields stand in a file. Errors (kInput): a column that is missing, one that nobody declared,
/// a batch of changes without kChangeColumn; each names the column, what it may have become, and the way out.
Result<Columns> find_columns(const Standard& standard, BatchKind kind, const std::vector<std::string>& columns,
                             const std::string& name);

/// What a table is read with to be checked: rows that can't be read are counted, up to kMostUnreadable.
table::ReadOptions read_options(table::Format format, table::Encoding encoding, char delimiter);

/// Reads a table to its end and checks it. Reading is serial, checking is done by `threads`; figures do not depend on
/// their number. Errors: those of find_columns and of reading; kInput where a column's type changed.
Result<TableFigures> check_table(table::Reader& reader, const Standard& standard, const TableCheckOptions& options);

}  // namespace zhili::ingest
