#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace zhili {

/// Shows on stderr how far a piece of work is: share, rate and time left. Nothing appears before 2 seconds have
/// passed, so quick work stays silent. On a terminal one line is redrawn; elsewhere (a log) a line comes every
/// 10 seconds. Thread-safe: any thread may `add`.
class Progress {
 public:
  enum class Mode { kAuto, kOff };

  /// `total` 0 means unknown: then only count and rate are shown. `unit` is a plural noun, e.g. "rows".
  Progress(std::string label, uint64_t total, std::string unit, Mode mode = Mode::kAuto);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void add(uint64_t n) {
    done_.fetch_add(n, std::memory_order_relaxed);
    tick();
  }
  uint64_t done() const { return done_.load(std::memory_order_relaxed); }

  /// The line that would be shown after `seconds`; for tests.
  static std::string line(std::string_view label, uint64_t done, uint64_t total, std::string_view unit, double seconds);

 private:
  using Clock = std::chrono::steady_clock;
  void tick();

  std::string label_;
  uint64_t total_;
  std::string unit_;
  bool on_;
  bool terminal_;
  std::atomic<bool> shown_{false};
  Clock::time_point start_;
  std::atomic<uint64_t> done_{0};
  std::atomic<int64_t> next_show_ms_;
};

}  // namespace zhili
