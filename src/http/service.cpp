#include "http/service.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <utility>

#include <fmt/format.h>

#include "base/random.hpp"
#include "http/router.hpp"
#include "http/target.hpp"
#include "http/validate.hpp"
#include "http/workers.hpp"
#include "store/store.hpp"

namespace zhili::http {
namespace {

constexpr size_t kIdleBody = 65'536;  // Of requests that come to nothing anyway.

/// What admit() has found out, for handle().
struct Ticket {
  std::string id;
  Target target;
  Method method = Method::kGet;
  Router::Match match;
  const Handler* mounted = nullptr;
  Language language = Language::kChinese;
  std::optional<Problem> problem;
};

std::optional<Method> method_of(std::string_view name) {
  constexpr std::array<Method, 7> kAll = {Method::kGet,   Method::kHead,   Method::kPost,   Method::kPut,
                                          Method::kPatch, Method::kDelete, Method::kOptions};
  for (const Method method : kAll) {
    if (name_of(method) == name) return method;
  }
  return std::nullopt;
}

Problem wrong_method(const std::string& allowed) {
  Problem out{405,
              "wrong-method",
              {"不支持的方法", "Method not allowed"},
              {"此地址不支持该方法", "There is no such method here"}};
  out.headers.emplace_back("Allow", allowed);
  return out;
}

}  // namespace

void Handlers::add(std::string operation_id, Handler handler) {
  if (handlers_.contains(operation_id)) doubled_.push_back(operation_id);
  handlers_[std::move(operation_id)] = std::move(handler);
}

void Handlers::add_prefix(std::string prefix, Handler handler) {
  mounts_.push_back({std::move(prefix), std::move(handler)});
}

class Service::Core : public std::enable_shared_from_this<Service::Core> {
 public:
  Core(Contract contract, Router router, std::vector<Handler> handlers, std::vector<Handlers::Mount> mounts,
       ServiceOptions options)
      : contract_(std::move(contract)),
        router_(std::move(router)),
        handlers_(std::move(handlers)),
        mounts_(std::move(mounts)),
        options_(std::move(options)),
        workers_(options_.workers) {}

  Admission admit(const RawRequest& head);
  std::shared_ptr<Answering> handle(RawRequest&& raw, Admission&& admission, std::shared_ptr<Outlet> outlet);
  Outgoing finish(const Response& response, std::string_view id) const;
  Workers& workers() { return workers_; }

 private:
  void route(const RawRequest& head, Ticket& ticket) const;

  const Contract contract_;
  const Router router_;
  const std::vector<Handler> handlers_;  // By the number of the operation.
  const std::vector<Handlers::Mount> mounts_;
  const ServiceOptions options_;
  std::atomic<uint64_t> serial_{mix64(static_cast<uint64_t>(store::system_now()))};
  Workers workers_;
};

namespace {

/// One request on its way to an answer.
class Exchange : public Answering, public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(std::shared_ptr<Service::Core> core, std::shared_ptr<Outlet> outlet, const Ticket& ticket)
      : core_(std::move(core)), outlet_(std::move(outlet)), id_(ticket.id), language_(ticket.language) {}

  void answer(Response&& response) override {
    if (answered_.exchange(true)) return;
    if (outlet_->here()) return finish(response);
    outlet_->run([self = shared_from_this(), response = std::move(response)] { self->finish(response); });
  }
  void answer(const Problem& problem) override { answer(problem_response(problem, language_, id_)); }

 private:
  void finish(const Response& response) {
    outlet_->send(core_->finish(response, id_));
    outlet_.reset();
  }

  std::shared_ptr<Service::Core> core_;
  std::shared_ptr<Outlet> outlet_;
  const std::string id_;
  const Language language_;
  std::atomic<bool> answered_{false};
};

}  // namespace

void Service::Core::route(const RawRequest& head, Ticket& ticket) const {
  const auto method = method_of(head.method);
  if (!method) {
    ticket.problem = Problem{501, "unknown-method", {"未知的方法", "Unknown method"}, {}};
    return;
  }
  ticket.method = *method;
  auto target = parse_target(head.target);
  if (!target) {
    ticket.problem = std::move(target.error());
    return;
  }
  ticket.target = std::move(*target);
  ticket.match = router_.find(ticket.method, ticket.target.segments);
  if (ticket.match.operation != nullptr) return;
  if (!ticket.match.allowed.empty()) {
    ticket.problem = wrong_method(ticket.match.allowed);
    return;
  }
  const std::string path = ticket.target.path();
  for (const Handlers::Mount& mount : mounts_) {
    if (!path.starts_with(mount.prefix)) continue;
    if (writes(ticket.method) || ticket.method == Method::kOptions) {
      ticket.problem = wrong_method("GET, HEAD");
    } else {
      ticket.mounted = &mount.handler;
    }
    return;
  }
  ticket.problem = not_found();
}

