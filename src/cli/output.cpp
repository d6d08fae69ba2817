#include "cli/output.hpp"

#include <cerrno>
#include <cstdio>
#include <system_error>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace zhili::cli {
namespace {

boost::json::object told(const Error& error) {
  boost::json::object out;
  out["code"] = code_name(error.code);
  out["exit"] = static_cast<int>(error.code);
  out["message"] = error.message;
  if (!error.place.file.empty()) out["file"] = error.place.file;
  if (error.place.line > 0) out["line"] = error.place.line;
  if (error.place.column > 0) out["column"] = error.place.column;
  if (!error.hint.empty()) out["hint"] = error.hint;
  if (error.others.empty()) return out;
  boost::json::array others;
  for (const Error& other : error.others) others.push_back(told(other));
  out["others"] = std::move(others);
  return out;
}

}  // namespace

Status print(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (written) return {};
  return fail(ErrorCode::kIo, {}, "Free some space, or write to another place.", "Can't write to standard output: {}",
              std::generic_category().message(errno));
}

Status print(const boost::json::value& value) { return print(boost::json::serialize(value) + "\n"); }

void remark(std::string_view text) { std::fputs(fmt::format("{}\n", text).c_str(), stderr); }

std::string_view code_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInternal:
      return "internal";
    case ErrorCode::kUsage:
      return "usage";
    case ErrorCode::kConfig:
      return "config";
    case ErrorCode::kInput:
      return "input";
    case ErrorCode::kIo:
      return "io";
    case ErrorCode::kLimit:
      return "limit";
    case ErrorCode::kNotFound:
      return "not_found";
    case ErrorCode::kConflict:
      return "conflict";
    case ErrorCode::kConstraint:
      return "constraint";
    case ErrorCode::kBusy:
      return "busy";
    case ErrorCode::kUnavailable:
      return "unavailable";
    case ErrorCode::kOutcomeUnknown:
      return "outcome_unknown";
    case ErrorCode::kDiskFull:
      return "disk_full";
    case ErrorCode::kCancelled:
      return "cancelled";
  }
  return "internal";
}

boost::json::value error_json(const Error& error) { return boost::json::object{{"error", told(error)}}; }

void print_error(const Error& error, bool json) {
  if (json) {
    remark(boost::json::serialize(error_json(error)));
  } else {
    // As compilers do it: a place in a file speaks for itself.
    remark(error.place.file.empty() ? "zhili: " + error.text() : error.text());
  }
}

}  // namespace zhili::cli
