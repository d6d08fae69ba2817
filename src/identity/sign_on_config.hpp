#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "identity/decision.hpp"

namespace zhili::identity {

/// What a value of the posts' claim means here.
struct PostMapping {
  std::string value;
  Assignment post;
};

/// How staff sign in at a provider of their own, as docs/identity.md describes it.
struct SignOnConfig {
  std::string issuer;
  std::string client_id;
  std::string client_secret;  ///< Empty: a public client.
  std::string redirect_uri;
  std::vector<std::string> scopes = {"openid", "profile"};
  std::string login_claim = "preferred_username";
  std::string name_claim = "name";
  std::string posts_claim;                 ///< Empty: posts are given here.
  std::vector<PostMapping> posts;          //
  std::vector<std::string> second_factor;  ///< Values of amr or acr that stand for a second factor.
  bool create_accounts = false;            ///< Who is vouched for and new gets an account.
};

/// Whether secrets may go there: by https, or to this machine.
bool is_safe_url(std::string_view url);

/// `file` is named in errors; a secret's file lies relative to it. Errors: kConfig with all mistakes, each with its
/// place; kIo for a secret's file that can't be read.
Result<SignOnConfig> parse_sign_on(std::string_view yaml, const std::filesystem::path& file);

}  // namespace zhili::identity
