#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Unified social credit codes of legal entities (GB 32100-2015), the organisation codes in them (GB 11714-1997), and
/// the registration numbers of enterprises before 2015 (GS 15-2006).
namespace zhili::text {

struct CreditCode {
  std::string code;              ///< 18 characters, upper-case.
  bool checksum_ok = false;      ///< The last character is right.
  bool organisation_ok = false;  ///< The organisation code's own check character is right.
  bool corrected = false;        ///< Letters that the code never has were read as what they look like: O as 0, I as 1.

  /// 1 establishment, 5 civil affairs, 9 market regulation, Y other.
  char department() const { return code[0]; }
  char category() const { return code[1]; }
  /// The registering division, 6 digits of GB/T 2260.
  std::string_view division() const { return std::string_view(code).substr(2, 6); }
  /// 8 characters and a check character, without the dash.
  std::string_view organisation_code() const { return std::string_view(code).substr(8, 9); }
  bool valid() const { return checksum_ok && organisation_ok; }
};

/// Reads a code in any width and case, with spaces and dashes. nullopt where it does not have 18 characters of the
/// code's alphabet (digits and letters without I, O, S, V, Z), digits at the division.
std::optional<CreditCode> parse_credit_code(std::string_view text);

/// The check character of 17 characters of the alphabet; '?' where one is not of it.
char credit_check_char(std::string_view first17);

/// The check character of an organisation code's first 8 characters (digits and upper-case letters); '?' for others.
char organisation_check_char(std::string_view first8);

/// An organisation code of 9 characters, or with its dash "12345678-9", is right.
bool organisation_code_ok(std::string_view code);

/// A registration number of 15 digits has the right check digit: ISO 7064 MOD 11,10.
bool registration_number_ok(std::string_view digits15);

}  // namespace zhili::text
