#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "base/cancel.hpp"
#include "base/result.hpp"
#include "ingest/ingest.hpp"
#include "store/store.hpp"

namespace zhili::ingest {

struct FolderOptions {
  std::filesystem::path directory;
  std::string dataset;
  BatchKind kind = BatchKind::kFull;
  table::Encoding encoding = table::Encoding::kAuto;
  std::string sender;                                ///< The account in whose name files come.
  std::chrono::seconds quiet{10};                    ///< A file that did not change for so long is complete.
  std::function<int64_t()> now = store::system_now;  ///< On the clock that the file system uses.
};

/// A folder into which a department's system puts files of one dataset. Each complete file is a batch by its name; it
/// moves to done/ or failed/, with NAME.report.json beside it. A file is complete when it did not change for a while;
/// hidden ones and those that end in .part or .tmp are passed over until they are renamed. Belongs to one thread at a
/// time; several servers may watch one folder.
class Folder {
 public:
  /// `ingest` outlives it. Errors: kIo where done/ and failed/ can't be made.
  static Result<Folder> open(const Ingest& ingest, FolderOptions options);

  struct Round {
    size_t done = 0;
    size_t failed = 0;
    size_t waiting = 0;  ///< Not complete yet, or not possible now: the next round looks again.
  };
  /// Takes what is complete, oldest first. Errors: kIo where the folder can't be listed.
  Result<Round> scan(const Cancel* cancel = nullptr) const;

 private:
  Folder(const Ingest& ingest, FolderOptions options) : ingest_(ingest), options_(std::move(options)) {}
  Result<Batch> take(const std::filesystem::path& path, const Cancel* cancel) const;
  Status put_aside(const std::filesystem::path& path, const Result<Batch>& batch) const;

  const Ingest& ingest_;
  FolderOptions options_;
};

}  // namespace zhili::ingest
