#include "cli/fuse_commands.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/fuse_check.hpp"
#include "cli/fuse_eval.hpp"
#include "cli/fuse_explain.hpp"
#include "cli/fuse_lookup.hpp"
#include "cli/fuse_plan.hpp"
#include "cli/fuse_report.hpp"
#include "cli/fuse_review.hpp"
#include "cli/fuse_run.hpp"

namespace zhili::cli {
namespace {

void add_check(CLI::App& group, Context& context) {
  auto* command = group.add_subcommand("check", "Show what a configuration reads from its files");
  auto options = std::make_shared<CheckOptions>();
  command->add_option("CONFIG", options->config, "The configuration (docs/fuse.md)")->required()->type_name("FILE");
  command->add_option("--data", options->data, "Where relative paths start [the directory of CONFIG]")
      ->type_name("DIR");
  add_common_options(*command, context);
  command->callback([&context, options] { context.action = [&context, options] { return check(*options, context); }; });
  command->footer("Example:\n  zhili fuse check registers.yaml --data /data/registers");
}

void add_plan(CLI::App& group, Context& context) {
  auto* command = group.add_subcommand("plan", "Propose blocking rules from the data");
  auto options = std::make_shared<PlanOptions>();
  command->add_option("CONFIG", options->config, "The configuration (docs/fuse.md)")->required()->type_name("FILE");
  command->add_option("--data", options->data, "Where relative paths start [the directory of CONFIG]")
      ->type_name("DIR");
  add_common_options(*command, context);
  command->callback([&context, options] { context.action = [&context, options] { return plan(*options, context); }; });
  command->footer("Example:\n  zhili fuse plan registers.yaml");
}

void add_run(CLI::App& group, Context& context) {
  auto* command = group.add_subcommand("run", "Fuse the records of a configuration and write the result");
  auto arguments = std::make_shared<RunArguments>();
  command->add_option("CONFIG", arguments->config, "The configuration (docs/fuse.md)")->required()->type_name("FILE");
  command->add_option("--out", arguments->out, "Where the result goes; an earlier one is carried on")
      ->required()
      ->type_name("DIR");
  command->add_option("--data", arguments->data, "Where relative paths start [the directory of CONFIG]")
      ->type_name("DIR");
  command->add_option("--previous", arguments->previous, "The earlier result whose ids are carried on [that in --out]")
      ->type_name("DIR");
  command->add_option("--truth", arguments->truth, "Labels to compare the result with at the end (docs/fuse.md)")
      ->type_name("FILE");
  command->add_flag("--plain", arguments->plain, "The report shows identity numbers and telephones whole");
  command->add_flag("--members", arguments->members,
                    "Write members.parquet too: why each record belongs to its entity");
  add_common_options(*command, context);
  command->callback(
      [&context, arguments] { context.action = [&context, arguments] { return run(*arguments, context); }; });
  command->footer(
      "Examples:\n  zhili fuse run registers.yaml --out result\n"
      "  zhili fuse run registers.yaml --out result --truth truth.csv");
}

void add_explain(CLI::App& group, Context& context) {
  auto* command = group.add_subcommand("explain", "Show why two records are one entity, or are not");
  auto arguments = std::make_shared<ExplainArguments>();
  command->add_option("RESULT", arguments->target, "The result of a run, or a configuration (then all is done anew)")
      ->required()
      ->type_name("DIR|FILE");
  command->add_option("A", arguments->a, "One record")->required()->type_name("SOURCE:RECORD");
  command->add_option("B", arguments->b, "The other")->required()->type_name("SOURCE:RECORD");
  command->add_option("--svg", arguments->svg, "Where to draw it as a picture")->type_name("FILE");
  command->add_option("--language", arguments->language, "Of the picture: zh or en [zh]")
      ->check(CLI::IsMember({"zh", "en"}))
      ->type_name("NAME");
  command->add_flag("--plain", arguments->plain, "The picture shows identity numbers and telephones whole");
  command->add_option("--data", arguments->data, "With a configuration: where relative paths start [its directory]")
      ->type_name("DIR");
  add_common_options(*command, context);
  command->callback(
      [&context, arguments] { context.action = [&context, arguments] { return explain(*arguments, context); }; });
  command->footer(
      "Examples:\n  zhili fuse explain result police:P1 clinic:2\n"
      "  zhili fuse explain result police:P1 clinic:2 --svg pair.svg --language en\n"
      "  zhili fuse explain registers.yaml police:P1 clinic:2 --json");
}

void add_report(CLI::App& group, Context& context) {
  auto* command = group.add_subcommand("report", "Draw a result's report again, for example with the truth");
  auto arguments = std::make_shared<ReportArguments>();
  command->add_option("DIR", arguments->dir, "The result of a run")->required()->type_name("DIR");
  command->add_option("--truth", arguments->truth, "Labels: adds precision and recall (docs/fuse.md)")
      ->type_name("FILE");
  command->add_option("--out", arguments->out, "Where it goes [report.html in DIR]")->type_name("FILE");
  command->add_flag("--plain", arguments->plain, "Show identity numbers and telephones whole");
  add_common_options(*command, context);
  command->callback(
      [&context, arguments] { context.action = [&context, arguments] { return report(*arguments, context); }; });
  command->footer(
      "Examples:\n  zhili fuse report result --truth truth.csv\n"
      "  zhili fuse report result --plain --out for-the-archive.html");
}

void add_eval(CLI::App& group, Context& context) {
  auto* command = group.add_subcommand("eval", "Compare a result with the truth: precision, recall, F1, B³");
  auto arguments = std::make_shared<EvalArguments>();
  command->add_option("DIR", arguments->dir, "The result of a run")->required()->type_name("DIR");
  command->add_option("--truth", arguments->truth, "source,record_id,entity or pairs of records (docs/fuse.md)")
      ->required()
      ->type_name("FILE");
  add_common_options(*command, context);
  command->callback(
      [&context, arguments] { context.action = [&context, arguments] { return eval(*arguments, context); }; });
  command->footer(
      "Examples:\n  zhili fuse eval result --truth truth.csv\n  zhili fuse eval result --truth pairs.csv --json");
}

void add_lookup(CLI::App& group, Context& context) {
  auto* command = group.add_subcommand("lookup", "Show an entity of a result by its present or an old id");
  auto arguments = std::make_shared<LookupArguments>();
  command->add_option("DIR", arguments->dir, "The result of a run")->required()->type_name("DIR");
  command->add_option("ID", arguments->id, "Id of an entity, or SOURCE:RECORD")->required()->type_name("ID");
  add_common_options(*command, context);
  command->callback(
      [&context, arguments] { context.action = [&context, arguments] { return lookup(*arguments, context); }; });
  command->footer("Examples:\n  zhili fuse lookup result k7m3x9q2tr4w\n  zhili fuse lookup result police:P1");
}

using ReviewAction = std::function<Status(const ReviewArguments&, const Context&)>;

CLI::App* add_review_command(CLI::App& review, Context& context, const std::shared_ptr<ReviewArguments>& arguments,
                             const std::string& name, const std::string& what, const std::string& example,
                             ReviewAction action) {
  auto* command = review.add_subcommand(name, what);
  command->footer("Example:\n  zhili fuse review result " + example);
  add_common_options(*command, context);
  command->callback([&context, arguments, action = std::move(action)] {
    context.action = [&context, arguments, action] { return action(*arguments, context); };
  });
  return command;
}

void add_review(CLI::App& group, Context& context) {
  auto* review = group.add_subcommand("review", "See the pairs that people should decide on, and decide");
  auto arguments = std::make_shared<ReviewArguments>();
  review->add_option("DIR", arguments->dir, "The result of a run")->required()->type_name("DIR");
  review->require_subcommand(1);
  auto* list = add_review_command(*review, context, arguments, "list", "Show open pairs, the most telling first",
                                  "list --from 21 --limit 20", list_review);
  list->add_option("--from", arguments->from, "First number [1]")->type_name("N");
  list->add_option("--limit", arguments->limit, "Pairs to show [20]")->type_name("N");
  add_review_command(*review, context, arguments, "decided", "Show the decisions that stand", "decided --json",
                     list_decisions);
  const auto add_verdict = [&](fuse::Verdict verdict, const std::string& what) {
    const std::string name(fuse::name_of(verdict));
    auto* command = add_review_command(
        *review, context, arguments, name, what, name + " police:P1 clinic:2 --note \"seen on site\"",
        [verdict](const ReviewArguments& a, const Context& c) { return decide(a, verdict, c); });
    command->add_option("PAIR", arguments->records, "A number of the list, or two of SOURCE:RECORD")
        ->required()
        ->expected(1, 2)
        ->type_name("PAIR");
    command->add_option("--by", arguments->by, "Who decides [$USER]")->type_name("NAME");
    command->add_option("--note", arguments->note, "Why")->type_name("TEXT");
  };
  add_verdict(fuse::Verdict::kSame, "Decide that two records are one entity");
  add_verdict(fuse::Verdict::kDifferent, "Decide that two records are two entities");
  add_verdict(fuse::Verdict::kUndo, "Take the decision on two records back");
  review->footer(
      "Examples:\n  zhili fuse review result list\n  zhili fuse review result same 1\n"
      "  zhili fuse review result different police:P1 clinic:2 --note \"father and son\"");
}

}  // namespace

void add_fuse_commands(CLI::App& program, Context& context) {
  auto* group =
      program.add_subcommand("fuse", "Bring the records of many files together: one person, enterprise, place");
  group->require_subcommand(1);
  group->footer("Each command has --help.");
  add_check(*group, context);
  add_plan(*group, context);
  add_run(*group, context);
  add_explain(*group, context);
  add_report(*group, context);
  add_eval(*group, context);
  add_lookup(*group, context);
  add_review(*group, context);
}

}  // namespace zhili::cli
