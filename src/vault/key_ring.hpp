#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "store/store.hpp"
#include "vault/master_keys.hpp"
#include "vault/sealer.hpp"

namespace zhili::vault {

/// The data keys of a vault, wrapped in the store and unwrapped in memory. May be used by many threads.
class KeyRing {
 public:
  KeyRing(store::Store& store, MasterKeys master, int64_t area_id);

  /// Reads the store's keys anew. Errors: kConfig where no master key fits; kNotFound where there is no key yet.
  Status load();
  /// The keys as they were last read.
  std::shared_ptr<const DataKeys> keys() const;

  /// Within a change: adds a key, and gives its number. It is used once `load` was called.
  Result<uint32_t> add(store::Transaction& transaction, CipherKind cipher, int64_t now) const;
  /// Within a change: wraps all keys with the first master key. Returns how many were wrapped otherwise.
  Result<uint64_t> rewrap(store::Transaction& transaction) const;
  /// Within a change: kBusy where `number` is not the newest key: another server has made one.
  Status require_newest(store::Transaction& transaction, uint32_t number) const;
  /// Within a change: forgets all keys below `number` for ever.
  Result<int64_t> forget_below(store::Transaction& transaction, uint32_t number) const;

 private:
  Result<std::string> wrap(Sealer& sealer, uint32_t number, CipherKind cipher, std::string_view secret) const;
  Result<std::string> unwrap(uint32_t number, CipherKind cipher, std::string_view master_id,
                             std::string_view wrapped) const;

  store::Store& store_;
  const MasterKeys master_;
  const int64_t area_id_;
  mutable std::mutex mutex_;
  std::shared_ptr<const DataKeys> keys_;
};

}  // namespace zhili::vault
