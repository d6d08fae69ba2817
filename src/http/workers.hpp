#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/limits.hpp"

namespace zhili::http {

/// Threads for work that waits or takes long, with a queue that has an end. May be used by many threads.
class Workers {
 public:
  Workers(unsigned threads, size_t queue = limits::kWorkerQueue);
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  /// Stops, see stop().
  ~Workers();

  /// False, and `work` is destroyed, where the queue is full or it stops.
  bool submit(std::move_only_function<void()> work);
  /// Takes no more, does all that waits, returns.
  void stop();

 private:
  void run();

  const size_t queue_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::move_only_function<void()>> waiting_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace zhili::http
