#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace zhili::cli {

/// An installation's settings: zhili.yaml in its directory, as docs/serve.md describes it. Relative paths in the file
/// count from that directory; here they are whole.
struct Settings {
  std::filesystem::path directory;
  std::string zh;  ///< The installation's name, e.g. of the district.
  std::string en;
  int64_t area_id = 1;  ///< First key of all tables: one database may hold several installations.
  std::string origin;   ///< Names the audit log.
  std::string store;    ///< URL.
  std::filesystem::path packs;
  std::filesystem::path policy;    ///< Empty: the one that the program brings along.
  std::filesystem::path exchange;  ///< Terms of requests between departments. Empty: what the program brings along.
  std::filesystem::path sign_on;   ///< Empty: no sign-on provider.
  std::filesystem::path web;       ///< Pages. Empty: none are served.
  std::string address = "127.0.0.1";
  uint16_t port = 8080;
  std::filesystem::path certificate;  ///< Empty: no TLS.
  std::filesystem::path certificate_key;
  std::string public_url;             ///< As browsers see the server, e.g. https://zhili.example; empty: as it listens.
  std::vector<std::string> proxies;   ///< Addresses of proxies before the server, whose X-Forwarded-For is believed.
  std::filesystem::path metrics_key;  ///< A file whose line opens /metrics to other machines. Empty: this machine only.
  bool chinese_cryptography = false;  ///< SM2, SM3 and SM4 instead of Ed25519, SHA-256 and AES.

  std::filesystem::path file() const { return directory / "zhili.yaml"; }
  std::filesystem::path audit_directory() const { return directory / "audit"; }
  std::filesystem::path lake_directory() const { return directory / "lake"; }
  std::filesystem::path exchange_directory() const { return directory / "exchange"; }
  std::filesystem::path bases_directory() const { return directory / "bases"; }
  std::filesystem::path key(std::string_view name) const { return directory / "keys" / (std::string(name) + ".key"); }
};

/// `directory` holds the file. Errors: kConfig with all mistakes, each with its place; kNotFound, kIo.
Result<Settings> load_settings(const std::filesystem::path& directory);
Result<Settings> parse_settings(std::string_view yaml, const std::filesystem::path& directory);

}  // namespace zhili::cli
