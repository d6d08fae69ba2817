#include "cli/fuse_report.hpp"

#include <optional>

#include <boost/json.hpp>

#include "base/output_dir.hpp"
#include "base/version.hpp"
#include "cli/output.hpp"
#include "fuse/membership.hpp"
#include "fuse/reopen.hpp"
#include "fuse/report.hpp"
#include "fuse/truth.hpp"

namespace zhili::cli {

Status report(const ReportArguments& arguments, const Context& context) {
  ZHILI_ASSIGN(const auto run,
               fuse::reopen(arguments.dir, fuse::Depth::kAll, context.threads, context.progress(), context.cancel));
  const auto& fusion = *run.fusion;
  std::optional<fuse::Evaluation> evaluation;
  if (!arguments.truth.empty()) {
    ZHILI_ASSIGN(const auto truth,
                 fuse::read_truth(arguments.truth, fusion.config(), fuse::RecordKeys(fusion.records()),
                                  context.progress(), context.cancel));
    ZHILI_ASSIGN(evaluation, fuse::evaluate(fusion, truth, fusion.clusters().of_record));
  }
  const fuse::Membership membership(fusion.clusters());
  ZHILI_ASSIGN(const auto review, fuse::find_review(fusion, membership, run.decisions.decided));
  const auto edges = fuse::examples_of(review);
  fuse::ReportInput input;
  input.title = run.file.config.filename().string();
  input.made_at = run.file.time;
  input.version = version();
  input.times = fusion.times();
  input.threads = context.threads;
  input.review = edges;
  input.review_found = review.found;
  input.decided = run.decisions.decided;
  input.evaluation = evaluation ? &*evaluation : nullptr;
  input.plain = arguments.plain;
  ZHILI_ASSIGN(const auto page, fuse::draw_report(fusion, input));
  const auto path = arguments.out.empty() ? arguments.dir / "report.html" : arguments.out;
  ZHILI_TRY(write_file_atomically(path, page));
  if (!context.json) return print(fmt::format("The report is in {}\n", path.string()));
  boost::json::object out{{"report", path.string()}, {"bytes", page.size()}};
  if (evaluation) out["quality"] = fuse::evaluation_json(*evaluation, fuse::source_ids(fusion.config()));
  return print(boost::json::value(std::move(out)));
}

}  // namespace zhili::cli
