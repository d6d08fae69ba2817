#include "store/url.hpp"

#include <algorithm>

#include "base/limits.hpp"

namespace zhili::store {
namespace {

constexpr const char* kForms =
    "Write sqlite:FILE, or a file's path, or postgresql://USER@HOST:PORT/DATABASE (also with ?host=/socket/directory).";

/// The scheme before "://" in small letters; empty where there is none.
std::string scheme_of(std::string_view text) {
  const size_t end = text.find("://");
  if (end == std::string_view::npos) return {};
  std::string scheme(text.substr(0, end));
  const bool word = !scheme.empty() && std::ranges::all_of(scheme, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '-' ||
           c == '.';
  });
  if (!word) return {};
  std::ranges::transform(scheme, scheme.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return scheme;
}

/// Leaves out what stands between "://" and "@" behind the user's name, and all parameters, which may hold a password
/// too.
std::string without_secrets(std::string_view scheme, std::string_view rest) {
  rest = rest.substr(0, rest.find('?'));
  const size_t path = rest.find('/');
  const size_t at = rest.substr(0, path).rfind('@');
  std::string user;
  if (at != std::string_view::npos) {
    user = std::string(rest.substr(0, std::min(at, rest.find(':')))) + "@";
    rest.remove_prefix(at + 1);
  }
  return std::string(scheme) + "://" + user + std::string(rest);
}

}  // namespace

Result<StoreUrl> StoreUrl::parse(std::string_view text) {
  if (text.size() > limits::kUrlBytes) {
    return fail(ErrorCode::kLimit, {}, kForms, "the store's URL has {} bytes; the limit is {}", text.size(),
                limits::kUrlBytes);
  }
  // libpq and the file system end a name at NUL; a control character is a slip of the hand.
  if (std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; })) {
    return fail(ErrorCode::kUsage, {}, kForms, "the store's URL holds a control character");
  }
  StoreUrl url;
  const std::string scheme = scheme_of(text);
  if (scheme == "postgresql" || scheme == "postgres") {
    const std::string_view rest = text.substr(text.find("://") + 3);
    url.engine_ = Engine::kPostgres;
    url.uri_ = "postgresql://" + std::string(rest);
    url.shown_ = without_secrets("postgresql", rest);
    return url;
  }
  if (!scheme.empty()) {
    return fail(ErrorCode::kUsage, {}, kForms, "a store can't be reached by '{}://'", scheme);
  }
  constexpr std::string_view kSqlite = "sqlite:";
  if (text.starts_with(kSqlite)) text.remove_prefix(kSqlite.size());
  if (text.empty()) return fail(ErrorCode::kUsage, {}, kForms, "the store's URL names no file");
  if (text.ends_with('/')) {
    return fail(ErrorCode::kUsage, {std::string(text), 0, 0}, "Name the file in it, such as zhili.db.",
                "the store is a file, and this is a directory");
  }
  // "sqlite://srv/zhili.db" would read as a scheme's URL; one slash means the same.
  while (text.starts_with("//")) text.remove_prefix(1);
  url.path_ = std::filesystem::path(text);
  url.shown_ = "sqlite:" + std::string(text);
  return url;
}

}  // namespace zhili::store