Admission Service::Core::admit(const RawRequest& head) {
  auto ticket = std::make_shared<Ticket>();
  ticket->id = fmt::format("{:016x}{:016x}", serial_.fetch_add(0x9e3779b97f4a7c15ULL), mix64(serial_.load()));
  ticket->language = choose_language(head.headers.find("accept-language").value_or(""));
  route(head, *ticket);
  Admission out;
  const Operation* operation = ticket->match.operation;
  out.max_body = operation != nullptr ? std::max(operation->max_body, kIdleBody) : kIdleBody;
  out.time_limit = operation != nullptr ? operation->time_limit : limits::kWorkTime;
  out.kept = std::move(ticket);
  return out;
}

std::shared_ptr<Answering> Service::Core::handle(RawRequest&& raw, Admission&& admission,
                                                 std::shared_ptr<Outlet> outlet) {
  const auto ticket = std::static_pointer_cast<Ticket>(std::move(admission.kept));
  auto exchange = std::make_shared<Exchange>(shared_from_this(), std::move(outlet), *ticket);
  Responder responder(exchange);
  if (ticket->problem) {
    responder.send(*ticket->problem);
    return exchange;
  }
  Request request;
  request.id = ticket->id;
  request.operation = ticket->match.operation;
  request.method = ticket->method;
  request.path = ticket->target.path();
  request.path_parameters = std::move(ticket->match.parameters);
  request.query = std::move(ticket->target.query);
  request.headers = std::move(raw.headers);
  request.body = std::move(raw.body);
  request.peer = std::move(raw.peer);
  request.secure = raw.secure;
  request.language = ticket->language;
  request.received = options_.now();
  if (ticket->mounted != nullptr) {
    (*ticket->mounted)(std::move(request), std::move(responder));
    return exchange;
  }
  const Operation& operation = *request.operation;
  if (auto problem = validate(operation, request)) {
    responder.send(*problem);
    return exchange;
  }
  const Handler& handler = handlers_[operation.number];
  if (!operation.on_worker) {
    handler(std::move(request), std::move(responder));
    return exchange;
  }
  const bool taken =
      workers_.submit([&handler, request = std::move(request), responder = std::move(responder)]() mutable {
        handler(std::move(request), std::move(responder));
      });
  if (!taken) exchange->answer(too_busy());
  return exchange;
}

Outgoing Service::Core::finish(const Response& response, std::string_view id) const {
  Outgoing out;
  out.status = response.status;
  auto into = std::back_inserter(out.head);
  if (!response.content_type.empty()) fmt::format_to(into, "Content-Type: {}\r\n", response.content_type);
  for (const auto& [name, value] : response.headers) {
    // A line break in a value would begin another header; no handler has a reason for one.
    if (name.find_first_of("\r\n:") != std::string::npos || value.find_first_of("\r\n") != std::string::npos) continue;
    fmt::format_to(into, "{}: {}\r\n", name, value);
  }
  if (!id.empty()) fmt::format_to(into, "X-Request-Id: {}\r\n", id);
  out.body = response.body;
  out.shared_body = response.shared_body;
  return out;
}

Service::Service(std::shared_ptr<Core> core) : core_(std::move(core)) {}
Service::~Service() { core_->workers().stop(); }

Result<std::unique_ptr<Service>> Service::create(const Contract& contract, Handlers handlers, ServiceOptions options) {
  ZHILI_ASSIGN(Router router, Router::create(contract.operations()));
  std::string missing;
  std::vector<Handler> by_number;
  for (const Operation& operation : contract.operations()) {
    const auto found = handlers.handlers_.find(operation.id);
    if (found == handlers.handlers_.end()) {
      missing += " " + operation.id;
      continue;
    }
    by_number.push_back(std::move(found->second));
    handlers.handlers_.erase(found);
  }
  std::string surplus;
  for (const auto& [id, handler] : handlers.handlers_) surplus += " " + id;
  for (const std::string& id : handlers.doubled_) surplus += " " + id;
  if (!missing.empty() || !surplus.empty()) {
    return fail(ErrorCode::kConfig, {}, "Contract and program have to name the same operations, each once.",
                "Operations without handler:{}; handlers without operation, or doubled:{}",
                missing.empty() ? " none" : missing, surplus.empty() ? " none" : surplus);
  }
  if (!options.now) options.now = store::system_now;
  handlers.add_prefix(contract.prefix() + "/openapi.json",
                      [text = std::make_shared<const std::string>(contract.json())](Request&&, Responder&& responder) {
                        Response response;
                        response.content_type = "application/json";
                        response.shared_body = text;
                        responder.send(std::move(response));
                      });
  return std::unique_ptr<Service>(new Service(std::make_shared<Core>(contract, std::move(router), std::move(by_number),
                                                                     std::move(handlers.mounts_), std::move(options))));
}

Admission Service::admit(const RawRequest& head) { return core_->admit(head); }

std::shared_ptr<Answering> Service::handle(RawRequest&& request, Admission&& admission,
                                           std::shared_ptr<Outlet> outlet) {
  return core_->handle(std::move(request), std::move(admission), std::move(outlet));
}

Outgoing Service::refuse(const Problem& problem, const RawRequest& head) {
  const Language language = choose_language(head.headers.find("accept-language").value_or(""));
  return core_->finish(problem_response(problem, language, ""), "");
}

void Service::count_connections(int64_t /*change*/) {}
void Service::tick() {}

}  // namespace zhili::http
