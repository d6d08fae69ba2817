#include "http/server.hpp"

#include <condition_variable>
#include <ctime>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "http/connection.hpp"
#include "http/tls.hpp"

namespace zhili::http {
namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds kTick{100};
constexpr std::chrono::milliseconds kAcceptPause{100};  // When the system has no descriptors left.

class PlainTransport : public Transport {
 public:
  explicit PlainTransport(Socket socket) : socket_(std::move(socket)) {}

  void open(std::shared_ptr<TransportUser> user) override { user->on_open({}); }
  void read(asio::mutable_buffer into, std::shared_ptr<TransportUser> user) override {
    socket_.async_read_some(
        into, [user = std::move(user)](const ErrorBits& failed, size_t bytes) { user->on_read(failed, bytes); });
  }
  void write(const OutBuffers& from, std::shared_ptr<TransportUser> user) override {
    socket_.async_write_some(
        from, [user = std::move(user)](const ErrorBits& failed, size_t bytes) { user->on_written(failed, bytes); });
  }
  void end() override {
    ErrorBits ignored;
    std::ignore = socket_.shutdown(Socket::shutdown_send, ignored);
  }
  void close() override {
    ErrorBits ignored;
    std::ignore = socket_.close(ignored);
  }
  Socket& socket() override { return socket_; }
  bool secure() const override { return false; }

 private:
  Socket socket_;
};

}  // namespace

bool Shared::enter(const std::string& address) {
  const std::scoped_lock lock(mutex_);
  if (connections >= options.connections) return false;
  size_t& count = of_address_[address];
  if (count >= options.connections_of_address) return false;
  ++count;
  ++connections;
  return true;
}

void Shared::leave(const std::string& address) {
  const std::scoped_lock lock(mutex_);
  const auto found = of_address_.find(address);
  if (found == of_address_.end()) return;
  if (--found->second == 0) of_address_.erase(found);
  --connections;
}

Loop::Loop(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) { write_date(); }

void Loop::start() {
  thread_ = std::thread([this] {
    tick();
    const auto kept = asio::make_work_guard(context_);
    context_.run();
  });
}

void Loop::run(std::move_only_function<void()> work) {
  if (here()) return work();
  const std::scoped_lock lock(mutex_);
  if (!over_) asio::post(context_, std::move(work));
}

void Loop::add(Connection* connection) { connections_.insert(connection); }

void Loop::remove(Connection* connection) { connections_.erase(connection); }

void Loop::write_date() {
  const std::time_t now = std::time(nullptr);
  if (now == date_second_) return;
  date_second_ = now;
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  date_line_ = fmt::format("Date: {}, {:02} {} {} {:02}:{:02}:{:02} GMT\r\n", kDays[static_cast<size_t>(parts.tm_wday)],
                           parts.tm_mday, kMonths[static_cast<size_t>(parts.tm_mon)], parts.tm_year + 1900,
                           parts.tm_hour, parts.tm_min, parts.tm_sec);
}

void Loop::tick() {
  write_date();
  shared_->endpoint.tick();
  const SteadyTime now = std::chrono::steady_clock::now();
  // Looking may end some.
  const std::vector<Connection*> all(connections_.begin(), connections_.end());
  for (Connection* connection : all) connection->look_at_clock(now);
  timer_.expires_after(kTick);
  timer_.async_wait([this](const ErrorBits& failed) {
    if (!failed) tick();
  });
}

void Loop::begin_stop() {
  run([self = shared_from_this()] {
    const std::vector<Connection*> all(self->connections_.begin(), self->connections_.end());
    for (Connection* connection : all) connection->stop_if_idle();
  });
}

void Loop::finish() {
  run([self = shared_from_this()] {
    const std::vector<Connection*> all(self->connections_.begin(), self->connections_.end());
    for (Connection* connection : all) connection->close();
    self->timer_.cancel();
    self->context_.stop();
  });
  if (thread_.joinable()) thread_.join();
  {
    const std::scoped_lock lock(mutex_);
    over_ = true;
  }
  // What was posted meanwhile, and what closing has ended.
  context_.restart();
  while (context_.poll() > 0) {
  }
}

class Server::Core {
 public:
  Core(Endpoint& endpoint, ServerOptions options) : shared_(std::make_shared<Shared>(endpoint, std::move(options))) {}

  Status listen();
  void start();
  void stop();
  uint16_t port() const { return port_; }
  Status reload() { return tls_ ? tls_->reload() : Status(); }

 private:
  using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;

  void accept();
  void take(Socket socket, const std::shared_ptr<Loop>& loop);
  void take_what_waits();
  void stop_now();

  std::shared_ptr<Shared> shared_;
  std::vector<std::shared_ptr<Loop>> loops_;
  std::unique_ptr<Acceptor> acceptor_;
  std::unique_ptr<Tls> tls_;
  size_t next_ = 0;
  uint16_t port_ = 0;
  std::once_flag stopped_;
};

