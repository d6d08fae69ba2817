#include "cli/audit_verify.hpp"

#include <boost/json.hpp>

#include "audit/disk.hpp"
#include "audit/key.hpp"
#include "audit/verify.hpp"
#include "base/clock.hpp"
#include "base/limits.hpp"
#include "base/output_dir.hpp"
#include "cli/output.hpp"

namespace zhili::cli {

Result<std::vector<audit::VerifyKey>> parse_verify_keys(const std::vector<std::string>& texts, bool cosigners,
                                                        std::string_view option) {
  std::vector<audit::VerifyKey> keys;
  for (const std::string& text : texts) {
    auto key = audit::VerifyKey::parse(text);
    if (!key) {
      Error error = std::move(key).error();
      error.code = ErrorCode::kUsage;
      error.message = fmt::format("{} '{}': {}", option, text, error.message);
      return fail(std::move(error));
    }
    if (key->cosigner() != cosigners) {
      return fail(ErrorCode::kUsage, {}, cosigners ? "Name a log's key with --key." : "Name a witness with --witness.",
                  "{} '{}' is the key of a {}", option, text, key->cosigner() ? "witness" : "log");
    }
    keys.push_back(std::move(*key));
  }
  return keys;
}

namespace {

/// A witness may write any number of seconds.
std::string moment_text(int64_t seconds) {
  constexpr int64_t kYear10000 = 253'402'300'800;
  if (seconds < 0 || seconds >= kYear10000) return fmt::format("{} s after 1970", seconds);
  return time_text(seconds * 1'000'000, 0);
}

std::string report_text(const audit::VerifyReport& report) {
  const audit::Checkpoint& checkpoint = report.checkpoint;
  std::string out = fmt::format("The log {} is in order: {} entries, {} files read.\nRoot ({}): {}\n",
                                checkpoint.origin, checkpoint.head.size, report.files, audit::name_of(checkpoint.hash),
                                audit::to_base64(checkpoint.head.root));
  for (const auto& [name, time] : report.signatures) {
    out += time ? fmt::format("Cosigned by {} at {}\n", name, moment_text(*time)) : fmt::format("Signed by {}\n", name);
  }
  if (report.since) out += fmt::format("It begins with the {} entries of the older checkpoint.\n", *report.since);
  return out;
}

boost::json::object report_json(const audit::VerifyReport& report) {
  boost::json::array signatures;
  for (const auto& [name, time] : report.signatures) {
    boost::json::object one{{"name", name}};
    if (time) one["time"] = moment_text(*time);
    signatures.push_back(std::move(one));
  }
  boost::json::object out{{"origin", report.checkpoint.origin},
                          {"size", report.checkpoint.head.size},
                          {"root", audit::to_base64(report.checkpoint.head.root)},
                          {"hash", audit::name_of(report.checkpoint.hash)},
                          {"signatures", std::move(signatures)},
                          {"files", report.files},
                          {"notes", boost::json::value_from(report.notes)}};
  if (report.since) out["since"] = *report.since;
  return out;
}

}  // namespace

Status verify_log_copy(const AuditVerifyOptions& options, const Context& context) {
  ZHILI_ASSIGN(const auto keys, parse_verify_keys(options.keys, false, "--key"));
  ZHILI_ASSIGN(const auto witnesses, parse_verify_keys(options.witnesses, true, "--witness"));
  audit::VerifyOptions verify{.log_keys = keys, .witnesses = witnesses};
  verify.threads = context.threads;
  verify.progress = context.progress();
  if (options.since) {
    ZHILI_ASSIGN(verify.since, read_file(*options.since, limits::kNoteBytes));
  }
  ZHILI_ASSIGN(const audit::PosixDisk disk, audit::PosixDisk::open(options.directory, audit::PosixDisk::Access::kRead));
  auto report = audit::verify_log(disk, verify, context.cancel);
  if (!report) {
    Error error = std::move(report).error();
    const std::string& file = error.place.file;
    if (!file.empty() && !file.starts_with('/')) error.place.file = (options.directory / file).string();
    return fail(std::move(error));
  }
  if (context.json) return print(boost::json::value(report_json(*report)));
  if (!context.quiet) {
    for (const std::string& note : report->notes) remark("note: " + note);
  }
  return print(report_text(*report));
}

}  // namespace zhili::cli
