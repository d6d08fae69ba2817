#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/limits.hpp"
#include "base/result.hpp"
#include "http/endpoint.hpp"

namespace zhili::http {

/// How long a client may take. A connection that takes longer is closed, with an answer where one can still be read.
struct ServerTimes {
  std::chrono::milliseconds head = limits::kHeadTime;    ///< From a request's first byte to the end of its head.
  std::chrono::milliseconds body = limits::kBodyTime;    ///< From then to the end of its body.
  std::chrono::milliseconds idle = limits::kIdleTime;    ///< Between requests, and before the first.
  std::chrono::milliseconds write = limits::kWriteTime;  ///< To take an answer; and 1 s for each 32 kB of it.
  std::chrono::milliseconds stop = limits::kStopTime;    ///< For what is under way when the server stops.
};

struct ServerOptions {
  std::string address = "127.0.0.1";
  uint16_t port = 0;  ///< 0: any that is free.
  unsigned threads = 2;
  ServerTimes times = {};
  size_t connections = limits::kConnections;
  size_t connections_of_address = limits::kConnectionsOfAddress;
  size_t requests_in_work = limits::kRequestsInWork;
  size_t bodies_bytes = 512 * limits::kBodyBytes;  ///< Of all requests in work, as they were announced.
  std::string certificate_file = {};               ///< PEM, with its chain. Empty: no TLS.
  std::string key_file = {};                       ///< PEM.
};

/// Listens, speaks HTTP/1.1 and hands requests to an endpoint, which outlives it. One thread for each `threads`; a
/// connection stays on one of them. Requests of one connection are answered one after the other, in their order.
class Server {
 public:
  /// Listens when it returns. Errors: kIo where the address can't be had; kConfig for certificate or key.
  static Result<std::unique_ptr<Server>> start(Endpoint& endpoint, ServerOptions options);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  /// Stops, see stop().
  ~Server();

  uint16_t port() const;
  /// Reads certificate and key again, for new connections. Where they are bad the old ones stay, and it tells why.
  Status reload_certificate();
  /// Stops listening, lets requests that have begun be answered, as long as times.stop; closes everything, returns.
  void stop();

 private:
  class Core;
  explicit Server(std::unique_ptr<Core> core);
  std::unique_ptr<Core> core_;
};

}  // namespace zhili::http
