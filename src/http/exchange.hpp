#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "http/compress.hpp"
#include "http/endpoint.hpp"
#include "http/message.hpp"
#include "http/metrics.hpp"
#include "http/request_log.hpp"
#include "http/responder.hpp"

/// For service.cpp alone.
namespace zhili::http {

/// Where answered requests are counted and logged.
struct Books {
  explicit Books(const std::vector<Operation>& operations) : metrics(operations) {}
  Metrics metrics;
  std::unique_ptr<RequestLog> log;  // None: nothing is logged.
};

/// What an answer's form rests on, beside the answer.
struct Form {
  std::string id;
  Language language = Language::kChinese;
  Coding coding = Coding::kIdentity;
  bool secure = false;
  bool page = false;    // Of the web front.
  bool framed = false;  // A page that other sites may show within theirs.
};

/// Gives an answer its form: headers that hold for all, compression.
Outgoing finished(Response&& response, const Form& form);

/// One request on its way to an answer, which is formed, counted, logged and sent on the connection's thread.
class Exchange : public Answering, public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(std::shared_ptr<Books> books, std::shared_ptr<Outlet> outlet, Form formed)
      : form(std::move(formed)), books_(std::move(books)), outlet_(std::move(outlet)) {
    books_->metrics.begin();
  }

  void answer(Response&& response) override;
  void answer(const Problem& problem) override { answer(problem_response(problem, form.language, form.id)); }
  /// Runs on the connection's thread.
  void run(std::move_only_function<void()> work) { outlet_->run(std::move(work)); }

  // Set before the request leaves the connection's thread.
  const Form form;
  const Operation* operation = nullptr;
  std::string method;
  std::string trace;
  int64_t received = 0;
  uint64_t bytes_in = 0;

  /// Who it is, for the log; by whoever finds out.
  void set_account(const std::string& account) {
    const std::scoped_lock lock(mutex_);
    account_ = account;
  }

 private:
  void finish(Response&& response);
  void enter(int status, std::string_view code, uint64_t bytes_out);

  std::shared_ptr<Books> books_;
  const std::shared_ptr<Outlet> outlet_;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::atomic<bool> answered_{false};
  std::mutex mutex_;
  std::string account_;  // Guarded by mutex_: an answer that the time is over may come between.
};

}  // namespace zhili::http
