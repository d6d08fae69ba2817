#include "cli/twin_command.hpp"

#include <memory>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json.hpp>

#include "cli/output.hpp"
#include "cli/text_table.hpp"
#include "twin/twin.hpp"

namespace zhili::cli {
namespace {

boost::json::object summary_json(const twin::TwinOptions& options, const twin::TwinSummary& summary) {
  boost::json::object tables;
  for (const auto& [file, rows] : summary.tables) tables[file] = rows;
  return {{"out", options.out.string()},
          {"seed", options.seed},
          {"people", summary.people},
          {"persons", summary.persons},
          {"households", summary.households},
          {"enterprises", summary.enterprises},
          {"dwellings", summary.dwellings},
          {"buildings", summary.buildings},
          {"records_of_people", summary.records_of_people},
          {"tables", std::move(tables)}};
}

std::string summary_text(const twin::TwinOptions& options, const twin::TwinSummary& summary) {
  std::string out = fmt::format(
      "A district of {} residents in {} households, {} enterprises, {} buildings.\n"
      "{} records of people in its registers. Written to {}:\n",
      summary.people, summary.households, summary.enterprises, summary.buildings, summary.records_of_people,
      options.out.string());
  std::vector<std::vector<std::string>> rows;
  rows.reserve(summary.tables.size());
  for (const auto& [file, count] : summary.tables) rows.push_back({file, fmt::format("{} rows", count)});
  return out + aligned(rows, "  ");
}

Status make_twin(twin::TwinOptions options, const Context& context) {
  options.threads = context.threads;
  options.progress = context.progress();
  ZHILI_ASSIGN(const auto summary, twin::generate(options, context.cancel));
  return context.json ? print(boost::json::value(summary_json(options, summary)))
                      : print(summary_text(options, summary));
}

}  // namespace

void add_twin_command(CLI::App& program, Context& context) {
  auto* command = program.add_subcommand("twin", "Make up a district with its registers, the truth known");
  auto options = std::make_shared<twin::TwinOptions>();
  command->add_option("--people", options->people, "Residents")->required()->type_name("N");
  command->add_option("--seed", options->seed, "The same seed gives the same bytes [1]")->type_name("S");
  command->add_option("--out", options->out, "Directory to write")->required()->type_name("DIR");
  command->add_option("--errors", options->error_scale, "Every error rate is multiplied by it [1]")->type_name("X");
  add_common_options(*command, context);
  command->callback(
      [&context, options] { context.action = [&context, options] { return make_twin(*options, context); }; });
  command->footer("Example:\n  zhili twin --people 200000 --seed 7 --out out/twin");
}

}  // namespace zhili::cli
