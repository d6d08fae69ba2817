#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace zhili::http {

/// What a log line tells of a request. It has no place for a path, a query, a body or a name.
struct Line {
  int64_t time = 0;                 ///< When the request came; microseconds since 1970 UTC.
  std::string_view id = {};         ///< Of the request.
  std::string_view trace = {};      ///< Of W3C's traceparent, 32 digits; may be empty.
  std::string_view operation = {};  ///< Its id, or "none".
  std::string_view method = {};
  int status = 0;
  int64_t microseconds = 0;
  uint64_t bytes_in = 0;
  uint64_t bytes_out = 0;
  std::string_view account = {};  ///< Or the key's id; may be empty.
  std::string_view code = {};     ///< Of the problem, if it is one.
};

/// One line of JSON a request, gathered and written out a few times a second; at once behind an answer of 5xx.
class RequestLog {
 public:
  /// `write` is given whole lines; one call at a time.
  explicit RequestLog(std::function<void(std::string_view)> write) : write_(std::move(write)) {}
  RequestLog(const RequestLog&) = delete;
  RequestLog& operator=(const RequestLog&) = delete;
  /// Writes out what is left.
  ~RequestLog() { flush(); }

  void add(const Line& line);
  void flush();

 private:
  const std::function<void(std::string_view)> write_;
  std::mutex mutex_;
  std::string lines_;
  std::mutex writing_;
};

/// To standard error, by spdlog.
std::function<void(std::string_view)> to_standard_error();

/// The trace id of a traceparent header (W3C Trace Context, version 00); empty for what is none.
std::string_view trace_of(std::string_view traceparent);

}  // namespace zhili::http
