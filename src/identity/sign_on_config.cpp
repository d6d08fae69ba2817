#include "identity/sign_on_config.hpp"

#include <algorithm>
#include <utility>

#include "base/output_dir.hpp"
#include "config/fields.hpp"
#include "identity/area_tree.hpp"
#include "identity/sign_on_keys.hpp"

namespace zhili::identity {
namespace {

using config::YamlNode;

constexpr uint64_t kSecretBytes = 4096;
constexpr std::string_view kWhat = "The sign-on configuration";

/// Turns the tree of a configuration into a SignOnConfig; what is wrong goes to the mistakes. Used once.
class Parser {
 public:
  Parser(SignOnConfig& config, config::Mistakes& mistakes) : config_(config), mistakes_(mistakes), fields_(mistakes) {}

  void parse(const YamlNode& root);
  const std::string& secret_file() const { return secret_file_; }

 private:
  void version(const YamlNode& root);
  void url(const YamlNode& root, std::string_view key, std::string& target);
  void word(const YamlNode& map, std::string_view key, std::string& target);
  void words(const YamlNode& root, std::string_view key, std::vector<std::string>& target);
  void post(const YamlNode& node);

  SignOnConfig& config_;
  config::Mistakes& mistakes_;
  config::Fields fields_;
  std::string secret_file_;
};

void Parser::parse(const YamlNode& root) {
  if (!fields_.map(root, "the sign-on configuration", keys::kSignOn)) return;
  version(root);
  url(root, "issuer", config_.issuer);
  url(root, "redirect_uri", config_.redirect_uri);
  if (fields_.required(root, "client_id", kWhat, "client_id: zhili") != nullptr)
    word(root, "client_id", config_.client_id);
  word(root, "client_secret_file", secret_file_);
  words(root, "scopes", config_.scopes);
  if (std::ranges::find(config_.scopes, "openid") == config_.scopes.end()) {
    mistakes_.add(root.find("scopes")->mark, "The scopes lack 'openid'", "Write scopes: [openid, profile]");
  }
  words(root, "second_factor", config_.second_factor);
  if (const auto* claims = root.find("claims"); claims != nullptr && fields_.map(*claims, "claims", keys::kClaims)) {
    word(*claims, "login", config_.login_claim);
    word(*claims, "name", config_.name_claim);
    word(*claims, "posts", config_.posts_claim);
  }
  if (const auto* posts = root.find("posts"); posts != nullptr && fields_.list(*posts, "posts")) {
    if (config_.posts_claim.empty()) {
      mistakes_.add(posts->mark, "No claim is named for the posts", "Add 'claims: {posts: groups}'.");
    }
    for (const YamlNode& item : posts->items) post(item);
  }
  if (const auto* create = root.find("create_accounts")) {
    config_.create_accounts = fields_.flag(*create, "create_accounts").value_or(false);
  }
}

void Parser::version(const YamlNode& root) {
  const auto* node = fields_.required(root, "version", kWhat, "version: 1");
  if (node == nullptr || (node->kind == YamlNode::Kind::kScalar && !node->quoted && node->text == "1")) return;
  mistakes_.add(node->mark, "The version of this format is 1", "Write version: 1");
}

void Parser::url(const YamlNode& root, std::string_view key, std::string& target) {
  const auto* node = fields_.required(root, key, kWhat, fmt::format("{}: https://…", key));
  if (node == nullptr) return;
  word(root, key, target);
  if (!target.empty() && !is_safe_url(target)) {
    mistakes_.add(node->mark, fmt::format("{} is not reached by https", key), "Write a URL that begins with https://");
  }
}

void Parser::word(const YamlNode& map, std::string_view key, std::string& target) {
  if (const auto* node = map.find(key)) {
    if (auto text = fields_.text(*node, key)) target = std::move(*text);
  }
}

void Parser::words(const YamlNode& root, std::string_view key, std::vector<std::string>& target) {
  const auto* node = root.find(key);
  if (node == nullptr || !fields_.list(*node, key)) return;
  target.clear();
  for (const YamlNode& item : node->items) {
    if (auto text = fields_.text(item, key)) target.push_back(std::move(*text));
  }
}

void Parser::post(const YamlNode& node) {
  if (!fields_.map(node, "the post", keys::kPost)) return;
  PostMapping mapping;
  for (const auto& [key, target] :
       {std::pair<std::string_view, std::string*>{"value", &mapping.value}, {"role", &mapping.post.role}}) {
    if (fields_.required(node, key, "The post", fmt::format("{}: …", key)) != nullptr) word(node, key, *target);
  }
  word(node, "department", mapping.post.department);
  word(node, "area", mapping.post.area);
  for (const std::string* id : {&mapping.post.role, &mapping.post.department, &mapping.post.area}) {
    if (id->empty() || is_plain_id(*id)) continue;
    mistakes_.add(node.mark, fmt::format("'{}' is no id", id->substr(0, limits::kIdBytes)),
                  "An id has ASCII letters, digits, '-', '_' and '.' only.");
  }
  config_.posts.push_back(std::move(mapping));
}

}  // namespace

bool is_safe_url(std::string_view url) {
  if (url.find_first_of(" \t\r\n\"<>\\#") != std::string_view::npos) return false;
  if (url.starts_with("https://")) return url.size() > 8 && url[8] != '/';
  for (const std::string_view here : {"http://127.0.0.1", "http://[::1]", "http://localhost"}) {
    if (!url.starts_with(here)) continue;
    const std::string_view rest = url.substr(here.size());
    // What looks like a port must not be the password before another host.
    return rest.empty() || rest[0] == '/' || (rest[0] == ':' && rest.find('@') == std::string_view::npos);
  }
  return false;
}

Result<SignOnConfig> parse_sign_on(std::string_view yaml, const std::filesystem::path& file) {
  ZHILI_ASSIGN(const YamlNode root, config::parse_yaml(yaml, file.string()));
  SignOnConfig config;
  config::Mistakes mistakes(file.string());
  Parser parser(config, mistakes);
  parser.parse(root);
  if (!mistakes.none()) return fail(std::move(mistakes).error());
  if (!parser.secret_file().empty()) {
    ZHILI_ASSIGN(config.client_secret, read_file(file.parent_path() / parser.secret_file(), kSecretBytes));
    while (config.client_secret.ends_with('\n') || config.client_secret.ends_with('\r'))
      config.client_secret.pop_back();
  }
  return config;
}

}  // namespace zhili::identity
