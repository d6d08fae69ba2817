#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "store/store.hpp"
#include "vault/vault.hpp"

namespace zhili::vault {

/// The key of one file that is kept sealed as it came: in frames, each bound to area, dataset, file and its number, so
/// that none can be changed, left out in the middle or put elsewhere. How many there are the file's keeper knows.
/// Belongs to one thread at a time.
class FileKey {
 public:
  FileKey(FileKey&&) noexcept = default;
  FileKey& operator=(FileKey&&) noexcept = default;
  FileKey(const FileKey&) = delete;
  FileKey& operator=(const FileKey&) = delete;
  ~FileKey() = default;

  Result<std::string> seal(uint64_t frame, std::string_view bytes);
  /// Error: kInput where it is not what was sealed as this frame of this file.
  Result<std::string> open(uint64_t frame, std::string_view sealed);
  /// The same for pieces that have names, without a '/', in the place of numbers.
  Result<std::string> seal_named(std::string_view name, std::string_view bytes);
  Result<std::string> open_named(std::string_view name, std::string_view sealed);

 private:
  friend class FileKeys;
  FileKey(int64_t area_id, std::string dataset, std::string file, std::shared_ptr<const DataKeys> keys)
      : area_id_(area_id), dataset_(std::move(dataset)), file_(std::move(file)), keys_(std::move(keys)) {}

  int64_t area_id_;
  std::string dataset_;
  std::string file_;
  std::shared_ptr<const DataKeys> keys_;  // Shared by nobody; a DataKeys can't be moved.
  Sealer sealer_;
};

/// Keys of sealed files, each made for one file alone, sealed in the store by the vault's keys and changed with them.
/// Whoever opens frames of a landed file records first what for (jobs.hpp). May be used by many threads.
class FileKeys {
 public:
  /// The vault outlives it.
  explicit FileKeys(Vault& vault) : vault_(vault) {}

  /// Makes the file's key; it is durable when this returns. Error: kConflict where the file has one.
  Result<FileKey> make(const std::string& dataset, const std::string& file) const;
  /// Error: kNotFound.
  Result<FileKey> find(const std::string& dataset, const std::string& file) const;
  /// Within a change: from then on the file's bytes are noise, also those of copies.
  Status forget(store::Transaction& transaction, const std::string& dataset, const std::string& file) const;

 private:
  Result<FileKey> derive(const std::string& dataset, const std::string& file, std::string_view secret) const;

  Vault& vault_;
};

}  // namespace zhili::vault
