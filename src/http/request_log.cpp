#include "http/request_log.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <memory>

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace zhili::http {
namespace {

constexpr size_t kGathered = 65'536;

bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// All that is given here are ids of this program; what else it were, it would not break the line.
bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '\\'; });
}

void member(std::string& out, std::string_view name, std::string_view value) {
  if (!value.empty() && is_plain(value)) fmt::format_to(std::back_inserter(out), ",\"{}\":\"{}\"", name, value);
}

}  // namespace

std::string_view trace_of(std::string_view traceparent) {
  if (traceparent.size() != 55 || !traceparent.starts_with("00-") || traceparent[35] != '-' || traceparent[52] != '-') {
    return {};
  }
  const std::string_view trace = traceparent.substr(3, 32);
  const std::string_view parent = traceparent.substr(36, 16);
  const bool zero =
      trace.find_first_not_of('0') == std::string_view::npos || parent.find_first_not_of('0') == std::string_view::npos;
  return is_hex(trace) && is_hex(parent) && is_hex(traceparent.substr(53)) && !zero ? trace : std::string_view();
}

void RequestLog::add(const Line& line) {
  std::string text;
  text.reserve(320);
  const std::time_t seconds = line.time / 1'000'000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  fmt::format_to(std::back_inserter(text), "{{\"time\":\"{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z\"",
                 parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                 line.time % 1'000'000);
  member(text, "id", line.id);
  member(text, "trace", line.trace);
  member(text, "operation", line.operation);
  member(text, "method", line.method);
  fmt::format_to(std::back_inserter(text), ",\"status\":{},\"us\":{},\"in\":{},\"out\":{}", line.status,
                 line.microseconds, line.bytes_in, line.bytes_out);
  member(text, "account", line.account);
  member(text, "code", line.code);
  text += "}\n";
  size_t gathered = 0;
  {
    const std::scoped_lock lock(mutex_);
    lines_ += text;
    gathered = lines_.size();
  }
  if (gathered >= kGathered || line.status >= 500) flush();
}

void RequestLog::flush() {
  const std::scoped_lock writing(writing_);
  std::string lines;
  {
    const std::scoped_lock lock(mutex_);
    lines.swap(lines_);
  }
  if (!lines.empty()) write_(lines);
}

std::function<void(std::string_view)> to_standard_error() {
  auto logger = std::make_shared<spdlog::logger>("requests", std::make_shared<spdlog::sinks::stderr_sink_st>());
  logger->set_pattern("%v");
  return [logger](std::string_view lines) {
    lines.remove_suffix(lines.ends_with('\n') ? 1 : 0);  // It adds one.
    logger->info(lines);
  };
}

}  // namespace zhili::http
