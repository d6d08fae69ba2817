#include "cli/fuse_commands.hpp"

#include <memory>
#include <string>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/fuse_check.hpp"
#include "cli/fuse_plan.hpp"

namespace zhili::cli {
namespace {

void add_check(CLI::App& group, Context& context) {
  auto* command = group.add_subcommand("check", "Show what a configuration reads from its files");
  auto options = std::make_shared<CheckOptions>();
  command->add_option("CONFIG", options->config, "The configuration (docs/fuse.md)")->required()->type_name("FILE");
  command->add_option("--data", options->data, "Where relative paths start [the directory of CONFIG]")
      ->type_name("DIR");
  add_common_options(*command, context);
  command->callback([&context, options] { context.action = [&context, options] { return check(*options, context); }; });
  command->footer("Example:\n  zhili fuse check registers.yaml --data /data/registers");
}

void add_plan(CLI::App& group, Context& context) {
  auto* command = group.add_subcommand("plan", "Propose blocking rules from the data");
  auto options = std::make_shared<PlanOptions>();
  command->add_option("CONFIG", options->config, "The configuration (docs/fuse.md)")->required()->type_name("FILE");
  command->add_option("--data", options->data, "Where relative paths start [the directory of CONFIG]")
      ->type_name("DIR");
  add_common_options(*command, context);
  command->callback([&context, options] { context.action = [&context, options] { return plan(*options, context); }; });
  command->footer("Example:\n  zhili fuse plan registers.yaml");
}

}  // namespace

void add_fuse_commands(CLI::App& program, Context& context) {
  auto* group =
      program.add_subcommand("fuse", "Bring the records of many files together: one person, enterprise, place");
  group->require_subcommand(1);
  group->footer("Each command has --help.");
  add_check(*group, context);
  add_plan(*group, context);
}

}  // namespace zhili::cli
