#include "base/progress.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

namespace zhili {
namespace {

constexpr int64_t kFirstShowMs = 2000;
constexpr int64_t kTerminalStepMs = 200;
constexpr int64_t kLogStepMs = 10000;

std::string short_count(double n) {
  if (n >= 1e9) return fmt::format("{:.2f}G", n / 1e9);
  if (n >= 1e6) return fmt::format("{:.2f}M", n / 1e6);
  if (n >= 1e4) return fmt::format("{:.1f}k", n / 1e3);
  return fmt::format("{:.0f}", n);
}

std::string short_time(double seconds) {
  const auto whole = static_cast<int64_t>(std::llround(seconds));
  if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

}  // namespace

Progress::Progress(std::string label, uint64_t total, std::string unit, Mode mode)
    : label_(std::move(label)),
      total_(total),
      unit_(std::move(unit)),
      on_(mode == Mode::kAuto),
      terminal_(isatty(STDERR_FILENO) == 1),
      start_(Clock::now()),
      next_show_ms_(kFirstShowMs) {}

Progress::~Progress() {
  if (!shown_) return;
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  const auto text = line(label_, done(), done(), unit_, seconds);
  std::fputs(fmt::format("{}{}\n", terminal_ ? "\r\033[K" : "", text).c_str(), stderr);
}

void Progress::tick() {
  if (!on_) return;
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start_).count();
  int64_t due = next_show_ms_.load(std::memory_order_relaxed);
  if (elapsed < due) return;
  // One thread wins the right to draw.
  if (!next_show_ms_.compare_exchange_strong(due, elapsed + (terminal_ ? kTerminalStepMs : kLogStepMs))) return;
  shown_ = true;
  const auto text = line(label_, done(), total_, unit_, static_cast<double>(elapsed) / 1000.0);
  std::fputs(fmt::format("{}{}{}", terminal_ ? "\r\033[K" : "", text, terminal_ ? "" : "\n").c_str(), stderr);
  std::fflush(stderr);
}

std::string Progress::line(std::string_view label, uint64_t done, uint64_t total, std::string_view unit,
                           double seconds) {
  const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
  std::string out = fmt::format("{}: {} {}", label, short_count(static_cast<double>(done)), unit);
  if (total > 0) {
    const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
    constexpr int kWidth = 24;
    const int filled = static_cast<int>(share * kWidth);
    out = fmt::format("{} [{:#<{}}{:.<{}}] {:3.0f} %  {} / {} {}", label, "", filled, "", kWidth - filled, share * 100,
                      short_count(static_cast<double>(done)), short_count(static_cast<double>(total)), unit);
  }
  out += fmt::format(", {} {}/s", short_count(rate), unit);
  if (total > done && rate > 0) out += fmt::format(", {} left", short_time(static_cast<double>(total - done) / rate));
  if (total <= done) out += fmt::format(", took {}", short_time(seconds));
  return out;
}

}  // namespace zhili
