#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "text/division.hpp"

/// The part of the address parser that finds divisions at the beginning of the text. Internal to the room.
namespace zhili::text::detail {

/// Divisions that the beginning of an address may mean; more than one where the name is not unique.
struct DivisionHead {
  static constexpr size_t kMost = 96;

  std::array<DivisionTable::Id, kMost> ids;
  size_t size = 0;        ///< 0 where the address begins with no division.
  size_t end = 0;         ///< Where the rest of the address begins.
  size_t name_begin = 0;  ///< The last name as written, for a division that stays open.
  size_t name_end = 0;
  size_t zone_begin = 0;  ///< A development zone that stood between the divisions.
  size_t zone_end = 0;
};

/// `text` is folded, without spaces and brackets; ',' parts pieces.
DivisionHead find_divisions(std::u32string_view text, const DivisionTable& table);

/// The text goes on to the word for a road after nothing but directions and ordinals: 路, 东路, 中大街, 二环北路.
bool leads_to_road(std::u32string_view text);

}  // namespace zhili::text::detail
