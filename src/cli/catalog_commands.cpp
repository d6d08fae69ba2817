#include "cli/catalog_commands.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json.hpp>

#include "base/limits.hpp"
#include "base/output_dir.hpp"
#include "catalog/registers.hpp"
#include "cli/installation.hpp"
#include "cli/output.hpp"
#include "identity/directory.hpp"

namespace zhili::cli {
namespace {

namespace fs = std::filesystem;
using catalog::Dataset;
using catalog::Registry;

struct Words {
  fs::path directory;
  std::vector<std::string> files;
  bool proposed = false;
  std::string text;
};

Result<std::vector<Dataset>> read_registers(const Words& words, const Installation& installation) {
  std::vector<Dataset> out;
  for (const std::string& file : words.files) {
    ZHILI_ASSIGN(const std::string yaml, read_file(file, limits::kYamlBytes));
    ZHILI_ASSIGN(Dataset dataset, catalog::parse_register(yaml, file, installation.catalog()));
    out.push_back(std::move(dataset));
  }
  if (!words.proposed) return out;
  for (const catalog::Pack& pack : installation.catalog().packs()) {
    ZHILI_ASSIGN(auto some,
                 catalog::load_registers(installation.settings().packs / pack.id, pack, installation.catalog()));
    std::ranges::move(some, std::back_inserter(out));
  }
  return out;
}

/// Declares what is new or differs; what the catalogue has already as it is stays.
Status declare(const Words& words, const Context& context) {
  if (words.files.empty() && !words.proposed) {
    return fail(ErrorCode::kUsage, {}, "Name files, or --proposed for the registers of the packs.",
                "nothing to declare");
  }
  ZHILI_ASSIGN(auto settings, load_settings(words.directory));
  ZHILI_ASSIGN(const auto installation, Installation::open(std::move(settings)));
  ZHILI_ASSIGN(const auto datasets, read_registers(words, *installation));
  ZHILI_ASSIGN(const auto departments, identity::Directory(installation->ground()).departments());
  boost::json::array done;
  for (const Dataset& dataset : datasets) {
    if (std::ranges::find(departments, dataset.provider, &identity::Department::id) == departments.end()) {
      return fail(ErrorCode::kNotFound, {}, "zhili init --departments takes departments in.",
                  "'{}' names a provider '{}' that is no department here", dataset.id, dataset.provider);
    }
    const auto known = installation->registry().find(dataset.id);
    if (!known && known.error().code != ErrorCode::kNotFound) return fail(known.error());
    if (known && known->dataset == dataset) continue;
    ZHILI_ASSIGN(const auto listed, installation->registry().declare(dataset, known ? known->version : 0, ""));
    done.push_back(boost::json::value{{"id", dataset.id}, {"version", listed.version}});
  }
  if (context.json) return print(boost::json::value{{"declared", done}});
  return print(fmt::format("{} of {} datasets declared; the others are in the catalogue as they are.\n", done.size(),
                           datasets.size()));
}

Status list(const Words& words, const Context& context) {
  ZHILI_ASSIGN(auto settings, load_settings(words.directory));
  ZHILI_ASSIGN(const auto installation, Installation::open(std::move(settings)));
  Registry::Search search{.text = words.text, .limit = Registry::kPage};
  boost::json::array all;
  std::string text;
  for (;;) {
    ZHILI_ASSIGN(const auto page, installation->registry().search(search));
    for (const auto& [dataset, version, since] : page) {
      all.push_back({{"dataset", boost::json::parse(catalog::to_json(dataset))}, {"version", version}});
      text += fmt::format("{} {} {} {} {}: {} fields\n", dataset.id, dataset.code, dataset.provider,
                          catalog::name_of(dataset.sharing), dataset.title.zh, dataset.fields.size());
    }
    if (page.size() < search.limit) break;
    search.after = page.back().dataset.id;
  }
  return context.json ? print(boost::json::value(std::move(all))) : print(text);
}

Status holders(const Words& words, const Context& context) {
  ZHILI_ASSIGN(auto settings, load_settings(words.directory));
  ZHILI_ASSIGN(const auto installation, Installation::open(std::move(settings)));
  if (installation->catalog().element(words.text) == nullptr) {
    return fail(ErrorCode::kNotFound, {}, "The packs' standards/*.yaml list them.", "no data element is called '{}'",
                words.text);
  }
  ZHILI_ASSIGN(const auto found, installation->registry().holders(words.text));
  boost::json::array all;
  std::string text;
  for (const auto& [dataset, field, provider, sharing] : found) {
    const std::string_view word = catalog::name_of(sharing);
    all.push_back({{"dataset", dataset}, {"field", field}, {"provider", provider}, {"sharing", word}});
    text += fmt::format("{} {} {} {}\n", provider, dataset, field, word);
  }
  return context.json ? print(boost::json::value(std::move(all))) : print(text);
}

}  // namespace

void add_catalog_commands(CLI::App& program, Context& context) {
  auto* group = program.add_subcommand("catalog", "The one catalogue: which department holds what");
  group->require_subcommand(1);
  const auto add = [&](const char* name, const char* what, Status (*work)(const Words&, const Context&)) {
    auto* command = group->add_subcommand(name, what);
    auto words = std::make_shared<Words>();
    command->add_option("DIR", words->directory, "The installation (zhili init)")->required()->type_name("DIR");
    add_common_options(*command, context);
    command->callback(
        [&context, words, work] { context.action = [&context, words, work] { return work(*words, context); }; });
    return std::pair{command, words};
  };
  const auto [declaring, declared] = add("declare", "Declare datasets, as packs propose them or as files say", declare);
  declaring->add_option("FILE", declared->files, "A register: docs/catalog.md explains its keys")->type_name("FILE");
  declaring->add_flag("--proposed", declared->proposed, "All registers of the installation's packs");
  declaring->footer(
      "Examples:\n  zhili catalog declare /srv/zhili --proposed\n  zhili catalog declare /srv/zhili police.moves.yaml");
  const auto [listing, listed] = add("list", "List datasets, or those in which all words occur", list);
  listing->add_option("WORDS", listed->text, "In title, summary, code or fields")->type_name("TEXT");
  listing->footer("Example:\n  zhili catalog list /srv/zhili 残疾");
  const auto [asking, asked] = add("holders", "Who holds a field: datasets with a data element", holders);
  asking->add_option("ELEMENT", asked->text, "The data element's id")->required()->type_name("ELEMENT");
  asking->footer("Example:\n  zhili catalog holders /srv/zhili phone");
  group->footer("Examples:\n  zhili catalog declare /srv/zhili --proposed\n  zhili catalog holders /srv/zhili phone");
}

}  // namespace zhili::cli
