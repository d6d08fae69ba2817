#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "identity/decision.hpp"
#include "identity/ground.hpp"

namespace zhili::identity {

/// A key by which a system or a device acts. It holds one post, and no second factor.
struct ApiKey {
  std::string id;  ///< "key_…": the first part of the key itself.
  std::string name;
  Assignment scope;
  int64_t created = 0;  ///< Microseconds since 1970 UTC, as all here.
  int64_t expires = 0;
  std::optional<int64_t> revoked;
  int64_t last_day = 0;  ///< The day that it was last used on, 0 for never.
};

/// Keys in the store. Of a key's secret only the SHA-256 is kept. May be used by many threads.
class ApiKeys {
 public:
  static constexpr int64_t kLongest = 400 * kDay;

  explicit ApiKeys(const Ground& ground) : ground_(ground) {}

  /// Gives the key, "ID.SECRET", once. Errors: kInput for an end that is past or further than kLongest; kConstraint
  /// for an unknown area or department.
  Result<std::string> issue(std::string_view name, const Assignment& scope, int64_t expires, const std::string& by);
  /// Who acts by a key. Error: kNotFound for what is no key, or one that has ended or was revoked.
  Result<Actor> check(std::string_view key) const;
  /// Error: kNotFound for an unknown id.
  Status revoke(const std::string& id, const std::string& by);
  /// Also of one that ended. Error: kNotFound for an unknown id.
  Result<std::string> name(std::string_view id) const;
  /// All, also those that ended, by id.
  Result<std::vector<ApiKey>> list() const;

 private:
  Ground ground_;
};

}  // namespace zhili::identity
