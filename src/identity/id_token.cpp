#include "identity/id_token.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "identity/digest.hpp"
#include "identity/encoding.hpp"
#include "identity/json_text.hpp"

namespace zhili::identity {
namespace {

constexpr int64_t kMicroseconds = 1'000'000;
constexpr size_t kSubjectBytes = 255;

std::unexpected<Error> refused(std::string_view problem) {
  return fail(ErrorCode::kInput, {}, "Sign in again; look at the provider if that does not help.", "The ID token {}",
              problem);
}

std::optional<SignatureKind> kind_of(std::string_view algorithm) {
  if (algorithm == "RS256") return SignatureKind::kRs256;
  if (algorithm == "ES256") return SignatureKind::kEs256;
  if (algorithm == "EdDSA" || algorithm == "Ed25519") return SignatureKind::kEdDsa;
  return std::nullopt;
}

/// How many audiences the token has, and whether we are one.
struct Audience {
  size_t count = 0;
  bool ours = false;
};

std::optional<Audience> audience_of(const boost::json::object& claims, std::string_view client_id) {
  const auto* value = claims.if_contains("aud");
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) return Audience{1, value->get_string() == client_id};
  if (!value->is_array()) return std::nullopt;
  Audience audience;
  for (const auto& item : value->get_array()) {
    if (!item.is_string()) return std::nullopt;
    ++audience.count;
    audience.ours = audience.ours || item.get_string() == client_id;
  }
  return audience;
}

Status check_times(const boost::json::object& claims, const TokenDemands& demands) {
  const auto expires = seconds_member(claims, "exp");
  if (!expires) return refused("has no 'exp'");
  if (*expires * kMicroseconds + demands.skew <= demands.now) return refused("has expired ('exp')");
  const auto issued = seconds_member(claims, "iat");
  if (!issued) return refused("has no 'iat'");
  if (*issued * kMicroseconds - demands.skew > demands.now) return refused("was issued in the future ('iat')");
  if (claims.contains("nbf")) {
    const auto begins = seconds_member(claims, "nbf");
    if (!begins || *begins * kMicroseconds - demands.skew > demands.now) return refused("is not valid yet ('nbf')");
  }
  return {};
}

}  // namespace

Result<UncheckedToken> parse_token(std::string_view token) {
  if (token.size() > limits::kIdTokenBytes) {
    return fail(ErrorCode::kLimit, {}, "Let the provider put fewer claims in.",
                "An ID token of {} bytes; the limit is {}", token.size(), limits::kIdTokenBytes);
  }
  const size_t first = token.find('.');
  const size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
    return refused("does not have three parts");
  }
  const auto head = from_base64url(token.substr(0, first));
  const auto body = from_base64url(token.substr(first + 1, second - first - 1));
  auto signature = from_base64url(token.substr(second + 1));
  if (!head || !body || !signature) return refused("is not Base 64 for URLs");
  ZHILI_ASSIGN(const boost::json::object header, parse_object(*head, limits::kIdTokenBytes, "The ID token's header"));
  const auto kind = kind_of(text_member(header, "alg").value_or(""));
  if (!kind) return refused("is not signed by RS256, ES256 or EdDSA");
  if (header.contains("crit")) return refused("has an extension that must be understood, and is not");
  if (header.contains("kid") && !text_member(header, "kid")) return refused("names no key that could be");
  UncheckedToken out{
      *kind, text_member(header, "kid").value_or(""), {}, std::string(token.substr(0, second)), std::move(*signature)};
  ZHILI_ASSIGN(out.claims, parse_object(*body, limits::kIdTokenBytes, "The ID token's body"));
  return out;
}

bool is_signed(const UncheckedToken& token, const KeySet& keys) {
  return std::ranges::any_of(keys.candidates(token.key_id, token.kind),
                             [&](const PublicKey* key) { return key->verify(token.signed_text, token.signature); });
}

Status check_claims(const UncheckedToken& token, const TokenDemands& demands) {
  const boost::json::object& claims = token.claims;
  if (text_member(claims, "iss") != demands.issuer) return refused("is from another issuer ('iss')");
  const auto subject = text_member(claims, "sub");
  if (!subject || subject->empty() || subject->size() > kSubjectBytes) return refused("names nobody ('sub')");
  const auto audience = audience_of(claims, demands.client_id);
  if (!audience || !audience->ours) return refused("is for somebody else ('aud')");
  const auto party = text_member(claims, "azp");
  if (audience->count > 1 && !party) return refused("has many audiences and no 'azp'");
  if (claims.contains("azp") && party != demands.client_id) return refused("was asked for by somebody else ('azp')");
  ZHILI_TRY(check_times(claims, demands));
  const auto nonce = text_member(claims, "nonce");
  if (!nonce || demands.nonce.empty() || !same_secret(*nonce, demands.nonce)) {
    return refused("does not answer this sign-in ('nonce')");
  }
  return {};
}

}  // namespace zhili::identity
