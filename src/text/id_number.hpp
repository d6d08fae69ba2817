#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "text/date.hpp"

/// Citizen identification numbers of the People's Republic of China, GB 11643-1999, and the 15 digits of GB 11643-1989.
namespace zhili::text {

struct IdNumber {
  /// 18 characters, upper-case X. One of 15 digits is brought to 18, its check digit computed.
  std::string number;
  bool checksum_ok = false;  ///< The last character is right; always so where `was_15`.
  PartialDate birth;         ///< As written, also where no such day exists.
  bool birth_ok = false;     ///< The day exists, in 1800 to 2199.
  bool male = false;         ///< The 17th digit is odd.
  bool was_15 = false;       ///< There was no check digit to hold the number against.

  /// The division of first registration, 6 digits of GB/T 2260; 99xxxx is never assigned.
  std::string_view division() const { return std::string_view(number).substr(0, 6); }
  /// Shape, checksum and birth date are right.
  bool valid() const { return checksum_ok && birth_ok; }
};

/// Reads a number in any width, with spaces, dashes, a small x or the multiplication sign ×. nullopt where it does not
/// have 15 digits, or 17 and a digit or X.
std::optional<IdNumber> parse_id_number(std::string_view text);

/// The check character of 17 digits: ISO 7064 MOD 11-2. Precondition: 17 digits.
char id_check_digit(std::string_view first17);

/// 15 digits to 18 characters; empty if it is not 15 digits. The century is 19, or 18 where the sequence number is one
/// of 996 to 999, which were kept for people born before 1900.
std::string id_15_to_18(std::string_view digits15);

}  // namespace zhili::text
