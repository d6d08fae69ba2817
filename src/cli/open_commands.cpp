#include "cli/open_commands.hpp"

#include <filesystem>
#include <memory>
#include <string>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json.hpp>

#include "base/clock.hpp"
#include "base/output_dir.hpp"
#include "cli/installation.hpp"
#include "cli/open_room.hpp"
#include "cli/output.hpp"
#include "identity/accounts.hpp"
#include "identity/http_fetch.hpp"

namespace zhili::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

struct Words {
  fs::path directory;
  std::string file;
  std::string id;  ///< Of a publication, or a dataset; or an address.
  std::string by;
  std::string reason;
  std::string total;
};

/// The installation with its open data.
struct Opened {
  std::unique_ptr<Installation> installation;
  std::unique_ptr<vault::Door> door;
  std::unique_ptr<OpenRoom> room;
};

Result<Opened> open_all(const Words& words) {
  Opened out;
  ZHILI_ASSIGN(auto settings, load_settings(words.directory));
  ZHILI_ASSIGN(out.installation, Installation::open(std::move(settings)));
  ZHILI_ASSIGN(const auto rules, out.installation->rules());
  ZHILI_ASSIGN(out.door, vault::Door::open(out.installation->vault(), rules));
  out.room = std::make_unique<OpenRoom>(*out.installation, *out.door, rules);
  return out;
}

/// The account in whose name it is done, with its posts. Who runs commands here holds the installation's keys: that
/// stands for the second factor.
Result<identity::Actor> actor_of(Installation& installation, const std::string& login) {
  const auto ground = installation.ground();
  ZHILI_ASSIGN(const auto account, identity::Accounts(ground).find_login(login));
  if (account.state != identity::AccountState::kActive) {
    return fail(ErrorCode::kConstraint, {}, "Name an account that is active.", "the account '{}' is not active", login);
  }
  ZHILI_ASSIGN(auto snapshot, installation.store().read());
  ZHILI_ASSIGN(auto posts, identity::current_posts(snapshot, account.id, installation.store().now()));
  return identity::Actor{account.id, std::move(posts), true};
}

Result<opendata::Plan> read_plan(const Words& words) {
  ZHILI_ASSIGN(const std::string text, read_file(words.file, opendata::kPlanBytes));
  return opendata::plan_from_yaml(text, words.file);
}

std::string check_text(const opendata::Check& check) {
  const auto& risk = check.risk;
  if (!check.epsilon.empty()) {
    return fmt::format("counts with noise: epsilon {}; {} counts\n", check.epsilon, risk.classes);
  }
  if (risk.classes == 0 && check.refused.empty()) {
    return fmt::format("{} rows read and told as they are: none is about a person\n", check.read);
  }
  std::string out = fmt::format(
      "{} rows read; {} told in {} classes, the smallest of {}{}\n"
      "risk that a record is found again: {:.1f}% at most, {:.1f}% on average; {} rows left out\n",
      check.read, risk.rows, risk.classes, risk.k,
      risk.l == 0 ? "" : fmt::format(", with {} sensitive values at least", risk.l), risk.max_risk * 100,
      risk.mean_risk * 100, risk.suppressed);
  if (check.cells > 0) out += fmt::format("{} counts are too small and not told\n", check.cells);
  if (check.refused.empty()) return out;
  out += fmt::format("refused: {}\n", check.refused);
  for (const auto& one : risk.small) {
    out += fmt::format("  {} rows{}: {}\n", one.size,
                       one.distinct == 0 ? "" : fmt::format(", {} sensitive values", one.distinct),
                       fmt::join(one.values, ", "));
  }
  return out;
}

json::object check_json(const opendata::Check& check) {
  return json::parse(opendata::to_json(check, true)).as_object();
}

std::unexpected<Error> refused(const opendata::Check& check) {
  return fail(ErrorCode::kConstraint, {}, "Make columns coarser, leave one out, or let more rows be left out.",
              "the check refused it: {}", check.refused);
}

Status check(const Words& words, const Context& context) {
  ZHILI_ASSIGN(const auto plan, read_plan(words));
  ZHILI_ASSIGN(const auto opened, open_all(words));
  ZHILI_ASSIGN(const auto actor, actor_of(*opened.installation, words.by));
  ZHILI_ASSIGN(const auto made, opened.room->publications.check(actor, plan, context.cancel));
  ZHILI_TRY(context.json ? print(json::value(check_json(made))) : print(check_text(made)));
  return made.refused.empty() ? Status() : refused(made);
}