Status Server::Core::listen() {
  const ServerOptions& options = shared_->options;
  if (!options.certificate_file.empty()) {
    ZHILI_ASSIGN(tls_, Tls::create(options.certificate_file, options.key_file));
  }
  for (unsigned i = 0; i < std::max(1U, options.threads); ++i) loops_.push_back(std::make_shared<Loop>(shared_));
  ErrorBits failed;
  const auto address = asio::ip::make_address(options.address, failed);
  if (failed)
    return fail(ErrorCode::kUsage, {}, "Give one such as 127.0.0.1 or ::.", "{} is no address", options.address);
  const asio::ip::tcp::endpoint endpoint(address, options.port);
  acceptor_ = std::make_unique<Acceptor>(loops_.front()->context());
  failed = acceptor_->open(endpoint.protocol(), failed);
  if (!failed) failed = acceptor_->set_option(asio::socket_base::reuse_address(true), failed);
  if (!failed) failed = acceptor_->bind(endpoint, failed);
  if (!failed) failed = acceptor_->listen(asio::socket_base::max_listen_connections, failed);
  if (failed) {
    return fail(ErrorCode::kIo, {}, "Choose another port, or stop what listens there.",
                "Can't listen on {} port {}: {}", options.address, options.port, failed.message());
  }
  port_ = acceptor_->local_endpoint(failed).port();
  return {};
}

void Server::Core::start() {
  for (const auto& loop : loops_) loop->start();
  loops_.front()->run([this] { accept(); });
}

void Server::Core::accept() {
  const std::shared_ptr<Loop> loop = loops_[next_++ % loops_.size()];
  acceptor_->async_accept(loop->context(), [this, loop](const ErrorBits& failed, Socket socket) {
    if (!acceptor_->is_open()) return;
    if (!failed) {
      take(std::move(socket), loop);
      return accept();
    }
    auto pause = std::make_shared<asio::steady_timer>(loops_.front()->context(), kAcceptPause);
    pause->async_wait([this, pause](const ErrorBits& cancelled) {
      if (!cancelled && acceptor_->is_open()) accept();
    });
  });
}

void Server::Core::take(Socket socket, const std::shared_ptr<Loop>& loop) {
  ErrorBits failed;
  const auto from = socket.remote_endpoint(failed);
  if (failed) return;
  auto address = from.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  const std::string peer = address.to_string();
  if (!shared_->enter(peer)) return;  // Closes it.
  ErrorBits ignored;
  std::ignore = socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  std::unique_ptr<Transport> transport =
      tls_ ? tls_->transport(std::move(socket)) : std::make_unique<PlainTransport>(std::move(socket));
  auto connection = std::make_shared<Connection>(shared_, loop, std::move(transport), peer);
  loop->run([connection = std::move(connection)] { connection->start(); });
}

// What the system has accepted for us already.
void Server::Core::take_what_waits() {
  ErrorBits failed;
  failed = acceptor_->non_blocking(true, failed);
  while (!failed) {
    const std::shared_ptr<Loop> loop = loops_[next_++ % loops_.size()];
    Socket socket(loop->context());
    failed = acceptor_->accept(socket, failed);
    if (!failed) take(std::move(socket), loop);
  }
  failed = acceptor_->close(failed);
}

// Whoever calls second waits for the first.
void Server::Core::stop() {
  std::call_once(stopped_, [this] { stop_now(); });
}

void Server::Core::stop_now() {
  std::mutex mutex;
  std::condition_variable closed;
  bool done = false;
  loops_.front()->run([&] {
    take_what_waits();
    const std::scoped_lock inner(mutex);
    done = true;
    closed.notify_one();
  });
  {
    std::unique_lock inner(mutex);
    closed.wait(inner, [&] { return done; });
  }
  shared_->stopping = true;
  for (const auto& loop : loops_) loop->begin_stop();
  const auto until = std::chrono::steady_clock::now() + shared_->options.times.stop;
  while (shared_->connections > 0 && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  for (const auto& loop : loops_) loop->finish();
}

Server::Server(std::unique_ptr<Core> core) : core_(std::move(core)) {}

Result<std::unique_ptr<Server>> Server::start(Endpoint& endpoint, ServerOptions options) {
  auto core = std::make_unique<Core>(endpoint, std::move(options));
  ZHILI_TRY(core->listen());
  core->start();
  return std::unique_ptr<Server>(new Server(std::move(core)));
}

// NOLINTNEXTLINE(bugprone-exception-escape): it throws where memory or threads are out, and then nothing can be saved.
Server::~Server() { stop(); }
uint16_t Server::port() const { return core_->port(); }
Status Server::reload_certificate() { return core_->reload(); }
void Server::stop() { core_->stop(); }

}  // namespace zhili::http
