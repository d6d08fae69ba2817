#include "http/service.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <utility>

#include <boost/asio/ip/address.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include "base/limits.hpp"
#include "base/random.hpp"
#include "http/exchange.hpp"
#include "http/router.hpp"
#include "http/target.hpp"
#include "http/validate.hpp"
#include "http/workers.hpp"
#include "identity/digest.hpp"
#include "store/store.hpp"

namespace zhili::http {
namespace {

constexpr size_t kIdleBody = 65'536;  // Of requests that come to nothing anyway.
constexpr unsigned kLookUpThreads = 2;

/// What admit() has found out, for handle().
struct Ticket {
  Form form;
  Target target;
  Method method = Method::kGet;
  Router::Match match;
  const Handler* mounted = nullptr;
  bool file = false;
  std::string peer;
  std::optional<Problem> problem;
};

/// kOther for what no operation can have, TRACE among them.
Method method_of(std::string_view name) {
  constexpr std::array<Method, 7> kAll = {Method::kGet,   Method::kHead,   Method::kPost,   Method::kPut,
                                          Method::kPatch, Method::kDelete, Method::kOptions};
  for (const Method method : kAll) {
    if (name_of(method) == name) return method;
  }
  return Method::kOther;
}

/// What waits for a thread.
struct Job {
  Request request;
  Responder responder;
};

Problem wrong_method(const std::string& allowed) {
  Problem out{405,
              "wrong-method",
              {"不支持的方法", "Method not allowed"},
              {"此地址不支持该方法", "There is no such method here"}};
  out.headers.emplace_back("Allow", allowed);
  return out;
}

Problem second_factor_needed() {
  return {401,
          "second-factor-needed",
          {"需要动态口令", "A second factor is needed"},
          {"请先输入动态口令", "Give the second factor's code first"}};
}

std::string hex_of(uint64_t high, uint64_t low) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out(32, '0');
  for (size_t i = 16; i-- > 0; high >>= 4, low >>= 4) {
    out[i] = kDigits[high & 15];
    out[16 + i] = kDigits[low & 15];
  }
  return out;
}

bool is_loopback(std::string_view address) { return address.starts_with("127.") || address == "::1"; }

bool is_address(std::string_view text) {
  boost::system::error_code failed;
  boost::asio::ip::make_address(std::string(text), failed);
  return !failed;
}

// Who stands behind a proxy that is believed: the last address of X-Forwarded-For, which that proxy has added.
std::string client_of(const RawRequest& head, const std::vector<std::string>& proxies) {
  if (std::ranges::find(proxies, head.peer) == proxies.end()) return head.peer;
  std::string_view last;
  for (size_t i = 0; i < head.headers.size(); ++i) {
    if (head.headers[i].first == "x-forwarded-for") last = head.headers[i].second;
  }
  last = last.substr(last.rfind(',') + 1);
  while (last.starts_with(' ')) last.remove_prefix(1);
  return is_address(last) ? std::string(last) : head.peer;
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
  Core(Contract contract, Router router, ServiceOptions options)
      : contract_(std::move(contract)),
        router_(std::move(router)),
        options_(std::move(options)),
        books_(std::make_shared<Books>(contract_.operations())),
        workers_(std::max(1U, options_.workers)),
        passwords_(limits::kPasswordHashes, limits::kPasswordQueue),
        look_ups_(kLookUpThreads) {
    if (options_.log) books_->log = std::make_unique<RequestLog>(options_.log);
  }

  Status bind(Handlers&& handlers, std::vector<Handler>& by_number, std::vector<Handlers::Mount>& mounts);
  void serve(std::vector<Handler> by_number, std::vector<Handlers::Mount> mounts) {
    handlers_ = std::move(by_number);
    mounts_ = std::move(mounts);
  }
  void stop() {
    look_ups_.stop();
    workers_.stop();
    passwords_.stop();
  }

  Admission admit(const RawRequest& head);
  std::shared_ptr<Answering> handle(RawRequest&& raw, Admission&& admission, std::shared_ptr<Outlet> outlet);
  Outgoing refuse(const Problem& problem, const RawRequest& head);
  Books& books() { return *books_; }

 private:
  using Shared = std::shared_ptr<Exchange>;

  Form form_of(const RawRequest& head);
  void route(const RawRequest& head, Ticket& ticket) const;
  void authenticate(const Shared& exchange, Request&& request, Responder&& responder);
  void authorised(const Shared& exchange, Request&& request, Responder&& responder);
  void check(const Shared& exchange, Request&& request, Responder&& responder);
  void dispatch(const Shared& exchange, Request&& request, Responder&& responder);
  void answer_health(Responder&& responder) const;
  void answer_metrics(const Request& request, Responder&& responder) const;
  Handler own_handler(std::string_view operation);

  const Contract contract_;
  const Router router_;
  const ServiceOptions options_;
  std::vector<Handler> handlers_;  // By the number of the operation; never changed once requests come.
  std::vector<Handlers::Mount> mounts_;
  std::shared_ptr<Books> books_;
  const uint64_t seed_ = mix64(static_cast<uint64_t>(store::system_now()));
  std::atomic<uint64_t> serial_{0};
  Workers workers_;
  Workers passwords_;
  Workers look_ups_;  // Of callers: for itself, so that slow handlers don't keep everyone out.
};

Form Service::Core::form_of(const RawRequest& head) {
  const uint64_t serial = serial_.fetch_add(1, std::memory_order_relaxed);
  Form out;
  out.id = hex_of(mix64(seed_ + serial), mix64(~seed_ - serial));
  out.language = choose_language(head.headers.find("accept-language").value_or(""));
  out.coding = choose_coding(head.headers.find("accept-encoding").value_or(""));
  out.secure = head.secure || options_.behind_tls;
  return out;
}

void Service::Core::route(const RawRequest& head, Ticket& ticket) const {
  ticket.method = method_of(head.method);
  auto target = parse_target(head.target);
  if (!target) {
    ticket.problem = std::move(target.error());
    return;
  }
  ticket.target = std::move(*target);
  ticket.match = router_.find(ticket.method, ticket.target.segments);
  if (ticket.match.operation != nullptr) return;
  const bool reads = ticket.method == Method::kGet || ticket.method == Method::kHead;
  if (!ticket.match.allowed.empty()) {
    ticket.problem = wrong_method(ticket.match.allowed);
    return;
  }
  const std::string path = ticket.target.path();
  for (const Handlers::Mount& mount : mounts_) {
    const bool whole = !mount.prefix.ends_with('/');
    if (whole ? path != mount.prefix : !path.starts_with(mount.prefix)) continue;
    if (reads) {
      ticket.mounted = &mount.handler;
    } else {
      ticket.problem = wrong_method("GET, HEAD");
    }
    return;
  }
  const bool api = !ticket.target.segments.empty() && ticket.target.segments.front() == "api";
  if (options_.files && !api) {
    ticket.file = reads;
    ticket.form.page = reads;
    // What is open to everybody may stand in everybody's pages.
    const auto& segments = ticket.target.segments;
    ticket.form.framed = segments.size() > 1 && segments[0] == "open" && segments[1] == "embed";
    if (!reads) ticket.problem = wrong_method("GET, HEAD");
    return;
  }
  ticket.problem = not_found();
}

Admission Service::Core::admit(const RawRequest& head) {
  auto ticket = std::make_shared<Ticket>();
  ticket->form = form_of(head);
  ticket->peer = client_of(head, options_.proxies);
  route(head, *ticket);
  Admission out;
  const Operation* operation = ticket->match.operation;
  out.max_body = operation != nullptr && operation->takes_body ? operation->max_body : kIdleBody;
  out.time_limit = operation != nullptr ? operation->time_limit : limits::kWorkTime;
  out.kept = std::move(ticket);
  return out;
}

std::shared_ptr<Answering> Service::Core::handle(RawRequest&& raw, Admission&& admission,
                                                 std::shared_ptr<Outlet> outlet) {
  const auto ticket = std::static_pointer_cast<Ticket>(std::move(admission.kept));
  auto exchange = std::make_shared<Exchange>(books_, std::move(outlet), ticket->form);
  exchange->operation = ticket->match.operation;
  exchange->method = name_of(ticket->method);
  exchange->trace = trace_of(raw.headers.find("traceparent").value_or(""));
  exchange->received = options_.now();
  exchange->bytes_in = raw.body.size();
  Responder responder(exchange);
  if (const std::optional<Problem>& problem = ticket->problem; problem.has_value()) {
    responder.send(*problem);
    return exchange;
  }
  if (ticket->file) {
    if (auto found = options_.files->find(ticket->target.segments, raw.headers)) {
      responder.send(std::move(*found));
    } else {
      responder.send(not_found());
    }
    return exchange;
  }
  Request request;
  request.id = ticket->form.id;
  request.operation = ticket->match.operation;
  request.method = ticket->method;
  request.path = ticket->target.path();
  request.path_parameters = std::move(ticket->match.parameters);
  request.query = std::move(ticket->target.query);
  request.headers = std::move(raw.headers);
  request.body = std::move(raw.body);
  request.peer = std::move(ticket->peer);
  request.secure = ticket->form.secure;
  request.language = ticket->form.language;
  request.received = exchange->received;
  if (ticket->mounted == nullptr) {
    authenticate(exchange, std::move(request), std::move(responder));
    return exchange;
  }
  const auto job = std::make_shared<Job>(std::move(request), std::move(responder));
  const bool taken = workers_.submit(
      [&handler = *ticket->mounted, job] { handler(std::move(job->request), std::move(job->responder)); });
  if (!taken) job->responder.send(too_busy());
  return exchange;
}

void Service::Core::authenticate(const Shared& exchange, Request&& request, Responder&& responder) {
  const Operation& operation = *request.operation;
  Shown shown =
      operation.takes_session || operation.takes_key ? credential_in(request.headers, request.secure) : Shown{};
  const bool takes = shown.by == Credential::kSession ? operation.takes_session : operation.takes_key;
  if (shown.by == Credential::kNone || !takes || shown.token.empty() || !options_.callers) {
    if (operation.open) return check(exchange, std::move(request), std::move(responder));
    if (shown.by != Credential::kNone && !takes) {
      return responder.send(not_allowed(
          "wrong-credential", {"此操作不接受这种登录方式", "The operation does not take this kind of credential"}));
    }
    return responder.send(not_signed_in());
  }
  if (auto who = options_.callers->remembered(shown)) {
    request.caller = {shown.by, std::move(who), std::move(shown.token)};
    return authorised(exchange, std::move(request), std::move(responder));
  }
  const auto job = std::make_shared<Job>(std::move(request), std::move(responder));
  const bool taken = look_ups_.submit([self = shared_from_this(), exchange, shown = std::move(shown), job]() mutable {
    auto found = self->options_.callers->find(shown);
    if (found) {
      job->request.caller = {shown.by, std::move(*found), std::move(shown.token)};
      return self->authorised(exchange, std::move(job->request), std::move(job->responder));
    }
    if (found.error().code != ErrorCode::kNotFound) return job->responder.send(found.error());
    if (!job->request.operation->open) return job->responder.send(not_signed_in());
    self->check(exchange, std::move(job->request), std::move(job->responder));
  });
  if (!taken) job->responder.send(too_busy());
}

void Service::Core::authorised(const Shared& exchange, Request&& request, Responder&& responder) {
  const identity::SignedIn& who = *request.caller.who;
  exchange->set_account(who.actor.account);
  if (request.caller.by == Credential::kSession) {
    const bool over = who.ends <= request.received;
    const bool waits = who.stage == identity::SessionStage::kWaiting && !request.operation->takes_waiting;
    if ((over || waits) && !request.operation->open) {
      return responder.send(over ? not_signed_in() : second_factor_needed());
    }
    if (over || waits) request.caller = {};
  }
  check(exchange, std::move(request), std::move(responder));
}

void Service::Core::check(const Shared& exchange, Request&& request, Responder&& responder) {
  const Operation& operation = *request.operation;
  if (writes(request.method)) {
    if (auto problem = check_forgery(request.headers, request.caller)) return responder.send(*problem);
  }
  if (auto problem = validate(operation, request)) return responder.send(*problem);
  const bool once = options_.idempotency && operation.writes && request.caller.known() &&
                    request.headers.find("idempotency-key").has_value();
  if (!once) return dispatch(exchange, std::move(request), std::move(responder));
  options_.idempotency->run(std::move(request), std::move(responder),
                            [self = shared_from_this(), exchange](Request&& going, Responder&& to) {
                              self->dispatch(exchange, std::move(going), std::move(to));
                            });
}

void Service::Core::dispatch(const Shared& exchange, Request&& request, Responder&& responder) {
  const Handler& handler = handlers_[request.operation->number];
  const Runs runs = request.operation->runs;
  const auto job = std::make_shared<Job>(std::move(request), std::move(responder));
  auto work = [&handler, job] { handler(std::move(job->request), std::move(job->responder)); };
  if (runs == Runs::kQuick) return exchange->run(std::move(work));
  Workers& pool = runs == Runs::kPassword ? passwords_ : workers_;
  if (!pool.submit(std::move(work))) job->responder.send(too_busy());
}

void Service::Core::answer_health(Responder&& responder) const {
  boost::json::object checks;
  bool well = true;
  if (options_.health) {
    for (const auto& [name, ailment] : options_.health()) {
      checks[name] = ailment.empty() ? "ok" : ailment;
      well = well && ailment.empty();
    }
  }
  boost::json::object out;
  out["status"] = well ? "ok" : "failing";
  out["checks"] = std::move(checks);
  responder.send(Response::json(out, well ? 200 : 503));
}

void Service::Core::answer_metrics(const Request& request, Responder&& responder) const {
  const auto given = request.headers.find("authorization");
  const bool key =
      !options_.metrics_key.empty() && given && identity::same_secret(*given, "Bearer " + options_.metrics_key);
  // What a proxy of this machine brings is not this machine's, whether the proxy is known here or not.
  const bool local = is_loopback(request.peer) && !request.headers.find("x-forwarded-for");
  if (!key && !local) {
    return responder.send(not_allowed(
        "metrics-closed", {"仅限本机或持有指标密钥者读取", "For this machine, or with the key of the metrics"}));
  }
  Response out = Response::text(books_->metrics.text());
  out.content_type = "text/plain; version=0.0.4; charset=utf-8";
  responder.send(std::move(out));
}

// Handlers point to the core and not share it: they are part of it.
Handler Service::Core::own_handler(std::string_view operation) {
  if (operation == "getContract") {
    return [text = std::make_shared<const std::string>(contract_.json())](Request&&, Responder&& responder) {
      Response response;
      response.content_type = "application/json";
      response.shared_body = text;
      responder.send(std::move(response));
    };
  }
  if (operation == "getMetrics") {
    return [this](Request&& request, Responder&& responder) { answer_metrics(request, std::move(responder)); };
  }
  if (operation == "getHealth") {
    return [this](Request&&, Responder&& responder) { answer_health(std::move(responder)); };
  }
  return nullptr;
}

Status Service::Core::bind(Handlers&& handlers, std::vector<Handler>& by_number, std::vector<Handlers::Mount>& mounts) {
  std::string missing;
  for (const Operation& operation : contract_.operations()) {
    const auto found = handlers.handlers_.find(operation.id);
    Handler handler = found != handlers.handlers_.end() ? std::move(found->second) : own_handler(operation.id);
    if (found != handlers.handlers_.end()) handlers.handlers_.erase(found);
    if (!handler) missing += " " + operation.id;
    by_number.push_back(std::move(handler));
  }
  std::string surplus;
  for (const auto& [id, handler] : handlers.handlers_) surplus += " " + id;
  for (const std::string& id : handlers.doubled_) surplus += " " + id;
  if (!missing.empty() || !surplus.empty()) {
    return fail(ErrorCode::kConfig, {}, "Contract and program have to name the same operations, each once.",
                "Operations without handler:{}; handlers without operation, or doubled:{}",
                missing.empty() ? " none" : missing, surplus.empty() ? " none" : surplus);
  }
  mounts = std::move(handlers.mounts_);
  const std::array<std::pair<std::string_view, std::string>, 3> own = {
      {{"getContract", contract_.prefix() + "/openapi.json"}, {"getMetrics", "/metrics"}, {"getHealth", "/healthz"}}};
  for (const auto& [operation, path] : own) {
    if (contract_.find(operation) == nullptr) mounts.push_back({path, own_handler(operation)});
  }
  mounts.push_back({"/healthz/live", [](Request&&, Responder&& responder) {
                      responder.send(Response::json_text(R"({"status":"ok"})"));
                    }});
  return {};
}

Outgoing Service::Core::refuse(const Problem& problem, const RawRequest& head) {
  const Form form = form_of(head);
  books_->metrics.begin();
  Outgoing out = finished(problem_response(problem, form.language, form.id), form);
  books_->metrics.end(nullptr, problem.status, std::chrono::nanoseconds(0), 0, out.body.size());
  if (books_->log) {
    books_->log->add({.time = options_.now(),
                      .id = form.id,
                      .operation = "none",
                      .status = problem.status,
                      .bytes_out = out.body.size(),
                      .code = problem.type});
  }
  return out;
}

Service::Service(std::shared_ptr<Core> core) : core_(std::move(core)) {}
Service::~Service() { core_->stop(); }

Result<std::unique_ptr<Service>> Service::create(const Contract& contract, Handlers handlers, ServiceOptions options) {
  ZHILI_ASSIGN(Router router, Router::create(contract.operations()));
  if (!options.now) options.now = store::system_now;
  auto core = std::make_shared<Core>(contract, std::move(router), std::move(options));
  std::vector<Handler> by_number;
  std::vector<Handlers::Mount> mounts;
  ZHILI_TRY(core->bind(std::move(handlers), by_number, mounts));
  core->serve(std::move(by_number), std::move(mounts));
  return std::unique_ptr<Service>(new Service(std::move(core)));
}

Metrics& Service::metrics() { return core_->books().metrics; }
Admission Service::admit(const RawRequest& head) { return core_->admit(head); }

std::shared_ptr<Answering> Service::handle(RawRequest&& request, Admission&& admission,
                                           std::shared_ptr<Outlet> outlet) {
  return core_->handle(std::move(request), std::move(admission), std::move(outlet));
}

Outgoing Service::refuse(const Problem& problem, const RawRequest& head) { return core_->refuse(problem, head); }
void Service::count_connections(int64_t change) { core_->books().metrics.connections(change); }
void Service::tick() {
  if (core_->books().log) core_->books().log->flush();
}

}  // namespace zhili::http
