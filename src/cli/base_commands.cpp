#include "cli/base_commands.hpp"

#include <memory>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/base_load.hpp"

namespace zhili::cli {

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
  add_common_options(*command, context);
  command->callback([&context, words] { context.action = [&context, words] { return load_base(*words, context); }; });
  command->footer(
      "Example:\n  zhili base load /srv/zhili result --kind person --purpose build_base --basis pipl-13-1-3 \\\n"
      "    --located buildings.csv:address:grid_code");
}

}  // namespace zhili::cli
