#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/cancel.hpp"
#include "base/result.hpp"
#include "library/base.hpp"
#include "store/outbox.hpp"

namespace zhili::library {

/// All bases of an installation, as a server keeps them: opened beside its other work, and fed with what batches bring.
/// May be used by many threads.
class Bases {
 public:
  /// `remark` is told what somebody should know, in words; from any thread.
  Bases(Ground ground, std::function<void(std::string)> remark);
  Bases(const Bases&) = delete;
  Bases& operator=(const Bases&) = delete;
  /// Gives all bases back.
  ~Bases();

  /// Opens what there is, on a thread of its own; a base that another process keeps is tried again and again.
  void start();

  enum class State : uint8_t { kOpening, kReady, kElsewhere, kFailed };
  struct Standing {
    std::string kind;
    State state = State::kOpening;
    std::string error;  ///< Where it failed.
    fuse::OnlineCounts counts;
  };
  std::vector<Standing> standing() const;
  /// Null while it is not ready.
  std::shared_ptr<Base> find(std::string_view kind) const;

  /// Feeds each base with the batches that have landed, and whose rows are in the vault: `absorbed` is the event up to
  /// which that is so. One that can't be fed for good is remarked and passed over. Errors: the first that may pass.
  Status feed(int64_t absorbed, const Cancel& cancel);

 private:
  struct Place {
    State state = State::kOpening;
    std::string error;
    std::shared_ptr<Base> base;
  };
  void run();
  void open_some();
  void forget(const std::shared_ptr<Base>& base);
  Status feed_one(Base& base, int64_t absorbed, const Cancel& cancel);
  Status feed_batch(Base& base, const store::Event& event, const Cancel& cancel);

  const Ground ground_;
  const std::function<void(std::string)> remark_;
  mutable std::mutex mutex_;
  std::condition_variable over_;
  bool stop_ = false;
  std::map<std::string, Place, std::less<>> places_;  // By kind.
  std::jthread thread_;
};

std::string_view name_of(Bases::State state);

}  // namespace zhili::library
