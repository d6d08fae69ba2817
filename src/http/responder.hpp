#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "http/message.hpp"
#include "http/problem.hpp"

namespace zhili::http {

/// Where an answer goes. Called once, from any thread; it does not block.
class Answering {
 public:
  Answering() = default;
  Answering(const Answering&) = delete;
  Answering& operator=(const Answering&) = delete;
  virtual ~Answering() = default;
  virtual void answer(Response&& response) = 0;
  virtual void answer(const Problem& problem) = 0;
};

/// The right to answer one request, once, now or later, from any thread (such as the store's writer). It may outlive
/// the connection and the client; an answer that nobody takes any more is dropped. One that is destroyed without an
/// answer answers 500.
class Responder {
 public:
  Responder() = default;
  explicit Responder(std::shared_ptr<Answering> to) : to_(std::move(to)) {}
  Responder(Responder&& other) noexcept = default;
  Responder& operator=(Responder&& other) noexcept {
    if (this != &other) {
      drop();
      to_ = std::move(other.to_);
    }
    return *this;
  }
  Responder(const Responder&) = delete;
  Responder& operator=(const Responder&) = delete;
  ~Responder() { drop(); }

  void send(Response&& response) {
    if (const auto to = std::exchange(to_, nullptr)) to->answer(std::move(response));
  }
  void send(const Problem& problem) {
    if (const auto to = std::exchange(to_, nullptr)) to->answer(problem);
  }
  void send(const Error& error) { send(problem_of(error)); }
  bool answered() const { return to_ == nullptr; }

 private:
  void drop() {
    if (to_) send(internal_problem());
  }
  std::shared_ptr<Answering> to_;
};

/// Runs one operation. It may answer before it returns or later; it is called from several threads at once.
using Handler = std::function<void(Request&&, Responder&&)>;

}  // namespace zhili::http
