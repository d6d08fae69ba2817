#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "base/result.hpp"
#include "identity/entropy.hpp"
#include "identity/http_fetch.hpp"
#include "identity/id_token.hpp"
#include "identity/jwk.hpp"
#include "identity/seal.hpp"
#include "identity/sign_on_config.hpp"

namespace zhili::identity {

/// What a provider says about who signed in.
struct ExternalPerson {
  std::string external_id;  ///< "ISSUER|SUBJECT".
  std::string login;        ///< By the configured claim; empty where the token has none.
  std::string name;         //
  std::vector<Assignment> posts;
  bool second_factor = false;
};

/// The claims of a checked token, read by the configuration.
ExternalPerson person_of(const boost::json::object& claims, const SignOnConfig& config);

/// What the browser brings back from the provider, decoded.
struct SignOnAnswer {
  std::string code;
  std::string state;
  std::string issuer;  ///< `iss` (RFC 9207); empty where there is none.
  std::string error;   ///< `error`; empty where there is none.
};

/// Staff sign in at their own provider: OpenID Connect's authorization code flow with PKCE. Keeps no state for a
/// sign-in under way: that is in a sealed ticket, which the browser keeps in a cookie. May be used by many threads; the
/// provider's documents are fetched by one at a time.
class SignOnClient {
 public:
  static constexpr int64_t kTicketTime = int64_t{10} * 60 * 1'000'000;   ///< Microseconds, as all here.
  static constexpr int64_t kRefetch = int64_t{60} * 1'000'000;           ///< Between looks for an unknown key.
  static constexpr int64_t kDiscoveryTime = int64_t{3'600} * 1'000'000;  ///< That a discovery document is good for.

  /// All references outlive the client. Nothing is fetched yet.
  SignOnClient(SignOnConfig config, HttpFetch& http, Entropy& entropy, const SealKeys& seal,
               std::function<int64_t()> now)
      : config_(std::move(config)), http_(http), entropy_(entropy), seal_(seal), now_(std::move(now)) {}

  struct Begun {
    std::string url;     ///< Where the browser goes.
    std::string ticket;  ///< What it keeps meanwhile.
  };
  /// Errors: kUnavailable; kConfig where the discovery document is not that of the configured issuer.
  Result<Begun> begin();
  /// Errors: kInput for an answer, a ticket or a token that is not right; kUnavailable.
  Result<ExternalPerson> finish(std::string_view ticket, const SignOnAnswer& answer);

 private:
  struct Provider {
    std::string authorization_endpoint;
    std::string token_endpoint;
    std::string jwks_uri;
    int64_t fetched = 0;
  };
  Result<Provider> provider();
  Result<boost::json::object> get(const std::string& url, std::string_view what);
  Result<std::string> redeem(const Provider& provider, const std::string& code, const std::string& verifier);
  Status check_signature(const UncheckedToken& token, const Provider& provider);
  Status fetch_keys(const Provider& provider);

  const SignOnConfig config_;
  HttpFetch& http_;
  Entropy& entropy_;
  const SealKeys& seal_;
  const std::function<int64_t()> now_;

  std::mutex mutex_;
  std::optional<Provider> provider_;
  KeySet keys_;
  std::optional<int64_t> keys_sought_;
};

}  // namespace zhili::identity
