// The first byte chooses the parser: what reads a text must write the same text again, if it took it.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "audit/checkpoint.hpp"
#include "audit/key.hpp"
#include "audit/note.hpp"
#include "audit/proof.hpp"
#include "audit/tile.hpp"
#include "audit/witness.hpp"

namespace zhili::audit {
namespace {

void check(bool same) {
  if (!same) std::abort();
}

void read_note(std::string_view bytes) {
  const auto note = parse_note(bytes);
  if (!note) return;
  check(to_text(*note) == bytes);
  if (const auto checkpoint = parse_checkpoint(note->text)) check(to_text(*checkpoint) == note->text);
}

void read_key(std::string_view bytes) {
  const auto key = VerifyKey::parse(bytes);
  if (!key) return;
  check(key->text() == bytes);
  check(!key->verify(bytes, bytes));
}

void read_bundle(std::string_view bytes, unsigned width) {
  const auto entries = split_bundle(bytes, width, "bundle");
  if (!entries) return;
  std::string again;
  for (const std::string_view entry : *entries) add_to_bundle(again, entry);
  check(again == bytes);
}

}  // namespace
}  // namespace zhili::audit

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace zhili::audit;
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  switch (data[0] % 9) {
    case 0:
      read_note(bytes);
      break;
    case 1:
      read_key(bytes);
      break;
    case 2:
      read_bundle(bytes, data[1] + 1U);
      break;
    case 3:
      if (const auto checkpoint = parse_checkpoint(bytes)) check(to_text(*checkpoint) == bytes);
      break;
    case 4:
      if (const auto id = parse_tile_path(bytes)) check(id->path() == bytes);
      break;
    case 5:
      if (const auto proof = parse_proof_text(bytes); proof && bytes.find("\nextra ") == std::string_view::npos) {
        check(to_text(*proof) == bytes);
      }
      break;
    case 6:
      if (const auto request = parse_add_checkpoint(bytes)) {
        check(add_checkpoint_request(request->old_size, request->consistency, request->checkpoint) == bytes);
      }
      break;
    case 7:
      (void)SignKey::parse(bytes).has_value();
      break;
    default:
      (void)parse_signatures(bytes).has_value();
      break;
  }
  return 0;
}
