#include "http/callers.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace zhili::http {
namespace {

constexpr size_t kSessionToken = 43;  // 256 bits in base64url.
constexpr size_t kLongestKey = limits::kIdBytes + 1 + kSessionToken;

bool is_token(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  });
}

bool equal_without_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

// The host and port of "https://host:port"; empty for what is no origin, as "null".
std::string_view host_of(std::string_view origin) {
  const size_t at = origin.find("://");
  return at == std::string_view::npos ? std::string_view() : origin.substr(at + 3);
}

Problem forged(const char* zh, const char* en) { return not_allowed("forged", {zh, en}); }

}  // namespace

std::string_view session_cookie_name(bool secure) { return secure ? "__Host-zhili" : "zhili"; }

std::string session_cookie(std::string_view token, bool secure) {
  return fmt::format("{}={}; Path=/; HttpOnly; SameSite=Lax{}", session_cookie_name(secure), token,
                     secure ? "; Secure" : "");
}

std::string session_cookie_end(bool secure) { return session_cookie("", secure) + "; Max-Age=0"; }

Shown credential_in(const Headers& headers, bool secure) {
  constexpr std::string_view kBearer = "bearer ";
  if (const auto given = headers.find("authorization")) {
    const bool bearer = given->size() > kBearer.size() && equal_without_case(given->substr(0, kBearer.size()), kBearer);
    const std::string_view key = bearer ? given->substr(kBearer.size()) : std::string_view();
    const bool one = headers.count("authorization") == 1 && key.size() <= kLongestKey && is_token(key);
    return {Credential::kKey, one ? std::string(key) : std::string()};
  }
  Shown out;
  const std::string_view name = session_cookie_name(secure);
  for (size_t i = 0; i < headers.size(); ++i) {
    auto [field, cookies] = headers[i];
    if (field != "cookie") continue;
    while (!cookies.empty()) {
      const size_t end = std::min(cookies.find(';'), cookies.size());
      std::string_view cookie = cookies.substr(0, end);
      cookies.remove_prefix(std::min(end + 1, cookies.size()));
      while (cookie.starts_with(' ')) cookie.remove_prefix(1);
      if (!cookie.starts_with(name) || cookie.size() <= name.size() || cookie[name.size()] != '=') continue;
      const std::string_view token = cookie.substr(name.size() + 1);
      if (token.size() != kSessionToken || !is_token(token)) continue;
      if (out.by != Credential::kNone && out.token != token) return {};
      out = {Credential::kSession, std::string(token)};
    }
  }
  return out;
}

std::optional<Problem> check_forgery(const Headers& headers, const Caller& caller) {
  if (caller.by == Credential::kKey) return std::nullopt;  // No browser adds a key by itself.
  const auto site = headers.find("sec-fetch-site");
  if (site && *site != "same-origin") return forged("请求来自其他网站", "The request comes from another site");
  const auto origin = headers.find("origin");
  if (origin && !equal_without_case(host_of(*origin), headers.find("host").value_or(""))) {
    return forged("请求来自其他网站", "The request comes from another site");
  }
  if (caller.by != Credential::kSession) return std::nullopt;
  const auto proof = headers.find("x-csrf-token");
  const auto good = identity::Sessions::check_csrf(caller.token, proof.value_or(""));
  if (good && *good) return std::nullopt;
  return forged("缺少或不正确的 X-CSRF-Token", "X-CSRF-Token is missing or wrong");
}

Callers::Callers(identity::Sessions sessions, identity::ApiKeys keys, Options options)
    : sessions_(sessions), keys_(keys), options_(options) {}

Callers::Shard& Callers::shard_of(const std::string& token) {
  return shards_[std::hash<std::string>()(token) % kShards];
}

std::shared_ptr<const identity::SignedIn> Callers::remembered(const Shown& shown) {
  Shard& shard = shard_of(shown.token);
  const auto now = Steady::now();
  const std::scoped_lock lock(shard.mutex);
  const auto found = shard.entries.find(shown.token);
  if (found == shard.entries.end()) return nullptr;
  if (now < found->second.until) return found->second.who;
  shard.entries.erase(found);
  return nullptr;
}

Result<std::shared_ptr<const identity::SignedIn>> Callers::find(const Shown& shown) {
  const uint64_t generation = generation_.load();
  auto who = std::make_shared<identity::SignedIn>();
  if (shown.by == Credential::kSession) {
    ZHILI_ASSIGN(*who, sessions_.check(shown.token));
  } else {
    ZHILI_ASSIGN(who->actor, keys_.check(shown.token));
    who->stage = identity::SessionStage::kOneFactor;
  }
  remember(shown.token, generation, who);
  return std::shared_ptr<const identity::SignedIn>(std::move(who));
}

void Callers::remember(const std::string& token, uint64_t generation, std::shared_ptr<const identity::SignedIn> who) {
  Shard& shard = shard_of(token);
  const auto now = Steady::now();
  const std::scoped_lock lock(shard.mutex);
  // Something was ended meanwhile, perhaps this.
  if (generation != generation_.load()) return;
  if (shard.entries.size() >= options_.remembered / kShards) {
    std::erase_if(shard.entries, [now](const auto& entry) { return entry.second.until <= now; });
    if (shard.entries.size() >= options_.remembered / kShards) shard.entries.clear();
  }
  shard.entries[token] = {std::move(who), now + options_.fresh};
}

void Callers::forget_all() {
  // First the number: whoever asks the store from here on sees the change, whoever began before does not remember.
  ++generation_;
  for (Shard& shard : shards_) {
    const std::scoped_lock lock(shard.mutex);
    shard.entries.clear();
  }
}

}  // namespace zhili::http
