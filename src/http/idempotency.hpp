#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/result.hpp"
#include "http/message.hpp"
#include "http/responder.hpp"
#include "identity/entropy.hpp"
#include "identity/seal.hpp"
#include "store/store.hpp"

namespace zhili::http {

/// Lets a write happen once however often it is sent with one Idempotency-Key
/// (draft-ietf-httpapi-idempotency-key-header), by the same caller, within a day:
///  - sent again, it is answered as the first time, with `Idempotency-Replayed: true`;
///  - the key with another request is refused (422);
///  - while the first one is worked on, it is refused for the moment (409, Retry-After);
///  - where a crash came between, nobody knows what became of it, and the answer says so (409 outcome-unknown).
/// Answers that say that nothing was done (429, too-busy, unavailable) are not kept: the key may be used again. Of key
/// and request only digests are kept; answers are sealed. May be used by many threads.
class Idempotency : public std::enable_shared_from_this<Idempotency> {
 public:
  static constexpr int64_t kKept = 24LL * 3600 * 1'000'000;  ///< Microseconds.

  static std::vector<store::Migration> migrations();

  /// Shared with the requests that are worked on, which may end late. Store, keys and entropy outlive it. `area_id`:
  /// see the store's README.
  static Result<std::shared_ptr<Idempotency>> create(store::Store& store, const identity::SealKeys& seal,
                                                     identity::Entropy& entropy, int64_t area_id);
  Idempotency(const Idempotency&) = delete;
  Idempotency& operator=(const Idempotency&) = delete;

  /// Called with what is to run, and where to answer then.
  using Go = std::move_only_function<void(Request&&, Responder&&)>;
  /// For a request with a key and a known caller: answers by itself, or goes on, later and on the store's thread.
  void run(Request&& request, Responder&& responder, Go go);
  /// Removes what is older than a day. It is called now and then by run() itself.
  void sweep();

 private:
  struct Claim;
  class Keeper;

  Idempotency(store::Store& store, const identity::SealKeys& seal, identity::Entropy& entropy, int64_t area_id,
              std::string run_id)
      : store_(store), seal_(seal), entropy_(entropy), area_id_(area_id), run_id_(std::move(run_id)) {}

  Result<Response> open(const Claim& claim, std::string_view sealed) const;
  void settle(const Claim& claim, const Response& response, std::function<void()> settled);
  void sweep_older(int64_t created);
  bool begin_work(const std::string& name);
  void end_work(const std::string& name);
  bool works_on(const std::string& name);

  store::Store& store_;
  const identity::SealKeys& seal_;
  identity::Entropy& entropy_;
  const int64_t area_id_;
  const std::string run_id_;  // Of this process: tells a crash of the one before from work that goes on.
  std::atomic<int64_t> swept_{0};
  std::mutex mutex_;
  std::unordered_set<std::string> working_;
};

}  // namespace zhili::http
