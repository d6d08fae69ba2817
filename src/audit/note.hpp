#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace zhili::audit {

/// One line of signature below a note: "— name base64(key id, signature)".
struct NoteSignature {
  std::string name;
  uint32_t key_id = 0;
  std::string bytes;  ///< As the kind of key has it, at least one byte.

  bool operator==(const NoteSignature&) const = default;
};

/// A text with signatures (c2sp.org/signed-note). Reading one verifies nothing: see verify_note in audit/key.hpp.
struct Note {
  std::string text;  ///< Ends in a newline.
  std::vector<NoteSignature> signatures;
};

/// Whether a key may have this name: UTF-8 without spaces, control characters and '+'.
bool is_key_name(std::string_view name);

/// Whether it is UTF-8 without control characters other than newlines.
bool is_note_text(std::string_view text);

/// Reads a note. Errors: kInput where it is none; kLimit (kNoteBytes, kNoteSignatures).
Result<Note> parse_note(std::string_view bytes);
/// Reads signature lines alone, as a witness answers them.
Result<std::vector<NoteSignature>> parse_signatures(std::string_view lines);
/// The line with its newline.
std::string to_line(const NoteSignature& signature);
std::string to_text(const Note& note);

}  // namespace zhili::audit
