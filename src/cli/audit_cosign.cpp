#include "cli/audit_cosign.hpp"

#include <charconv>
#include <ctime>

#include <boost/json.hpp>

#include "audit/checkpoint.hpp"
#include "audit/disk.hpp"
#include "audit/key.hpp"
#include "audit/note.hpp"
#include "audit/proof.hpp"
#include "audit/tile_writer.hpp"
#include "audit/witness.hpp"
#include "base/limits.hpp"
#include "cli/audit_verify.hpp"
#include "cli/output.hpp"

namespace zhili::cli {
namespace {

/// The size of the tree that the witness cosigned last, from its answer.
uint64_t known_size(const audit::Witness::Answer& answer) {
  uint64_t size = 0;
  std::from_chars(answer.body.data(), answer.body.data() + answer.body.size(), size);
  return size;
}

/// Asks as a log asks over a network: with the older tree's size, and the proof that it only grew.
Result<audit::Witness::Answer> ask(audit::Witness& witness, const audit::Disk& disk, const std::string& note,
                                   const audit::Checkpoint& checkpoint) {
  const auto now = static_cast<int64_t>(std::time(nullptr));
  ZHILI_ASSIGN(auto answer, witness.add_checkpoint(audit::add_checkpoint_request(0, {}, note), now));
  constexpr int kFromAnotherSize = 409;
  if (answer.status != kFromAnotherSize) return answer;
  const uint64_t known = known_size(answer);
  if (known > checkpoint.head.size) {
    return fail(ErrorCode::kInput, {}, "Take a newer copy. If this is the newest, the log was cut.",
                "the copy has {} entries, and {} were cosigned before", checkpoint.head.size, known);
  }
  ZHILI_ASSIGN(auto reader, audit::TileReader::create(disk, checkpoint.hash));
  ZHILI_ASSIGN(const auto proof, reader.consistency(known, checkpoint.head.size));
  return witness.add_checkpoint(audit::add_checkpoint_request(known, proof, note), now);
}

/// Puts the cosignature in the place of the witness's earlier one, or behind all others.
Status add_cosignature(audit::Disk& disk, audit::Note note, const audit::NoteSignature& cosignature) {
  std::erase_if(note.signatures,
                [&](const auto& one) { return one.key_id == cosignature.key_id && one.name == cosignature.name; });
  note.signatures.push_back(cosignature);
  const std::string staged = ".staging/checkpoint";
  ZHILI_TRY(disk.make_directory(".staging"));
  ZHILI_TRY(disk.write(staged, audit::to_text(note)));
  ZHILI_TRY(disk.sync_files({&staged, 1}));
  ZHILI_TRY(disk.rename(staged, audit::kCheckpointPath));
  return disk.sync_directory("");
}

}  // namespace

Status cosign_log_copy(const AuditCosignOptions& options, const Context& context) {
  ZHILI_ASSIGN(auto keys, parse_verify_keys(options.keys, false, "--key"));
  ZHILI_ASSIGN(auto witness_key, audit::SignKey::read(options.with));
  {
    // What is no log gets no lock either.
    ZHILI_ASSIGN(const auto copy, audit::PosixDisk::open(options.directory, audit::PosixDisk::Access::kRead));
    ZHILI_TRY(copy.read(audit::kCheckpointPath, limits::kNoteBytes));
  }
  // For writing: a log that its server writes is locked, and the next checkpoint would drop the cosignature. Only
  // behind the lock the checkpoint is the one to cosign: until then a server may have written the next.
  ZHILI_ASSIGN(auto disk, audit::PosixDisk::open(options.directory, audit::PosixDisk::Access::kWrite));
  ZHILI_ASSIGN(const std::string bytes, disk.read(audit::kCheckpointPath, limits::kNoteBytes));
  ZHILI_ASSIGN(auto note, audit::parse_note(bytes));
  ZHILI_ASSIGN(const auto checkpoint, audit::parse_checkpoint(note.text));
  ZHILI_ASSIGN(auto memory, audit::PosixDisk::open(options.memory, audit::PosixDisk::Access::kWrite));
  std::vector<audit::WitnessedLog> logs;
  logs.push_back({checkpoint.origin, std::move(keys)});
  const std::string witness_name = witness_key.name();
  ZHILI_ASSIGN(auto witness, audit::Witness::open(memory, std::move(witness_key), std::move(logs)));
  ZHILI_ASSIGN(const auto answer, ask(witness, disk, bytes, checkpoint));
  constexpr int kOk = 200;
  if (answer.status != kOk) {
    const std::string why = answer.body.substr(0, answer.body.find('\n'));
    return fail(ErrorCode::kInput, {options.directory.string(), 0, 0},
                "Keep this copy and the witness's memory: they show what was changed.", "is not cosigned: {}", why);
  }
  ZHILI_ASSIGN(const auto signatures, audit::parse_signatures(answer.body));
  ZHILI_TRY(add_cosignature(disk, std::move(note), signatures.front()));
  if (context.json) {
    return print(
        boost::json::value{{"origin", checkpoint.origin}, {"size", checkpoint.head.size}, {"witness", witness_name}});
  }
  return print(
      fmt::format("{} cosigned the {} entries of {}.\n", witness_name, checkpoint.head.size, checkpoint.origin));
}

}  // namespace zhili::cli
