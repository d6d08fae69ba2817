#pragma once

#include <cstdint>
#include <string>

#include "fuse/evaluation.hpp"
#include "fuse/report.hpp"
#include "fuse/report_figures.hpp"

/// The sections of the report's page, each with its heading.
namespace zhili::fuse {

/// What every section draws from.
struct Sheet {
  const Fusion& fusion;
  const ReportInput& input;
  const ReportFigures& figures;
  const Grouping& members;       ///< Records by cluster.
  const Evaluation* evaluation;  ///< Null where the truth is not known.
};

std::string result_section(const Sheet& sheet);
std::string sources_section(const Sheet& sheet);
std::string blocking_section(const Sheet& sheet);
std::string model_section(const Sheet& sheet);
std::string scores_section(const Sheet& sheet);
std::string entities_section(const Sheet& sheet);
std::string review_section(const Sheet& sheet);
/// Says how to get it where the truth is not known.
std::string quality_section(const Sheet& sheet);
std::string run_section(const Sheet& sheet);

/// The records side by side, one a row, their values by attribute; `groups` is the part or entity of each, shown as a
/// letter, and may be empty. Personal numbers masked unless the input is plain.
std::string records_table(const Sheet& sheet, const Both& caption, std::span<const uint32_t> records,
                          std::span<const uint32_t> groups);

}  // namespace zhili::fuse
