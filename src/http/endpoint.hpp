#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "http/message.hpp"
#include "http/responder.hpp"

namespace zhili::http {

/// A request as it came from the wire: well-formed HTTP/1.1, nothing more.
struct RawRequest {
  std::string method;
  std::string target;  ///< Origin form: path and query, still encoded.
  Headers headers;
  std::string body;
  std::string peer;
  bool secure = false;
  bool keep_alive = true;
};

/// What is sent: its head is written out already.
struct Outgoing {
  int status = 200;
  std::string head;  ///< Header fields, each with its CRLF; without Content-Length, Connection and Date.
  std::string body;
  std::shared_ptr<const std::string> shared_body;
  bool close = false;  ///< The connection ends behind it.
};

/// A connection, as one of its requests sees it.
class Outlet {
 public:
  Outlet() = default;
  Outlet(const Outlet&) = delete;
  Outlet& operator=(const Outlet&) = delete;
  virtual ~Outlet() = default;
  /// Runs on the connection's thread: at once if this is that, else later.
  virtual void run(std::move_only_function<void()> work) = 0;
  /// Whether this is that thread.
  virtual bool here() const = 0;
  /// On the connection's thread, once a request.
  virtual void send(Outgoing&& response) = 0;
};

/// What is said of a request when its head is there and its body is not.
struct Admission {
  size_t max_body = 0;
  std::chrono::milliseconds time_limit{0};  ///< Of the work behind the body.
  std::optional<Outgoing> refusal;  ///< The answer, if the body need not be read; the connection ends behind it.
  std::shared_ptr<void> kept;       ///< For whoever admitted it.
};

/// What a server serves. Called on connections' threads, from several at once; does not block.
class Endpoint {
 public:
  Endpoint() = default;
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;
  virtual ~Endpoint() = default;

  virtual Admission admit(const RawRequest& head) = 0;
  /// Answers through the outlet, now or later. What it returns is given the answer that the time is over.
  virtual std::shared_ptr<Answering> handle(RawRequest&& request, Admission&& admission,
                                            std::shared_ptr<Outlet> outlet) = 0;
  /// What is sent to who can't be served: 400, 408, 413, 414, 431, 503. `head` may be incomplete.
  virtual Outgoing refuse(const Problem& problem, const RawRequest& head) = 0;
  /// Connections open now, for metrics.
  virtual void count_connections(int64_t change) = 0;
  /// Now and then on each connection thread, so that what is gathered can be written out.
  virtual void tick() = 0;
};

}  // namespace zhili::http
