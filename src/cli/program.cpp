#include "cli/program.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "base/cancel.hpp"
#include "base/version.hpp"
#include "cli/account_commands.hpp"
#include "cli/audit_commands.hpp"
#include "cli/base_commands.hpp"
#include "cli/batch_commands.hpp"
#include "cli/catalog_commands.hpp"
#include "cli/context.hpp"
#include "cli/fuse_commands.hpp"
#include "cli/init_command.hpp"
#include "cli/open_commands.hpp"
#include "cli/output.hpp"
#include "cli/pack_commands.hpp"
#include "cli/policy_command.hpp"
#include "cli/serve_command.hpp"
#include "cli/store_commands.hpp"
#include "cli/twin_command.hpp"
#include "cli/vault_commands.hpp"
#include "config/fields.hpp"

namespace zhili::cli {
namespace {

constexpr unsigned kMostThreads = 1024;

constexpr const char* kExamples = R"(Examples:
  zhili fuse check registers.yaml            show what the configuration reads from its files
  zhili fuse check registers.yaml --json     the same for scripts
  zhili fuse plan registers.yaml             propose blocking rules from the data
  zhili fuse run registers.yaml --out result fuse, and write the result with its report
  zhili fuse explain result police:P1 tax:7  why two records are one entity, or are not
  zhili twin --people 10000 --out district   make up a district with nine registers
  zhili audit verify /backup/audit --key K   check a copy of a log, every file of it

Every command has --help. Results go to standard output; errors and progress to standard error.)";

constexpr const char* kExitCodes =
    "Exit codes: 0 success, 1 internal, 2 usage, 3 configuration, 4 input data, 5 disk, 6 limit, 7 not found, "
    "8 conflict, 9 constraint, 10 busy, 11 unavailable, 12 outcome unknown, 13 disk full, 130 stopped.";

void add_exit_codes(CLI::App& app) {
  const auto footer = app.get_footer();
  app.footer(footer.empty() ? kExitCodes : footer + "\n" + kExitCodes);
  for (auto* command : app.get_subcommands([](CLI::App*) { return true; })) add_exit_codes(*command);
}

/// The command that the arguments reached: "zhili fuse" for `zhili fuse chekc`.
const CLI::App& deepest(const CLI::App& program) {
  const CLI::App* app = &program;
  while (!app->get_subcommands().empty()) app = app->get_subcommands().back();
  return *app;
}

std::string full_name(const CLI::App& app) {
  return app.get_parent() == nullptr ? app.get_name() : full_name(*app.get_parent()) + " " + app.get_name();
}

std::vector<std::string> words(const CLI::App& app, bool options) {
  std::vector<std::string> out;
  if (options) {
    for (const CLI::Option* option : app.get_options()) {
      for (const std::string& name : option->get_lnames()) out.push_back("--" + name);
    }
    return out;
  }
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    out.push_back(command->get_name());
  }
  return out;
}

/// CLI11's complaint in the form of all our errors.
Error usage_error(const CLI::App& program, const CLI::ParseError& complaint) {
  const CLI::App& app = deepest(program);
  const std::string name = full_name(app);
  Error error{ErrorCode::kUsage, complaint.what(), {}, fmt::format("Run '{} --help'.", name), {}};
  const bool group = !words(app, false).empty();
  const std::vector<std::string> left = app.remaining();
  const auto stray = std::ranges::find_if(left, [](const std::string& word) { return word != "--"; });
  if (stray != left.end()) {
    const bool option = stray->starts_with('-');
    error.message = option  ? fmt::format("'{}' has no option '{}'", name, *stray)
                    : group ? fmt::format("'{}' has no command '{}'", name, *stray)
                            : fmt::format("'{}' takes no further argument: '{}'", name, *stray);
    if (option || group) error.hint = config::suggest(*stray, words(app, option));
  } else if (group) {
    error.message = fmt::format("'{}' needs a command", name);
    error.hint = fmt::format("One of: {}. Run '{} --help'.", fmt::join(words(app, false), ", "), name);
  }
  return error;
}

/// Whether the user asked for JSON, for errors in the arguments themselves.
bool asked_for_json(int argc, const char* const* argv) {
  return std::any_of(argv, argv + argc, [](const char* word) { return std::string_view(word) == "--json"; });
}

int finish(const Status& status, bool json) {
  if (status) return 0;
  print_error(status.error(), json);
  return static_cast<int>(status.error().code);
}

}  // namespace

void add_common_options(CLI::App& command, Context& context) {
  command.add_flag("--json", context.json, "Result and errors as one JSON document");
  command.add_flag("--quiet,-q", context.quiet, "No progress and no remarks");
  command.add_option("--threads", context.threads, "Threads to work with [the cores at hand]")
      ->check(CLI::Range(1U, kMostThreads))
      ->type_name("N");
}

int run_program(int argc, const char* const* argv) {
  Cancel cancel;
  cancel.watch_signals();
  Context context{.cancel = cancel};
  CLI::App program("Zhili: many messy registers in, one base library out.", "zhili");
  program.set_version_flag("--version", fmt::format("zhili {}", version()));
  program.require_subcommand(1);
  program.footer(kExamples);
  add_init_command(program, context);
  add_serve_command(program, context);
  add_account_commands(program, context);
  add_base_commands(program, context);
  add_pack_commands(program, context);
  add_catalog_commands(program, context);
  add_open_commands(program, context);
  add_batch_commands(program, context);
  add_policy_command(program, context);
  add_fuse_commands(program, context);
  add_twin_command(program, context);
  add_store_commands(program, context);
  add_audit_commands(program, context);
  add_vault_commands(program, context);
  add_exit_codes(program);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& complaint) {
    // Help and version come as exceptions that mean success.
    if (complaint.get_exit_code() == 0) {
      std::ostringstream text;
      program.exit(complaint, text, text);
      return finish(print(text.str()), false);
    }
    return finish(fail(usage_error(program, complaint)), asked_for_json(argc, argv));
  }
  return finish(context.action(), context.json);
}

}  // namespace zhili::cli
