#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "vault/vault.hpp"

/// Records: the current row of each key of a dataset, sealed. They leave by the door alone.
namespace zhili::vault {

inline constexpr size_t kRowBytes = size_t{256} << 10;  ///< Of one row.
inline constexpr size_t kLinksAtOnce = 1000;            ///< Rows that one change links.

/// What rows of a batch are absorbed for.
struct RecordJob {
  std::string dataset;
  std::string batch;    ///< That the rows come from.
  std::string actor;    ///< The account that does it; empty for the program itself.
  std::string purpose;  ///< A word that `basis` carries.
  std::string basis;    ///< Id of a legal basis of the catalogue.
  bool whole = true;    ///< The batch is all of the dataset: rows that are not put are removed at the end.
  std::vector<std::string> columns = {};  ///< Fields of what `put` is given; empty for all, in the dataset's order.
};

struct RecordCounts {
  uint64_t added = 0;
  uint64_t changed = 0;
  uint64_t unchanged = 0;  ///< Nothing was written. A key to be removed that is not there counts here.
  uint64_t removed = 0;
};

/// Absorbs the rows of a batch, as a job that is listed with purpose, basis, fields and counts. Rows are committed in
/// groups while they come, each group with its audit entry. A job that breaks off leaves whole groups behind; the same
/// batch again brings everything up to date. Belongs to one thread at a time.
class RecordIntake {
 public:
  /// Errors: kNotFound for a dataset that the registry does not have; kInput for a column that it does not have, a key
  /// that is no column, a basis or purpose that will not do; kBusy where another job absorbs into the dataset.
  static Result<std::unique_ptr<RecordIntake>> begin(Vault& vault, RecordJob job);
  RecordIntake(const RecordIntake&) = delete;
  RecordIntake& operator=(const RecordIntake&) = delete;
  /// Breaks off what was not finished.
  ~RecordIntake();

  /// A row: one value a column, empty for none. Of a whole batch each key comes once; of changes, the last one counts.
  /// Errors: kInput (an empty key, text that is not UTF-8, a key twice); kLimit (kRowBytes); those of earlier groups'
  /// commits. After an error the job is to be given up.
  Status put(std::span<const std::string_view> values);
  /// Of changes: the row with this key, its values in the order of the dataset's key fields, is gone.
  Status remove(std::span<const std::string_view> key);
  /// Commits the rest, removes what is gone, ends the job.
  Result<RecordCounts> finish();

  const std::string& job() const;

 private:
  struct State;
  explicit RecordIntake(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// What is known of records without opening any, and whom they are about. May be used by many threads.
class Records {
 public:
  explicit Records(Vault& vault) : vault_(vault) {}

  struct Held {
    int64_t records = 0;
    std::string batch;       ///< The last one that changed something.
    int64_t changed_at = 0;  ///< Microseconds since 1970.
  };
  /// What the vault holds of a dataset; zeros where it holds nothing.
  Result<Held> held(const std::string& dataset) const;

  /// The subject that a row is about; an empty one takes the link away.
  struct Link {
    std::vector<std::string> key;  ///< The row's, its values in the order of the dataset's key fields.
    std::string kind;
    std::string subject;
  };
  /// Links that were looked up, to be set within a change.
  class Prepared;
  /// At most kLinksAtOnce. Rows that are not there are passed over. Errors: kNotFound for an unknown dataset; kInput
  /// for an id that is no subject's, or a key of another length.
  Result<std::shared_ptr<const Prepared>> prepare(const std::string& dataset, std::span<const Link> links,
                                                  const std::string& by) const;
  /// Within a change: sets them, with an entry in the audit log where that changes anything; gives how many links are
  /// other than before. Lines of who has read a row are from then on in that subject's ledger.
  Result<size_t> apply(store::Transaction& transaction, const Prepared& prepared) const;
  /// The two as one change; returns how many links are other than before.
  Result<size_t> link(const std::string& dataset, std::span<const Link> links, const std::string& by) const;

  struct About {
    std::string kind;
    std::string subject;
    bool operator==(const About&) const = default;
  };
  /// Whom a row is about; nothing where that is not known. Errors: kNotFound.
  Result<std::optional<About>> about(const std::string& dataset, const std::vector<std::string>& key) const;
  /// The number of the row with this key, which stays with it. Errors: kNotFound.
  Result<int64_t> number(const std::string& dataset, const std::vector<std::string>& key) const;
  /// The same by number, also of a row that is gone.
  Result<std::optional<About>> about(const std::string& dataset, int64_t record) const;

 private:
  Vault& vault_;
};

/// Links on their way into the store.
class Records::Prepared {
 private:
  friend class Records;
  struct Set {
    int64_t record = 0;
    std::string kind;
    std::string subject;
  };
  std::string dataset_;
  std::string by_;
  std::vector<Set> set_;
  std::vector<int64_t> unset_;
};

}  // namespace zhili::vault