Status publish(const Words& words, const Context& context) {
  ZHILI_ASSIGN(const auto plan, read_plan(words));
  ZHILI_ASSIGN(const auto opened, open_all(words));
  ZHILI_ASSIGN(const auto actor, actor_of(*opened.installation, words.by));
  ZHILI_ASSIGN(const auto outcome, opened.room->publications.publish(actor, plan, context.cancel));
  if (!outcome.version) {
    ZHILI_TRY(context.json ? print(json::value(json::object{{"id", plan.id}, {"check", check_json(outcome.check)}}))
                           : print(check_text(outcome.check)));
    return refused(outcome.check);
  }
  const auto& version = *outcome.version;
  if (context.json) {
    return print(json::value(json::object{{"id", plan.id},
                                          {"version", version.number},
                                          {"rows", version.rows},
                                          {"digest", version.digest},
                                          {"check", check_json(outcome.check)}}));
  }
  return print(fmt::format("{} version {}: {} rows, {} added, {} changed, {} removed\n{}", plan.id, version.number,
                           version.rows, version.added, version.changed, version.removed, check_text(outcome.check)));
}

Status list(const Words& words, const Context& context) {
  ZHILI_ASSIGN(const auto opened, open_all(words));
  ZHILI_ASSIGN(const auto all, opened.room->publications.list());
  ZHILI_ASSIGN(const auto uses, opened.room->uses.totals());
  json::array items;
  std::string text;
  for (const auto& one : all) {
    const auto used = uses.find(one.plan.id);
    const int64_t count = used == uses.end() ? 0 : used->second;
    items.push_back({{"id", one.plan.id},
                     {"dataset", one.plan.dataset},
                     {"version", one.newest.number},
                     {"rows", one.newest.rows},
                     {"digest", one.newest.digest},
                     {"changed_at", time_text(one.changed_at)},
                     {"uses", count}});
    text += fmt::format("{} {} version {}: {} rows, used {} times: {}\n", one.plan.id, one.plan.dataset,
                        one.newest.number, one.newest.rows, count, one.plan.title.zh);
  }
  return context.json ? print(json::value(std::move(items))) : print(text);
}

Status withdraw(const Words& words, const Context& context) {
  ZHILI_ASSIGN(const auto opened, open_all(words));
  ZHILI_ASSIGN(const auto actor, actor_of(*opened.installation, words.by));
  ZHILI_TRY(opened.room->publications.withdraw(actor, words.id, words.reason));
  return context.json ? print(json::value(json::object{{"withdrawn", words.id}}))
                      : print(fmt::format("{} is withdrawn; its digests stay.\n", words.id));
}

Status budget(const Words& words, const Context& context) {
  ZHILI_ASSIGN(const auto opened, open_all(words));
  auto& publications = opened.room->publications;
  ZHILI_TRY(opened.installation->registry().find(words.id));
  ZHILI_ASSIGN(auto left, publications.budget(words.id));
  if (!words.total.empty()) {
    ZHILI_ASSIGN(const auto actor, actor_of(*opened.installation, words.by));
    ZHILI_ASSIGN(const auto total, opendata::Epsilon::parse(words.total));
    ZHILI_ASSIGN(left, publications.set_budget(actor, words.id, total));
  }
  if (context.json) {
    return print(
        json::value(json::object{{"dataset", words.id}, {"total", left.total.text()}, {"spent", left.spent.text()}}));
  }
  return print(fmt::format("{}: {} of {} spent\n", words.id, left.spent.text(), left.total.text()));
}

/// Pulls a catalogue's DCAT; nothing else is fetched for it.
Status harvest(const Words& words, const Context& context) {
  ZHILI_ASSIGN(const auto opened, open_all(words));
  ZHILI_ASSIGN(const auto actor, actor_of(*opened.installation, words.by));
  identity::FetchRequest request;
  request.url = words.id;
  request.headers = {{"Accept", "application/ld+json"}};
  request.most = opendata::kHarvestBytes;
  const auto answer = identity::CurlFetch().fetch(request);
  if (!answer || answer->status != 200) {
    return fail(ErrorCode::kUnavailable, {}, "Look at the address and at the network.",
                "the catalogue does not answer: {}",
                answer ? fmt::format("status {}", answer->status) : answer.error().message);
  }
  ZHILI_ASSIGN(const size_t count, opened.room->harvests.take(actor, words.id, answer->body));
  return context.json ? print(json::value(json::object{{"source", words.id}, {"datasets", count}}))
                      : print(fmt::format("{}: {} datasets\n", words.id, count));
}

