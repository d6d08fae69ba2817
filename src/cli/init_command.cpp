#include "cli/init_command.hpp"

#include <memory>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "base/output_dir.hpp"
#include "cli/area_files.hpp"
#include "cli/installation.hpp"
#include "cli/output.hpp"

namespace zhili::cli {
namespace {

namespace fs = std::filesystem;

struct InitWords {
  fs::path directory;
  fs::path packs;
  fs::path areas;
  fs::path shapes;
  fs::path departments;
  fs::path web;
  std::string zh = "智理";
  std::string en = "Zhili";
  std::string origin = "zhili.invalid/audit";
  std::string store = "sqlite:zhili.db";
  std::string listen = "127.0.0.1:8080";
  bool sm = false;
};

/// A path as the settings file has it: whole, since it is read from another directory.
std::string whole(const fs::path& path) {
  std::error_code ec;
  return fs::absolute(path, ec).lexically_normal().string();
}

std::string yaml_text(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? "''" : std::string(1, c);
  return out + "'";
}

Result<std::string> settings_text(const InitWords& words) {
  const auto colon = words.listen.rfind(':');
  if (colon == std::string::npos) {
    return fail(ErrorCode::kUsage, {}, "For example: --listen 127.0.0.1:8080", "'{}' is no address with a port",
                words.listen);
  }
  std::string out = "# An installation of Zhili. docs/serve.md says what each line means.\nversion: 1\n";
  out += fmt::format("name: {{zh: {}, en: {}}}\n", yaml_text(words.zh), yaml_text(words.en));
  out += fmt::format("origin: {}\nstore: {}\npacks: {}\n", yaml_text(words.origin), yaml_text(words.store),
                     yaml_text(whole(words.packs)));
  if (!words.web.empty()) out += fmt::format("web: {}\n", yaml_text(whole(words.web)));
  out += fmt::format("listen: {{address: {}, port: {}}}\n", yaml_text(words.listen.substr(0, colon)),
                     words.listen.substr(colon + 1));
  if (words.sm) out += "cryptography: sm\n";
  return out;
}

/// Writes the settings and makes the keys. What is there already stays.
Status make_directory(const InitWords& words) {
  std::error_code ec;
  // What lies there is for whoever runs the server; a directory that is there already keeps its owner's choice.
  if (fs::create_directories(words.directory, ec)) fs::permissions(words.directory, fs::perms::owner_all, ec);
  fs::create_directories(words.directory / "keys", ec);
  if (ec) return fail(ErrorCode::kIo, {words.directory.string(), 0, 0}, "", "can't be made: {}", ec.message());
  fs::permissions(words.directory / "keys", fs::perms::owner_all, ec);
  ZHILI_ASSIGN(const std::string text, settings_text(words));
  ZHILI_ASSIGN(const Settings settings, parse_settings(text, fs::absolute(words.directory, ec).lexically_normal()));
  for (const char* name : {"vault", "seal"}) {
    if (!fs::exists(settings.key(name), ec)) ZHILI_TRY(vault::MasterKeys::write_new(settings.key(name)));
  }
  if (!fs::exists(settings.key("audit"), ec)) {
    const auto kind = words.sm ? audit::KeyKind::kSm2 : audit::KeyKind::kEd25519;
    ZHILI_ASSIGN(const auto key, audit::SignKey::generate(words.origin, kind));
    ZHILI_TRY(key.write(settings.key("audit")));
    // For whoever checks the log: `zhili audit verify --key`.
    ZHILI_ASSIGN(const auto verifier, key.verify_key());
    ZHILI_TRY(write_file_atomically(settings.directory / "audit.vkey", verifier.text() + "\n"));
  }
  return write_file_atomically(settings.file(), text);
}

/// The key that signs what one department is told of another's data. An installation of an older program gets it, too.
Status make_exchange_key(const Settings& settings) {
  std::error_code ec;
  if (fs::exists(settings.key("exchange"), ec)) return {};
  const auto kind = settings.chinese_cryptography ? audit::KeyKind::kSm2 : audit::KeyKind::kEd25519;
  const std::string name = settings.origin.substr(0, settings.origin.rfind('/')) + "/exchange";
  ZHILI_ASSIGN(const auto key, audit::SignKey::generate(name, kind));
  ZHILI_TRY(key.write(settings.key("exchange")));
  ZHILI_ASSIGN(const auto verifier, key.verify_key());
  return write_file_atomically(settings.directory / "exchange.vkey", verifier.text() + "\n");
}

Status init(const InitWords& words, const Context& context) {
  std::error_code ec;
  if (!fs::exists(words.directory / "zhili.yaml", ec)) {
    if (words.packs.empty()) {
      return fail(ErrorCode::kUsage, {}, "For example: --packs packs", "a new installation needs --packs");
    }
    ZHILI_TRY(make_directory(words));
  }
  ZHILI_ASSIGN(auto settings, load_settings(words.directory));
  ZHILI_TRY(make_exchange_key(settings));
  ZHILI_ASSIGN(const auto installation, Installation::open(std::move(settings)));
  identity::Directory directory(installation->ground());
  if (!words.areas.empty()) {
    ZHILI_ASSIGN(const auto tree, read_areas(words.areas));
    ZHILI_TRY(directory.set_areas(tree, ""));
  }
  if (!words.departments.empty()) {
    ZHILI_ASSIGN(const auto departments, read_departments(words.departments));
    ZHILI_TRY(directory.set_departments(departments, ""));
  }
  if (!words.shapes.empty()) {
    ZHILI_ASSIGN(const auto shapes, read_area_shapes(words.shapes));
    ZHILI_TRY(directory.set_shapes(shapes, ""));
  }
  ZHILI_TRY(installation->log().integrate());
  ZHILI_ASSIGN(const auto tree, directory.areas());
  ZHILI_ASSIGN(const auto departments, directory.departments());
  if (context.json) {
    return print(boost::json::value(boost::json::object{
        {"directory", whole(words.directory)}, {"areas", tree.areas().size()}, {"departments", departments.size()}}));
  }
  return print(fmt::format("{}: {} areas, {} departments. Keep {}/keys apart from backups.\n", words.directory.string(),
                           tree.areas().size(), departments.size(), words.directory.string()));
}

}  // namespace

void add_init_command(CLI::App& program, Context& context) {
  auto* command = program.add_subcommand("init", "Make an installation: settings, keys, store, areas, departments");
  auto words = std::make_shared<InitWords>();
  command->add_option("DIR", words->directory, "Where the installation lies")->required()->type_name("DIR");
  command->add_option("--packs", words->packs, "The packs that it serves")->type_name("DIR");
  command->add_option("--areas", words->areas, "CSV: id,parent,level,zh,en")->type_name("FILE");
  command->add_option("--shapes", words->shapes, "GeoJSON: outlines, by property 'code' or 'id'")->type_name("FILE");
  command->add_option("--departments", words->departments, "CSV: id,zh,en,area")->type_name("FILE");
  command->add_option("--web", words->web, "The web pages [none]")->type_name("DIR");
  command->add_option("--zh", words->zh, "Its name in Chinese")->type_name("NAME");
  command->add_option("--en", words->en, "Its name in English")->type_name("NAME");
  command->add_option("--origin", words->origin, "Name of the audit log")->type_name("HOST/PATH");
  command->add_option("--store", words->store, "sqlite:FILE, or postgresql://…")->type_name("URL");
  command->add_option("--listen", words->listen, "ADDRESS:PORT")->type_name("PLACE");
  command->add_flag("--sm", words->sm, "Chinese commercial cryptography: SM2, SM3, SM4");
  add_common_options(*command, context);
  command->callback([&context, words] { context.action = [&context, words] { return init(*words, context); }; });
  command->footer(
      "Examples:\n  zhili init /srv/zhili --packs packs --zh 宁沐区 --origin ningmu.example/audit --areas areas.csv\n"
      "  zhili init /srv/zhili --departments departments.csv      brings the departments up to date");
}

}  // namespace zhili::cli
