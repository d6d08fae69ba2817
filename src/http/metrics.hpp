#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "http/contract.hpp"

namespace zhili::http {

/// Writes families of samples in Prometheus' text format 0.0.4.
class MetricText {
 public:
  enum class Kind : uint8_t { kCounter, kGauge, kHistogram };
  /// Begins a family. Its samples follow.
  void family(std::string_view name, Kind kind, std::string_view help);
  /// `labels` as they stand between braces: "operation=\"x\""; may be empty.
  void sample(std::string_view name, std::string_view labels, double value);
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// Counts requests. Any number of threads may count; reading does not stop them.
class Metrics {
 public:
  explicit Metrics(const std::vector<Operation>& operations);
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// `operation` is null for what the contract does not name.
  void begin();
  void end(const Operation* operation, int status, std::chrono::nanoseconds took, uint64_t bytes_in,
           uint64_t bytes_out);
  void connections(int64_t change) { connections_.fetch_add(change, std::memory_order_relaxed); }
  /// Adds figures of others, such as the store's counts; called at each reading.
  void add_source(std::function<void(MetricText&)> source);

  std::string text() const;

 private:
  // Upper ends in microseconds; the last bucket has none.
  static constexpr std::array<uint64_t, 14> kBuckets = {250,       500,       1'000,     2'500,     5'000,
                                                        10'000,    20'000,    50'000,    100'000,   250'000,
                                                        1'000'000, 2'500'000, 5'000'000, 10'000'000};
  struct Counts {
    std::string name;
    std::array<std::atomic<uint64_t>, 5> by_class = {};  // 1xx to 5xx.
    std::array<std::atomic<uint64_t>, kBuckets.size() + 1> buckets = {};
    std::atomic<uint64_t> microseconds{0};
  };

  std::vector<std::unique_ptr<Counts>> operations_;  // The last is for what has no operation.
  std::atomic<uint64_t> bytes_in_{0};
  std::atomic<uint64_t> bytes_out_{0};
  std::atomic<int64_t> in_flight_{0};
  std::atomic<int64_t> connections_{0};
  mutable std::mutex mutex_;
  std::vector<std::function<void(MetricText&)>> sources_;
};

}  // namespace zhili::http
