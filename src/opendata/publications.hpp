#pragma once

#include <cstdint>
#include <filesystem>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "audit/audit_log.hpp"
#include "base/cancel.hpp"
#include "base/result.hpp"
#include "catalog/registry.hpp"
#include "identity/entropy.hpp"
#include "opendata/difference.hpp"
#include "opendata/prepare.hpp"
#include "store/lake.hpp"
#include "vault/door.hpp"

/// Open data: what departments publish of their datasets, checked, in versions that stay as they are.
namespace zhili::opendata {

inline constexpr size_t kTablesKept = 8;                      ///< In memory, of those read last,
inline constexpr size_t kTableBytes = size_t{256} << 20;      ///< of at most so much together.
inline constexpr std::string_view kPurpose = "open_data";     ///< That rows are read for.
inline constexpr std::string_view kResource = "publication";  ///< That the policy knows open data as.

/// What the room stands on. All outlive it.
struct OpenGround {
  store::Store& store;
  const audit::AuditLog& log;
  const catalog::Catalog& catalog;
  const catalog::Registry& registry;
  store::Lake& lake;
  vault::Door& door;
  identity::Entropy& entropy;
  int64_t area_id = 0;
};

/// One version: what it holds never changes.
struct Version {
  int64_t number = 0;
  int64_t at = 0;  ///< Microseconds since 1970.
  std::string by;  ///< Account.
  std::string entry;
  std::string digest;  ///< Of its CSV form: SHA-256 in hexadecimal digits.
  int64_t rows = 0;
  int64_t bytes = 0;  ///< Of its Parquet form.
  std::vector<Column> columns;
  std::string check;  ///< JSON of Check, without classes.
  int64_t added = 0;  ///< Rows against the version before.
  int64_t removed = 0;
  int64_t changed = 0;
};

struct Publication {
  Plan plan;             ///< As of the newest version.
  std::string provider;  ///< The department.
  std::string cycle;     ///< How soon the dataset follows the world, a word of catalog::Cycle.
  int64_t created_at = 0;
  int64_t changed_at = 0;
  bool withdrawn = false;
  std::string reason;  ///< Of the withdrawal.
  Version newest;
};

/// What may be lost of privacy over all publications of a dataset, and what is.
struct Budget {
  Epsilon total;
  Epsilon spent;
};
inline constexpr int64_t kUsualBudget = 4 * Epsilon::kUnits;  ///< Where nobody has set one.
inline constexpr int64_t kMostBudget = Epsilon::kMost * Epsilon::kUnits;

/// May be used by many threads and servers; its functions wait for the store.
class Publications {
 public:
  static std::vector<store::Migration> migrations();

  Publications(OpenGround ground, std::shared_ptr<const vault::Rules> rules);
  /// From the next call on.
  void use(std::shared_ptr<const vault::Rules> rules);

  /// Tries a plan on the rows as they are, with the smallest classes for its officer; nothing is published, and no
  /// budget spent: counts with noise are not made. Decided as `publish` is. Errors: those of `settled` and of
  /// vault::Door::survey; kConstraint where the policy forbids it.
  Result<Check> check(const identity::Actor& actor, const Plan& plan, const Cancel& cancel) const;

  struct Outcome {
    Check check;
    std::optional<Version> version;  ///< Nothing where the check refused it.
  };
  /// Publishes a version, with an entry of the audit log and an event "opendata.published"; a budget is charged in the
  /// same change. Errors: as of `check`; kConstraint where the budget is spent; kConflict where the newest version has
  /// the same content, the id is that of another dataset's publication, or another version came meanwhile.
  Result<Outcome> publish(const identity::Actor& actor, const Plan& plan, const Cancel& cancel);
  /// Takes all versions away from the public. Their digests and the reason stay. Errors: kNotFound; kConstraint.
  Status withdraw(const identity::Actor& actor, std::string_view id, const std::string& reason);

  /// What is published, by id.
  Result<std::vector<Publication>> list() const;
  /// Error: kNotFound, also where it was withdrawn.
  Result<Publication> find(std::string_view id) const;
  /// Newest first; also of what was withdrawn. Error: kNotFound.
  Result<std::vector<Version>> versions(std::string_view id) const;
  /// Error: kNotFound, also where it was withdrawn.
  Result<std::shared_ptr<const PublicTable>> table(std::string_view id, int64_t version) const;
  Result<std::filesystem::path> parquet(std::string_view id, int64_t version) const;
  Result<Difference> difference(std::string_view id, int64_t from, int64_t to) const;

  Result<Budget> budget(std::string_view dataset) const;
  /// Decided as `decide` on the provider's publications. Errors: kInput above kMostBudget, or below what is spent.
  Result<Budget> set_budget(const identity::Actor& actor, const std::string& dataset, Epsilon total);

  const OpenGround& ground() const { return ground_; }
  std::shared_ptr<const vault::Rules> rules() const;
  /// Error: kConstraint with the policy's words.
  Status require(const identity::Actor& actor, std::string_view action, const std::string& department) const;

 private:
  struct Ready;
  Result<Ready> prepare(const identity::Actor& actor, const Plan& plan, bool noisy, const Cancel& cancel) const;
  Result<std::optional<Publication>> newest(std::string_view id) const;
  Result<Version> land(const identity::Actor& actor, const Ready& ready, const std::optional<Publication>& before);
  Status write(store::Transaction& tx, const Ready& ready, const Version& version, int64_t known) const;
  Status charge(store::Transaction& tx, const Plan& plan, const Version& version) const;
  Result<std::shared_ptr<const PublicTable>> read(std::string_view id, const Version& version) const;

  const OpenGround ground_;
  mutable std::mutex mutex_;
  std::shared_ptr<const vault::Rules> rules_;
  struct Kept {
    std::string id;
    int64_t version = 0;
    std::shared_ptr<const PublicTable> table;  // Shared with whoever answers from it.
  };
  mutable std::list<Kept> kept_;  // Read last stands first.
};

}  // namespace zhili::opendata
