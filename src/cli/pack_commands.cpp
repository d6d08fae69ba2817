#include "cli/pack_commands.hpp"

#include <algorithm>
#include <memory>
#include <string>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json.hpp>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "base/output_dir.hpp"
#include "catalog/parser.hpp"
#include "catalog/registers.hpp"
#include "cli/installation.hpp"
#include "cli/output.hpp"
#include "fuse/config.hpp"

namespace zhili::cli {
namespace {

namespace fs = std::filesystem;

struct VersionsWords {
  std::string directory;
  std::string text;
  int64_t version = 0;
};

/// The rules of fusing beside the pack's other files.
Result<std::vector<std::string>> check_entities(const fs::path& pack) {
  std::vector<fs::path> files;
  std::error_code ec;
  for (fs::directory_iterator it(pack / "entities", ec), end; !ec && it != end; it.increment(ec)) {
    if (it->path().extension() == ".yaml") files.push_back(it->path());
  }
  if (ec && ec != std::errc::no_such_file_or_directory) {
    return fail(ErrorCode::kIo, {(pack / "entities").string(), 0, 0}, "Check that it can be read.", "cannot list: {}",
                ec.message());
  }
  std::ranges::sort(files);
  std::vector<std::string> out;
  out.reserve(files.size());
  for (const fs::path& file : files) {
    ZHILI_ASSIGN(const std::string yaml, read_file(file, limits::kYamlBytes));
    ZHILI_TRY(fuse::parse_config(yaml, file));  // The registers' files are the installation's, and not here.
    out.push_back(file.stem().string());
  }
  return out;
}

Status check_pack(const std::string& directory, const Context& context) {
  catalog::Catalog catalog;
  ZHILI_TRY(catalog.add_directory(directory));
  ZHILI_ASSIGN(const auto entities, check_entities(directory));
  const catalog::Pack& pack = catalog.packs().front();
  ZHILI_ASSIGN(const auto registers, catalog::load_registers(directory, pack, catalog));
  if (context.json) {
    return print(boost::json::value{{"id", pack.id},
                                    {"version", pack.version},
                                    {"datasets", catalog.kinds().size()},
                                    {"entities", entities.size()},
                                    {"legal_bases", catalog.legal_bases().size()},
                                    {"purposes", catalog.purposes().size()},
                                    {"sources", catalog.sources().size()},
                                    {"elements", catalog.elements().size()},
                                    {"registers", registers.size()}});
  }
  return print(
      fmt::format("{} {}: {} datasets, {} kinds of entities to fuse, {} legal bases, {} purposes, {} sources, "
                  "{} data elements, {} registers.\n"
                  "The pack is sound.\n",
                  pack.id, pack.version, catalog.kinds().size(), entities.size(), catalog.legal_bases().size(),
                  catalog.purposes().size(), catalog.sources().size(), catalog.elements().size(), registers.size()));
}

constexpr std::string_view kNewPack =
    R"(# What this application is, and on which laws it works. docs/vault.md explains the keys.
id: {0}
version: 0.1.0
title: {{zh: {0}, en: {0}}}
description: {{zh: 一句话说明它做什么, en: what it does in one sentence}}
requires:
  zhili: ">=0.1"
entities: [thing]
legal_basis:
  - id: {0}-law
    title: 法律全称
    articles: [1]
    for: 它允许做什么
    purposes: [handle_case]
sources:
  {0}_office: {{owner: 部门名称, register: 登记簿名称}}
)";

constexpr std::string_view kNewDataset = R"(# Grades: 1 open, 2 internal, 3 personal, 4 sensitive personal, 5 core.
version: 1
id: thing
title: {zh: 事物, en: thing}
fields:
  - {id: name, zh: 名称, en: name, type: text, grade: 1, look_up: true}
)";

Status new_pack(const fs::path& named, const Context& context) {
  const fs::path directory = named.has_filename() ? named : named.parent_path();  // "packs/lamp/" is packs/lamp.
  const std::string id = directory.filename().string();
  if (!catalog::is_word(id)) {
    return fail(ErrorCode::kUsage, {}, "For example: zhili pack new packs/lamp",
                "'{}' can't be a pack's id: a-z 0-9 _ . -, beginning with a letter", id);
  }
  std::error_code ec;
  if (fs::exists(directory, ec)) {
    return fail(ErrorCode::kConflict, {directory.string(), 0, 0}, "Choose another name.", "there is something already");
  }
  const std::string pack = fmt::format(fmt::runtime(kNewPack), id);
  catalog::Catalog sound;
  ZHILI_TRY(sound.add({"pack.yaml", pack}, {{"thing.yaml", std::string(kNewDataset)}}));
  ZHILI_ASSIGN(OutputDir out, OutputDir::create(directory));
  fs::create_directory(out.staging() / "datasets", ec);
  ZHILI_TRY(write_file_atomically(out.staging() / "pack.yaml", pack));
  ZHILI_TRY(write_file_atomically(out.staging() / "datasets" / "thing.yaml", kNewDataset));
  ZHILI_TRY(out.publish());
  if (context.json) return print(boost::json::value{{"id", id}, {"directory", directory.string()}});
  return print(
      fmt::format("{0}/pack.yaml and {0}/datasets/thing.yaml are yours to change. 'zhili pack check {0}' tells "
                  "what is wrong.\n",
                  directory.string()));
}

