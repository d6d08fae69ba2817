#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/audit_log.hpp"
#include "base/result.hpp"
#include "catalog/catalog.hpp"
#include "store/store.hpp"

namespace zhili::catalog {

/// Which governing texts were in force when. They are files, which anybody with access to the machine may change: each
/// change is an entry of the audit log, and what a text said before stays. May be used by many threads and servers; the
/// store and the log must outlive it.
class InForce {
 public:
  static std::vector<store::Migration> migrations();

  /// `area_id`: see the store's README.
  InForce(store::Store& store, const audit::AuditLog& log, int64_t area_id)
      : store_(store), log_(log), area_id_(area_id) {}

  /// From now on `texts`, and no others, are in force. Notes what is new, different or gone since the last time; says
  /// how many that were.
  Result<size_t> set(const std::vector<GoverningText>& texts) const;

  struct Version {
    int64_t number = 0;               ///< From 1 on.
    int64_t since = 0;                ///< Microseconds since 1970.
    std::optional<std::string> text;  ///< Nothing where the file was taken away.
    std::string entry;                ///< Of the audit log.
  };
  /// Newest first. Errors: kNotFound where there never was a text of this id.
  Result<std::vector<Version>> versions(std::string_view id) const;
  /// The ids of all texts that there ever were, sorted.
  Result<std::vector<std::string>> ids() const;

 private:
  Status note(store::Transaction& tx, const std::string& id, int64_t number, const std::string* text) const;

  store::Store& store_;
  const audit::AuditLog& log_;
  const int64_t area_id_;
};

}  // namespace zhili::catalog
