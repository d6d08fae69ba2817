#include "cli/policy_command.hpp"

#include <filesystem>
#include <memory>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json.hpp>

#include "cli/output.hpp"
#include "identity/policy.hpp"

namespace zhili::cli {
namespace {

Status show_policy(const std::filesystem::path& file, const Context& context) {
  if (file.empty() && !context.json) return print(identity::default_policy_yaml());
  ZHILI_ASSIGN(const auto policy, file.empty()
                                      ? identity::parse_policy(identity::default_policy_yaml(), "the default policy")
                                      : identity::load_policy(file));
  if (context.json) {
    return print(
        boost::json::value(boost::json::object{{"roles", policy.roles.ids().size()}, {"rules", policy.rules.size()}}));
  }
  return print(fmt::format("{}: {} roles, {} rules, in order.\n", file.string(), policy.roles.ids().size(),
                           policy.rules.size()));
}

}  // namespace

void add_policy_command(CLI::App& program, Context& context) {
  auto* command = program.add_subcommand("policy", "Print the default policy, or check one of your own");
  auto file = std::make_shared<std::filesystem::path>();
  command->add_option("FILE", *file, "A policy to check [print the default]")->type_name("FILE");
  add_common_options(*command, context);
  command->callback([&context, file] { context.action = [&context, file] { return show_policy(*file, context); }; });
  command->footer("Examples:\n  zhili policy > /srv/zhili/policy.yaml\n  zhili policy /srv/zhili/policy.yaml");
}

}  // namespace zhili::cli
