#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/checkpoint.hpp"
#include "audit/disk.hpp"
#include "audit/key.hpp"
#include "audit/note.hpp"
#include "audit/tile_writer.hpp"
#include "base/result.hpp"

namespace zhili::audit {

/// A log that is written here: its files, and the keys that sign for it. Belongs to one thread at a time; disk and keys
/// must outlive it, and no other process may write to it (PosixDisk sees to that).
class Log {
 public:
  /// Opens the log or, where the disk holds none, begins one and signs its empty tree. The first key signs first; the
  /// present checkpoint must bear the signature of one of them. Errors: kInput where checkpoint and files disagree, or
  /// the checkpoint is missing or another log's.
  static Result<Log> open(Disk& disk, std::string origin, HashKind hash, std::span<const SignKey> keys);

  /// Makes the entries durable, in this order. The first one's index is the earlier `head().size`. They count as logged
  /// once `publish` has succeeded: a restart may forget what no checkpoint covers. Errors: see TileWriter::append.
  Result<TreeHead> append(std::span<const std::string_view> entries);
  /// Signs a checkpoint over everything appended and makes it the log's.
  Status publish();
  /// Puts cosignatures of witnesses under the published checkpoint. Those of other checkpoints would make it invalid:
  /// verify them first.
  Status add_signatures(std::span<const NoteSignature> signatures);

  TreeHead head() const { return writer_.head(); }
  /// The published checkpoint, and the note that carries it.
  const Checkpoint& checkpoint() const { return checkpoint_; }
  const Note& note() const { return note_; }

 private:
  Log(TileWriter writer, std::span<const SignKey> keys, Checkpoint checkpoint)
      : writer_(std::move(writer)), keys_(keys), checkpoint_(std::move(checkpoint)) {}

  TileWriter writer_;
  std::span<const SignKey> keys_;
  Checkpoint checkpoint_;
  Note note_;
};

/// Reads and verifies the checkpoint of a log: the note must bear the signature of one of the keys at least, and be of
/// this origin unless that is empty. Errors: kInput; kNotFound where there is none.
struct SignedCheckpoint {
  Note note;
  Checkpoint checkpoint;
};
Result<SignedCheckpoint> open_checkpoint(std::string_view bytes, std::string_view origin,
                                         std::span<const VerifyKey> keys);

}  // namespace zhili::audit
