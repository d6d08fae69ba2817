#include "identity/sign_on.hpp"

#include <algorithm>
#include <utility>

#include "base/base64.hpp"
#include "base/clock.hpp"
#include "base/limits.hpp"
#include "identity/digest.hpp"
#include "identity/encoding.hpp"
#include "identity/json_text.hpp"

namespace zhili::identity {
namespace {

constexpr std::string_view kTicketContext = "sign-on under way";
constexpr size_t kRandomBytes = 32;

std::unexpected<Error> refused(std::string_view problem) {
  return fail(ErrorCode::kInput, {}, "Sign in again.", "The sign-on {}", problem);
}

/// What a claim says, be it one text or a list of texts.
std::vector<std::string> texts_of(const boost::json::object& claims, std::string_view name) {
  std::vector<std::string> out;
  const auto* value = name.empty() ? nullptr : claims.if_contains(name);
  if (value == nullptr) return out;
  if (value->is_string()) out.emplace_back(value->get_string());
  if (value->is_array()) {
    for (const auto& item : value->get_array()) {
      if (item.is_string()) out.emplace_back(item.get_string());
    }
  }
  return out;
}

bool has_one_of(const std::vector<std::string>& texts, const std::vector<std::string>& wanted) {
  return std::ranges::any_of(texts,
                             [&](const std::string& text) { return std::ranges::find(wanted, text) != wanted.end(); });
}

std::string form(const std::vector<std::pair<std::string_view, std::string_view>>& fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    if (!out.empty()) out += '&';
    out += fmt::format("{}={}", name, to_percent(value));
  }
  return out;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

/// What was drawn for one sign-in.
struct Ticket {
  std::string state;
  std::string nonce;
  std::string verifier;
};

Result<Ticket> open_ticket(const SealKeys& seal, std::string_view sealed, int64_t now) {
  const auto bytes = from_base64url(sealed);
  const auto text = bytes ? seal.open(*bytes, kTicketContext) : Result<std::string>(refused("has no ticket"));
  if (!text) return refused("was begun elsewhere, or its ticket is lost");
  ZHILI_ASSIGN(const boost::json::object object, parse_object(*text, limits::kIdTokenBytes, "The ticket"));
  const int64_t until = seconds_member(object, "until").value_or(0) * 1'000'000;
  if (until <= now || was_set_back(until - SignOnClient::kTicketTime, now)) return refused("took too long");
  return Ticket{text_member(object, "state").value_or(""), text_member(object, "nonce").value_or(""),
                text_member(object, "verifier").value_or("")};
}

}  // namespace

ExternalPerson person_of(const boost::json::object& claims, const SignOnConfig& config) {
  ExternalPerson person;
  person.external_id = fmt::format("{}|{}", config.issuer, text_member(claims, "sub").value_or(""));
  person.login = text_member(claims, config.login_claim).value_or("");
  person.name = text_member(claims, config.name_claim).value_or("");
  const std::vector<std::string> groups = texts_of(claims, config.posts_claim);
  for (const PostMapping& mapping : config.posts) {
    const bool held = std::ranges::find(groups, mapping.value) != groups.end();
    if (held && std::ranges::find(person.posts, mapping.post) == person.posts.end())
      person.posts.push_back(mapping.post);
  }
  person.second_factor = has_one_of(texts_of(claims, "amr"), config.second_factor) ||
                         has_one_of(texts_of(claims, "acr"), config.second_factor);
  return person;
}

Result<boost::json::object> SignOnClient::get(const std::string& url, std::string_view what) {
  ZHILI_ASSIGN(const FetchAnswer answer, http_.fetch({url, {{"Accept", "application/json"}}, {}}));
  if (answer.status != 200) {
    return fail(ErrorCode::kUnavailable, {}, "Look at the provider.", "{}: the provider answers {}", what,
                answer.status);
  }
  return parse_object(answer.body, limits::kProviderBytes, what);
}

Result<SignOnClient::Provider> SignOnClient::provider() {
  const std::scoped_lock lock(mutex_);
  const int64_t now = now_();
  if (provider_ && is_within(provider_->fetched, kDiscoveryTime, now)) return *provider_;
  std::string base = config_.issuer;
  if (base.ends_with('/')) base.pop_back();
  ZHILI_ASSIGN(const boost::json::object document,
               get(base + "/.well-known/openid-configuration", "The discovery document"));
  const auto wrong = [](std::string_view problem) {
    return fail(ErrorCode::kConfig, {}, "Compare the issuer in the configuration with the provider's.",
                "The discovery document {}", problem);
  };
  if (text_member(document, "issuer") != config_.issuer) return wrong("names another issuer");
  Provider found{text_member(document, "authorization_endpoint").value_or(""),
                 text_member(document, "token_endpoint").value_or(""), text_member(document, "jwks_uri").value_or(""),
                 now};
  for (const std::string& url : {found.authorization_endpoint, found.token_endpoint, found.jwks_uri}) {
    if (!is_safe_url(url)) return wrong("has an endpoint that is missing, or is not reached by https");
  }
  if (provider_ && provider_->jwks_uri != found.jwks_uri) keys_sought_.reset();
  provider_ = found;
  return found;
}

Result<SignOnClient::Begun> SignOnClient::begin() {
  ZHILI_ASSIGN(const Provider provider, this->provider());
  std::string drawn[3];
  for (std::string& text : drawn) {
    ZHILI_ASSIGN(const std::string random, entropy_.bytes(kRandomBytes));
    text = to_base64url(random);
  }
  const Ticket ticket{drawn[0], drawn[1], drawn[2]};
  ZHILI_ASSIGN(const std::string challenge, sha256(ticket.verifier));
  const boost::json::object kept{{"state", ticket.state},
                                 {"nonce", ticket.nonce},
                                 {"verifier", ticket.verifier},
                                 {"until", (now_() + kTicketTime) / 1'000'000}};
  ZHILI_ASSIGN(const std::string sealed, seal_.seal(entropy_, boost::json::serialize(kept), kTicketContext));
  const std::string scope = joined(config_.scopes);
  const std::string query = form({{"response_type", "code"},
                                  {"client_id", config_.client_id},
                                  {"redirect_uri", config_.redirect_uri},
                                  {"scope", scope},
                                  {"state", ticket.state},
                                  {"nonce", ticket.nonce},
                                  {"code_challenge", to_base64url(challenge)},
                                  {"code_challenge_method", "S256"}});
  const char sign = provider.authorization_endpoint.find('?') == std::string::npos ? '?' : '&';
  return Begun{fmt::format("{}{}{}", provider.authorization_endpoint, sign, query), to_base64url(sealed)};
}

/// Changes the code for an ID token.
Result<std::string> SignOnClient::redeem(const Provider& provider, const std::string& code,
                                         const std::string& verifier) {
  FetchRequest request{provider.token_endpoint,
                       {{"Accept", "application/json"}, {"Content-Type", "application/x-www-form-urlencoded"}},
                       form({{"grant_type", "authorization_code"},
                             {"code", code},
                             {"redirect_uri", config_.redirect_uri},
                             {"code_verifier", verifier},
                             {"client_id", config_.client_id}})};
  if (!config_.client_secret.empty()) {
    const std::string pair = to_percent(config_.client_id) + ":" + to_percent(config_.client_secret);
    request.headers.emplace_back("Authorization", "Basic " + to_base64(pair));
  }
  ZHILI_ASSIGN(const FetchAnswer answer, http_.fetch(request));
  if (answer.status >= 500) {
    return fail(ErrorCode::kUnavailable, {}, "Look at the provider.", "The provider answers {}", answer.status);
  }
  if (answer.status != 200) return refused("was refused by the provider: the code is used up, or not ours");
  ZHILI_ASSIGN(const boost::json::object body,
               parse_object(answer.body, limits::kProviderBytes, "The provider's answer"));
  const auto token = text_member(body, "id_token");
  if (!token) return refused("gave no ID token");
  return *token;
}

Status SignOnClient::fetch_keys(const Provider& provider) {
  keys_sought_ = now_();
  ZHILI_ASSIGN(const FetchAnswer answer, http_.fetch({provider.jwks_uri, {{"Accept", "application/json"}}, {}}));
  if (answer.status != 200) {
    return fail(ErrorCode::kUnavailable, {}, "Look at the provider.", "The provider's key set: it answers {}",
                answer.status);
  }
  ZHILI_ASSIGN(keys_, KeySet::parse(answer.body));
  return {};
}

Status SignOnClient::check_signature(const UncheckedToken& token, const Provider& provider) {
  const std::scoped_lock lock(mutex_);
  if (keys_.candidates(token.key_id, token.kind).empty()) {
    // The provider may have changed its key. Who invents key ids must not make us ask for each.
    if (keys_sought_ && is_within(*keys_sought_, kRefetch, now_())) return refused("has a token of an unknown key");
    ZHILI_TRY(fetch_keys(provider));
  }
  return is_signed(token, keys_) ? Status() : Status(refused("has a token that the provider did not sign"));
}

Result<ExternalPerson> SignOnClient::finish(std::string_view ticket, const SignOnAnswer& answer) {
  ZHILI_ASSIGN(const Ticket begun, open_ticket(seal_, ticket, now_()));
  if (!same_secret(begun.state, answer.state) || begun.state.empty()) return refused("was begun elsewhere ('state')");
  if (!answer.issuer.empty() && answer.issuer != config_.issuer) return refused("comes from another provider ('iss')");
  if (!answer.error.empty()) return refused("was ended at the provider");
  if (answer.code.empty()) return refused("came back without a code");
  ZHILI_ASSIGN(const Provider provider, this->provider());
  ZHILI_ASSIGN(const std::string text, redeem(provider, answer.code, begun.verifier));
  ZHILI_ASSIGN(const UncheckedToken token, parse_token(text));
  ZHILI_TRY(check_signature(token, provider));
  ZHILI_TRY(check_claims(token, {config_.issuer, config_.client_id, begun.nonce, now_()}));
  return person_of(token.claims, config_);
}

}  // namespace zhili::identity
