#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace zhili::fuse {

/// The id of an entity: 59 bits, written as a letter and 11 characters of Crockford's base 32 in lower case, e.g.
/// "k7m3x9q2tr4w". The letter in front keeps spreadsheets from taking it for a number. Opaque: nothing can be read
/// from it. The zero id stands for none.
struct EntityId {
  static constexpr int kBits = 59;
  static constexpr size_t kCharacters = 12;

  uint64_t bits = 0;

  explicit operator bool() const { return bits != 0; }
  /// Ids are ordered as their texts are.
  auto operator<=>(const EntityId&) const = default;

  std::array<char, kCharacters> characters() const;
  std::string text() const {
    const auto chars = characters();
    return {chars.data(), chars.size()};
  }
  /// nullopt where the text is no id in the form that `text` gives.
  static std::optional<EntityId> parse(std::string_view text);
};

}  // namespace zhili::fuse
