#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "http/callers.hpp"
#include "http/contract.hpp"
#include "http/endpoint.hpp"
#include "http/idempotency.hpp"
#include "http/message.hpp"
#include "http/metrics.hpp"
#include "http/responder.hpp"
#include "http/static_files.hpp"

namespace zhili::http {

/// Handlers by operationId; and by path, for what is no part of the contract.
class Handlers {
 public:
  void add(std::string operation_id, Handler handler);
  /// All GET requests to paths that begin with `prefix`, e.g. "/log/". They run on the workers; nobody has to be signed
  /// in, and of the request there are path and headers alone.
  void add_prefix(std::string prefix, Handler handler);

 private:
  friend class Service;
  struct Mount {
    std::string prefix;
    Handler handler;
  };
  std::map<std::string, Handler, std::less<>> handlers_;
  std::vector<Mount> mounts_;
  std::vector<std::string> doubled_;
};

/// One part that has to be well: its name, and what ails it, empty where it is well. No personal data, as anyone may
/// read it.
using HealthCheck = std::pair<std::string, std::string>;

struct ServiceOptions {
  std::shared_ptr<Callers> callers;           ///< None: only operations that are open to all can be called.
  std::shared_ptr<Idempotency> idempotency;   ///< None: Idempotency-Key is passed over.
  std::shared_ptr<const StaticFiles> files;   ///< The web front; none: all other paths are 404.
  std::function<void(std::string_view)> log;  ///< Is given lines of JSON (request_log.hpp); none: nothing is logged.
  std::function<std::vector<HealthCheck>()> health;  ///< Runs on a worker.
  std::function<int64_t()> now;                      ///< Microseconds since 1970 UTC; left out: the machine's clock.
  unsigned workers = 4;                              ///< Threads for operations with `x-runs: worker`.
  bool behind_tls = false;                           ///< A proxy speaks TLS for this server: cookies are for TLS alone.
  std::vector<std::string> proxies;                  ///< Addresses whose X-Forwarded-For is believed.
  std::string metrics_key;  ///< Lets in to /metrics from elsewhere than this machine, as a bearer token.
};

/// Everything between a connection and a handler: routes by the contract, finds out who asks, checks parameters and
/// bodies, runs handlers, and gives answers their form; counts and logs.
///
/// Three operations it can do by itself, where the contract names them and no handler is given: `getContract`,
/// `getMetrics` (for this machine, or with the key), `getHealth`. Where the contract does not name them, they are at
/// PREFIX/openapi.json, /metrics and /healthz. /healthz/live says that the process answers at all.
class Service : public Endpoint {
 public:
  /// Errors: kConfig, naming all operations that have no handler, and all handlers that have no operation.
  static Result<std::unique_ptr<Service>> create(const Contract& contract, Handlers handlers,
                                                 ServiceOptions options = {});
  /// Waits for its workers.
  ~Service() override;

  /// For further figures: metrics().add_source(…).
  Metrics& metrics();

  Admission admit(const RawRequest& head) override;
  std::shared_ptr<Answering> handle(RawRequest&& request, Admission&& admission,
                                    std::shared_ptr<Outlet> outlet) override;
  Outgoing refuse(const Problem& problem, const RawRequest& head) override;
  void count_connections(int64_t change) override;
  void tick() override;

  class Core;

 private:
  explicit Service(std::shared_ptr<Core> core);
  std::shared_ptr<Core> core_;
};

}  // namespace zhili::http
