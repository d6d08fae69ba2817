#include "audit/witness.hpp"

#include <algorithm>
#include <charconv>

#include "audit/log.hpp"
#include "base/limits.hpp"

namespace zhili::audit {
namespace {

constexpr size_t kMostProofLines = 63;
constexpr std::string_view kText = "text/plain; charset=utf-8";
constexpr const char* kStaged = ".staging/checkpoint";

std::unexpected<Error> wrong(std::string_view message) { return fail(ErrorCode::kInput, {}, "", "{}", message); }

std::optional<uint64_t> decimal(std::string_view digits) {
  uint64_t value = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (parsed.ec != std::errc{} || fmt::format("{}", value) != digits) return std::nullopt;
  return value;
}

Witness::Answer answer(int status, std::string_view message) {
  return {status, std::string(kText), fmt::format("{}\n", message)};
}

}  // namespace

std::string add_checkpoint_request(uint64_t old_size, std::span<const Hash> consistency, std::string_view checkpoint) {
  std::string body = fmt::format("old {}\n", old_size);
  for (const Hash& hash : consistency) body += to_base64(hash) + "\n";
  return body + "\n" + std::string(checkpoint);
}

Result<AddCheckpoint> parse_add_checkpoint(std::string_view body) {
  const size_t split = body.find("\n\n");
  if (split == std::string_view::npos) return wrong("no empty line stands before the checkpoint");
  AddCheckpoint out;
  out.checkpoint = body.substr(split + 2);
  std::string_view lines = body.substr(0, split + 1);
  for (bool first = true; !lines.empty(); first = false) {
    const size_t end = lines.find('\n');
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(end + 1);
    if (first) {
      const auto size = line.starts_with("old ") ? decimal(line.substr(4)) : std::nullopt;
      if (!size) return wrong("the first line is not 'old' and a size");
      out.old_size = *size;
      continue;
    }
    const auto hash = hash_from_base64(line);
    if (!hash) return wrong("a line of the proof is no hash in Base 64");
    if (out.consistency.size() == kMostProofLines) return wrong("the proof has more than 63 lines");
    out.consistency.push_back(*hash);
  }
  return out;
}

Result<WitnessAnswer> read_witness_answer(int status, std::string_view body, const Note& checkpoint,
                                          std::span<const VerifyKey> witnesses) {
  WitnessAnswer out;
  if (status == 409) {
    out.old_size = body.ends_with('\n') ? decimal(body.substr(0, body.size() - 1)) : std::nullopt;
    if (!out.old_size) return wrong("the witness answered 409 without the size that it knows");
    return out;
  }
  if (status != 200) return wrong(fmt::format("the witness refused: it answered {}", status));
  ZHILI_ASSIGN(auto signatures, parse_signatures(body));
  for (const VerifyKey& key : witnesses) {
    for (NoteSignature& signature : signatures) {
      if (!key.made(signature)) continue;
      ZHILI_TRY(key.verify(checkpoint.text, signature.bytes));
      out.cosignatures.push_back(std::move(signature));
      break;
    }
  }
  if (out.cosignatures.empty()) return wrong("the witness answered without its cosignature");
  return out;
}

Result<std::string> origin_directory(std::string_view origin) {
  ZHILI_ASSIGN(Hasher hasher, Hasher::create(HashKind::kSha256));
  return to_hex(hasher.digest(origin));
}

Result<Witness> Witness::open(Disk& disk, SignKey key, std::vector<WitnessedLog> logs) {
  Witness witness(disk, std::move(key), std::move(logs));
  ZHILI_TRY(disk.make_directory(".staging"));
  std::vector<VerifyKey> own;
  ZHILI_ASSIGN(VerifyKey verifier, witness.key_.cosigner_key());
  own.push_back(std::move(verifier));
  for (size_t i = 0; i < witness.logs_.size(); ++i) {
    ZHILI_ASSIGN(const std::string directory, origin_directory(witness.logs_[i].origin));
    const std::string path = directory + "/" + kCheckpointPath;
    const auto bytes = disk.read(path, limits::kNoteBytes);
    if (!bytes && bytes.error().code == ErrorCode::kNotFound) {
      ZHILI_TRY(disk.make_directory(directory));
      continue;
    }
    if (!bytes) return fail(bytes.error());
    auto opened = open_checkpoint(*bytes, witness.logs_[i].origin, own);
    if (!opened) {
      Error error = std::move(opened).error();
      error.place.file = path;
      error.hint = "This is the witness's memory: bring it back from its copy.";
      return fail(std::move(error));
    }
    witness.known_[i] = opened->checkpoint.head;
  }
  ZHILI_TRY(disk.sync_directory(""));
  return witness;
}

Status Witness::remember(size_t log, const Note& note) {
  ZHILI_ASSIGN(const std::string directory, origin_directory(logs_[log].origin));
  const std::string staged = kStaged;
  ZHILI_TRY(disk_->write(staged, to_text(note)));
  ZHILI_TRY(disk_->sync_files({&staged, 1}));
  ZHILI_TRY(disk_->rename(staged, directory + "/" + kCheckpointPath));
  return disk_->sync_directory(directory);
}

Result<Witness::Answer> Witness::add_checkpoint(std::string_view body, int64_t now) {
  const auto request = parse_add_checkpoint(body);
  if (!request) return answer(400, request.error().message);
  const auto note = parse_note(request->checkpoint);
  if (!note) return answer(400, note.error().message);
  const auto checkpoint = parse_checkpoint(note->text);
  if (!checkpoint) return answer(400, checkpoint.error().message);
  const auto log = std::ranges::find(logs_, checkpoint->origin, &WitnessedLog::origin);
  if (log == logs_.end()) return answer(404, "this log is not known here");
  const auto signed_by = verify_note(*note, log->keys);
  if (!signed_by) return answer(403, signed_by.error().message);
  if (std::ranges::none_of(*signed_by, [](const auto& one) { return one.has_value(); })) {
    return answer(403, "the checkpoint bears no signature of the log's key");
  }
  const TreeHead& head = checkpoint->head;
  if (request->old_size > head.size) return answer(400, "the old size is larger than the checkpoint's");
  ZHILI_ASSIGN(Hasher hasher, Hasher::create(checkpoint->hash));
  // From here on one request at a time: two that grow from the same tree must not both be cosigned.
  const std::scoped_lock lock(mutex_);
  auto& known = known_[static_cast<size_t>(log - logs_.begin())];
  const TreeHead before = known.value_or(TreeHead{0, hasher.empty()});
  if (request->old_size != before.size) return Answer{409, kTreeSizeType, fmt::format("{}\n", before.size)};
  if (head.size == 0 && head.root != hasher.empty()) return answer(422, "an empty tree has another root");
  if (const auto grown = verify_consistency(hasher, before, head, request->consistency); !grown) {
    return answer(422, grown.error().message);
  }
  ZHILI_ASSIGN(const NoteSignature cosignature, key_.cosign(note->text, now));
  // Keeps the log's own signatures beside ours; those of strangers, which nobody verified, are left out.
  Note kept{note->text, {}};
  for (const auto& index : *signed_by) {
    if (index) kept.signatures.push_back(note->signatures[*index]);
  }
  kept.signatures.push_back(cosignature);
  // Even where writing fails: the file may be there by now, and nothing else may be cosigned in its place.
  known = head;
  ZHILI_TRY(remember(static_cast<size_t>(log - logs_.begin()), kept));
  return Answer{200, std::string(kText), to_line(cosignature)};
}

}  // namespace zhili::audit
