#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "base/cancel.hpp"
#include "base/result.hpp"
#include "cli/installation.hpp"
#include "library/bases.hpp"
#include "store/outbox.hpp"

namespace zhili::cli {

/// What a server does with batches beside answering requests: checks and lands those that are whole, and takes the rows
/// of landed ones into the vault, oldest first, and from there into the base library. Several servers may do it at
/// once; each batch is done by one.
class Hub {
 public:
  /// `bases`: fed with what batches bring; null: they are fed when a server runs. Both outlive it.
  explicit Hub(Installation& installation, library::Bases* bases = nullptr)
      : installation_(installation), bases_(bases) {}
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;
  /// Stops: what has begun breaks off, and is done again after the next start.
  ~Hub();

  /// Begins to work on a thread of its own.
  void start();
  /// There is something to do: looks at once.
  void wake();
  /// Does all that waits, on the caller's thread. Errors: that of the first batch whose rows can't be taken in.
  Status work();

 private:
  void run();
  Status absorb_landed();
  /// `seen`: up to where all is done, as far as this server knows.
  Status absorb(const store::Event& event, int64_t seen);

  Installation& installation_;
  library::Bases* bases_;
  Cancel cancel_;
  std::mutex mutex_;
  std::condition_variable woken_;
  bool waits_ = false;
  std::jthread thread_;
};

}  // namespace zhili::cli
