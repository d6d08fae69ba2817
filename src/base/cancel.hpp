#pragma once

#include <atomic>

#include "base/result.hpp"

namespace zhili {

/// Asks long work to stop. Work polls `requested()` at least every 100 ms and returns what `check()` returns.
class Cancel {
 public:
  /// Lets SIGINT and SIGTERM set this flag; a second signal ends the program at once. One instance a process.
  void watch_signals();

  void request() { requested_.store(true, std::memory_order_relaxed); }
  bool requested() const { return requested_.load(std::memory_order_relaxed); }
  Status check() const;

 private:
  std::atomic<bool> requested_{false};
};

}  // namespace zhili
