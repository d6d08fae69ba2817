#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/limits.hpp"
#include "base/result.hpp"
#include "http/message.hpp"
#include "http/problem.hpp"
#include "identity/api_keys.hpp"
#include "identity/sessions.hpp"

namespace zhili::http {

/// What a request shows of who sends it, not yet checked.
struct Shown {
  Credential by = Credential::kNone;
  std::string token;  ///< Of a session, or a key whole.
};

/// The name of the session's cookie: "__Host-zhili" over TLS, which browsers take from this host over TLS alone; else
/// "zhili".
std::string_view session_cookie_name(bool secure);
/// Values of Set-Cookie: to begin a session, and to end it.
std::string session_cookie(std::string_view token, bool secure);
std::string session_cookie_end(bool secure);

/// Reads cookie and Authorization. Both: the key counts. What has not the form of a token is no credential, and neither
/// are two different cookies of the name.
Shown credential_in(const Headers& headers, bool secure);

/// Refuses (403) a request that may change something and that another site's page may have made a browser send: by
/// Sec-Fetch-Site and Origin, where they are given, and for sessions by X-CSRF-Token.
std::optional<Problem> check_forgery(const Headers& headers, const Caller& caller);

/// Who asks, by session or key, remembered for a second: tens of thousands of requests a second don't ask the store
/// each. So what another server ends may be used here for a second more; what this server ends, after forget_all(), not
/// once more. Only good credentials are remembered. May be used by many threads.
class Callers {
 public:
  struct Options {
    std::chrono::microseconds fresh{std::chrono::seconds(1)};
    size_t remembered = limits::kRememberedCallers;
  };
  Callers(identity::Sessions sessions, identity::ApiKeys keys, Options options);
  Callers(identity::Sessions sessions, identity::ApiKeys keys) : Callers(sessions, keys, Options{}) {}
  Callers(const Callers&) = delete;
  Callers& operator=(const Callers&) = delete;

  /// Who it was within the last second; none where that is not known. Does not wait.
  std::shared_ptr<const identity::SignedIn> remembered(const Shown& shown);
  /// Asks the store, and remembers. Waits. Errors: kNotFound for what is no good credential; of the store.
  Result<std::shared_ptr<const identity::SignedIn>> find(const Shown& shown);
  /// To be called where sessions, accounts, posts or keys were changed, behind the change.
  void forget_all();

 private:
  using Steady = std::chrono::steady_clock;
  struct Entry {
    std::shared_ptr<const identity::SignedIn> who;
    Steady::time_point until;
  };
  struct Shard {
    std::mutex mutex;
    std::unordered_map<std::string, Entry> entries;
  };
  static constexpr size_t kShards = 16;
  Shard& shard_of(const std::string& token);
  void remember(const std::string& token, uint64_t generation, std::shared_ptr<const identity::SignedIn> who);

  identity::Sessions sessions_;
  identity::ApiKeys keys_;
  const Options options_;
  std::atomic<uint64_t> generation_{0};
  std::array<Shard, kShards> shards_;
};

}  // namespace zhili::http
