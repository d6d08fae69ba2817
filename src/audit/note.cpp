#include "audit/note.hpp"

#include <array>
#include <bit>
#include <optional>

#include "base/base64.hpp"
#include "base/limits.hpp"

namespace zhili::audit {
namespace {

constexpr std::string_view kDash = "\xe2\x80\x94 ";  // An em dash and a blank begin a signature line.
constexpr size_t kKeyIdBytes = 4;

std::unexpected<Error> wrong(std::string_view message) {
  return fail(ErrorCode::kInput, {}, "", "not a signed note: {}", message);
}

/// The next character of valid UTF-8, taken from the front; nothing where the bytes are not valid.
std::optional<uint32_t> take_character(std::string_view& text) {
  const auto first = static_cast<uint8_t>(text[0]);
  const int ones = std::countl_one(first);
  if (ones == 1 || ones > 4 || text.size() < static_cast<size_t>(ones)) return std::nullopt;
  if (ones == 0) {
    text.remove_prefix(1);
    return first;
  }
  uint32_t value = first & (0x7fU >> ones);
  for (int i = 1; i < ones; ++i) {
    const auto byte = static_cast<uint8_t>(text[static_cast<size_t>(i)]);
    if ((byte & 0xc0) != 0x80) return std::nullopt;
    value = (value << 6) | (byte & 0x3f);
  }
  constexpr std::array<uint32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kLeast[static_cast<size_t>(ones)] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<size_t>(ones));
  return value;
}

/// Unicode's property White_Space.
bool is_space(uint32_t c) {
  return (c >= 0x09 && c <= 0x0d) || c == ' ' || c == 0x85 || c == 0xa0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

Result<NoteSignature> parse_signature(std::string_view line) {
  if (!line.starts_with(kDash)) return wrong("a signature line begins with an em dash and a blank");
  line.remove_prefix(kDash.size());
  const size_t blank = line.find(' ');
  if (blank == std::string_view::npos) return wrong("a signature line has a name, a blank and Base 64");
  NoteSignature out;
  out.name = line.substr(0, blank);
  if (!is_key_name(out.name)) return wrong("a signature's name holds what no key name holds");
  const auto bytes = from_base64(line.substr(blank + 1));
  if (!bytes) return wrong("a signature is not Base 64");
  if (bytes->size() <= kKeyIdBytes) return wrong("a signature is too short");
  for (size_t i = 0; i < kKeyIdBytes; ++i) out.key_id = (out.key_id << 8) | static_cast<uint8_t>((*bytes)[i]);
  out.bytes = bytes->substr(kKeyIdBytes);
  return out;
}

}  // namespace

bool is_note_text(std::string_view text) {
  while (!text.empty()) {
    const auto c = take_character(text);
    if (!c || (*c < 0x20 && *c != '\n')) return false;
  }
  return true;
}

bool is_key_name(std::string_view name) {
  if (name.empty()) return false;
  while (!name.empty()) {
    const auto c = take_character(name);
    if (!c || *c < 0x20 || is_space(*c) || *c == '+') return false;
  }
  return true;
}

Result<std::vector<NoteSignature>> parse_signatures(std::string_view lines) {
  std::vector<NoteSignature> out;
  while (!lines.empty()) {
    const size_t end = lines.find('\n');
    if (end == std::string_view::npos) return wrong("the last line has no newline");
    if (out.size() == limits::kNoteSignatures) {
      return fail(ErrorCode::kLimit, {}, "", "a note has more than {} signatures", limits::kNoteSignatures);
    }
    ZHILI_ASSIGN(NoteSignature signature, parse_signature(lines.substr(0, end)));
    out.push_back(std::move(signature));
    lines.remove_prefix(end + 1);
  }
  return out;
}

Result<Note> parse_note(std::string_view bytes) {
  if (bytes.size() > limits::kNoteBytes) {
    return fail(ErrorCode::kLimit, {}, "", "a note has {} bytes; the limit is {}", bytes.size(), limits::kNoteBytes);
  }
  if (!is_note_text(bytes)) return wrong("it is not UTF-8, or holds control characters");
  const size_t split = bytes.rfind("\n\n");
  if (split == std::string_view::npos) return wrong("no empty line stands before its signatures");
  Note note;
  note.text = bytes.substr(0, split + 1);
  ZHILI_ASSIGN(note.signatures, parse_signatures(bytes.substr(split + 2)));
  if (note.signatures.empty()) return wrong("it has no signature");
  return note;
}

std::string to_line(const NoteSignature& signature) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>((signature.key_id >> shift) & 0xff);
  return fmt::format("{}{} {}\n", kDash, signature.name, to_base64(bytes + signature.bytes));
}

std::string to_text(const Note& note) {
  std::string out = note.text + "\n";
  for (const NoteSignature& signature : note.signatures) out += to_line(signature);
  return out;
}

}  // namespace zhili::audit
