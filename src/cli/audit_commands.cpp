#include "cli/audit_commands.hpp"

#include <memory>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/audit_cosign.hpp"
#include "cli/audit_key.hpp"
#include "cli/audit_read.hpp"
#include "cli/audit_verify.hpp"

namespace zhili::cli {
namespace {

void add_verify(CLI::App& group, Context& context) {
  auto* command = group.add_subcommand("verify", "Check a copy of a log: signatures, every entry, every file");
  auto options = std::make_shared<AuditVerifyOptions>();
  command->add_option("DIR", options->directory, "The log's directory, or a copy")->required()->type_name("DIR");
  command->add_option("--key", options->keys, "The log's verifier key; of several, one must have signed")
      ->required()
      ->type_name("VKEY");
  command->add_option("--witness", options->witnesses, "A witness's verifier key; each named one must have cosigned")
      ->type_name("VKEY");
  command->add_option("--since", options->since, "An older checkpoint that the log must still begin with")
      ->type_name("FILE");
  add_common_options(*command, context);
  command->callback(
      [&context, options] { context.action = [&context, options] { return verify_log_copy(*options, context); }; });
  command->footer(
      "Examples:\n  zhili audit verify /backup/audit --key \"$(cat log.vkey)\"\n"
      "  zhili audit verify /backup/audit --key \"$(cat log.vkey)\" --witness \"$(cat court.vkey)\" \\\n"
      "    --since checkpoint-of-last-month --json");
}

void add_key(CLI::App& group, Context& context) {
  auto* command = group.add_subcommand("key", "Make a key that signs checkpoints; print what verifiers need");
  auto options = std::make_shared<AuditKeyOptions>();
  command->add_option("NAME", options->name, "The key's name, e.g. district.example/audit")
      ->required()
      ->type_name("NAME");
  command->add_option("--out", options->out, "Where the private key goes; never overwritten")
      ->required()
      ->type_name("FILE");
  command->add_flag("--sm2", options->sm2, "SM2 with SM3 instead of Ed25519");
  command->add_flag("--witness", options->witness, "For a witness, which cosigns the checkpoints of others");
  add_common_options(*command, context);
  command->callback(
      [&context, options] { context.action = [&context, options] { return make_key(*options, context); }; });
  command->footer(
      "Examples:\n  zhili audit key district.example/audit --out log.key > log.vkey\n"
      "  zhili audit key court.example/w1 --witness --out witness.key");
}

void add_cosign(CLI::App& group, Context& context) {
  auto* command =
      group.add_subcommand("cosign", "As a witness, cosign a copy of a log that has only grown since the last");
  auto options = std::make_shared<AuditCosignOptions>();
  command->add_option("DIR", options->directory, "The copy")->required()->type_name("DIR");
  command->add_option("--key", options->keys, "The log's verifier key; of several, one must have signed")
      ->required()
      ->type_name("VKEY");
  command->add_option("--with", options->with, "The witness's private key")->required()->type_name("FILE");
  command->add_option("--memory", options->memory, "Where the witness keeps what it cosigned last")
      ->required()
      ->type_name("DIR");
  add_common_options(*command, context);
  command->callback(
      [&context, options] { context.action = [&context, options] { return cosign_log_copy(*options, context); }; });
  command->footer(
      "Example:\n  zhili audit cosign copy --key \"$(cat audit.vkey)\" --with witness.key --memory witnessed\n"
      "The cosignature stands in the copy's checkpoint then: hand that file back.");
}

void add_proof(CLI::App& group, Context& context) {
  auto* command = group.add_subcommand("proof", "Print the proof that an entry is in a log (c2sp.org/tlog-proof)");
  auto options = std::make_shared<AuditProofOptions>();
  command->add_option("DIR", options->directory, "The log's directory, or a copy")->required()->type_name("DIR");
  command->add_option("INDEX", options->index, "The entry, counted from 0")->required()->type_name("N");
  add_common_options(*command, context);
  command->callback(
      [&context, options] { context.action = [&context, options] { return print_proof(*options, context); }; });
  command->footer("Example:\n  zhili audit proof /srv/zhili/audit 73894 > 73894.tlog-proof");
}

void add_show(CLI::App& group, Context& context) {
  auto* command = group.add_subcommand("show", "Show entries of a log");
  auto options = std::make_shared<AuditShowOptions>();
  command->add_option("DIR", options->directory, "The log's directory, or a copy")->required()->type_name("DIR");
  command->add_option("--from", options->from, "The first entry, counted from 0 [0]")->type_name("N");
  command->add_option("--count", options->count, "How many [20]")->type_name("N");
  add_common_options(*command, context);
  command->callback(
      [&context, options] { context.action = [&context, options] { return show_entries(*options, context); }; });
  command->footer("Example:\n  zhili audit show /srv/zhili/audit --from 73890 --count 10");
}

}  // namespace

void add_audit_commands(CLI::App& program, Context& context) {
  auto* group = program.add_subcommand("audit", "Logs that can't be altered unseen: check, prove, read");
  group->require_subcommand(1);
  add_verify(*group, context);
  add_key(*group, context);
  add_cosign(*group, context);
  add_proof(*group, context);
  add_show(*group, context);
  group->footer(
      "Examples:\n  zhili audit verify /backup/audit --key \"$(cat log.vkey)\"\n"
      "  zhili audit proof /srv/zhili/audit 73894");
}

}  // namespace zhili::cli
