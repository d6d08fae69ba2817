#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "http/contract.hpp"
#include "http/endpoint.hpp"
#include "http/message.hpp"
#include "http/responder.hpp"

namespace zhili::http {

/// Handlers by operationId; and by path, for what is no part of the contract.
class Handlers {
 public:
  void add(std::string operation_id, Handler handler);
  /// All GET requests to paths that begin with `prefix`, e.g. "/log/". No caller is asked for; the path alone is given.
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

struct ServiceOptions {
  unsigned workers = 4;          ///< Threads for operations with `x-runs: worker`.
  std::function<int64_t()> now;  ///< Microseconds since 1970 UTC; the machine's clock where it is left out.
};

/// Everything between a connection and a handler: routes by the contract, checks parameters, bodies and callers, runs
/// handlers, and gives answers their form. Serves the contract at the server's prefix + "/openapi.json".
class Service : public Endpoint {
 public:
  /// Errors: kConfig, naming all operations that have no handler, and all handlers that have no operation.
  static Result<std::unique_ptr<Service>> create(const Contract& contract, Handlers handlers,
                                                 ServiceOptions options = {});
  ~Service() override;

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
