#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/cancel.hpp"
#include "base/result.hpp"
#include "catalog/dataset.hpp"
#include "vault/vault.hpp"

namespace zhili::vault {

struct RotateCounts {
  std::string job;
  uint32_t key = 0;       ///< Number of the key that everything is sealed with now.
  uint64_t subjects = 0;  ///< Sealed anew.
  uint64_t records = 0;   ///< Rows of datasets that were sealed anew.
  uint64_t files = 0;     ///< Keys of files in the lake that were sealed anew.
  bool resumed = false;   ///< An earlier rotation had broken off.
};

/// Changes keys while the vault is in use.
class Rotation {
 public:
  explicit Rotation(Vault& vault) : vault_(vault) {}

  /// Makes a new data key, seals everything with it in groups, makes the blind index anew, and forgets the old keys.
  /// Where an earlier rotation broke off, it goes on with that one. `progress` is told of groups. Errors: kBusy where
  /// one is running; kCancelled; those of the store. What was done stays done.
  Result<RotateCounts> rotate(const std::string& by, const Cancel& cancel,
                              const std::function<void(uint64_t)>& progress = {});
  /// Wraps the data keys with the first master key. Returns how many were wrapped with another.
  Result<uint64_t> rewrap(const std::string& by);

 private:
  struct Old;
  Result<uint64_t> subjects(const std::string& job, const Cancel& cancel,
                            const std::function<void(uint64_t)>& progress);
  Result<uint64_t> group(const std::string& job, std::string& kind, std::string& subject, bool& end);
  Result<Old> seal_anew(Sealer& sealer, const DataKeys& keys, const store::Row& row) const;
  Status write(store::Transaction& transaction, const DataKeys& keys, const Old& old) const;
  Result<uint64_t> records(const std::string& job, const Cancel& cancel, const std::function<void(uint64_t)>& progress);
  Result<uint64_t> record_group(const std::string& job, std::string& dataset, int64_t& record, bool& end);
  Result<Old> seal_record(Sealer& sealer, const DataKeys& keys, const store::Row& row,
                          const catalog::Dataset* dataset) const;
  Status write_record(store::Transaction& tx, const DataKeys& keys, const Old& old) const;
  Result<uint64_t> file_keys(const Cancel& cancel);

  Vault& vault_;
};

}  // namespace zhili::vault
