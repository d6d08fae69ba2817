#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/cancel.hpp"
#include "base/result.hpp"
#include "cli/installation.hpp"
#include "exchange/corrections.hpp"
#include "exchange/files.hpp"
#include "exchange/gateway.hpp"
#include "exchange/questions.hpp"
#include "exchange/requests.hpp"
#include "http/workers.hpp"

namespace zhili::cli {

/// The room `exchange`, opened for one installation, and what time does there by itself: grants expire, what is overdue
/// is told, files of grants that ended go. Several servers may do it at once.
class ExchangeRoom {
 public:
  /// Installation and door outlive it. Errors: kConfig where the installation has no key for it; those of the parts.
  static Result<std::unique_ptr<ExchangeRoom>> open(Installation& installation, vault::Door& door,
                                                    std::shared_ptr<const vault::Rules> rules);
  ExchangeRoom(const ExchangeRoom&) = delete;
  ExchangeRoom& operator=(const ExchangeRoom&) = delete;
  /// Breaks off what takes long.
  ~ExchangeRoom();

  exchange::Requests& requests() { return *requests_; }
  exchange::Gateway& gateway() { return *gateway_; }
  exchange::Corrections& corrections() { return *corrections_; }
  exchange::Questions& questions() { return *questions_; }
  exchange::Files& files() { return *files_; }

  /// Begins to sweep, on a thread of its own.
  void start();
  /// Does all that time asks for, on the caller's thread.
  Status sweep();
  /// Work that takes minutes, one after another beside the answers to requests. False where too much waits.
  bool later(std::move_only_function<void(const Cancel&)> work);

 private:
  ExchangeRoom() = default;
  void run();

  std::unique_ptr<exchange::Requests> requests_;
  std::unique_ptr<exchange::Gateway> gateway_;
  std::unique_ptr<exchange::Corrections> corrections_;
  std::unique_ptr<exchange::Questions> questions_;
  std::unique_ptr<exchange::Files> files_;
  Cancel cancel_;
  std::mutex mutex_;
  std::condition_variable stop_;
  std::unique_ptr<http::Workers> workers_;
  std::jthread thread_;
};

}  // namespace zhili::cli
