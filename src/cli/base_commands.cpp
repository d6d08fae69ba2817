#include "cli/base_commands.hpp"

#include <memory>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/base_link.hpp"
#include "cli/base_load.hpp"

namespace zhili::cli {
namespace {

void add_link_command(CLI::App& group, Context& context) {
  auto* command = group.add_subcommand("link", "Note whom of the base library rows of a dataset are about");
  auto words = std::make_shared<BaseLinkWords>();
  command->add_option("DIR", words->directory, "The installation (zhili init)")->required()->type_name("DIR");
  command->add_option("RESULT", words->result, "Of 'zhili fuse run'")->required()->type_name("DIR");
  command->add_option("--kind", words->kind, "What the entities are, e.g. person")->required()->type_name("KIND");
  command->add_option("--dataset", words->dataset, "Whose rows; of one key field")->required()->type_name("DATASET");
  command->add_option("--source", words->source, "The result's source whose record ids are the rows' keys")
      ->required()
      ->type_name("SOURCE");
  add_common_options(*command, context);
  command->callback([&context, words] { context.action = [&context, words] { return link_base(*words, context); }; });
  command->footer(
      "Example:\n  zhili base link /srv/zhili result --kind person --dataset police.residents --source police\n"
      "Who reads a row under a grant stands from then on in the ledger of whom it is about.");
}

}  // namespace

void add_base_commands(CLI::App& program, Context& context) {
  auto* group = program.add_subcommand("base", "The base library: one person, one firm, one place");
  group->require_subcommand(1);
  auto* command = group->add_subcommand("load", "Take the result of a fusing run into the vault");
  auto words = std::make_shared<BaseLoadWords>();
  command->add_option("DIR", words->directory, "The installation (zhili init)")->required()->type_name("DIR");
  command->add_option("RESULT", words->result, "Of 'zhili fuse run --members'")->required()->type_name("DIR");
  command->add_option("--kind", words->kind, "What the entities are, e.g. person")->required()->type_name("KIND");
  command->add_option("--purpose", words->purpose, "What for; it is recorded")->required()->type_name("WORD");
  command->add_option("--basis", words->basis, "On which legal basis; it is recorded")->required()->type_name("WORD");
  command->add_option("--divisions", words->divisions, "Divisions that addresses name, beyond the national ones")
      ->type_name("FILE");
  command->add_option("--located", words->located, "A register that tells where addresses lie, with its two columns")
      ->type_name("FILE:ADDRESS:AREA");
  command->add_option("--elsewhere", words->elsewhere, "Area of those whose address tells none [none: nobody's]")
      ->type_name("AREA");
  command->add_flag("--online", words->online,
                    "Keep it from now on: the server's batches change it as they land, wherever a source of the run's "
                    "configuration names a dataset");
  add_link_command(*group, context);
  add_common_options(*command, context);
  command->callback([&context, words] { context.action = [&context, words] { return load_base(*words, context); }; });
  command->footer(
      "Example:\n  zhili base load /srv/zhili result --kind person --purpose build_base --basis pipl-13-1-3 \\\n"
      "    --located buildings.csv:address:grid_code");
}

}  // namespace zhili::cli
