#include "cli/audit_read.hpp"

#include <algorithm>

#include <boost/json.hpp>

#include "audit/checkpoint.hpp"
#include "audit/disk.hpp"
#include "audit/note.hpp"
#include "audit/proof.hpp"
#include "audit/tile_writer.hpp"
#include "base/base64.hpp"
#include "base/limits.hpp"
#include "cli/output.hpp"

namespace zhili::cli {
namespace {

/// A log as its directory shows it. Whose it is, only `zhili audit verify` says.
struct OpenedLog {
  std::string note;
  audit::Checkpoint checkpoint;
};

Result<OpenedLog> open_log(const audit::PosixDisk& disk) {
  const std::string path = (disk.directory() / audit::kCheckpointPath).string();
  ZHILI_ASSIGN(std::string bytes, disk.read(audit::kCheckpointPath, limits::kNoteBytes));
  const auto note = audit::parse_note(bytes);
  auto checkpoint = note ? audit::parse_checkpoint(note->text) : fail(note.error());
  if (!checkpoint) {
    Error error = std::move(checkpoint).error();
    error.place.file = path;
    return fail(std::move(error));
  }
  return OpenedLog{std::move(bytes), std::move(*checkpoint)};
}

std::unexpected<Error> contradicts(const audit::PosixDisk& disk, uint64_t index) {
  return fail(ErrorCode::kInput, {disk.directory().string(), 0, 0},
              "Run 'zhili audit verify' to see which file is wrong.",
              "the log's files contradict each other at entry {}", index);
}

/// An entry as text, where it is text of one line.
bool is_line(std::string_view entry) {
  return audit::is_note_text(entry) && entry.find('\n') == std::string_view::npos;
}

}  // namespace

Status print_proof(const AuditProofOptions& options, const Context& context) {
  ZHILI_ASSIGN(const audit::PosixDisk disk, audit::PosixDisk::open(options.directory, audit::PosixDisk::Access::kRead));
  ZHILI_ASSIGN(const OpenedLog log, open_log(disk));
  const audit::TreeHead& head = log.checkpoint.head;
  ZHILI_ASSIGN(audit::TileReader reader, audit::TileReader::create(disk, log.checkpoint.hash));
  ZHILI_ASSIGN(audit::Proof proof, reader.inclusion(options.index, head.size));
  ZHILI_ASSIGN(const std::string entry, reader.entry(options.index, head.size));
  const audit::Hash leaf = reader.hasher().leaf(entry);
  if (!audit::verify_inclusion(reader.hasher(), head, options.index, leaf, proof)) {
    return contradicts(disk, options.index);
  }
  if (!context.json) return print(audit::to_text(audit::ProofText{options.index, std::move(proof), log.note}));
  boost::json::array hashes;
  for (const audit::Hash& hash : proof) hashes.emplace_back(audit::to_base64(hash));
  return print(boost::json::value{{"index", options.index},
                                  {"size", head.size},
                                  {"leaf", audit::to_base64(leaf)},
                                  {"proof", std::move(hashes)},
                                  {"checkpoint", log.note}});
}

Status show_entries(const AuditShowOptions& options, const Context& context) {
  ZHILI_ASSIGN(const audit::PosixDisk disk, audit::PosixDisk::open(options.directory, audit::PosixDisk::Access::kRead));
  ZHILI_ASSIGN(const OpenedLog log, open_log(disk));
  const uint64_t size = log.checkpoint.head.size;
  if (options.from > size) {
    return fail(ErrorCode::kNotFound, {options.directory.string(), 0, 0}, "Entries count from 0.",
                "the log has {} entries: there is none from {} on", size, options.from);
  }
  ZHILI_ASSIGN(audit::TileReader reader, audit::TileReader::create(disk, log.checkpoint.hash));
  const uint64_t end = options.from + std::min(options.count, size - options.from);
  boost::json::array entries;
  std::vector<std::string> bundle;
  for (uint64_t index = options.from; index < end; ++index) {
    if (bundle.empty() || index % audit::kTileWidth == 0) {
      ZHILI_TRY(context.cancel.check());
      ZHILI_ASSIGN(bundle, reader.bundle(index / audit::kTileWidth, size));
    }
    const std::string& entry = bundle[index % audit::kTileWidth];
    ZHILI_ASSIGN(const audit::Hash leaf, reader.leaf(index, size));
    if (reader.hasher().leaf(entry) != leaf) return contradicts(disk, index);
    const bool line = is_line(entry);
    if (context.json) {
      entries.push_back({{"index", index}, {line ? "entry" : "base64", line ? entry : to_base64(entry)}});
    } else {
      ZHILI_TRY(print(fmt::format("{}  {}{}\n", index, line ? "" : "base64:", line ? entry : to_base64(entry))));
    }
  }
  if (!context.json) return {};
  return print(boost::json::value{{"size", size}, {"entries", std::move(entries)}});
}

}  // namespace zhili::cli
