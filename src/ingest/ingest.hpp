#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.hpp"
#include "base/result.hpp"
#include "catalog/registry.hpp"
#include "ingest/checker.hpp"
#include "ingest/sealed_file.hpp"
#include "ingest/table_check.hpp"
#include "store/lake.hpp"
#include "table/reader.hpp"
#include "vault/vault.hpp"

/// The way in for departments' batches: sent in parts, checked, landed whole.
namespace zhili::ingest {

inline constexpr size_t kPartBytes = size_t{64} << 20;                      ///< Of one part.
inline constexpr uint64_t kBatchBytes = uint64_t{1} << 38;                  ///< Of one batch.
inline constexpr uint64_t kParquetBytes = uint64_t{1} << 30;                ///< Of one batch that is a Parquet file.
inline constexpr size_t kBatchNameBytes = 100;                              ///< Of a sender's name for a batch.
inline constexpr size_t kBatchesPage = 200;                                 ///< Batches that one call gives.
inline constexpr int64_t kUploadTerm = int64_t{7} * 24 * 3600 * 1'000'000;  ///< Without a sign, it is given up.

/// What a sender says of a batch before it comes.
struct UploadRequest {
  std::string dataset;
  std::string batch;  ///< By which the sender knows it again: the same batch can't come twice.
  BatchKind kind = BatchKind::kFull;
  std::string name;  ///< Of the file, for messages; its extension tells the format.
  table::Format format = table::Format::kAuto;
  table::Encoding encoding = table::Encoding::kAuto;
  char delimiter = 0;             ///< 0: found.
  std::optional<uint64_t> bytes;  ///< How large it is, where that is known.
  std::string sha256;             ///< 64 hexadecimal digits, where it is known.
  std::string sender;             ///< The account.
};

enum class UploadState : uint8_t {
  kOpen,    ///< Parts may come.
  kClosed,  ///< Whole: it waits to be checked and landed.
  kFailed,  ///< It is not landed; `error` says why. The same batch may be sent again.
};
std::string_view name_of(UploadState state);

struct Upload {
  std::string id;
  UploadRequest request;
  UploadState state = UploadState::kOpen;
  Extent received;  ///< The next part begins at received.bytes.
  std::string error;
  std::string hint;
  int64_t begun_at = 0;    ///< Microseconds since 1970, as all times here.
  int64_t touched_at = 0;  ///< When a part came last.
};

enum class BatchState : uint8_t {
  kLanded,   ///< It counts.
  kHeld,     ///< It waits for its owner's word.
  kDropped,  ///< The owner refused it; its file is gone.
};
std::string_view name_of(BatchState state);

/// A batch that came in.
struct Batch {
  std::string id;  ///< That of its upload.
  std::string dataset;
  std::string name;  ///< The sender's.
  BatchKind kind = BatchKind::kFull;
  BatchState state = BatchState::kLanded;
  std::string sha256;  ///< Of the bytes as they were sent.
  uint64_t bytes = 0;
  uint64_t rows = 0;        ///< That could be read.
  uint64_t rejected = 0;    ///< Of these, not to be taken.
  uint64_t mistaken = 0;    ///< Of these, with a mistake.
  uint64_t unreadable = 0;  ///< Beside them.
  int64_t version = 0;      ///< Of the dataset, by which it was checked.
  std::string sender;
  int64_t received_at = 0;  ///< When it was whole.
  std::string decided_by;   ///< Who released or dropped it,
  int64_t decided_at = 0;   ///< when,
  std::string reason;       ///< and why.
  std::string report;       ///< Its quality, as JSON; see docs/ingest.md. No value of a row is in it.
};

/// What one batch's rows are compared with; bound to what other rooms know. Rows are a sample (figures.hpp).
struct Neighbours {
  struct Consistency {
    uint64_t compared = 0;   ///< Rows that another department holds too.
    uint64_t different = 0;  ///< Of these, with a value that differs.
    std::vector<uint64_t> by_field;
  };
  /// How the rows compare with what other departments hold. May be none.
  std::function<Result<Consistency>(const std::string& dataset, std::span<const SampleRow>)> consistency;
  /// For each row, whether its key is held already. May be none.
  std::function<Result<std::vector<bool>>(const std::string& dataset, std::span<const SampleRow>)> held;
};

struct IngestOptions {
  unsigned threads = 0;  ///< For checking; 0: as many as there are cores.
  int64_t term = kUploadTerm;
  Neighbours neighbours = {};
};

/// Takes batches in. All state is in the store, all bytes are in the lake's directory, sealed; so any server on both
/// can go on with an upload, also after a crash at any instant. May be used by many threads.
class Ingest {
 public:
  static std::vector<store::Migration> migrations();

  /// All outlive it. Errors: kIo.
  static Result<Ingest> open(vault::Vault& vault, store::Lake& lake, const catalog::Registry& registry,
                             IngestOptions options = {});

