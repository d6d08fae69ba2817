#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/checkpoint.hpp"
#include "audit/disk.hpp"
#include "audit/key.hpp"
#include "audit/note.hpp"
#include "audit/proof.hpp"
#include "base/result.hpp"

/// Both sides of c2sp.org/tlog-witness, without the way between them: who asks sends `add_checkpoint_request` as the
/// body of POST <prefix>/add-checkpoint, who answers passes it to `Witness::add_checkpoint`.
namespace zhili::audit {

inline constexpr const char* kTreeSizeType = "text/x.tlog.size";

/// The body that asks a witness to cosign `checkpoint` (a signed note), having cosigned the tree of `old_size` before.
std::string add_checkpoint_request(uint64_t old_size, std::span<const Hash> consistency, std::string_view checkpoint);

/// What a witness answered: cosignatures, or the size that it knows, from which to prove anew.
struct WitnessAnswer {
  std::vector<NoteSignature> cosignatures;
  std::optional<uint64_t> old_size;
};

/// Reads the answer to a request about this checkpoint. Signatures of other keys are passed over. Errors: kInput where
/// the witness refused, answered nonsense, or none of `witnesses` cosigned rightly.
Result<WitnessAnswer> read_witness_answer(int status, std::string_view body, const Note& checkpoint,
                                          std::span<const VerifyKey> witnesses);

/// A request as a witness reads it.
struct AddCheckpoint {
  uint64_t old_size = 0;
  Proof consistency;
  std::string checkpoint;
};
Result<AddCheckpoint> parse_add_checkpoint(std::string_view body);

/// A log that a witness looks after.
struct WitnessedLog {
  std::string origin;
  std::vector<VerifyKey> keys;  ///< One of them must have signed.
};

/// A small witness: remembers the last tree of each log and cosigns only what that tree grew into. May be used by many
/// threads at once. The disk must outlive it.
class Witness {
 public:
  /// An answer of HTTP.
  struct Answer {
    int status = 0;
    std::string type;
    std::string body;
  };

  /// Its memory is one file a log, ORIGIN_HASH/checkpoint, which is also what it shows to monitors at that path.
  /// Errors: kInput where one of them is not what it signed.
  static Result<Witness> open(Disk& disk, SignKey key, std::vector<WitnessedLog> logs);

  Witness(Witness&& other) noexcept
      : disk_(other.disk_),
        key_(std::move(other.key_)),
        logs_(std::move(other.logs_)),
        known_(std::move(other.known_)) {}

  /// Answers a request; `now` counts seconds since 1970. What it cosigned is durable before it answers. Errors: kIo
  /// where its memory can't be written; then nothing was cosigned.
  Result<Answer> add_checkpoint(std::string_view body, int64_t now);

 private:
  Witness(Disk& disk, SignKey key, std::vector<WitnessedLog> logs)
      : disk_(&disk), key_(std::move(key)), logs_(std::move(logs)), known_(logs_.size()) {}
  Status remember(size_t log, const Note& note);

  Disk* disk_;
  SignKey key_;
  std::vector<WitnessedLog> logs_;
  std::vector<std::optional<TreeHead>> known_;
  std::mutex mutex_;
};

/// The directory of a log in a witness's memory: the origin's SHA-256 in hexadecimal digits.
Result<std::string> origin_directory(std::string_view origin);

}  // namespace zhili::audit
