#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace zhili::store {

enum class Engine { kSqlite, kPostgres };

/// Where a store lies: `sqlite:PATH` or a plain path is a file of SQLite; `postgresql://…` (or `postgres://…`) is a
/// database that speaks PostgreSQL's protocol, written as libpq's connection URI.
class StoreUrl {
 public:
  /// Errors: kUsage, without the text of the URL, which may hold a password.
  static Result<StoreUrl> parse(std::string_view text);

  Engine engine() const { return engine_; }
  /// The file; empty for PostgreSQL.
  const std::filesystem::path& path() const { return path_; }
  /// libpq's connection URI; empty for SQLite.
  const std::string& uri() const { return uri_; }
  /// For people and logs: without password and parameters.
  const std::string& shown() const { return shown_; }

 private:
  StoreUrl() = default;

  Engine engine_ = Engine::kSqlite;
  std::filesystem::path path_;
  std::string uri_;
  std::string shown_;
};

}  // namespace zhili::store
