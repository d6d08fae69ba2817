#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "base/result.hpp"
#include "identity/jwk.hpp"

namespace zhili::identity {

/// A token whose form is right and whose signature nobody has looked at.
struct UncheckedToken {
  SignatureKind kind;
  std::string key_id;  ///< Empty where the token names none.
  boost::json::object claims;
  std::string signed_text;
  std::string signature;
};

/// Takes a token apart (JWS compact form, RFC 7515). Errors: kInput for what is none, another algorithm than RS256,
/// ES256 and EdDSA, and extensions that must be understood; kLimit.
Result<UncheckedToken> parse_token(std::string_view token);

/// What an ID token has to say to be for us, now.
struct TokenDemands {
  std::string issuer;
  std::string client_id;
  std::string nonce;
  int64_t now = 0;            ///< Microseconds since 1970 UTC.
  int64_t skew = 60'000'000;  ///< That the clocks may be apart.
};

/// Whether one of the keys signed the token.
bool is_signed(const UncheckedToken& token, const KeySet& keys);
/// Checks what the token claims (OpenID Connect Core 1.0, section 3.1.3.7): iss, sub, aud, azp, exp, nbf, iat, nonce.
/// Error: kInput, which names the claim and not its value.
Status check_claims(const UncheckedToken& token, const TokenDemands& demands);

}  // namespace zhili::identity
