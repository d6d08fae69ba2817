#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "audit/hash.hpp"
#include "audit/proof.hpp"
#include "base/result.hpp"

namespace zhili::audit {

/// What a log signs: its name, its size and its root (c2sp.org/tlog-checkpoint).
///
/// A tree over SM3 says so in its first extension line, "hash sm3": the specification knows SHA-256 only, and whoever
/// reads the files must learn from what is signed which digest they hold.
struct Checkpoint {
  std::string origin;
  TreeHead head;
  HashKind hash = HashKind::kSha256;
  std::vector<std::string> extensions;  ///< Further lines, none of them empty.

  bool operator==(const Checkpoint&) const = default;
};

/// The text of the note that is signed.
std::string to_text(const Checkpoint& checkpoint);
/// Reads the text of a note. Errors: kInput.
Result<Checkpoint> parse_checkpoint(std::string_view text);

}  // namespace zhili::audit
