// Sends GET requests over kept connections and measures when their answers come. With a rate, requests fall due as
// those of many independent clients do (exponential gaps), whether or not earlier ones are answered, and a latency
// counts from that moment: a server that halts is charged for all that waited (no coordinated omission). Without a rate
// each connection asks anew as soon as it is answered. Prints one line of JSON.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <deque>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/random.hpp"

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::duration;

struct Options {
  int port = 0;
  std::string targets;  ///< A file, one target a line.
  std::string key;
  int connections = 64;
  double rate = 0;  ///< Requests a second; 0: as many as are answered.
  double warm = 2;  ///< Seconds that do not count.
  double seconds = 10;
  uint64_t seed = 1;
};

struct Connection {
  int socket = -1;
  Clock::time_point due;
  std::string read;
};

/// The whole answer's size, once its head is there; 0 before that, -1 when it has no length.
long answer_size(std::string_view read) {
  const size_t head = read.find("\r\n\r\n");
  if (head == std::string_view::npos) return 0;
  const std::string_view name = "Content-Length: ";
  const size_t at = read.find(name);
  if (at == std::string_view::npos || at > head) return -1;
  return static_cast<long>(head) + 4 + std::strtol(read.data() + at + name.size(), nullptr, 10);
}

class Load {
 public:
  explicit Load(const Options& options) : options_(options), random_(options.seed) {}

  bool open() {
    std::ifstream in(options_.targets);
    for (std::string line; std::getline(in, line);)
      requests_.push_back("GET " + line + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + options_.key +
                          "\r\n\r\n");
    epoll_ = epoll_create1(0);
    connections_.resize(static_cast<size_t>(options_.connections));
    for (size_t i = 0; i < connections_.size(); ++i)
      if (!connect(i)) return false;
    return !requests_.empty();
  }

  /// False when a connection broke: a server that answers does not close.
  bool run() {
    const auto start = Clock::now();
    counts_from_ = start + seconds(options_.warm);
    const auto end = counts_from_ + seconds(options_.seconds);
    next_ = start;
    if (options_.rate <= 0)
      for (size_t i = 0; i < connections_.size(); ++i) send(i, start);
    while (!broken_ && Clock::now() < end) {
      fall_due();
      wait(end);
    }
    return !broken_;
  }

  void print() {
    std::sort(latencies_.begin(), latencies_.end());
    const auto at = [&](double part) {
      if (latencies_.empty()) return 0.0;
      return 1e3 * latencies_[static_cast<size_t>(part * static_cast<double>(latencies_.size() - 1))];
    };
    std::printf(
        "{\"answers\": %zu, \"refused\": %zu, \"a_second\": %.1f, \"p50_ms\": %.3f, \"p90_ms\": %.3f, "
        "\"p99_ms\": %.3f, \"p999_ms\": %.3f, \"max_ms\": %.3f, \"unanswered\": %zu}\n",
        latencies_.size(), refused_, static_cast<double>(latencies_.size()) / options_.seconds, at(.5), at(.9), at(.99),
        at(.999), at(1), waiting_.size());
  }

 private:
  static Clock::duration seconds(double number) {
    return std::chrono::duration_cast<Clock::duration>(duration<double>(number));
  }

  bool connect(size_t at) {
    Connection& one = connections_[at];
    one.socket = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(options_.port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the interface of sockets.
    if (::connect(one.socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return false;
    const int on = 1;
    setsockopt(one.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    epoll_event event{.events = EPOLLIN, .data = {.u64 = at}};
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, one.socket, &event) != 0) return false;
    free_.push_back(at);
    return true;
  }

  void send(size_t at, Clock::time_point due) {
    Connection& one = connections_[at];
    const std::string& request = requests_[random_.below(requests_.size())];
    one.due = due;
    const ssize_t sent = ::send(one.socket, request.data(), request.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(request.size())) broken_ = true;
  }

  /// Sends what is due by now; what finds no free connection waits, and its time runs.
  void fall_due() {
    if (options_.rate <= 0) return;
    const auto now = Clock::now();
    for (; next_ <= now; next_ += seconds(-std::log(1 - random_.uniform()) / options_.rate)) waiting_.push_back(next_);
    while (!waiting_.empty() && !free_.empty()) {
      send(free_.back(), waiting_.front());
      free_.pop_back();
      waiting_.pop_front();
    }
  }

  void wait(Clock::time_point end) {
    const auto until = options_.rate > 0 ? std::min(next_, end) : end;
    const auto left = std::max(until - Clock::now(), Clock::duration::zero());
    const timespec timeout{.tv_sec = left / std::chrono::seconds(1),
                           .tv_nsec = (left % std::chrono::seconds(1)).count()};
    std::vector<epoll_event>& events = events_;
    const int count = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
    for (int i = 0; i < count; ++i) receive(events[static_cast<size_t>(i)].data.u64);
  }

  void receive(size_t at) {
    Connection& one = connections_[at];
    const ssize_t size = recv(one.socket, buffer_.data(), buffer_.size(), 0);
    if (size <= 0) {
      broken_ = true;
      return;
    }
    one.read.append(buffer_.data(), static_cast<size_t>(size));
    const long whole = answer_size(one.read);
    if (whole < 0) broken_ = true;
    if (whole <= 0 || std::ssize(one.read) < whole) return;
    answered(one, Clock::now());
    one.read.clear();
    if (options_.rate <= 0)
      send(at, Clock::now());
    else
      free_.push_back(at);
  }

  void answered(const Connection& one, Clock::time_point now) {
    if (now < counts_from_) return;
    if (!one.read.starts_with("HTTP/1.1 200 ")) {
      if (refused_++ == 0) std::cerr << one.read << '\n';
      return;
    }
    latencies_.push_back(duration<double>(now - one.due).count());
  }

  const Options& options_;
  zhili::Random random_;
  int epoll_ = -1;
  bool broken_ = false;
  std::vector<std::string> requests_;
  std::vector<Connection> connections_;
  std::vector<size_t> free_;
  std::deque<Clock::time_point> waiting_;
  Clock::time_point next_;
  Clock::time_point counts_from_;
  std::vector<double> latencies_;  // Seconds.
  size_t refused_ = 0;
  std::string buffer_ = std::string(1 << 16, '\0');
  std::vector<epoll_event> events_ = std::vector<epoll_event>(256);
};

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): one ends the program, as it should.
int main(int argc, char** argv) {
  CLI::App app("GET requests at a rate");
  Options options;
  app.add_option("--port", options.port, "on 127.0.0.1")->required();
  app.add_option("--targets", options.targets, "a file, one target a line")->required();
  app.add_option("--key", options.key, "API key")->required();
  app.add_option("--connections", options.connections, "kept open");
  app.add_option("--rate", options.rate, "requests a second; 0: as many as are answered");
  app.add_option("--warm", options.warm, "seconds that do not count");
  app.add_option("--seconds", options.seconds, "that count");
  app.add_option("--seed", options.seed, "of the order and the gaps");
  CLI11_PARSE(app, argc, argv);
  Load load(options);
  if (!load.open()) {
    std::fputs("cannot connect, or there are no targets\n", stderr);
    return 1;
  }
  if (!load.run()) {
    std::fputs("a connection broke\n", stderr);
    return 1;
  }
  load.print();
  return 0;
}
