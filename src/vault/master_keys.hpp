#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace zhili::vault {

/// The keys that wrap the vault's data keys. They come from outside the store: without one of them nothing in the
/// vault can be read.
class MasterKeys {
 public:
  static constexpr size_t kKeyBytes = 32;
  static constexpr size_t kIdBytes = 8;

  struct Key {
    std::string id;    ///< Tells which key it is, and nothing of the key.
    std::string wrap;  ///< The key that data keys are wrapped with, derived from it.
  };

  /// A text of lines "zhili-vault-key-1 BASE64", as `generate` makes them; blank lines and those that begin with '#'
  /// are passed over. The first key wraps, all unwrap. `file` is named in errors. Errors: kConfig; never with a part of
  /// the text.
  static Result<MasterKeys> parse(std::string_view text, const std::string& file);
  /// From a file that only its owner may read. Errors: kConfig also where others may, kIo, kNotFound.
  static Result<MasterKeys> load(const std::filesystem::path& path);
  /// From an environment variable that holds such a text, or the Base 64 alone. Errors: kConfig; kNotFound where the
  /// variable is not set.
  static Result<MasterKeys> from_environment(const char* variable);

  /// The text of a new key.
  static Result<std::string> generate();
  /// Makes a file with a new key, mode 0600. Errors: kConflict where it exists, kIo.
  static Result<MasterKeys> write_new(const std::filesystem::path& path);

  const Key& first() const { return keys_.front(); }
  const std::vector<Key>& all() const { return keys_; }
  /// Null for none.
  const Key* find(std::string_view id) const;

 private:
  explicit MasterKeys(std::vector<Key> keys) : keys_(std::move(keys)) {}
  std::vector<Key> keys_;
};

}  // namespace zhili::vault
