#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "text/address.hpp"

/// The part of the address parser that reads roads, numbers and rooms. Internal to the room.
namespace zhili::text::detail {

/// A number as it stands in an address: up to four parts joined by dashes, each digits with perhaps a letter, or
/// Chinese numerals brought to digits.
struct AddressNumber {
  static constexpr size_t kMostParts = 4;

  struct Part {
    std::array<char, 10> chars;
    uint8_t size = 0;

    std::string_view view() const { return {chars.data(), size}; }
    size_t digits() const;
  };

  std::array<Part, kMostParts> parts;
  size_t size = 0;        ///< Parts.
  Part annex;             ///< What follows 附, as in 12附3.
  size_t length = 0;      ///< Characters of the text.
  char32_t prefix = 0;    ///< 甲, 乙, 丙, 丁, 附 before the digits.
  bool numerals = false;  ///< Written in Chinese numerals.
  bool letters = false;   ///< One to three letters without a digit: A座.

  /// Appends the parts with dashes between them, the prefix in front.
  void append_to(std::string& out) const;
};

/// The number at the beginning of `text`; length 0 where there is none.
AddressNumber read_number(std::u32string_view text);

/// Reads what follows the divisions into `out`: road down to rest, and street or community where the divisions left
/// them empty.
void read_body(std::u32string_view text, Address& out);

}  // namespace zhili::text::detail
