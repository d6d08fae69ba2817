#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fuse/evaluation.hpp"
#include "fuse/report_figures.hpp"
#include "fuse/svg.hpp"

/// The pictures of the report.
namespace zhili::fuse {

/// Records of each source flowing into classes of entities: by how many sources know them, or with one source by how
/// many records they have.
Svg draw_flow(const Config& config, const ReportFigures& figures);

/// Scored pairs by weight, on a logarithmic scale. Its first column stands apart: all pairs that were not weighed to
/// the end, since they could not reach the review band.
Svg draw_histogram(const Fusion& fusion);

/// Entities by their number of records, on a logarithmic scale.
Svg draw_sizes(const ReportFigures& figures);

/// Precision, recall and F1 of linked pairs over the threshold.
Svg draw_curve(const Fusion& fusion, const LinkEvaluation& links);

}  // namespace zhili::fuse
