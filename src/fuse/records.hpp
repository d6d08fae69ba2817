#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.hpp"
#include "base/progress.hpp"
#include "base/result.hpp"
#include "fuse/config.hpp"
#include "fuse/dictionary.hpp"
#include "table/reader.hpp"
#include "text/division.hpp"

namespace zhili::fuse {

/// A time as a number that orders times: digits only, read as text, of which the first 36 count. The spellings of one
/// source are alike, and ISO order is time order. 0 where there is no time.
using TimeKey = Uint128;
TimeKey time_key(std::string_view time);

/// What was read from one source.
struct SourceCount {
  uint64_t first = 0;     ///< Number of its first record.
  uint64_t records = 0;   ///< Records read; they are numbered [first, first + records).
  uint64_t rejected = 0;  ///< Rows that could not be read.
};

/// One attribute over all records, as numbers of distinct values.
struct Column {
  Dictionary raws;                     ///< As written in the source (columns joined). Golden values come from here.
  Dictionary values;                   ///< Standardised. Comparisons and blocking see only these.
  std::vector<uint32_t> raw;           ///< By record: number in `raws`, 0 = missing.
  std::vector<uint32_t> value_of_raw;  ///< By raw number: number in `values`, 0 = unusable.
  std::vector<uint32_t> frequency;     ///< By value number: records that hold it. frequency[0] counts the missing.
  std::vector<uint8_t> valid;          ///< By value number: passes the type's own check (checksum, calendar).

  uint32_t value(uint64_t record) const { return value_of_raw[raw[record]]; }
};

/// A row that could not be read, for rejects.csv.
struct RejectedRow {
  uint32_t source;
  std::optional<table::RejectKind> kind;  ///< None: the row could be read, but its record id tells nothing.
  uint64_t line;
  uint64_t column;
  std::string reason;
  std::string excerpt;
};

/// All records of a run, column by column. Records are numbered from 0 over all sources in configuration order.
/// Fixed after `read_records`; safe to read from any thread.
class Records {
 public:
  uint64_t size() const { return source_.size(); }
  uint16_t source(uint64_t record) const { return source_[record]; }
  std::string_view id(uint64_t record) const { return ids_[id_[record]]; }
  /// The record's own time as written in its source, empty when the source names none.
  std::string_view updated(uint64_t record) const { return times_[time_[record]]; }
  /// Orders records by their time; 0 = unknown. Larger is newer.
  TimeKey updated_key(uint64_t record) const { return time_key_[time_[record]]; }
  /// Record number by source and record id; none if there is no such record.
  std::optional<uint64_t> find(uint32_t source, std::string_view id) const;

  const std::vector<Column>& columns() const { return columns_; }
  const Column& column(uint32_t attribute) const { return columns_[attribute]; }
  const std::vector<SourceCount>& sources() const { return sources_; }
  const std::vector<RejectedRow>& rejects() const { return rejects_; }
  uint32_t attributes() const { return static_cast<uint32_t>(columns_.size()); }

 private:
  friend class RecordReader;
  friend class RecordEditor;

  std::vector<uint16_t> source_;
  Dictionary ids_;
  std::vector<uint32_t> id_;
  Dictionary times_;
  std::vector<uint32_t> time_;
  std::vector<TimeKey> time_key_;
  std::vector<Column> columns_;
  std::vector<SourceCount> sources_;
  std::vector<RejectedRow> rejects_;
};

/// Reads every source of the configuration, standardises the values and counts them. Record ids must be unique within a
/// source: a second row with the same id is rejected.
Result<Records> read_records(const Config& config, const text::DivisionTable& divisions, unsigned threads,
                             Progress::Mode progress, Cancel& cancel);

/// The standard form of one value of a type; empty when nothing usable is left. `valid` tells whether the value passes
/// its type's own check; values of types without one are valid.
struct Standard {
  std::string value;
  bool valid = true;
};
/// True for what registers write where they know nothing: "", "-", "无", "不详", "null".
bool says_nothing(std::string_view raw);
Standard standardise(const Attribute& attribute, std::string_view raw, const text::DivisionTable& divisions);

}  // namespace zhili::fuse
