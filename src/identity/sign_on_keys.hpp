#pragma once

#include <array>
#include <string_view>

/// The keys of a sign-on configuration, as schemas/sign_on.schema.json lists them too.
namespace zhili::identity::keys {

inline constexpr std::array<std::string_view, 10> kSignOn{
    "version", "issuer", "client_id", "client_secret_file", "redirect_uri",
    "scopes",  "claims", "posts",     "second_factor",      "create_accounts"};
inline constexpr std::array<std::string_view, 3> kClaims{"login", "name", "posts"};
inline constexpr std::array<std::string_view, 4> kPost{"value", "role", "department", "area"};

}  // namespace zhili::identity::keys
