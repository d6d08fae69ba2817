#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.hpp"
#include "base/result.hpp"
#include "exchange/gateway.hpp"
#include "vault/sealed_file.hpp"

/// Batch files: all rows that a grant admits, made once, kept sealed, and fetched in any pieces while the grant holds.
namespace zhili::exchange {

/// A file of JSON lines: the first says {"dataset", "fields": [{"field", "masked"}], "grant"}; each that follows is a
/// row, a list of its values, null where it has none.
struct BatchFile {
  std::string id;
  std::string grant;
  std::string ordered_by;
  int64_t made_at = 0;
  std::string state;  ///< making, ready, broken_off, gone.
  uint64_t rows = 0;
  uint64_t bytes = 0;
  std::string digest;  ///< As in Statement.
  std::string job;     ///< Of the vault.
  std::string note;    ///< The signed statement about the whole file.
};

/// One who fetches a file. Belongs to one thread at a time.
class Download {
 public:
  Download(const Download&) = delete;
  Download& operator=(const Download&) = delete;
  ~Download();

  const BatchFile& file() const { return file_; }
  /// The next bytes, at most `most` and a piece of the file; empty at the end. The grant is asked each time: where it
  /// has ended meanwhile, `refusal` says why, and no more bytes come.
  struct Piece {
    std::string bytes;
    std::optional<vault::Refusal> refusal;
  };
  Result<Piece> next(size_t most);

 private:
  friend class Files;
  struct State;
  Download(BatchFile file, std::unique_ptr<State> state);
  BatchFile file_;
  std::unique_ptr<State> state_;
};

/// May be used by many threads. All outlive it. Servers on one database share the directory.
class Files {
 public:
  /// Makes the directory where it is missing. Error: kIo.
  static Result<std::unique_ptr<Files>> open(Gateway& gateway, Requests& requests, vault::Vault& vault,
                                             vault::Door& door, std::filesystem::path directory);

  struct Made {
    BatchFile file;
    std::vector<vault::RefusedField> refused;
    std::optional<vault::Refusal> refusal;  ///< Nothing was made, or it ended before its end.
  };
  /// Makes a file, as a job of the vault, on the caller's thread: each row's line is in its ledger before it is in the
  /// file. Counts as one call. Errors: kBusy where one of the same grant is being made; kIo; of the store.
  Result<Made> make(const identity::Actor& actor, const std::string& grant, const std::vector<std::string>& fields,
                    const Cancel& cancel);

  /// Those of a grant, newest first. Error: kNotFound, also where it may not be seen.
  Result<std::vector<BatchFile>> list(const identity::Actor& actor, std::string_view grant) const;

  struct Opened {
    std::unique_ptr<Download> download;
    std::optional<vault::Refusal> refusal;
  };
  /// Begins at a byte, so that what was broken off is gone on with. An entry of the audit log. Errors: kNotFound for an
  /// unknown file; kInput for a place behind its end.
  Result<Opened> fetch(const identity::Actor& actor, std::string_view file, uint64_t offset);

  /// Takes away the files of grants that are not in force any more, with their keys. Returns how many.
  Result<size_t> sweep();

 private:
  Files(Gateway& gateway, Requests& requests, vault::Vault& vault, vault::Door& door, std::filesystem::path directory)
      : gateway_(gateway), requests_(requests), vault_(vault), door_(door), directory_(std::move(directory)) {}
  Result<BatchFile> find(std::string_view id) const;
  Status put(const BatchFile& file, const identity::Actor& actor) const;
  Status settle(const BatchFile& file) const;
  Result<vault::Released> fill(BatchFile& file, const identity::Actor& actor, const std::vector<std::string>& fields,
                               const Cancel& cancel) const;
  std::filesystem::path path(std::string_view id) const { return directory_ / (std::string(id) + ".sealed"); }

  Gateway& gateway_;
  Requests& requests_;
  vault::Vault& vault_;
  vault::Door& door_;
  const std::filesystem::path directory_;
};

}  // namespace zhili::exchange
