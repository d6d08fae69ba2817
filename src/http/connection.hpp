#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "http/endpoint.hpp"
#include "http/request_reader.hpp"
#include "http/server.hpp"
#include "http/transport.hpp"

/// For server.cpp and connection.cpp alone.
namespace zhili::http {

using SteadyTime = std::chrono::steady_clock::time_point;

class Connection;

/// What all threads of a server share.
struct Shared {
  Endpoint& endpoint;
  const ServerOptions options;
  std::atomic<size_t> connections{0};
  std::atomic<size_t> in_work{0};
  std::atomic<size_t> body_bytes{0};  // Announced, of those in work.
  std::atomic<bool> stopping{false};

  /// Takes a place for a connection of an address; false where there is none.
  bool enter(const std::string& address);
  void leave(const std::string& address);

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, size_t> of_address_;

 public:
  Shared(Endpoint& served, ServerOptions with) : endpoint(served), options(std::move(with)) {}
};

/// One thread with its connections. Kept by the server and by connections, so that answers that come late find it.
class Loop : public std::enable_shared_from_this<Loop> {
 public:
  explicit Loop(std::shared_ptr<Shared> shared);
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop() = default;

  void start();
  /// Closes what does nothing, and lets the rest finish. Then `finished` says when all is done.
  void begin_stop();
  /// Closes everything and ends the thread.
  void finish();

  /// At once on this thread, later from others; dropped when the thread has ended.
  void run(std::move_only_function<void()> work);
  bool here() { return context_.get_executor().running_in_this_thread(); }
  void add(Connection* connection);
  void remove(Connection* connection);

  boost::asio::io_context& context() { return context_; }
  /// "Date: …\r\n"
  const std::string& date_line() const { return date_line_; }

 private:
  void tick();
  void write_date();

  std::shared_ptr<Shared> shared_;
  boost::asio::io_context context_{1};
  boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                    Executor>
      timer_{context_};
  std::thread thread_;
  std::unordered_set<Connection*> connections_;
  std::string date_line_;
  int64_t date_second_ = 0;
  std::mutex mutex_;
  bool over_ = false;  // Guarded by mutex_.
};

/// One client's connection. All of it runs on its loop's thread, but for run().
class Connection : public Outlet, public TransportUser, public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<Shared> shared, std::shared_ptr<Loop> loop, std::unique_ptr<Transport> transport,
             std::string peer);
  ~Connection() override;

  void start();
  /// Ends it if its time is over.
  void look_at_clock(SteadyTime now);
  /// The server stops: ends it if it does nothing.
  void stop_if_idle();
  void close();

  void run(std::move_only_function<void()> work) override;
  bool here() const override;
  void send(Outgoing&& response) override;

  void on_open(const ErrorBits& failed) override;
  void on_read(const ErrorBits& failed, size_t bytes) override;
  void on_written(const ErrorBits& failed, size_t bytes) override;

 private:
  enum class State : uint8_t { kOpening, kHead, kContinue, kBody, kWorking, kWriting, kDraining, kClosed };

  void set_limit(std::chrono::milliseconds time) { limit_ = std::chrono::steady_clock::now() + time; }
  void await_request();
  void read_more(size_t room);
  void advance();
  void take_head();
  void take_body();
  bool begin_work();
  bool reserve_body();
  void end_work();
  void work();
  void refuse(const Problem& problem);
  void send_last(Outgoing&& response);
  void write_next();
  void answer_written();
  void drain();

  std::shared_ptr<Shared> shared_;
  std::shared_ptr<Loop> loop_;
  std::unique_ptr<Transport> transport_;
  const std::string peer_;
  State state_ = State::kOpening;
  SteadyTime limit_;

  std::string buffer_;  // Bytes that came, from used_ to filled_.
  size_t used_ = 0;
  size_t filled_ = 0;
  bool head_begun_ = false;  // A byte of the next request has come.

  std::unique_ptr<RequestReader> reader_;
  Admission admission_;
  std::shared_ptr<Answering> answering_;
  bool counted_ = false;  // Among the requests in work,
  size_t reserved_ = 0;   // with so many bytes of body.
  bool only_head_ = false;
  bool keep_alive_ = true;

  std::string head_;
  Outgoing outgoing_;
  size_t written_ = 0;
  size_t drained_ = 0;
};

}  // namespace zhili::http
