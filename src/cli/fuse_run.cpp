#include "cli/fuse_run.hpp"

#include <chrono>

#include "base/version.hpp"
#include "cli/output.hpp"
#include "fuse/run.hpp"

namespace zhili::cli {

Status run(const RunArguments& arguments, const Context& context) {
  ZHILI_ASSIGN(fuse::Config config, fuse::load_config(arguments.config, arguments.data));
  fuse::RunOptions options;
  options.out = arguments.out;
  options.data_dir = arguments.data;
  if (!arguments.previous.empty()) options.previous = arguments.previous;
  if (!arguments.truth.empty()) options.truth = arguments.truth;
  options.plain = arguments.plain;
  options.members = arguments.members;
  options.version = version();
  options.threads = context.threads;
  options.progress = context.progress();
  options.now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  ZHILI_ASSIGN(const auto summary, fuse::run(std::move(config), options, context.cancel));
  if (context.json) return print(boost::json::value(summary.to_json()));
  for (const auto& note : summary.notes) {
    if (!context.quiet) remark("note: " + note);
  }
  return print(summary.text());
}

}  // namespace zhili::cli
