#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "vault/sealer.hpp"
#include "vault/vault.hpp"

/// Files of what the door has told, sealed in pieces by a key of their own, so that any part can be read without the
/// rest. Their keys lie sealed in the store, and change with the vault's.
namespace zhili::vault {

inline constexpr size_t kPieceBytes = size_t{64} << 10;  ///< Of what is sealed as one.

/// Writes one. Belongs to one thread at a time.
class SealedFileWriter {
 public:
  /// `id` names the file within the vault for good: letters, digits, '_', '-'. Errors: kConflict where the vault has
  /// such a file; kIo.
  static Result<std::unique_ptr<SealedFileWriter>> create(Vault& vault, const std::filesystem::path& path,
                                                          const std::string& id);
  SealedFileWriter(const SealedFileWriter&) = delete;
  SealedFileWriter& operator=(const SealedFileWriter&) = delete;
  ~SealedFileWriter();

  Status write(std::string_view bytes);
  /// All of it is durable; gives its size in bytes, not sealed.
  Result<uint64_t> finish();

 private:
  struct State;
  explicit SealedFileWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Reads one. Belongs to one thread at a time.
class SealedFile {
 public:
  /// `size` as `finish` gave it. Errors: kNotFound where its key or the file is gone; kInput where it has another size.
  static Result<std::unique_ptr<SealedFile>> open(Vault& vault, const std::filesystem::path& path,
                                                  const std::string& id, uint64_t size);
  SealedFile(const SealedFile&) = delete;
  SealedFile& operator=(const SealedFile&) = delete;
  ~SealedFile();

  uint64_t size() const;
  /// At most `most` bytes from there, and at most a piece; empty at the end. Errors: kInput where it is not what was
  /// written.
  Result<std::string> read(uint64_t offset, size_t most);

  /// Forgets the key: what is left of the file is noise.
  static Status forget(Vault& vault, const std::string& id);

 private:
  struct State;
  explicit SealedFile(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace zhili::vault
