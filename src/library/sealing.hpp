#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "fuse/sealing.hpp"
#include "vault/file_keys.hpp"

namespace zhili::library {

/// Seals a base's journal and snapshots with a key of the vault that is made for it alone.
class BaseSealing : public fuse::Sealing {
 public:
  /// Makes the key where there is none. `vault` outlives it.
  static Result<std::unique_ptr<BaseSealing>> create(vault::Vault& vault, const std::string& kind) {
    const vault::FileKeys keys(vault);
    auto key = keys.find(".bases", kind);
    if (!key && key.error().code == ErrorCode::kNotFound) key = keys.make(".bases", kind);
    if (!key) return fail(std::move(key).error());
    return std::unique_ptr<BaseSealing>(new BaseSealing(std::move(*key)));
  }

  Result<std::string> seal(std::string_view context, std::string_view bytes) override {
    const std::scoped_lock lock(mutex_);
    return key_.seal_named(context, bytes);
  }
  Result<std::string> open(std::string_view context, std::string_view sealed) override {
    const std::scoped_lock lock(mutex_);
    return key_.open_named(context, sealed);
  }

 private:
  explicit BaseSealing(vault::FileKey key) : key_(std::move(key)) {}
  std::mutex mutex_;
  vault::FileKey key_;
};

}  // namespace zhili::library
