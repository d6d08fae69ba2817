#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.hpp"
#include "base/progress.hpp"
#include "base/result.hpp"
#include "fuse/config.hpp"
#include "fuse/evaluate.hpp"
#include "fuse/records.hpp"

namespace zhili::fuse {

/// Finds records by source and id without holding their texts: 16 bytes a record. Two records are taken for one when
/// 64 bits of hash agree, which among ten million records has a chance of 3 in a million.
class RecordKeys {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  RecordKeys() = default;
  explicit RecordKeys(const Records& records);

  /// Records are numbered in order of addition.
  void add(uint32_t source, std::string_view id);
  /// Call it once, after the last `add` and before the first `find`.
  void seal();
  uint32_t find(uint32_t source, std::string_view id) const;
  uint64_t size() const { return entries_.size(); }

 private:
  struct Entry {
    uint64_t key;
    uint32_t record;
  };
  std::vector<Entry> entries_;
};

/// What a truth file says about the records of a run.
struct Truth {
  std::vector<uint32_t> entity;  ///< By record, from 0; kUnlabelled where unknown.
  uint32_t entities = 0;
  bool of_pairs = false;       ///< The file is a list of pairs.
  uint64_t rows = 0;           ///< With an entity, or pairs.
  uint64_t labelled = 0;       ///< Records whose entity is known.
  uint64_t strangers = 0;      ///< Rows about records that the run does not have.
  std::string first_stranger;  ///< "source:record_id"
  std::string columns;         ///< How the file was understood: "source, record_id, person_id".
};

/// Reads a truth file, a table in any format that `table` reads. It is one of two lists:
/// - Entities: one row a record, its columns the source, the record id and the entity; with a single source also the
///   record id and the entity alone. Records that it does not name, or without an entity, are unknown.
/// - Pairs: one row a pair that belongs together, its columns source_a, record_a, source_b, record_b; with one source
///   also record_a, record_b alone, and with two also these of the first and the second source. The list is complete:
///   pairs connect, and a record that it does not name is an entity by itself. Rows that a column `decision` or `match`
///   denies are skipped.
/// Columns are known by their names where they are usual ones, else by this order; further columns are ignored.
/// Errors: kInput when the columns can't be told, no row names a record of the run, or a record has two entities.
Result<Truth> read_truth(const std::filesystem::path& path, const Config& config, const RecordKeys& index,
                         Progress::Mode progress, Cancel& cancel);

/// links.csv of a run.
struct Links {
  RecordKeys index;
  std::vector<uint16_t> source;  ///< By record, in order of the file.
  std::vector<uint32_t> entity;  ///< By record: number of its entity.
  uint32_t entities = 0;
};
/// Errors: kInput, kIo, kNotFound when the directory has no links.csv.
Result<Links> read_links(const std::filesystem::path& dir, const Config& config, Progress::Mode progress,
                         Cancel& cancel);

}  // namespace zhili::fuse
