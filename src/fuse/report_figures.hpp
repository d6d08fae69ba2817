#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fuse/evaluate.hpp"
#include "fuse/fusion.hpp"

/// The numbers of a report, counted once.
namespace zhili::fuse {

/// One attribute in one source. Of the records that have a value: `usable` are those that standardising left something
/// of, `valid` those that pass the type's own check as well.
struct ColumnFigures {
  uint64_t filled = 0;
  uint64_t usable = 0;
  uint64_t valid = 0;
  uint64_t distinct = 0;  ///< Different standardised values.
};

struct SourceFigures {
  uint64_t records = 0;
  uint64_t rejected = 0;
  uint64_t entities = 0;               ///< That have a record here.
  uint64_t only_here = 0;              ///< And nowhere else.
  std::vector<ColumnFigures> columns;  ///< By attribute.
};

/// Rows of one source that could not be read for one reason.
struct RejectReason {
  uint32_t source = 0;
  std::optional<table::RejectKind> kind;
  std::string reason;  ///< In English, of the first such row.
  uint64_t rows = 0;
  uint64_t first_line = 0;
};

/// Entities of one number of records.
struct SizeClass {
  uint64_t from = 1;
  uint64_t to = 1;  ///< Included.
  uint64_t entities = 0;
};

struct ReportFigures {
  uint64_t records = 0;
  uint64_t entities = 0;
  std::vector<SourceFigures> sources;
  std::vector<RejectReason> rejects;  ///< The most frequent first, at most kReasonsShown.
  std::vector<SizeClass> sizes;       ///< Without empty classes.
  uint64_t largest = 0;               ///< Records of the largest entity.
  /// By the number of sources that know an entity, from 1: entities, and by source the records in them.
  std::vector<uint64_t> entities_known;
  std::vector<std::vector<uint64_t>> records_known;
  /// overlap[a][b]: entities with records in both. Empty when there are more than kOverlapSources.
  std::vector<std::vector<uint64_t>> overlap;
  double possible_pairs = 0;
  uint64_t candidate_pairs = 0;
  uint64_t linked_pairs = 0;  ///< Of at least the threshold.
  uint64_t review_pairs = 0;  ///< In the review band.
  uint64_t pairs_given_up = 0;
  uint32_t example = UINT32_MAX;  ///< An entity that many sources know, for show; UINT32_MAX if there is none.
};
inline constexpr size_t kReasonsShown = 30;
inline constexpr size_t kOverlapSources = 24;

/// `members` groups the records by cluster.
ReportFigures count_figures(const Fusion& fusion, const Grouping& members);

}  // namespace zhili::fuse