Status wishes(const Words& words, const Context& context) {
  ZHILI_ASSIGN(const auto opened, open_all(words));
  ZHILI_ASSIGN(const auto actor, actor_of(*opened.installation, words.by));
  json::array items;
  std::string text;
  std::string before;
  for (;;) {
    ZHILI_ASSIGN(const auto page, opened.room->wishes.list(actor, before, opendata::kWishPage));
    for (const auto& one : page) {
      items.push_back({{"id", one.id},
                       {"at", time_text(one.at)},
                       {"title", one.title},
                       {"text", one.text},
                       {"state", one.state},
                       {"answer", one.answer}});
      text += fmt::format("{} {} {} {}: {}\n", time_text(one.at, 0), one.id, one.state, one.title, one.text);
    }
    if (page.size() < opendata::kWishPage) break;
    before = page.back().id;
  }
  return context.json ? print(json::value(std::move(items))) : print(text);
}

struct Command {
  CLI::App* app = nullptr;
  std::shared_ptr<Words> words;
};

Command add(CLI::App& group, Context& context, const char* name, const char* what,
            Status (*work)(const Words&, const Context&), const char* example) {
  auto* command = group.add_subcommand(name, what);
  auto words = std::make_shared<Words>();
  command->add_option("DIR", words->directory, "The installation (zhili init)")->required()->type_name("DIR");
  add_common_options(*command, context);
  command->callback(
      [&context, words, work] { context.action = [&context, words, work] { return work(*words, context); }; });
  command->footer(fmt::format("Example:\n  {}", example));
  return {command, words};
}

CLI::Option* add_by(const Command& command) {
  return command.app->add_option("--by", command.words->by, "The account in whose name it is done")->type_name("LOGIN");
}

}  // namespace

void add_open_commands(CLI::App& program, Context& context) {
  auto* group = program.add_subcommand("open", "Open data: what departments publish for everybody");
  group->require_subcommand(1);
  const auto checking = add(*group, context, "check", "Try a plan: would it hide everybody?", check,
                            "zhili open check /srv/zhili ages.yaml --by officer");
  const auto publishing = add(*group, context, "publish", "Check a plan and publish a version", publish,
                              "zhili open publish /srv/zhili ages.yaml --by officer");
  for (const Command& command : {checking, publishing}) {
    command.app->add_option("PLAN", command.words->file, "docs/open_data.md explains its keys")
        ->required()
        ->type_name("FILE");
    add_by(command)->required();
  }
  add(*group, context, "list", "What is published, with how often it was used", list, "zhili open list /srv/zhili");
  const auto withdrawing = add(*group, context, "withdraw", "Take a publication away from the public, for a reason",
                               withdraw, "zhili open withdraw /srv/zhili ages --by officer --reason 源数据有误");
  withdrawing.app->add_option("ID", withdrawing.words->id, "Of the publication")->required()->type_name("ID");
  withdrawing.app->add_option("--reason", withdrawing.words->reason, "Is kept with it")->required()->type_name("TEXT");
  add_by(withdrawing)->required();
  const auto budgeting = add(*group, context, "budget", "The privacy budget of a dataset, and what is spent of it",
                             budget, "zhili open budget /srv/zhili police.residents --set 2 --by officer");
  budgeting.app->add_option("DATASET", budgeting.words->id, "Of the catalogue")->required()->type_name("DATASET");
  auto* setting =
      budgeting.app->add_option("--set", budgeting.words->total, "Sets it: 1, 0.5 or 1/3")->type_name("EPSILON");
  setting->needs(add_by(budgeting));
  const auto wishing = add(*group, context, "wishes", "What people ask to be opened, newest first", wishes,
                           "zhili open wishes /srv/zhili --by officer");
  add_by(wishing)->required();
  const auto harvesting =
      add(*group, context, "harvest", "Take in what another catalogue has, from its DCAT in JSON-LD", harvest,
          "zhili open harvest /srv/zhili https://data.example/catalog.jsonld --by officer");
  harvesting.app->add_option("URL", harvesting.words->id, "Of the document")->required()->type_name("URL");
  add_by(harvesting)->required();
  group->footer("Example:\n  zhili open publish /srv/zhili ages.yaml --by officer");
}

}  // namespace zhili::cli
