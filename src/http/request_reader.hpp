#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "http/endpoint.hpp"
#include "http/problem.hpp"

namespace zhili::http {

/// Reads HTTP/1.1 requests (and 1.0) from bytes as they come, strictly: what two programs in a row may read
/// differently is refused. So a request is refused for both Content-Length and Transfer-Encoding, several lengths, any
/// coding but "chunked" by itself, folded fields, bare CR or LF, NUL, blanks before a colon, no Host or several.
class RequestReader {
 public:
  RequestReader();
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;
  ~RequestReader();

  struct Step {
    size_t consumed = 0;
    bool done = false;               ///< The head, or the body, is complete.
    std::optional<Problem> problem;  ///< The request is bad; nothing more can be read from this connection.
  };
  /// Offers all bytes that have come and were not consumed; consumes a whole head or nothing.
  Step read_head(std::string_view bytes);
  /// Behind the head: the length of the body where it was said, and whether the client waits for "100 Continue".
  std::optional<size_t> announced() const;
  bool expects_continue() const;
  /// The most that a body may have; behind the head.
  void limit_body(size_t bytes);
  /// Consumes bytes of the body; with none offered, finds out whether there is a body at all.
  Step read_body(std::string_view bytes);

  RawRequest& request() { return request_; }

 private:
  class Parser;
  RawRequest request_;
  std::unique_ptr<Parser> parser_;
};

}  // namespace zhili::http
