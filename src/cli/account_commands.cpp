#include "cli/account_commands.hpp"

#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/installation.hpp"
#include "cli/output.hpp"
#include "identity/accounts.hpp"
#include "identity/api_keys.hpp"
#include "identity/directory.hpp"
#include "identity/encoding.hpp"
#include "identity/password.hpp"
#include "identity/totp.hpp"
#include "vault/bindings.hpp"

namespace zhili::cli {
namespace {

struct AccountWords {
  std::string directory;
  std::string login;
  std::string name;
  std::vector<std::string> posts;
  bool second_factor = false;
  std::string subject;
};

struct ResetWords {
  std::string directory;
  std::string login;
  bool open = false;
  bool second_factor = false;
};

struct KeyWords {
  std::string directory;
  std::string name;
  std::string post;
  unsigned days = 90;
};

/// "ROLE:DEPARTMENT:AREA"; what stands behind may be left out.
identity::Assignment post_of(const std::string& text) {
  identity::Assignment out;
  const auto first = text.find(':');
  out.role = text.substr(0, first);
  if (first == std::string::npos) return out;
  const auto second = text.find(':', first + 1);
  out.department = text.substr(first + 1, second == std::string::npos ? second : second - first - 1);
  if (second != std::string::npos) out.area = text.substr(second + 1);
  return out;
}

/// Before anything is made: an account without the post that it was to have would stand in the way of the next try.
Status require_post(Installation& installation, const identity::Assignment& post) {
  ZHILI_ASSIGN(const auto rules, installation.rules());
  if (!rules->policy.roles.find(post.role)) {
    return fail(ErrorCode::kUsage, {}, fmt::format("One of: {}.", fmt::join(rules->policy.roles.ids(), ", ")),
                "the policy knows no role '{}'", post.role);
  }
  if (!post.area.empty() && !rules->areas.has(post.area)) {
    return fail(ErrorCode::kConstraint, {}, "'zhili init --areas' brings areas in.", "there is no area '{}'",
                post.area);
  }
  ZHILI_ASSIGN(const auto departments, identity::Directory(installation.ground()).departments());
  const auto named = [&](const auto& department) { return department.id == post.department; };
  if (post.department.empty() || std::ranges::any_of(departments, named)) return {};
  return fail(ErrorCode::kConstraint, {}, "'zhili init --departments' brings departments in.",
              "there is no department '{}'", post.department);
}

Result<vault::Bindings::Subject> subject_of(const std::string& text) {
  const auto colon = text.find(':');
  if (colon != std::string::npos) return vault::Bindings::Subject{text.substr(0, colon), text.substr(colon + 1)};
  return fail(ErrorCode::kUsage, {}, "For example: --is person:k7m3x9q2tr4w", "--is wants KIND:ID");
}

/// The password's line from standard input: it stands in no list of processes.
Result<std::string> read_password() {
  std::string line;
  if (std::getline(std::cin, line) && !line.empty()) return line;
  return fail(ErrorCode::kUsage, {}, "For example: printf '%s\\n' \"$PASSWORD\" | zhili account create …",
              "the password is read from standard input, and there is none");
}

/// Draws a secret and takes it into use at once: whoever runs the command hands it over. A code is good once, so it is
/// confirmed with the one before, and the one that a telephone shows now is left for the first sign-in.
Result<std::string> set_second_factor(Installation& installation, const std::string& account) {
  identity::Accounts accounts(installation.ground());
  ZHILI_ASSIGN(const auto factor, accounts.begin_second_factor(account, installation.settings().zh));
  const auto secret = identity::from_base32(factor.secret);
  if (!secret) return fail(ErrorCode::kInternal, {}, "", "a secret that was just made can't be read");
  const int64_t step = identity::totp_step(installation.store().now());
  ZHILI_ASSIGN(const auto before, identity::totp_code(*secret, step - 1));
  if (accounts.confirm_second_factor(account, before, "")) return factor.secret;
  // Where a new step began meanwhile, the code before is too old.
  ZHILI_ASSIGN(const auto code, identity::totp_code(*secret, step));
  ZHILI_TRY(accounts.confirm_second_factor(account, code, ""));
  return factor.secret;
}

Status tell(const boost::json::object& account, const Context& context) {
  if (context.json) return print(boost::json::value(account));
  std::string text = fmt::format("{} {}\n", std::string_view(account.at("id").get_string()),
                                 std::string_view(account.at("login").get_string()));
  if (const auto* secret = account.if_contains("second_factor")) {
    text += fmt::format("second factor: {}\n", std::string_view(secret->get_string()));
  }
  return print(text);
}

Status create(const AccountWords& words, const Context& context) {
  ZHILI_ASSIGN(const std::string password, read_password());
  ZHILI_ASSIGN(auto settings, load_settings(words.directory));
  ZHILI_ASSIGN(const auto installation, Installation::open(std::move(settings)));
  for (const auto& post : words.posts) ZHILI_TRY(require_post(*installation, post_of(post)));
  ZHILI_TRY(identity::check_new_password(password, words.login, {}));
  std::optional<vault::Bindings::Subject> subject;
  if (!words.subject.empty()) {
    ZHILI_ASSIGN(subject, subject_of(words.subject));
  }
  identity::Accounts accounts(installation->ground());
  ZHILI_ASSIGN(const std::string id, accounts.create(words.login, words.name, ""));
  ZHILI_TRY(accounts.set_password(id, password, ""));
  for (const auto& post : words.posts) ZHILI_TRY(accounts.give_post(id, {post_of(post), {}}, ""));
  boost::json::object out{{"id", id}, {"login", words.login}};
  if (words.second_factor) {
    ZHILI_ASSIGN(out["second_factor"], set_second_factor(*installation, id));
  }
  if (subject) ZHILI_TRY(vault::Bindings(installation->vault()).bind(*subject, id, ""));
  ZHILI_TRY(installation->log().integrate());
  return tell(out, context);
}

/// For the day on which nobody can sign in who could help: a new password, and what was lost with the old one.
Status reset(const ResetWords& words, const Context& context) {
  ZHILI_ASSIGN(const std::string password, read_password());
  ZHILI_ASSIGN(auto settings, load_settings(words.directory));
  ZHILI_ASSIGN(const auto installation, Installation::open(std::move(settings)));
  identity::Accounts accounts(installation->ground());
  ZHILI_ASSIGN(const auto account, accounts.find_login(words.login));
  if (account.state == identity::AccountState::kLocked && !words.open) {
    return fail(ErrorCode::kConstraint, {}, "Say --open to open it again.", "'{}' is locked", words.login);
  }
  ZHILI_TRY(accounts.set_password(account.id, password, ""));
  if (words.open) ZHILI_TRY(accounts.set_state(account.id, identity::AccountState::kActive, ""));
  boost::json::object out{{"id", account.id}, {"login", account.login}};
  if (words.second_factor) {
    if (account.has_second_factor) ZHILI_TRY(accounts.remove_second_factor(account.id, ""));
    ZHILI_ASSIGN(out["second_factor"], set_second_factor(*installation, account.id));
  }
  ZHILI_TRY(installation->log().integrate());
  return tell(out, context);
}

Status issue_key(const KeyWords& words, const Context& context) {
  ZHILI_ASSIGN(auto settings, load_settings(words.directory));
  ZHILI_ASSIGN(const auto installation, Installation::open(std::move(settings)));
  const auto post = post_of(words.post);
  ZHILI_TRY(require_post(*installation, post));
  const int64_t ends = installation->store().now() + int64_t{words.days} * identity::kDay;
  ZHILI_ASSIGN(const auto key, identity::ApiKeys(installation->ground()).issue(words.name, post, ends, ""));
  ZHILI_TRY(installation->log().integrate());
  if (context.json) return print(boost::json::value(boost::json::object{{"key", key}}));
  return print(key + "\n");
}

Status show_code(const std::string& text) {
  const auto secret = identity::from_base32(text);
  if (!secret) return fail(ErrorCode::kUsage, {}, "It is what 'zhili account create' told.", "this is no Base 32");
  ZHILI_ASSIGN(const auto code, identity::totp_code(*secret, identity::totp_step(store::system_now())));
  return print(code + "\n");
}

}  // namespace

void add_reset(CLI::App& group, Context& context) {
  auto* command = group.add_subcommand("reset", "Give an account a new password, a line of standard input");
  auto words = std::make_shared<ResetWords>();
  command->add_option("DIR", words->directory, "The installation")->required()->type_name("DIR");
  command->add_option("LOGIN", words->login, "What it signs in by")->required();
  command->add_flag("--open", words->open, "Open it again where it is locked");
  command->add_flag("--second-factor", words->second_factor, "Set a new second factor and tell its secret");
  add_common_options(*command, context);
  command->callback([&context, words] { context.action = [&context, words] { return reset(*words, context); }; });
  command->footer(
      "Example:\n  printf '%s\\n' \"$PASSWORD\" | zhili account reset /srv/zhili admin --open --second-factor\n"
      "All sessions of the account end. Where an administrator can still sign in, use the page of accounts instead.");
}

void add_account_commands(CLI::App& program, Context& context) {
  auto* group = program.add_subcommand("account", "Accounts and keys, while no server runs; else use its pages");
  group->require_subcommand(1);
  auto* command = group->add_subcommand("create", "Make an account; the password is a line of standard input");
  auto words = std::make_shared<AccountWords>();
  command->add_option("DIR", words->directory, "The installation")->required()->type_name("DIR");
  command->add_option("LOGIN", words->login, "To sign in by")->required();
  command->add_option("--name", words->name, "Shown to colleagues")->required();
  command->add_option("--post", words->posts, "A role, in a department, for an area")
      ->type_name("ROLE:DEPARTMENT:AREA");
  command->add_flag("--second-factor", words->second_factor, "Set a second factor and tell its secret");
  command->add_option("--is", words->subject, "Who the owner is in the base library")->type_name("KIND:ID");
  add_common_options(*command, context);
  command->callback([&context, words] { context.action = [&context, words] { return create(*words, context); }; });
  command->footer(
      "Example:\n  printf '%s\\n' \"$PASSWORD\" | zhili account create /srv/zhili admin --name 管理员 "
      "--post administrator::990101 --second-factor");

  add_reset(*group, context);
  auto* key = group->add_subcommand("key", "Issue a key for a system or a device");
  auto key_words = std::make_shared<KeyWords>();
  key->add_option("DIR", key_words->directory, "The installation")->required()->type_name("DIR");
  key->add_option("NAME", key_words->name, "What it is for")->required();
  key->add_option("--post", key_words->post, "What it may do, where")->required()->type_name("ROLE:DEPARTMENT:AREA");
  key->add_option("--days", key_words->days, "How long it is good")->check(CLI::Range(1U, 400U));
  add_common_options(*key, context);
  key->callback(
      [&context, key_words] { context.action = [&context, key_words] { return issue_key(*key_words, context); }; });
  key->footer("Example:\n  zhili account key /srv/zhili 社保系统 --post system::990101 --days 365");

  auto* code = group->add_subcommand("code", "The code of a second factor at this moment");
  auto secret = std::make_shared<std::string>();
  code->add_option("SECRET", *secret, "As it was told once")->required();
  code->callback([&context, secret] { context.action = [secret] { return show_code(*secret); }; });
  code->footer("Example:\n  zhili account code JBSWY3DPEHPK3PXP");
}

}  // namespace zhili::cli
