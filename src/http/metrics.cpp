#include "http/metrics.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace zhili::http {

void MetricText::family(std::string_view name, Kind kind, std::string_view help) {
  constexpr std::array<std::string_view, 3> kKinds = {"counter", "gauge", "histogram"};
  text_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, kKinds[static_cast<size_t>(kind)]);
}

void MetricText::sample(std::string_view name, std::string_view labels, double value) {
  text_ += name;
  if (!labels.empty()) text_ += fmt::format("{{{}}}", labels);
  if (std::isnan(value)) {
    text_ += " NaN\n";
  } else if (std::floor(value) == value && std::abs(value) < 9e15) {
    text_ += fmt::format(" {}\n", static_cast<int64_t>(value));
  } else {
    text_ += fmt::format(" {}\n", value);
  }
}

Metrics::Metrics(const std::vector<Operation>& operations) {
  operations_.reserve(operations.size() + 1);
  for (const Operation& operation : operations) {
    operations_.push_back(std::make_unique<Counts>());
    operations_.back()->name = operation.id;
  }
  operations_.push_back(std::make_unique<Counts>());
  operations_.back()->name = "none";
}

void Metrics::begin() { in_flight_.fetch_add(1, std::memory_order_relaxed); }

void Metrics::end(const Operation* operation, int status, std::chrono::nanoseconds took, uint64_t bytes_in,
                  uint64_t bytes_out) {
  Counts& counts = *operations_[operation == nullptr ? operations_.size() - 1 : operation->number];
  const auto microseconds = static_cast<uint64_t>(std::max<int64_t>(0, took.count() / 1000));
  const size_t bucket = static_cast<size_t>(std::ranges::lower_bound(kBuckets, microseconds) - kBuckets.begin());
  counts.by_class[static_cast<size_t>(std::clamp(status / 100, 1, 5) - 1)].fetch_add(1, std::memory_order_relaxed);
  counts.buckets[bucket].fetch_add(1, std::memory_order_relaxed);
  counts.microseconds.fetch_add(microseconds, std::memory_order_relaxed);
  bytes_in_.fetch_add(bytes_in, std::memory_order_relaxed);
  bytes_out_.fetch_add(bytes_out, std::memory_order_relaxed);
  in_flight_.fetch_sub(1, std::memory_order_relaxed);
}

void Metrics::add_source(std::function<void(MetricText&)> source) {
  const std::scoped_lock lock(mutex_);
  sources_.push_back(std::move(source));
}

std::string Metrics::text() const {
  using Kind = MetricText::Kind;
  MetricText out;
  out.family("zhili_http_requests_total", Kind::kCounter, "Requests answered, by operation and class of status.");
  for (const auto& counts : operations_) {
    for (size_t i = 0; i < counts->by_class.size(); ++i) {
      const uint64_t count = counts->by_class[i].load(std::memory_order_relaxed);
      if (count == 0) continue;
      out.sample("zhili_http_requests_total", fmt::format("operation=\"{}\",status=\"{}xx\"", counts->name, i + 1),
                 static_cast<double>(count));
    }
  }
  constexpr std::string_view kSeconds = "zhili_http_request_seconds";
  out.family(kSeconds, Kind::kHistogram, "From a request's head to its answer.");
  for (const auto& counts : operations_) {
    uint64_t sum = 0;
    std::array<uint64_t, kBuckets.size() + 1> all{};
    for (size_t i = 0; i < all.size(); ++i) all[i] = counts->buckets[i].load(std::memory_order_relaxed);
    for (const uint64_t count : all) sum += count;
    if (sum == 0) continue;
    uint64_t below = 0;
    for (size_t i = 0; i < kBuckets.size(); ++i) {
      below += all[i];
      out.sample("zhili_http_request_seconds_bucket",
                 fmt::format("operation=\"{}\",le=\"{}\"", counts->name, static_cast<double>(kBuckets[i]) / 1e6),
                 static_cast<double>(below));
    }
    out.sample("zhili_http_request_seconds_bucket", fmt::format("operation=\"{}\",le=\"+Inf\"", counts->name),
               static_cast<double>(sum));
    const std::string label = fmt::format("operation=\"{}\"", counts->name);
    out.sample("zhili_http_request_seconds_sum", label,
               static_cast<double>(counts->microseconds.load(std::memory_order_relaxed)) / 1e6);
    out.sample("zhili_http_request_seconds_count", label, static_cast<double>(sum));
  }
  out.family("zhili_http_in_flight", Kind::kGauge, "Requests that are worked on.");
  out.sample("zhili_http_in_flight", "", static_cast<double>(in_flight_.load(std::memory_order_relaxed)));
  out.family("zhili_http_connections", Kind::kGauge, "Connections that are open.");
  out.sample("zhili_http_connections", "", static_cast<double>(connections_.load(std::memory_order_relaxed)));
  out.family("zhili_http_received_bytes_total", Kind::kCounter, "Bytes of requests' bodies.");
  out.sample("zhili_http_received_bytes_total", "", static_cast<double>(bytes_in_.load(std::memory_order_relaxed)));
  out.family("zhili_http_sent_bytes_total", Kind::kCounter, "Bytes of answers' bodies.");
  out.sample("zhili_http_sent_bytes_total", "", static_cast<double>(bytes_out_.load(std::memory_order_relaxed)));
  const std::scoped_lock lock(mutex_);
  for (const auto& source : sources_) source(out);
  return out.text();
}

}  // namespace zhili::http
