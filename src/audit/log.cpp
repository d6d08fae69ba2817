#include "audit/log.hpp"

#include <algorithm>

#include "base/limits.hpp"

namespace zhili::audit {
namespace {

constexpr const char* kTileDirectory = "tile";

Result<std::vector<VerifyKey>> verify_keys(std::span<const SignKey> keys) {
  std::vector<VerifyKey> out;
  for (const SignKey& key : keys) {
    ZHILI_ASSIGN(VerifyKey verifier, key.verify_key());
    out.push_back(std::move(verifier));
  }
  return out;
}

std::unexpected<Error> at_checkpoint(Error error) {
  error.place.file = kCheckpointPath;
  return fail(std::move(error));
}

}  // namespace

Result<SignedCheckpoint> open_checkpoint(std::string_view bytes, std::string_view origin,
                                         std::span<const VerifyKey> keys) {
  SignedCheckpoint out;
  ZHILI_ASSIGN(out.note, parse_note(bytes));
  ZHILI_ASSIGN(const auto signed_by, verify_note(out.note, keys));
  if (std::ranges::none_of(signed_by, [](const auto& signature) { return signature.has_value(); })) {
    return fail(ErrorCode::kInput, {}, "Name the verifier key of the log that wrote it.",
                "the checkpoint bears no signature of the log's key");
  }
  ZHILI_ASSIGN(out.checkpoint, parse_checkpoint(out.note.text));
  if (!origin.empty() && out.checkpoint.origin != origin) {
    return fail(ErrorCode::kInput, {}, "", "the checkpoint is of the log '{}', not of '{}'", out.checkpoint.origin,
                origin);
  }
  return out;
}

Result<Log> Log::open(Disk& disk, std::string origin, HashKind hash, std::span<const SignKey> keys) {
  if (!is_key_name(origin)) {
    return fail(ErrorCode::kConfig, {}, "Name it like an address without a scheme: district.example/audit.",
                "'{}' is no name for a log", origin);
  }
  const auto bytes = disk.read(kCheckpointPath, limits::kNoteBytes);
  if (!bytes && bytes.error().code != ErrorCode::kNotFound) return fail(bytes.error());
  if (!bytes) {
    // A log begins with its signed empty tree; entries without a checkpoint are a log that lost it.
    ZHILI_ASSIGN(const auto tiles, disk.list(kTileDirectory));
    if (!tiles.empty()) {
      return fail(ErrorCode::kInput, {kCheckpointPath, 0, 0}, "Bring the log back from its copy.",
                  "the log has entries, but its checkpoint is missing");
    }
    ZHILI_ASSIGN(Hasher hasher, Hasher::create(hash));
    const Checkpoint empty{std::move(origin), {0, hasher.empty()}, hash, {}};
    ZHILI_ASSIGN(TileWriter writer, TileWriter::open(disk, hash, empty.head));
    Log log(std::move(writer), keys, empty);
    ZHILI_TRY(log.publish());
    return log;
  }
  ZHILI_ASSIGN(const auto verifiers, verify_keys(keys));
  auto opened = open_checkpoint(*bytes, origin, verifiers);
  if (!opened) return at_checkpoint(std::move(opened).error());
  if (opened->checkpoint.hash != hash) {
    return fail(ErrorCode::kConfig, {kCheckpointPath, 0, 0}, "A log keeps its digest: begin another one.",
                "the log's tree is over {}, not {}", name_of(opened->checkpoint.hash), name_of(hash));
  }
  ZHILI_ASSIGN(TileWriter writer, TileWriter::open(disk, hash, opened->checkpoint.head));
  Log log(std::move(writer), keys, std::move(opened->checkpoint));
  log.note_ = std::move(opened->note);
  return log;
}

Result<TreeHead> Log::append(std::span<const std::string_view> entries) { return writer_.append(entries); }

Status Log::publish() {
  Checkpoint next = checkpoint_;
  next.head = writer_.head();
  Note note{to_text(next), {}};
  for (const SignKey& key : keys_) {
    ZHILI_ASSIGN(NoteSignature signature, key.sign(note.text));
    note.signatures.push_back(std::move(signature));
  }
  ZHILI_TRY(writer_.publish(to_text(note)));
  checkpoint_ = std::move(next);
  note_ = std::move(note);
  return {};
}

Status Log::add_signatures(std::span<const NoteSignature> signatures) {
  if (writer_.head() != checkpoint_.head) {
    return fail(ErrorCode::kInternal, {}, "", "entries were appended since the checkpoint that the signatures are for");
  }
  Note note = note_;
  for (const NoteSignature& signature : signatures) {
    std::erase_if(note.signatures, [&](const NoteSignature& one) {
      return one.key_id == signature.key_id && one.name == signature.name;
    });
    note.signatures.push_back(signature);
  }
  ZHILI_TRY(writer_.publish(to_text(note)));
  note_ = std::move(note);
  return {};
}

}  // namespace zhili::audit
