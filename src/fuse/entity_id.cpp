#include "fuse/entity_id.hpp"

namespace zhili::fuse {
namespace {

// In ASCII order, so that ids sort as their bits do.
constexpr std::string_view kFirst = "bcdfghjkmnpqrstv";
constexpr std::string_view kRest = "0123456789abcdefghjkmnpqrstvwxyz";

}  // namespace

std::array<char, EntityId::kCharacters> EntityId::characters() const {
  std::array<char, kCharacters> out{};
  uint64_t left = bits;
  for (size_t i = kCharacters - 1; i > 0; --i, left >>= 5) out[i] = kRest[left & 31];
  out[0] = kFirst[left & 15];
  return out;
}

std::optional<EntityId> EntityId::parse(std::string_view text) {
  if (text.size() != kCharacters) return std::nullopt;
  const size_t first = kFirst.find(text[0]);
  if (first == std::string_view::npos) return std::nullopt;
  uint64_t bits = first;
  for (const char c : text.substr(1)) {
    const size_t digit = kRest.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = bits << 5 | digit;
  }
  if (bits == 0) return std::nullopt;
  return EntityId{bits};
}

}  // namespace zhili::fuse
