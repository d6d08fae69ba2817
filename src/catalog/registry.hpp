#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/audit_log.hpp"
#include "base/result.hpp"
#include "catalog/dataset.hpp"
#include "store/store.hpp"

namespace zhili::catalog {

/// The one catalogue (统一目录): what departments declare that they hold. Each change is a version that stays, and an
/// entry of the audit log. A field that another department's dataset holds and shares can't be declared again without a
/// reason: nobody is asked twice. May be used by many threads and servers; store, log and catalogue outlive it.
class Registry {
 public:
  static std::vector<store::Migration> migrations();

  /// `area_id`: see the store's README.
  Registry(store::Store& store, const audit::AuditLog& log, const Catalog& catalog, int64_t area_id)
      : store_(store), log_(log), catalog_(catalog), area_id_(area_id) {}

  struct Listed {
    Dataset dataset;
    int64_t version = 0;  ///< From 1 on.
    int64_t since = 0;    ///< Microseconds since 1970: when this version was declared.
  };
  /// Declares a dataset, or a new version of it. `known`: the version that it changes; 0 for one that is new, or was
  /// withdrawn. Errors: kInput with a further error for each mistake; kConflict where it has another version by now,
  /// where its code is another's, or where a field is collected again without a reason, one further error for each such
  /// field.
  Result<Listed> declare(const Dataset& dataset, int64_t known, const std::string& by) const;
  /// Takes it out of the catalogue; its versions stay. Errors: kNotFound; kConflict as above.
  Status withdraw(std::string_view id, int64_t known, const std::string& by) const;

  /// Errors: kNotFound, also where it was withdrawn.
  Result<Listed> find(std::string_view id) const;

  struct Version {
    int64_t number = 0;
    int64_t since = 0;
    std::string by;                  ///< The account.
    std::string entry;               ///< Of the audit log.
    std::optional<Dataset> dataset;  ///< Nothing where it was withdrawn.
  };
  /// Newest first. Errors: kNotFound.
  Result<std::vector<Version>> versions(std::string_view id) const;

  struct Search {
    std::string text = {};  ///< Words that all occur in titles, summary, code, fields; any case.
    std::string code = {};  ///< The code's beginning: a class, an item.
    std::string provider = {};
    std::string element = {};  ///< Held by one of its fields.
    std::optional<Sharing> sharing = {};
    std::string after = {};  ///< Id of the last one that is known; empty from the start.
    size_t limit = 50;       ///< 1 to kPage.
  };
  static constexpr size_t kPage = 200;
  /// By id. Errors: kInput for a limit out of bounds.
  Result<std::vector<Listed>> search(const Search& search) const;

  /// Who holds a data element: "who else has this field".
  struct Holder {
    std::string dataset;
    std::string field;
    std::string provider;
    Sharing sharing = Sharing::kNotShared;
  };
  /// By dataset and field.
  Result<std::vector<Holder>> holders(std::string_view element) const;

  /// A field of a declaration that another department holds and shares, so that it is not collected again.
  struct Repeat {
    size_t field = 0;  ///< Place in the declaration.
    Holder holder;     ///< The first.
  };
  /// Why `declare` would refuse it as collected again.
  Result<std::vector<Repeat>> repeats(const Dataset& dataset) const;

 private:
  Status put(store::Transaction& tx, const std::string& id, int64_t version, const Dataset* dataset,
             const std::string& by) const;
  template <class Source>
  Result<std::vector<Repeat>> repeats_by(Source& source, const Dataset& dataset,
                                         const std::optional<Dataset>& before) const;
  template <class Source>
  Result<std::vector<Holder>> holders_by(Source& source, std::string_view element) const;
  template <class Source>
  Result<std::pair<int64_t, std::optional<Dataset>>> newest(Source& source, std::string_view id) const;

  store::Store& store_;
  const audit::AuditLog& log_;
  const Catalog& catalog_;
  const int64_t area_id_;
};

}  // namespace zhili::catalog
