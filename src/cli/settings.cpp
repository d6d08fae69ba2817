#include "cli/settings.hpp"

#include <array>
#include <charconv>
#include <limits>

#include <arpa/inet.h>

#include "base/limits.hpp"
#include "base/output_dir.hpp"
#include "config/fields.hpp"

namespace zhili::cli {
namespace {

namespace fs = std::filesystem;
using config::YamlNode;

constexpr std::array<std::string_view, 15> kKeys{"version",  "name",    "area_id",      "origin",      "store",
                                                 "exchange", "packs",   "policy",       "sign_on",     "web",
                                                 "listen",   "proxies", "cryptography", "metrics_key", "public_url"};
constexpr std::array<std::string_view, 2> kNameKeys{"zh", "en"};
constexpr std::array<std::string_view, 3> kListenKeys{"address", "port", "tls"};
constexpr std::array<std::string_view, 2> kTlsKeys{"certificate", "key"};
constexpr std::array<std::string_view, 2> kCryptography{"standard", "sm"};

bool is_address(const std::string& text) {
  in6_addr address{};
  return ::inet_pton(AF_INET, text.c_str(), &address) == 1 || ::inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

class Parser {
 public:
  Parser(Settings& settings, config::Mistakes& mistakes) : out_(settings), mistakes_(mistakes), fields_(mistakes) {}

  void parse(const YamlNode& root) {
    if (!fields_.map(root, "the settings", kKeys)) return;
    if (const auto* node = fields_.required(root, "version", "This file", "version: 1")) {
      fields_.count(*node, "version", 1, 1);
    }
    if (const auto* node = fields_.required(root, "name", "This file", "name: {zh: 宁沐区, en: Ningmu District}")) {
      name(*node);
    }
    if (const auto* node = root.find("area_id")) {
      const auto id = fields_.count(*node, "area_id", 1, std::numeric_limits<int64_t>::max());
      out_.area_id = static_cast<int64_t>(id.value_or(1));
    }
    text(root, "origin", out_.origin, true, "origin: district.example/audit");
    text(root, "store", out_.store, true, "store: sqlite:zhili.db");
    path(root, "packs", out_.packs, true);
    path(root, "policy", out_.policy, false);
    path(root, "exchange", out_.exchange, false);
    path(root, "sign_on", out_.sign_on, false);
    path(root, "web", out_.web, false);
    text(root, "public_url", out_.public_url, false, "");
    path(root, "metrics_key", out_.metrics_key, false);
    if (const auto* node = root.find("proxies"); node != nullptr && fields_.list(*node, "proxies")) {
      for (const YamlNode& item : node->items) {
        auto address = fields_.text(item, "proxies");
        if (!address) continue;
        if (!is_address(*address)) {
          mistakes_.add(item.mark, fmt::format("'{}' is no address", *address), "For example: proxies: [10.0.0.5]");
        }
        out_.proxies.push_back(std::move(*address));
      }
    }
    if (const auto* node = root.find("listen")) listen(*node);
    if (const auto* node = root.find("cryptography")) {
      out_.chinese_cryptography = fields_.choice(*node, "cryptography", kCryptography) == size_t{1};
    }
  }

 private:
  void name(const YamlNode& node) {
    if (!fields_.map(node, "name", kNameKeys)) return;
    text(node, "zh", out_.zh, true, "zh: 宁沐区");
    text(node, "en", out_.en, true, "en: Ningmu District");
  }
  void listen(const YamlNode& node) {
    if (!fields_.map(node, "listen", kListenKeys)) return;
    text(node, "address", out_.address, false, "");
    if (const auto* port = node.find("port")) {
      out_.port = static_cast<uint16_t>(fields_.count(*port, "port", 0, 65535).value_or(0));
    }
    const auto* tls = node.find("tls");
    if (tls == nullptr || !fields_.map(*tls, "tls", kTlsKeys)) return;
    path(*tls, "certificate", out_.certificate, true);
    path(*tls, "key", out_.certificate_key, true);
  }
  void text(const YamlNode& map, std::string_view key, std::string& to, bool required, std::string_view example) {
    const auto* node = required ? fields_.required(map, key, "This file", example) : map.find(key);
    if (node == nullptr) return;
    if (auto text = fields_.text(*node, key)) to = std::move(*text);
  }
  void path(const YamlNode& map, std::string_view key, fs::path& to, bool required) {
    std::string text_of;
    text(map, key, text_of, required, std::string(key) + ": PATH");
    if (!text_of.empty()) to = (out_.directory / text_of).lexically_normal();
  }

  Settings& out_;
  config::Mistakes& mistakes_;
  config::Fields fields_;
};

}  // namespace

Result<Settings> parse_settings(std::string_view yaml, const fs::path& directory) {
  Settings out;
  out.directory = directory;
  const std::string file = out.file().string();
  ZHILI_ASSIGN(const YamlNode root, config::parse_yaml(yaml, file));
  config::Mistakes mistakes(file);
  Parser(out, mistakes).parse(root);
  if (!mistakes.none()) return fail(std::move(mistakes).error());
  // An embedded database lies beside its settings.
  constexpr std::string_view kEmbedded = "sqlite:";
  if (out.store.starts_with(kEmbedded)) {
    out.store = std::string(kEmbedded) + (directory / out.store.substr(kEmbedded.size())).lexically_normal().string();
  }
  return out;
}

Result<Settings> load_settings(const fs::path& directory) {
  std::error_code ec;
  const fs::path whole = fs::absolute(directory, ec).lexically_normal();
  if (!fs::exists(whole / "zhili.yaml", ec)) {
    return fail(ErrorCode::kNotFound, {directory.string(), 0, 0}, "Make an installation there with 'zhili init'.",
                "holds no zhili.yaml");
  }
  ZHILI_ASSIGN(const std::string yaml, read_file(whole / "zhili.yaml", limits::kYamlBytes));
  return parse_settings(yaml, whole);
}

}  // namespace zhili::cli