  struct Begun {
    Upload upload;
    std::optional<Batch> earlier;  ///< This very batch came in before: nothing is to be sent, and there is no upload.
  };
  /// Begins an upload, or finds the one that is under way. Errors: kNotFound for a dataset that nobody declared; kInput
  /// for a name that will not do; kConflict where the batch came with other content, or another upload of it is under
  /// way that was declared otherwise.
  Result<Begun> begin(const UploadRequest& request) const;
  /// Takes a part: when this returns it is durable. A part that came before is passed over. Returns where the next one
  /// begins. Errors: kConflict where the part begins behind that; kLimit; kNotFound; kBusy while another part is taken.
  Result<uint64_t> put(const std::string& id, uint64_t offset, std::string_view bytes) const;
  /// Says that all has come. `sha256` may be empty. Errors: kConflict where bytes are missing.
  Result<Upload> close(const std::string& id, const std::string& sha256 = "") const;
  /// Errors: kNotFound, also once it has landed (see find_batch).
  Result<Upload> find_upload(const std::string& id) const;
  Result<Upload> find_upload(const std::string& dataset, const std::string& batch) const;
  /// Gives an upload up. Errors: kNotFound; kBusy.
  Status abandon(const std::string& id) const;
  /// Gives up what has not been touched for the term. Returns how many.
  Result<size_t> sweep() const;

  /// Checks a closed upload and lands it: then it counts, or is held back, and an earlier batch of the same name and
  /// content is found instead. Takes seconds for large ones: not for a connection's thread. Errors: what is wrong with
  /// the batch (kept with the upload, see find_upload); kBusy where another does it; those of disk and store, after
  /// which it may be tried again.
  Result<Batch> land(const std::string& id, const Cancel* cancel = nullptr) const;
  /// Lands what is closed, oldest first. Returns how many were tried. An error only where the store can't be read.
  Result<size_t> land_waiting(const Cancel* cancel = nullptr) const;

  Result<Batch> find_batch(const std::string& id) const;
  Result<Batch> find_batch(const std::string& dataset, const std::string& name) const;
  struct Page {
    std::string dataset;
    std::optional<BatchState> state = {};
    int64_t before = 0;  ///< received_at of the last that is known; 0 from the newest.
    size_t limit = 50;   ///< 1 to kBatchesPage.
  };
  /// Newest first, without reports.
  Result<std::vector<Batch>> batches(const Page& page) const;
  /// Figures of one field over the newest batches, newest first: its trend.
  struct FieldPoint {
    std::string batch;
    int64_t received_at = 0;
    uint64_t values = 0;
    uint64_t missing = 0;
    uint64_t mistaken = 0;
    uint64_t different = 0;
    std::optional<double> mean;
  };
  Result<std::vector<FieldPoint>> trend(const std::string& dataset, const std::string& field, size_t limit) const;

  /// The owner's word on a batch that is held back. Each is an entry of the audit log. Errors: kNotFound; kConflict
  /// where it is not held; kInput without a reason.
  Result<Batch> release(const std::string& id, const std::string& by, const std::string& reason) const;
  Result<Batch> drop(const std::string& id, const std::string& by, const std::string& reason) const;

  /// Who reads a landed batch, and what for: it becomes a job in the vault's list.
  struct Reading {
    std::string actor;
    std::string purpose;
    std::string basis;
  };
  /// Rows in the file's order without those that were rejected; values by the dataset's fields. Of a full snapshot
  /// each is an insert.
  using Visit = std::function<Status(Change change, std::span<const std::string_view> values)>;
  /// Errors: kConflict for one that does not count; kInput for a basis or purpose that will not do; those of `visit`.
  Status read(const std::string& id, const Reading& reading, const Visit& visit) const;

 private:
  Ingest(vault::Vault& vault, store::Lake& lake, const catalog::Registry& registry, IngestOptions options)
      : vault_(vault), lake_(lake), registry_(registry), options_(std::move(options)) {}
  struct Checked;

  /// A table over a sealed file.
  struct OpenTable {
    std::shared_ptr<void> memory;  // Holds what the reader reads, where that is memory.
    std::unique_ptr<table::Reader> reader;
  };

  std::filesystem::path path_of(const std::string& id) const;
  static Result<OpenTable> open_table(const UploadRequest& request, SealedReader& sealed, uint64_t bytes);
  Result<Checked> check(const Upload& upload, const Cancel* cancel) const;
  Status judge(const Upload& upload, Checked& checked) const;
  Result<Batch> put_in_lake(const Upload& upload, SealedFile& file, Checked& checked) const;
  Status keep(store::Transaction& tx, const Upload& upload, const Batch& batch, const Checked& checked,
              const Extent& rejects) const;
  Status note_failure(const Upload& upload, const Error& error) const;
  Status discard(const Upload& upload) const;
  Result<Batch> decide(const std::string& id, const std::string& by, const std::string& reason, BatchState state) const;

  vault::Vault& vault_;
  store::Lake& lake_;
  const catalog::Registry& registry_;
  IngestOptions options_;
};

}  // namespace zhili::ingest
