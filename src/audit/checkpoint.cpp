#include "audit/checkpoint.hpp"

#include <charconv>

namespace zhili::audit {
namespace {

constexpr std::string_view kSm3Line = "hash sm3";

std::unexpected<Error> wrong(std::string_view message) {
  return fail(ErrorCode::kInput, {}, "", "not a checkpoint: {}", message);
}

}  // namespace

std::string to_text(const Checkpoint& checkpoint) {
  std::string out =
      fmt::format("{}\n{}\n{}\n", checkpoint.origin, checkpoint.head.size, to_base64(checkpoint.head.root));
  if (checkpoint.hash == HashKind::kSm3) out += fmt::format("{}\n", kSm3Line);
  for (const std::string& line : checkpoint.extensions) out += line + "\n";
  return out;
}

Result<Checkpoint> parse_checkpoint(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return wrong("its last line has no newline");
    if (end == 0) return wrong("it has an empty line");
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  if (lines.size() < 3) return wrong("it has fewer than three lines");
  Checkpoint out;
  out.origin = lines[0];
  const std::string_view digits = lines[1];
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), out.head.size);
  if (parsed.ec != std::errc{} || fmt::format("{}", out.head.size) != digits) return wrong("its size is no number");
  const auto root = hash_from_base64(lines[2]);
  if (!root) return wrong("its root is no hash in Base 64");
  out.head.root = *root;
  size_t next = 3;
  if (next < lines.size() && lines[next] == kSm3Line) {
    out.hash = HashKind::kSm3;
    ++next;
  }
  out.extensions.assign(lines.begin() + static_cast<std::ptrdiff_t>(next), lines.end());
  return out;
}

}  // namespace zhili::audit
