#include "cli/vault_commands.hpp"

#include <memory>
#include <string>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json.hpp>

#include "base/clock.hpp"
#include "cli/installation.hpp"
#include "cli/output.hpp"
#include "vault/jobs.hpp"
#include "vault/rotation.hpp"

namespace zhili::cli {
namespace {

struct KeyWords {
  std::string file;
};

struct RotateWords {
  std::string directory;
  bool master = false;
};

struct JobsWords {
  std::string directory;
  size_t limit = 20;
};

Status make_master_key(const KeyWords& words, const Context& context) {
  ZHILI_TRY(vault::MasterKeys::write_new(words.file));
  if (context.json) return print(boost::json::value{{"file", words.file}});
  if (!context.quiet) {
    remark(
        "Without this key nothing in the vault can be read, with it everything: keep a copy apart from the store and "
        "its backups.");
  }
  return print(words.file + "\n");
}

Status rotate(const RotateWords& words, const Context& context) {
  ZHILI_ASSIGN(auto settings, load_settings(words.directory));
  ZHILI_ASSIGN(const auto installation, Installation::open(std::move(settings)));
  vault::Rotation rotation(installation->vault());
  if (words.master) {
    ZHILI_ASSIGN(const uint64_t wrapped, rotation.rewrap(""));
    ZHILI_TRY(installation->log().integrate());
    if (context.json) return print(boost::json::value{{"wrapped", wrapped}});
    return print(fmt::format("{} data keys are wrapped with the first master key now.\n", wrapped));
  }
  ZHILI_ASSIGN(const auto counts, rotation.rotate("", context.cancel));
  ZHILI_TRY(installation->log().integrate());
  if (context.json) {
    return print(boost::json::value{{"job", counts.job},
                                    {"key", counts.key},
                                    {"subjects", counts.subjects},
                                    {"records", counts.records},
                                    {"files", counts.files},
                                    {"resumed", counts.resumed}});
  }
  return print(fmt::format("{}{} subjects, {} records and {} files are sealed with key {} now; the old key is gone.\n",
                           counts.resumed ? "Went on with a rotation that had broken off. " : "", counts.subjects,
                           counts.records, counts.files, counts.key));
}

Status list_jobs(const JobsWords& words, const Context& context) {
  ZHILI_ASSIGN(auto settings, load_settings(words.directory));
  ZHILI_ASSIGN(const auto installation, Installation::open(std::move(settings)));
  ZHILI_ASSIGN(const auto jobs, vault::Jobs(installation->vault()).list(words.limit));
  if (context.json) {
    boost::json::array out;
    for (const vault::Job& job : jobs) {
      boost::json::object one{{"id", job.id},
                              {"work", job.work},
                              {"kind", job.kind},
                              {"actor", job.actor},
                              {"purpose", job.purpose},
                              {"basis", job.basis},
                              {"state", job.state},
                              {"fields", boost::json::value_from(job.fields)},
                              {"added", job.added},
                              {"changed", job.changed},
                              {"unchanged", job.unchanged},
                              {"removed", job.removed},
                              {"entry", job.entry},
                              {"started", time_text(job.started_at, 0)}};
      if (job.finished_at) one["finished"] = time_text(*job.finished_at, 0);
      out.push_back(std::move(one));
    }
    return print(boost::json::value{{"jobs", std::move(out)}});
  }
  std::string text;
  for (const vault::Job& job : jobs) {
    text +=
        fmt::format("{} {} {} {} purpose {} basis {}\n  {} added, {} changed, {} unchanged, {} removed; fields {}\n",
                    time_text(job.started_at, 0), job.work, job.kind.empty() ? "-" : job.kind, job.state, job.purpose,
                    job.basis.empty() ? "-" : job.basis, job.added, job.changed, job.unchanged, job.removed,
                    job.fields.empty() ? "-" : fmt::format("{}", fmt::join(job.fields, ", ")));
  }
  return print(text.empty() ? "No job has run.\n" : text);
}

}  // namespace

void add_vault_commands(CLI::App& program, Context& context) {
  auto* group =
      program.add_subcommand("vault", "Where personal values are kept sealed: keys, and what was done in bulk");
  group->require_subcommand(1);

  auto* key = group->add_subcommand("key", "Make a master key, in a file that its owner alone may read");
  auto key_words = std::make_shared<KeyWords>();
  key->add_option("FILE", key_words->file, "Never overwritten")->required()->type_name("FILE");
  add_common_options(*key, context);
  key->callback([&context, key_words] {
    context.action = [&context, key_words] { return make_master_key(*key_words, context); };
  });
  key->footer("Example:\n  zhili vault key /srv/zhili/keys/new.key");

  auto* change = group->add_subcommand("rotate", "Seal everything with a new data key, while no server runs");
  auto rotate_words = std::make_shared<RotateWords>();
  change->add_option("DIR", rotate_words->directory, "The installation")->required()->type_name("DIR");
  change->add_flag("--master", rotate_words->master,
                   "Only wrap the data keys with the first master key of the key file, which holds old ones behind it");
  add_common_options(*change, context);
  change->callback([&context, rotate_words] {
    context.action = [&context, rotate_words] { return rotate(*rotate_words, context); };
  });
  change->footer(
      "Broken off, it goes on where it was.\n"
      "Examples:\n  zhili vault rotate /srv/zhili\n"
      "  cat old.key >> new.key && mv new.key /srv/zhili/keys/vault.key && zhili vault rotate /srv/zhili --master");

  auto* jobs = group->add_subcommand("jobs", "List what was done in bulk: purpose, legal basis, fields, counts");
  auto jobs_words = std::make_shared<JobsWords>();
  jobs->add_option("DIR", jobs_words->directory, "The installation")->required()->type_name("DIR");
  jobs->add_option("--limit", jobs_words->limit, "At most so many, newest first [20]")
      ->check(CLI::Range(1, 1000))
      ->type_name("N");
  add_common_options(*jobs, context);
  jobs->callback(
      [&context, jobs_words] { context.action = [&context, jobs_words] { return list_jobs(*jobs_words, context); }; });
  jobs->footer("Example:\n  zhili vault jobs /srv/zhili --json");
  group->footer(
      "Examples:\n  zhili vault key master.key\n  zhili vault rotate /srv/zhili\n  zhili vault jobs /srv/zhili");
}

}  // namespace zhili::cli
