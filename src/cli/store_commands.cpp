#include "cli/store_commands.hpp"

#include <memory>
#include <string>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json.hpp>

#include "cli/output.hpp"
#include "cli/schema.hpp"
#include "store/backup.hpp"

namespace zhili::cli {
namespace {

struct StoreWords {
  std::string url;
  std::string dir;
  std::string lake;
};

store::BackupOptions backup_options(const StoreWords& words, const Context& context) {
  store::BackupOptions options;
  if (!words.lake.empty()) options.lake = words.lake;
  options.progress = context.progress();
  return options;
}

Status tell(const store::BackupSummary& summary, const std::string& done, const std::string& key,
            const std::string& value, bool json) {
  if (json) {
    return print(boost::json::value(boost::json::object{{key, value},
                                                        {"tables", summary.tables},
                                                        {"rows", summary.rows},
                                                        {"lake_files", summary.lake_files},
                                                        {"bytes", summary.bytes}}));
  }
  return print(fmt::format("{}: {} rows in {} tables, {} files of the lake, {} bytes.\n", done, summary.rows,
                           summary.tables, summary.lake_files, summary.bytes));
}

Status take_backup(const StoreWords& words, const Context& context) {
  ZHILI_ASSIGN(const auto url, store::StoreUrl::parse(words.url));
  ZHILI_ASSIGN(const auto summary, store::backup(url, words.dir, backup_options(words, context), context.cancel));
  return tell(summary, fmt::format("Backed up to {}", words.dir), "out", words.dir, context.json);
}

Status restore_backup(const StoreWords& words, const Context& context) {
  ZHILI_ASSIGN(const auto url, store::StoreUrl::parse(words.url));
  ZHILI_ASSIGN(const auto summary,
               store::restore(words.dir, url, all_migrations(), backup_options(words, context), context.cancel));
  return tell(summary, fmt::format("Restored to {}", url.shown()), "store", url.shown(), context.json);
}

}  // namespace

void add_store_commands(CLI::App& program, Context& context) {
  const auto add = [&](const char* name, const char* what, const char* dir, const char* dir_what, auto run,
                       const char* example) {
    auto* command = program.add_subcommand(name, what);
    auto words = std::make_shared<StoreWords>();
    command->add_option("--store", words->url, "The store: a SQLite file, or postgresql://…")
        ->required()
        ->type_name("URL");
    command->add_option(dir, words->dir, dir_what)->required()->type_name("DIR");
    command->add_option("--lake", words->lake, "The lake's directory, where the store has one")->type_name("DIR");
    add_common_options(*command, context);
    command->callback(
        [&context, words, run] { context.action = [&context, words, run] { return run(*words, context); }; });
    command->footer(example);
  };
  add("backup", "Save a store and its lake, also while it is in use", "--out", "Directory to write", take_backup,
      "Example:\n  zhili backup --store zhili.db --lake lake --out backup-2026-11-22");
  add("restore", "Bring a backup into an empty store, of either engine", "--from", "The backup's directory",
      restore_backup,
      "Example:\n  zhili restore --from backup-2026-11-22 --store postgresql://zhili@db/zhili --lake lake");
}

}  // namespace zhili::cli
