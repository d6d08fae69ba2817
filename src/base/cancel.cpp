#include "base/cancel.hpp"

#include <csignal>

namespace zhili {
namespace {
// A signal handler can reach nothing but a global.
std::atomic<Cancel*> watched{nullptr};

void on_signal(int signal) {
  Cancel* cancel = watched.load(std::memory_order_relaxed);
  if (cancel == nullptr || cancel->requested()) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
    return;
  }
  cancel->request();
}
}  // namespace

void Cancel::watch_signals() {
  watched.store(this, std::memory_order_relaxed);
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
}

Status Cancel::check() const {
  if (requested()) return fail(ErrorCode::kCancelled, {}, "Nothing was written.", "Stopped on request.");
  return {};
}

}  // namespace zhili