Status list_versions(const catalog::InForce& in_force, const Context& context) {
  ZHILI_ASSIGN(const auto ids, in_force.ids());
  boost::json::array listed;
  std::string text;
  for (const std::string& id : ids) {
    ZHILI_ASSIGN(const auto versions, in_force.versions(id));
    for (const auto& one : versions) {
      const std::string since = time_text(one.since, 0);
      listed.push_back(boost::json::value{
          {"text", id}, {"version", one.number}, {"since", since}, {"removed", !one.text}, {"entry", one.entry}});
      text += fmt::format("{} {} from {} on{}, entry {}\n", id, one.number, since, one.text ? "" : ": taken away",
                          one.entry);
    }
  }
  return context.json ? print(boost::json::value(std::move(listed))) : print(text);
}

Status show_versions(const VersionsWords& words, const Context& context) {
  ZHILI_ASSIGN(auto settings, load_settings(words.directory));
  ZHILI_ASSIGN(const auto installation, Installation::open(std::move(settings)));
  const auto in_force = installation->in_force();
  if (words.text.empty()) return list_versions(in_force, context);
  ZHILI_ASSIGN(const auto versions, in_force.versions(words.text));
  const auto found = words.version == 0
                         ? versions.begin()
                         : std::ranges::find(versions, words.version, &catalog::InForce::Version::number);
  if (found == versions.end()) {
    return fail(ErrorCode::kNotFound, {}, fmt::format("The newest is {}.", versions.front().number),
                "'{}' has no version {}", words.text, words.version);
  }
  const std::optional<std::string>& text = found->text;
  if (!text) {
    return fail(ErrorCode::kNotFound, {}, fmt::format("Name an earlier one: --version {}.", found->number - 1),
                "'{}' was taken away with version {}", words.text, found->number);
  }
  return print(*text);
}

}  // namespace

void add_pack_commands(CLI::App& program, Context& context) {
  auto* group = program.add_subcommand("pack", "Packs: make one, check one, see which texts were in force when");
  group->require_subcommand(1);

  auto* check = group->add_subcommand("check", "Check a pack: all mistakes, each with file and line");
  auto checked = std::make_shared<std::string>();
  check->add_option("DIR", *checked, "The directory with its pack.yaml")->required()->type_name("DIR");
  add_common_options(*check, context);
  check->callback(
      [&context, checked] { context.action = [&context, checked] { return check_pack(*checked, context); }; });
  check->footer("Example:\n  zhili pack check packs/lamp");

  auto* make = group->add_subcommand("new", "Make a pack to begin with");
  auto made = std::make_shared<fs::path>();
  make->add_option("DIR", *made, "Its directory; the name is the pack's id")->required()->type_name("DIR");
  add_common_options(*make, context);
  make->callback([&context, made] { context.action = [&context, made] { return new_pack(*made, context); }; });
  make->footer("Example:\n  zhili pack new packs/lamp");

  auto* versions = group->add_subcommand("versions", "Which pack.yaml, datasets and policy were in force when");
  auto words = std::make_shared<VersionsWords>();
  versions->add_option("DIR", words->directory, "The installation")->required()->type_name("DIR");
  versions->add_option("TEXT", words->text, "Print this one, e.g. policy.yaml")->type_name("TEXT");
  versions->add_option("--version", words->version, "As this version had it [the newest]")->type_name("N");
  add_common_options(*versions, context);
  versions->callback(
      [&context, words] { context.action = [&context, words] { return show_versions(*words, context); }; });
  versions->footer(
      "Examples:\n  zhili pack versions /srv/zhili\n"
      "  zhili pack versions /srv/zhili lamp/datasets/lamp.yaml --version 1");
  group->footer(
      "Examples:\n  zhili pack new packs/lamp\n  zhili pack check packs/lamp\n  zhili pack versions /srv/zhili");
}

}  // namespace zhili::cli
